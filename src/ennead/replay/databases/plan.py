"""What the parent tells the processes of a replay about databases."""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from ennead.kernel.errors import EnneadError

PREFIX = "ennead_replay_"
"""Begins the name of every database that a replay makes on a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectPlan:
    """Where the copies of one replay come from and go to."""

    folder: str
    """The replay's own folder; whatever lies in it may be written."""
    root: str
    """The project; a database in it stands for the one at the same place of the scratch copy."""
    scratch: str
    """The scratch copy of the project."""
    store: str
    """Folder of the :class:`~ennead.replay.databases.store.CopyStore` that copies are made from."""
    name: str
    """Begins the names of this replay's databases on servers."""

    @property
    def own_folder(self) -> str:
        """Where the decisions, the counts and the copied files lie."""
        return os.path.join(self.folder, "databases")  # noqa: PTH118 -- read by every process that starts

    def write(self) -> None:
        """Put it where the processes look for it."""
        Path(self.own_folder).mkdir(parents=True, exist_ok=True)
        Path(self.own_folder, "plan.json").write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """What :meth:`write` wrote.

        Raises
        ------
        EnneadError
            The folder is none of a replay whose databases were prepared.
        """
        path = Path(folder, "databases", "plan.json")
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            message = f"cannot read {path}: call DatabaseCopies.prepare() before the replay ({error})"
            raise EnneadError(message) from error


def new_name() -> str:
    """A beginning for names of databases that no other replay uses; it tells when it was made.

    Examples
    --------
    >>> name = new_name()
    >>> name.startswith("ennead_replay_"), len(name)
    (True, 29)
    """
    return f"{PREFIX}{int(time.time()):08x}_{secrets.token_hex(3)}"


def made_at(name: str) -> float | None:
    """When a database was made, in seconds since 1970; ``None`` if its name is none of ours.

    Examples
    --------
    >>> made_at("ennead_replay_65000000_a1b2c3_shop"), made_at("shop"), made_at("ennead_replay_of_mine")
    (1694498816.0, None, None)
    """
    stamp = name.removeprefix(PREFIX)[:9]
    if not name.startswith(PREFIX) or stamp[8:] != "_":
        return None
    try:
        return float(int(stamp[:8], 16))
    except ValueError:
        return None
