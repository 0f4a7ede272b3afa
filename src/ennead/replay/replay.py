"""One replay: the command again, on a copy of the project with files changed, on copies of its databases."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.copies import DatabaseCopies
from ennead.replay.environment import COMPANION, REPLAY_FILE, ReplayEnvironment
from ennead.replay.reading import read_trace
from ennead.replay.scratch import Scratch
from ennead.replay.witness.paths import moved
from ennead.runs.bounded_child import run_bounded
from ennead.runs.environment import RunEnvironment
from ennead.runs.marked_processes import end_marked_processes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from threading import Event

    from ennead.fixes.trace import ReplayTrace
    from ennead.replay.databases.store import CopyStore

SIZE_PLACEHOLDER = "{size}"
_FIXED = {
    "PYTHONHASHSEED": "0",  # the order of sets is no difference between two replays
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "ENNEAD_PANEL": "0",  # responses are compared
    "ENNEAD_SERVER_TIMING": "0",
    "ENNEAD_PROVENANCE": "1",
    "ENNEAD_FLUSH_SECONDS": "120",
    "ENNEAD_MAX_CONTEXT_QUERIES": "100000",
    "ENNEAD_MAX_QUERIES": "100000",
    "ENNEAD_MAX_RECORD_BYTES": str(1 << 30),
    "ENNEAD_SAMPLE_RATIO": "1.0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is replayed.

    Examples
    --------
    >>> Work(root=Path("/srv/shop"), command=("python", "seed.py", "{size}")).takes_size
    True
    """

    root: Path
    """The project, absolute."""
    command: tuple[str, ...]
    """As it is started: the program with its whole path. ``{size}`` stands for the data size, if it takes one."""
    working_folder: Path | None = None
    """Where it is started; the root by default."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    timeout_seconds: float = 600.0
    allowed_addresses: tuple[str, ...] = ()
    """``host:port`` that the work may connect to besides databases."""

    @property
    def takes_size(self) -> bool:
        """Whether the command or its environment says how much data there shall be."""
        return any(SIZE_PLACEHOLDER in word for word in (*self.command, *self.environment.values()))

    def command_at(self, size: int | None, scratch: Path) -> list[str]:
        """The command line of one replay: files of the project are those of the copy."""
        words = [_sized(word, size) for word in self.command]
        return [_moved_word(word, str(self.root), str(scratch)) for word in words]

    def folder_in(self, scratch: Path) -> Path:
        """Where it is started in a copy."""
        return Path(moved(str(self.working_folder or self.root), str(self.root), str(scratch)))

    def variables(self, size: int | None, scratch: Path) -> dict[str, str]:
        """The environment of one replay, still without what the watching needs."""
        variables = {name: _sized(value, size) for name, value in self.environment.items()}
        root = str(self.root)
        if "PYTHONPATH" in variables:
            entries = variables["PYTHONPATH"].split(os.pathsep)
            variables["PYTHONPATH"] = os.pathsep.join(moved(entry, root, str(scratch)) for entry in entries)
        if "PWD" in variables:
            variables["PWD"] = str(self.folder_in(scratch))
        variables.pop("ENNEAD_DISABLED", None)  # it would run without isolation
        return {**variables, **_FIXED}


class Replay:
    """One run of the work in a folder of its own.

    Parameters
    ----------
    work
        What is run.
    folder
        A new folder.
    store
        What the copies of databases are made from.
    stop
        Ends the replay when it is set.
    """

    def __init__(self, work: Work, folder: Path, store: CopyStore, stop: Event | None = None) -> None:
        self.work = work
        self.folder = folder
        self._store = store
        self._stop = stop
        self.scratch_path = folder / "project"

    def run(
        self,
        files: Mapping[str, str],
        *,
        size: int | None = None,
        watched: Mapping[str, Sequence[int]] | None = None,
        without: Collection[str] = (),
    ) -> ReplayTrace:
        """Copy, run, read.

        Parameters
        ----------
        files
            New texts laid over the copy, by path relative to the root.
        size
            The data size, if the command takes one.
        watched
            Lines to be counted, by file; it slows the run.
        without
            Files that the copy shall not have.

        Raises
        ------
        EnneadError
            The project cannot be copied, or the command cannot be started.
        CancelledWorkError
            The replay was to end.
        """
        scratch = self._prepare(files, without)
        copies = DatabaseCopies.prepare(self.folder, store=self._store, root=self.work.root, scratch=scratch.path)
        try:
            started = time.perf_counter()
            code = self._run(size, watched or {})
            duration_ms = (time.perf_counter() - started) * 1000
            trace = read_trace(self.folder, scratch, exit_code=code, duration_ms=duration_ms, size=size or 0)
            tables, count = copies.contents(), copies.statement_count()
            problems = (*trace.problems, *copies.problems)
            return replace(trace, tables=tables, statement_count=count, problems=problems, is_unwatched=not watched)
        finally:
            copies.drop()

    def _prepare(self, files: Mapping[str, str], without: Collection[str]) -> Scratch:
        try:
            for name in ("records", "tmp"):
                (self.folder / name).mkdir(parents=True)
        except OSError as error:
            message = f"cannot replay in {self.folder}: {error.strerror or error}"
            raise EnneadError(message) from error
        return Scratch.copy(self.work.root, self.scratch_path, files, without)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, size: int | None, watched: Mapping[str, Sequence[int]]) -> int:
        work, scratch = self.work, self.scratch_path
        environment = ReplayEnvironment(
            folder=str(self.folder),
            scratch=str(scratch),
            root=str(work.root),
            store=str(self._store.folder),
            watched_lines={name: tuple(lines) for name, lines in watched.items()},
            allowed_addresses=work.allowed_addresses,
        )
        run = RunEnvironment(
            folder=str(self.folder / "records"), project_root=str(scratch), keep_contexts=True, companion=COMPANION
        )
        variables = run.variables(work.variables(size, scratch))
        mark = str(environment.write())
        variables |= {REPLAY_FILE: mark, "TMPDIR": str(self.folder / "tmp")}
        try:
            return run_bounded(
                work.command_at(size, scratch),
                folder=work.folder_in(scratch),
                environment=variables,
                stdout=self.folder / "stdout",
                stderr=self.folder / "stderr",
                seconds=work.timeout_seconds,
                stop=self._stop,
            )
        finally:
            end_marked_processes(REPLAY_FILE, mark)


def _moved_word(word: str, root: str, scratch: str) -> str:
    """A word of a command line with the path in it led into the copy, ``--settings=/srv/shop/settings.py`` too."""
    option, equals, value = word.partition("=")
    if equals and option.startswith("-"):
        return f"{option}={moved(value, root, scratch)}"
    return moved(word, root, scratch)


def _sized(word: str, size: int | None) -> str:
    return word if size is None else word.replace(SIZE_PLACEHOLDER, str(size))
