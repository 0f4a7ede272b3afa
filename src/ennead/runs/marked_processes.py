"""Processes that inherited a variable: what a command started, whatever became of its sessions and its parents."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")
_GRACE_SECONDS = 1.0
_LOOK_SECONDS = 0.02


def end_marked_processes(name: str, value: str) -> None:
    """End processes that were started with a variable of this value; nothing on systems without ``/proc``.

    Parameters
    ----------
    name, value
        Of the variable; the value must be one that nobody else uses.
    """
    if not _marked(name, value):
        return
    _signal(name, value, signal.SIGTERM)
    until = time.monotonic() + _GRACE_SECONDS
    while _marked(name, value):
        if time.monotonic() > until:
            _signal(name, value, signal.SIGKILL)
        time.sleep(_LOOK_SECONDS)
        if time.monotonic() > until + _GRACE_SECONDS:  # one that the system cannot end
            return


def _signal(name: str, value: str, number: signal.Signals) -> None:
    for process in _marked(name, value):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _marked(name: str, value: str) -> list[int]:
    mark = os.fsencode(f"{name}={value}")
    own = os.getpid()
    try:
        entries = [entry for entry in _PROCESSES.iterdir() if entry.name.isdigit()]
    except OSError:
        return []
    return [int(entry.name) for entry in entries if int(entry.name) != own and _has(entry, mark)]


def _has(entry: Path, mark: bytes) -> bool:
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0")  # empty of one that has ended
    except OSError:
        return False
