"""What our ``sitecustomize`` calls: begin to observe this process, whatever happens without raising."""

from __future__ import annotations

import os
from importlib import import_module

from ennead.agent.settings import is_disabled

_observed: list[object] = []
"""Keeps the observed process alive: what hooks ``multiprocessing`` refers to it weakly."""


def start_from_environment() -> str | None:
    """Observe this process if the environment says that it belongs to a run.

    Returns
    -------
    str or None
        Why the process cannot be observed.
    """
    if is_disabled():
        return "switched off by ENNEAD_DISABLED"
    if _observed:
        return None
    try:
        _start()
    except Exception as error:  # noqa: BLE001 -- nothing of ours may raise into the host
        return f"{type(error).__name__}: {error}"
    return None


def _start() -> None:
    from ennead.runs.environment import RunEnvironment
    from ennead.runs.observed_process import ObservedProcess

    environment = RunEnvironment.read(os.environ)
    if environment is not None:
        if environment.companion:
            import_module(environment.companion).start()
        process = ObservedProcess(environment)
        _observed.append(process)
        process.start()
