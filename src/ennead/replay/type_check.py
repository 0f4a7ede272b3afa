"""The project's own type checker, asked before and after a change, on scratch copies.

mypy is asked about the changed files as its users ask it: with their configuration and their plugins. It begins with a
copy of the cache that the project has; its own one stays in the folder of the replays.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ennead.fixes.type_verdict import TypeReport, with_types
from ennead.replay.mypy_settings import MypySettings
from ennead.replay.scratch import Scratch
from ennead.replay.witness.paths import moved
from ennead.runs.bounded_child import TIMED_OUT, run_bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from threading import Event

    from ennead.fixes.search_result import Judged
    from ennead.kernel.finding import Finding
    from ennead.replay.replay import Work

MOST_SECONDS = 180.0
_NAME = "mypy"
_OPTIONS = ("--no-pretty", "--no-color-output", "--no-error-summary", "--show-error-codes", "--no-install-types")
_ERROR = re.compile(r"(?P<file>[^:\n]+\.pyi?):(?:\d+:)*\s*error: (?P<message>.*)")
_LINE_NUMBER = re.compile(r"\bline \d+")
_PYTHON = re.compile(r"python[\d.]*")
_DONE = (0, 1)
_ANY_SIZE = 1
"""For settings that read the data size from the environment."""
_LARGEST_CACHE_BYTES = 500_000_000
_NOT_THERE = "No module named mypy"


class TypeCheck:
    """Compares what mypy says of the original and of a change.

    Parameters
    ----------
    work
        Its project is checked, with the Python that runs its command.
    folder
        For scratch copies and the cache; made when it is needed.
    original
        Texts that stand for what is on disk; ``None`` for a file that the original does not have.
    seconds
        Time that one run of mypy may take.
    tell
        Told before each run.
    stop
        Ends a run when it is set.
    """

    def __init__(
        self,
        work: Work,
        folder: Path,
        original: Mapping[str, str | None],
        *,
        seconds: float = MOST_SECONDS,
        tell: Callable[[str], None],
        stop: Event | None = None,
    ) -> None:
        self._work = work
        self._folder = folder
        self._original = original
        self._seconds = min(seconds, work.timeout_seconds)
        self._tell = tell
        self._stop = stop
        self._reports: dict[tuple[object, ...], TypeReport] = {}
        self._problem = ""
        """Why mypy says nothing of the original: it is not asked again."""

    def added_to(self, judged: Judged, files: Mapping[str, str], findings: Mapping[str, Finding]) -> Judged:
        """What was judged, with what mypy says; unchanged if the project, or none of the files, is checked by it.

        Parameters
        ----------
        judged
            A change that was accepted.
        files
            Whole new texts, by path relative to the root.
        findings
            Of the original, by id.

        Raises
        ------
        EnneadError
            The project cannot be copied, or mypy was to end.
        """
        names = self._checked(files)
        if not names:
            return judged
        before = self._before(self._there(names))
        after = before if before.problem else self._report("the types of the changed code", files, names)
        return with_types(judged, before, after, findings)

    @cached_property
    def _settings(self) -> MypySettings | None:
        return MypySettings.find(self._work.working_folder or self._work.root, self._work.root)

    @property
    def _prefix(self) -> str:
        """Where mypy is started, relative to the root."""
        settings = self._settings
        inside = settings.folder.relative_to(self._work.root).as_posix() if settings is not None else "."
        return "" if inside == "." else f"{inside}/"

    def _checked(self, files: Collection[str]) -> list[str]:
        """Changed files that mypy is to check, relative to its folder."""
        settings = self._settings
        if settings is None or not settings.folder.is_relative_to(self._work.root):
            return []
        own = [name.removeprefix(self._prefix) for name in files if name.startswith(self._prefix)]
        return sorted(name for name in own if settings.is_checked(name))

    def _there(self, names: Collection[str]) -> list[str]:
        """Those that the original has."""
        whole = {name: self._prefix + name for name in names}
        return [
            name
            for name, path in whole.items()
            if (self._original[path] is not None if path in self._original else (self._work.root / path).is_file())
        ]

    # ------------------------------------------------------------------------------------------------ one run

    def _before(self, names: Collection[str]) -> TypeReport:
        """What mypy says of the original; where it does not say anything it is not asked again."""
        if not self._problem:
            texts = {name: text for name, text in self._original.items() if text is not None}
            report = self._report("the types of the original", texts, names)
            self._problem = report.problem
            return report
        return TypeReport(_NAME, problem=self._problem)

    def _report(self, what: str, texts: Mapping[str, str], names: Collection[str]) -> TypeReport:
        """What mypy says of files in a state of the project; what it said before is remembered."""
        if not names:
            return TypeReport(_NAME)
        key = (tuple(names), *sorted(texts.items()))
        if key not in self._reports:
            self._tell(f"checking {what}")
            self._reports[key] = self._run(texts, names)
        return self._reports[key]

    def _run(self, texts: Mapping[str, str], names: Collection[str]) -> TypeReport:
        copy = self._folder / "project"
        try:
            self._prepare()
            Scratch.copy(self._work.root, copy, texts, self._original.keys() - texts.keys())
            code = run_bounded(
                self._command(names),
                folder=copy / self._prefix,
                environment=self._variables(copy),
                stdout=self._folder / "stdout",
                stderr=self._folder / "stderr",
                seconds=self._seconds,
                stop=self._stop,
            )
        finally:
            shutil.rmtree(copy, ignore_errors=True)
        return self._read(code, copy)

    def _prepare(self) -> None:
        """Make the folder, with what mypy found out about the libraries when it was started in the project."""
        if self._folder.exists():
            return
        self._folder.mkdir(parents=True)
        known = self._work.root / self._prefix / ".mypy_cache"
        with suppress(OSError):
            if sum(path.stat().st_size for path in known.rglob("*")) <= _LARGEST_CACHE_BYTES:
                shutil.copytree(known, self._folder / "cache")

    def _command(self, names: Collection[str]) -> list[str]:
        settings = self._settings
        file = settings.file if settings is not None else ""
        cache = str(self._folder / "cache")
        python = _python_of(self._work.command[0])
        return [python, "-m", _NAME, "--config-file", file, "--cache-dir", cache, *_OPTIONS, "--", *names]

    def _variables(self, copy: Path) -> dict[str, str]:
        variables = self._work.variables(_ANY_SIZE, copy)
        variables = {name: text for name, text in variables.items() if not name.startswith("ENNEAD_")}
        if "MYPYPATH" in variables:
            entries = variables["MYPYPATH"].split(os.pathsep)
            variables["MYPYPATH"] = os.pathsep.join(moved(entry, str(self._work.root), str(copy)) for entry in entries)
        return {**variables, "PWD": str(copy / self._prefix)}

    def _read(self, code: int, copy: Path) -> TypeReport:
        if code == TIMED_OUT:
            return TypeReport(_NAME, problem=f"mypy did not end within {self._seconds:g} s")
        told = _text(self._folder / "stdout")
        errors = tuple(self._error(found, copy) for found in _ERROR.finditer(told))
        if code in _DONE and (errors or not code):
            return TypeReport(_NAME, errors)
        complaint = _text(self._folder / "stderr")
        if _NOT_THERE in complaint:
            return TypeReport(_NAME, problem="mypy is configured, but the Python that runs the command lacks it")
        words = (complaint.strip() or told.strip()).splitlines() or [f"exit code {code}"]
        return TypeReport(_NAME, errors, problem=f"mypy gave up: {words[-1].replace(str(copy) + os.sep, '')}")

    def _error(self, found: re.Match[str], copy: Path) -> tuple[str, str]:
        file = PurePosixPath(found["file"].removeprefix(f"{copy}/"))
        return self._prefix + file.as_posix(), _LINE_NUMBER.sub("line ...", found["message"])


def _python_of(program: str) -> str:
    """The Python that runs a program: itself, or the one of its environment; otherwise ours."""
    path = Path(program)
    if _PYTHON.fullmatch(path.name):
        return program
    beside = path.with_name("python")
    return str(beside) if (path.parent.parent / "pyvenv.cfg").is_file() and beside.exists() else sys.executable


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
