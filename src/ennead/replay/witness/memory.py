"""The most memory that this process has used."""

from __future__ import annotations

import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory_bytes() -> int:
    """Peak resident size; 0 where it is not told.

    On Linux ``getrusage`` will not do: its figure begins with the size of the process that started this one. A search
    that has grown would make every changed program look larger than the original, which was replayed first.
    """
    status = _read_status()
    if status:
        return _of_status(status)
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _read_status() -> str:
    try:
        return _STATUS.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _of_status(status: str) -> int:
    r"""The high-water mark in the text of ``/proc/self/status``.

    >>> _of_status("Name:\tpython\nVmHWM:\t   13544 kB\n"), _of_status("")
    (13869056, 0)
    """
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
