"""What was judged before: a search that was broken off goes on where it stood, and replays nothing twice."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ennead.fixes.search_result import Judged
from ennead.replay.scratch import project_files

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from ennead.fixes.trace import ReplayTrace
    from ennead.replay.replay import Work

_KEPT_JOURNALS = 10
_OF_THE_MOMENT = frozenset({"worse", "could-not-run", "non-deterministic"})
"""Verdicts that a busy machine, or a server that was not there, may have brought about: they are asked for again."""
_OF_THE_SHELL = frozenset({"_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL"})
"""Variables that differ from one command to the next, and lead nowhere."""


class Journal:
    """Judgements of one piece of work on one state of a project, by what was judged; a line each.

    Parameters
    ----------
    path
        The file; made with the first judgement.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, dict[str, Any]] = dict(_read(path))

    @classmethod
    def of(cls, folder: Path, work: Work, sizes: Sequence[int] | None) -> Journal:
        """The journal for a piece of work as it is now; older ones are removed beyond a number.

        Parameters
        ----------
        folder
            Where journals are kept.
        work, sizes
            What is replayed. Any change of the project's files, its data included, or of the environment, which may
            name another database, begins a new journal.
        """
        state = [
            import_module("ennead").__version__,
            sys.version,
            str(work.root),
            *work.command,
            str(work.working_folder),
            str(sizes),
            *(f"{name}={value}" for name, value in sorted(work.environment.items()) if name not in _OF_THE_SHELL),
            *work.allowed_addresses,
        ]
        for file in sorted(project_files(work.root)):
            with suppress(FileNotFoundError):  # removed since it was listed
                facts = file.stat()
                state.append(f"{file} {facts.st_size} {facts.st_mtime_ns}")
        name = blake2b("\0".join(state).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
        _prune(folder)
        return cls(folder / f"{name}.jsonl")

    def find(self, key: str) -> Judged | None:
        """What was judged before; ``None`` if it was not, or cannot be read any more."""
        data = self._known.get(key)
        if data is None:
            return None
        try:
            return Judged.from_dict(data)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def add(self, key: str, judged: Judged) -> None:
        """Keep a judgement; a journal that cannot be written is none."""
        if judged.judgement.verdict in _OF_THE_MOMENT:
            return
        data = judged.to_dict()
        self._known[key] = data
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, "judged": data}) + "\n")


def key_of(what: str, original: ReplayTrace, files: Mapping[str, str], finding_ids: Collection[str] | None) -> str:
    """Names what is judged: a change of the project as the repair of findings.

    Parameters
    ----------
    what
        How thoroughly.
    original
        The work as it is: where it executes other statements than before, nothing that was judged before holds.
    files, finding_ids
        The change.

    Examples
    --------
    >>> from ennead.fixes.trace import ReplayTrace
    >>> trace = ReplayTrace(size=1, exit_code=0, stdout="")
    >>> key_of("look", trace, {"a.py": "x"}, None) == key_of("look", trace, {"a.py": "y"}, None)
    False
    """
    executed = [
        [unit.kind, unit.name, sorted((each.fingerprint, each.count, each.row_count or 0) for each in unit.statements)]
        for unit in original.units
    ]
    asked = [what, executed, sorted(files.items()), None if finding_ids is None else sorted(finding_ids)]
    return blake2b(json.dumps(asked).encode(), digest_size=16).hexdigest()


def _read(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """The entries of a file; a line that was cut off is passed over."""
    entries: list[tuple[str, dict[str, Any]]] = []
    with suppress(OSError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                entries.append((entry["key"], entry["judged"]))
    return entries


def _prune(folder: Path) -> None:
    with suppress(OSError):
        journals = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
        for path in journals[:-_KEPT_JOURNALS]:
            path.unlink(missing_ok=True)
