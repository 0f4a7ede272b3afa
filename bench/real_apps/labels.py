"""What was read in the applications' source: one label a group, `labels/<application>.toml`.

    [[group]]
    action = "basket"                 # or a list of actions: the same statement from the same lines
    fingerprint = "8f3a…"
    label = "n-plus-one"              # or "structural", "duplicate"
    reason = "chunks"                 # structural only: chunks, pages, shards, upserts, polling, search, ...
    read = "oscar/apps/basket/…:123: each line loads its product"
    capped = true                     # one query per row all the same, though a slice or the like keeps it from growing

The label follows the definition of `bench/detection/README.md` and never what a tool says.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

Kind = Literal["n-plus-one", "structural", "duplicate"]
FOLDER = Path(__file__).with_name("labels")


@dataclass(frozen=True)
class Label:
    """The answer of somebody who read the code."""

    kind: Kind
    read: str
    reason: str = ""
    capped: bool = False


Labels = Mapping[tuple[str, str], Label]
"""By action and fingerprint."""


def labels_of(application: str, folder: Path = FOLDER) -> Labels:
    """Labels of an application; none if nobody has read it."""
    path = folder / f"{application}.toml"
    return parse(path.read_text(encoding="utf-8")) if path.exists() else {}


def parse(text: str) -> Labels:
    """Read the labels of one file.

    Raises
    ------
    ValueError
        A group has no such label, no line of reading, no reason for being structural, or is labelled twice.
    """
    labels: dict[tuple[str, str], Label] = {}
    for group in tomllib.loads(text).get("group", ()):
        label = _label(group)
        actions = group["action"] if isinstance(group["action"], list) else [group["action"]]
        for action in actions:
            if (action, group["fingerprint"]) in labels:
                message = f"{action!r} has {group['fingerprint']} twice"
                raise ValueError(message)
            labels[action, group["fingerprint"]] = label
    return labels


def _label(group: Mapping[str, Any]) -> Label:
    kind, read, reason = group["label"], group.get("read", ""), group.get("reason", "")
    if kind not in get_args(Kind) or not read or (kind == "structural") != bool(reason):
        message = f"needs a label of {get_args(Kind)}, what was read, and a reason if it is structural: {dict(group)}"
        raise ValueError(message)
    return Label(cast(Kind, kind), read, reason, group.get("capped", False))
