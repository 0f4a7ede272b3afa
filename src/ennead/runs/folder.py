"""The folder of a run: made with the run, found again by name, removed when newer ones have taken its place."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_FACTS = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is known of a run as a whole: the content of ``run.json``."""

    command: tuple[str, ...]
    started_at: datetime
    working_folder: str
    project_root: str
    pid: int
    """Of ``ennead run`` itself."""
    versions: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None
    """``None`` while it runs, and for ever if ``ennead run`` was killed."""
    exit_code: int | None = None
    """The command's own; 128 + n after signal n."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "schema": SCHEMA_VERSION,
            "command": list(self.command),
            "started_at": self.started_at.isoformat(),
            "working_folder": self.working_folder,
            "project_root": self.project_root,
            "pid": self.pid,
            "versions": dict(self.versions),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "exit_code": self.exit_code,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunFacts:
        """Read what :meth:`to_dict` wrote.

        Raises
        ------
        EnneadError
            The run is of a newer schema.
        KeyError, TypeError, ValueError
            A field is missing or has the wrong form.
        """
        check_schema(data, "run")
        return cls(
            command=tuple(data["command"]),
            started_at=datetime.fromisoformat(data["started_at"]),
            working_folder=data["working_folder"],
            project_root=data["project_root"],
            pid=int(data["pid"]),
            versions=dict(data.get("versions", {})),
            ended_at=datetime.fromisoformat(data["ended_at"]) if data.get("ended_at") else None,
            exit_code=data.get("exit_code"),
        )


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on disk.

    Parameters
    ----------
    path
        Absolute.
    """

    path: Path

    @property
    def id(self) -> str:
        """Its name: when it started, in UTC, and six digits that tell runs of one second apart."""
        return self.path.name

    @property
    def record_files(self) -> list[Path]:
        """One for each process that recorded something, the oldest first."""
        return sorted(self.path.glob("*-*.jsonl"), key=lambda path: path.stem.partition("-")[2])

    @property
    def processes_file(self) -> Path:
        """One line for each Python process that was started."""
        return self.path / "processes.jsonl"

    def write_facts(self, facts: RunFacts) -> None:
        """Write ``run.json``; a reader sees the old or the new one, never half of it.

        Raises
        ------
        EnneadError
            It cannot be written.
        """
        temporary = self.path / f".{_FACTS}"
        try:
            temporary.write_text(json.dumps(facts.to_dict(), indent=1), encoding="utf-8")
            temporary.replace(self.path / _FACTS)
        except OSError as error:
            message = f"cannot write {self.path / _FACTS}: {error.strerror or error}"
            raise EnneadError(message) from error

    def read_facts(self) -> RunFacts:
        """Read ``run.json``.

        Raises
        ------
        EnneadError
            It is missing, broken or of a newer schema.
        """
        path = self.path / _FACTS
        try:
            return RunFacts.from_dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{path} cannot be read ({type(error).__name__}: {error}): {self.path} is no complete run"
            raise EnneadError(message) from error


@dataclass(frozen=True, slots=True)
class RunsFolder:
    """Where the runs of a project are kept.

    Parameters
    ----------
    path
        The folder that holds ``runs/``; absolute.
    """

    path: Path

    def create(self) -> RunFolder:
        """Make the folder of a new run.

        Raises
        ------
        EnneadError
            It cannot be made.
        """
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        try:
            self._make()
            run = RunFolder(self.path / "runs" / name)
            run.path.mkdir(parents=True)
        except OSError as error:
            message = (
                f"cannot keep records in {self.path} ({error.strerror or error}): "
                "name another folder with --output or ENNEAD_OUTPUT"
            )
            raise EnneadError(message) from error
        return run

    def runs(self) -> list[RunFolder]:
        """All runs, the oldest first."""
        return sorted(self._find(), key=lambda run: run.id)

    def find(self, name: str | None) -> RunFolder:
        """The run that a person means: its folder, its id, the beginning or the end of its id; by default the last.

        Raises
        ------
        EnneadError
            There is none, or more than one.
        """
        if name and (Path(name) / _FACTS).is_file():
            return RunFolder(Path(name).resolve())
        runs = self.runs()
        if not runs:
            message = f"no runs in {self.path}: record one with 'ennead run -- COMMAND'"
            raise EnneadError(message)
        if name is None:
            return runs[-1]
        meant = [run for run in runs if run.id.startswith(name) or run.id.endswith(name)]
        if len(meant) != 1:
            what = "no run" if not meant else f"{len(meant)} runs"
            message = f"{what} in {self.path} called {name!r}; there are {', '.join(run.id for run in runs[-5:])}"
            raise EnneadError(message)
        return meant[0]

    def prune(self, kept: int) -> None:
        """Remove the oldest runs beyond ``kept``, those that still go on excepted."""
        for run in self.runs()[:-kept]:
            if not _goes_on(run):
                shutil.rmtree(run.path, ignore_errors=True)

    def _make(self) -> None:
        if self.path.exists():
            return
        self.path.mkdir(parents=True)
        # Ours alone, since we made it: whoever works here need not ignore it by hand.
        (self.path / ".gitignore").write_text("*\n", encoding="utf-8")

    def _find(self) -> Iterator[RunFolder]:
        with suppress(OSError):
            for path in (self.path / "runs").iterdir():
                if _NAME.fullmatch(path.name) and (path / _FACTS).is_file():
                    yield RunFolder(path)


def runs_folder(output: str, project_root: str) -> RunsFolder:
    """Where runs are kept: ``output``, relative to the project root."""
    return RunsFolder(Path(project_root, output).absolute())


def command_line(command: Sequence[str]) -> str:
    """A command as one would type it.

    >>> command_line(["/opt/shop/.venv/bin/python", "manage.py", "send mails"])
    "python manage.py 'send mails'"
    """
    return shlex.join([PurePath(command[0]).name, *command[1:]] if command else [])


def _goes_on(run: RunFolder) -> bool:
    try:
        facts = run.read_facts()
    except EnneadError:
        return False
    return facts.ended_at is None and _is_alive(facts.pid)


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # where signal 0 is no question, but the end of the process
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
