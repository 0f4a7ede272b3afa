"""A session on its way into the local memory: by ``ennead history --import``, in a process of its own.

The memory has queries and libraries of its own, which have no place in the process of the tests: it is hooked.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from ennead.runs.environment import RunEnvironment

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60.0


def remember_run(run_id: str, folder: Path) -> str | None:
    """Have a run remembered; what ``ennead run`` observes, it remembers itself.

    Parameters
    ----------
    run_id
        It has ended.
    folder
        Where pytest was called.

    Returns
    -------
    str or None
        Why it was not; in a line.
    """
    if RunEnvironment.read(os.environ) is not None:
        return None
    # -P: what lies in the folder of the tests is no part of Ennead.
    command = [sys.executable, "-P", "-m", "ennead", "history", "--import", "--run", run_id]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the run could not be remembered: {error}"
    if done.returncode == 0:
        return None
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return f"the run could not be remembered: {last.removeprefix('Error: ')}"
