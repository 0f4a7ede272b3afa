"""The memory of one analysis, looked at only when it was asked for: tracemalloc slows everything while it runs."""

from __future__ import annotations

import tracemalloc
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOOKING = Lock()
"""There is one peak for the whole process, so one analysis is looked at at a time."""


@contextmanager
def measured_peak(note: Callable[[int], None]) -> Iterator[None]:
    """Give ``note`` the peak, in bytes, of what the body allocates beyond what was there before.

    What other threads allocate meanwhile counts, too. Nothing is noted while another body is looked at.

    Examples
    --------
    >>> peaks = []
    >>> with measured_peak(peaks.append):
    ...     _ = bytes(100_000)
    >>> peaks[0] >= 100_000
    True
    """
    if not _LOOKING.acquire(blocking=False):
        yield
        return
    began = not tracemalloc.is_tracing()
    if began:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        yield
        note(max(tracemalloc.get_traced_memory()[1] - before, 0))
    finally:
        if began:
            tracemalloc.stop()
        _LOOKING.release()
