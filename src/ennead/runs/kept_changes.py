"""Changes of the project's files that were verified: beside the records of a run, so that they can be applied later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import Verification
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ennead.runs.folder import RunFolder

_FILE = "changes.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChange:
    """One change that was replayed and accepted.

    Examples
    --------
    >>> same = Verification("verified", "", {}, {}, 0.0, 0.0, (), ())
    >>> KeptChange(finding_ids=("f1:3fa9",), before={"a.py": "x"}, after={"a.py": "y"}, verification=same).id
    'c1:9e9ca5a0764c8954'
    """

    finding_ids: tuple[str, ...]
    """What it repairs."""
    before: Mapping[str, str | None]
    """Whole texts of the files that it was verified on, by path relative to the root; ``None`` for a new file."""
    after: Mapping[str, str]
    """Whole new texts of the same files."""
    verification: Verification

    @property
    def id(self) -> str:
        """The same for the same change of the same files."""
        texts = [[name, self.before[name], self.after[name]] for name in sorted(self.after)]
        return f"c1:{blake2b(json.dumps(texts).encode(), digest_size=8).hexdigest()}"

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "finding_ids": list(self.finding_ids),
            "before": dict(self.before),
            "after": dict(self.after),
            "verification": self.verification.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> KeptChange:
        """Read what :meth:`to_dict` wrote."""
        before, after = dict(data["before"]), dict(data["after"])
        if before.keys() != after.keys():
            raise ValueError("a changed file lacks its text before or after the change")
        return cls(
            finding_ids=tuple(data["finding_ids"]),
            before=before,
            after=after,
            verification=Verification.from_dict(data["verification"]),
        )


def read_changes(run: RunFolder) -> list[KeptChange]:
    """The verified changes of a run, in the order they were found.

    Raises
    ------
    EnneadError
        The file is broken or of a newer schema.
    """
    path = run.path / _FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        check_schema(data, "changes")
        return [KeptChange.from_dict(item) for item in data["changes"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} cannot be read ({type(error).__name__}: {error}): remove it, and look for fixes again"
        raise EnneadError(message) from error


def keep_changes(run: RunFolder, changes: Iterable[KeptChange]) -> None:
    """Add changes to those of a run; one that is known already moves to the end.

    Raises
    ------
    EnneadError
        They cannot be written.
    """
    new = {change.id: change for change in changes}
    if not new:
        return
    kept = [*(change for change in read_changes(run) if change.id not in new), *new.values()]
    data = {"schema": SCHEMA_VERSION, "changes": [change.to_dict() for change in kept]}
    temporary = run.path / f".{_FILE}"
    try:
        temporary.write_text(json.dumps(data, indent=1), encoding="utf-8")
        temporary.replace(run.path / _FILE)
    except OSError as error:
        message = f"cannot write {run.path / _FILE}: {error.strerror or error}"
        raise EnneadError(message) from error


def find_change(runs: Sequence[RunFolder], name: str) -> KeptChange:
    """The newest change of that id, or that repairs the finding of that id; the beginning of an id is enough.

    Parameters
    ----------
    runs
        Where to look, the oldest first.
    name
        ``c1:...`` or ``f1:...``.

    Raises
    ------
    EnneadError
        There is none, or more than one.
    """
    kept = [change for run in runs for change in read_changes(run)]
    known = {each: change for change in kept for each in (change.id, *change.finding_ids)}
    found = [name] if name in known else [each for each in known if name.partition(":")[2] and each.startswith(name)]
    if len(found) == 1:
        return known[found[0]]
    message = f"no verified fix is known for {name!r}: look for one first, only what was verified can be applied"
    if found:
        message = f"{name!r} is the beginning of {len(found)} ids, name one: {', '.join(sorted(found)[:5])}"
    raise EnneadError(message)
