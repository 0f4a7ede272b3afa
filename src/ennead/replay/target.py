"""What is to be replayed: the command that is given, or what a recorded run ran."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.replay.replay import Work
from ennead.replay.served import is_server, requests_instead
from ennead.runs.command import resolve
from ennead.runs.folder import runs_folder
from ennead.runs.reading import read_run
from ennead.runs.recorded import find_entry, find_run, read_report, run_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.runs.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Target:
    """Which run and which finding a person means."""

    run: RunFolder | None
    """``None``: there is none, the command alone is to tell."""
    finding_id: str | None
    output: str | None = None
    """Where a new run is kept; what the settings say by default."""


def find_target(name: str | None, output: str | None, *, has_command: bool) -> Target:
    """The run or the finding that is named; by default the last run.

    Raises
    ------
    EnneadError
        There is nothing of that name.
    """
    settings, root = run_settings()
    runs = runs_folder(output or settings.output, root)
    if name is None:
        found = runs.runs()
        if not found and not has_command:
            message = "no run is recorded and no command is given: name one behind --, as in -- python manage.py test"
            raise EnneadError(message)
        # A command of its own is a new piece of work: what was recorded of another one says nothing about it.
        return Target(found[-1] if found and not has_command else None, None, output)
    if name.startswith("f1:"):
        return find_finding(name, None, output)
    try:
        return Target(runs.find(name), None)
    except EnneadError as no_run:
        try:
            return find_finding(name, None, output)
        except EnneadError as error:
            why = dict.fromkeys((str(error), str(no_run), "a command would stand behind --"))
            raise EnneadError("; ".join(why)) from error


def find_finding(name: str, run_name: str | None, output: str | None) -> Target:
    """The finding that is named, of the run that is named; by default of the last one.

    Raises
    ------
    EnneadError
        There is nothing of that name.
    """
    run = find_run(run_name, output)
    return Target(run, find_entry(read_report(run), name).finding.id)


def work_of(
    command: Sequence[str], target: Target, *, allowed: Sequence[str] = (), timeout_seconds: float = 600.0
) -> Work:
    """What is to be replayed: the command that is given, else the run's own, its requests if it was a server's.

    Raises
    ------
    EnneadError
        There is no command, or no such program.
    """
    root = run_settings()[1]
    folder = Path.cwd()
    if not command and target.run is not None:
        facts = target.run.read_facts()
        folder, root = Path(facts.working_folder), facts.project_root
        command = requests_instead(facts.command, read_run(target.run).units, target.finding_id) or facts.command
    if is_server(command):
        message = (
            "a server does not end, a replay does: record it with 'ennead run', or name requests behind --: "
            "python -m ennead.replay.requests GET /orders/"
        )
        raise EnneadError(message)
    if not command:
        message = "name the command to be replayed behind --, as in -- python manage.py test"
        raise EnneadError(message)
    return Work(
        root=Path(root).resolve(),
        command=tuple(resolve(command, folder)),
        working_folder=folder.resolve(),
        environment=dict(os.environ),
        timeout_seconds=timeout_seconds,
        allowed_addresses=tuple(allowed),
    )
