"""What a run tells the processes it observes, through environment variables that children inherit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOTSTRAP_FOLDER = str(Path(__file__).parent / "bootstrap")
"""Holds our ``sitecustomize.py``, which Python imports when it starts."""

RUN_FOLDER = "ENNEAD_RUN_FOLDER"
_KEEP_CONTEXTS = "ENNEAD_RUN_KEEP_CONTEXTS"
_IDLE_PROCESSES = "ENNEAD_RUN_IDLE_PROCESSES"
_PROJECT_ROOT = "ENNEAD_RUN_PROJECT_ROOT"
_COMPANION = "ENNEAD_RUN_COMPANION"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnvironment:
    """Where and how the processes of a run record."""

    folder: str
    """The run folder, absolute."""
    project_root: str
    """Absolute; all processes of a run tell file names relative to the same folder."""
    keep_contexts: bool = False
    records_idle_processes: bool = False
    """Processes without a unit of work write what is hooked in them, too."""
    companion: str = ""
    """Module whose ``start()`` is called in each process before anything is hooked: the isolation of a replay."""

    def variables(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The caller's environment, and what the Python processes of the command must know.

        All of them get the same secret, so that their hashes of parameters agree.
        """
        from ennead.agent.parameters import project_secret  # here, since children read, and start the faster for it

        variables = dict(environ)
        path = [BOOTSTRAP_FOLDER]
        if environ.get("PYTHONPATH"):  # an empty entry would stand for the working folder
            path.append(environ["PYTHONPATH"])
        variables["PYTHONPATH"] = os.pathsep.join(path)
        variables[RUN_FOLDER] = self.folder
        variables[_PROJECT_ROOT] = self.project_root
        project_secret(variables)
        if self.keep_contexts:
            variables[_KEEP_CONTEXTS] = "1"
        if self.records_idle_processes:
            variables[_IDLE_PROCESSES] = "1"
        if self.companion:
            variables[_COMPANION] = self.companion
        return variables

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """What :meth:`variables` told; ``None`` outside of a run."""
        folder = environ.get(RUN_FOLDER)
        if not folder:
            return None
        return cls(
            folder=folder,
            project_root=environ.get(_PROJECT_ROOT, ""),
            keep_contexts=environ.get(_KEEP_CONTEXTS) == "1",
            records_idle_processes=environ.get(_IDLE_PROCESSES) == "1",
            companion=environ.get(_COMPANION, ""),
        )
