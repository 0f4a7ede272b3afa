"""The tool that runs a command with everything hooked. Nothing of it reaches the server's own standard streams."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.agent.settings import is_disabled
from ennead.kernel.errors import EnneadError
from ennead.mcp_server.answers import RunAnswer
from ennead.mcp_server.finding import findings_of
from ennead.reporting.printable import printable
from ennead.runs.bounded_child import run_bounded
from ennead.runs.command import resolve
from ennead.runs.merging import report_of
from ennead.runs.new_run import NewRun
from ennead.runs.reading import read_run
from ennead.runs.recorded import run_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

_INTERRUPTED = 130
_TAIL_BYTES = 4_000
_SHOWN_FINDINGS = 20


def run_observed(command: Sequence[str], folder: str | None, seconds: float, stop: Event) -> RunAnswer:
    """Run a command as ``ennead run`` does, and tell what was found.

    Parameters
    ----------
    command
        The program and its arguments.
    folder
        Where it is started, relative to the project root; the server's folder by default.
    seconds
        Time it may take.
    stop
        Ends it when it is set.

    Raises
    ------
    EnneadError
        The folder is outside of the project, there is no such program, the records cannot be kept.
    """
    where = _working_folder(folder)
    words = resolve(checked_command(command), where)
    if is_disabled():
        raise EnneadError("Ennead is switched off: take ENNEAD_DISABLED out of the server's environment")
    run = NewRun.begin(command, working_folder=where)
    with tempfile.TemporaryDirectory(prefix="ennead-run-") as name:
        stdout, stderr = Path(name, "stdout"), Path(name, "stderr")
        code = _INTERRUPTED
        try:
            code = run_bounded(
                words,
                folder=where,
                environment=run.variables(os.environ),
                stdout=stdout,
                stderr=stderr,
                seconds=seconds,
                stop=stop,
            )
        finally:
            facts = run.end(code)
        written, complaints = _tail(stdout), _tail(stderr)
    report = report_of(run.folder.id, facts, read_run(run.folder))
    return RunAnswer(
        **findings_of(report, _SHOWN_FINDINGS),
        stdout=written,
        stderr=complaints,
        exit_code=code,
        unit_counts=dict(report.unit_counts),
        query_count=report.query_count,
    )


def checked_command(command: Sequence[str]) -> list[str]:
    """A command that has a program.

    Raises
    ------
    EnneadError
        It has none.
    """
    if not command or not command[0]:
        raise EnneadError('name the command as a list, the program first: ["python", "manage.py", "test"]')
    return list(command)


def _working_folder(folder: str | None) -> Path:
    if folder is None:
        return Path.cwd()
    root = Path(run_settings()[1]).resolve()
    where = (root / folder).resolve()
    if not where.is_relative_to(root) or not where.is_dir():
        message = f"{folder} is no folder of the project {root}: name one relative to it, or leave it out"
        raise EnneadError(message)
    return where


def _tail(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        return printable(file.read().decode("utf-8", "replace"))
