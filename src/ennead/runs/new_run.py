"""A run from its beginning to its end: the folder, the facts, and what its processes must know."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.runs.environment import RunEnvironment
from ennead.runs.folder import RunFacts, RunFolder, RunsFolder, runs_folder
from ennead.runs.recorded import run_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that has begun.

    Parameters
    ----------
    folder
        Where its records go.
    facts
        What ``run.json`` says of it so far.
    """

    folder: RunFolder
    facts: RunFacts
    _runs: RunsFolder
    _kept_count: int

    @classmethod
    def begin(cls, command: Sequence[str], *, output: str | None = None, working_folder: Path | None = None) -> NewRun:
        """Make the folder and write down what is known already.

        Parameters
        ----------
        command
            As it was typed.
        output
            Where runs are kept; what the settings say by default.
        working_folder
            Where the command is started; the current folder by default.

        Raises
        ------
        EnneadError
            A setting is wrong, or the records cannot be kept.
        """
        settings, root = run_settings()
        runs = runs_folder(output or settings.output, root)
        folder = runs.create()
        facts = RunFacts(
            command=tuple(command),
            started_at=datetime.now(UTC),
            working_folder=str(working_folder or Path.cwd()),
            project_root=root,
            pid=os.getpid(),
            versions={
                "ennead": import_module("ennead").__version__,
                "python": ".".join(map(str, sys.version_info[:3])),
            },
        )
        folder.write_facts(facts)
        return cls(folder, facts, runs, settings.kept_runs)

    def variables(self, environ: Mapping[str, str], *, keep_contexts: bool = False) -> dict[str, str]:
        """The environment of the command."""
        environment = RunEnvironment(
            folder=str(self.folder.path), project_root=self.facts.project_root, keep_contexts=keep_contexts
        )
        return environment.variables(environ)

    def end(self, exit_code: int) -> RunFacts:
        """Write down that the command has ended, and remove the oldest runs beyond those that are kept.

        Raises
        ------
        EnneadError
            The facts cannot be written.
        """
        facts = replace(self.facts, ended_at=datetime.now(UTC), exit_code=exit_code)
        self.folder.write_facts(facts)
        self._runs.prune(self._kept_count)
        return facts
