"""Units of work that wait for their analysis, and the thread that does it: bounded, never blocking, safe to fork."""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from threading import Condition, RLock, Thread, current_thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ennead.agent.units import pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.unit_of_work import UnitOfWork

_IDLE_SECONDS = 2.0
_STOP_SECONDS = 1.0
_THREAD_EXIT_SECONDS = 0.05


class Backlog:
    """A bounded queue with one daemon thread behind it.

    The thread is started with the first unit of work and ends when nothing has come for a while, so that a quiet host
    has no thread of ours, and a host that forks is not told that it has several.

    Parameters
    ----------
    work
        Called with each unit of work, in the thread; what it raises is counted.
    max_units, max_queries
        Units of work that would take the backlog past either are dropped and counted.
    """

    def __init__(self, work: Callable[[UnitOfWork], None], *, max_units: int, max_queries: int) -> None:
        self.dropped_count = 0
        self.error_count = 0
        self._work = work
        self._max_units = max_units
        self._max_queries = max_queries
        self._waiting: deque[UnitOfWork] = deque()
        self._waiting_queries = 0
        # Reentrant: a unit of work may end inside a destructor, at any line of ours.
        self._lock = RLock()
        self._changed = Condition(self._lock)
        self._thread: Thread | None = None
        self._stopping = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, unit: UnitOfWork) -> None:
        """Take a unit of work in, or drop it; never blocks on the analysis."""
        size = len(unit.hits)
        with self._lock:
            full = len(self._waiting) >= self._max_units or self._waiting_queries + size > self._max_queries
            if full and self._waiting:
                self.dropped_count += 1
                return
            self._waiting.append(unit)
            self._waiting_queries += size
            self._changed.notify()
            self._start_if_needed()

    def stop(self, seconds: float = _STOP_SECONDS) -> bool:
        """End the thread after the unit of work that it is at; what waits keeps waiting. Whether it ended in time."""
        with self._lock:
            thread = self._thread
            self._stopping = True
            self._changed.notify_all()
        if thread is None or thread is current_thread():
            return thread is None
        thread.join(seconds)
        if not thread.is_alive():
            _wait_for_system_thread(thread)
        return not thread.is_alive()

    def resume(self) -> None:
        """Undo :meth:`stop`."""
        with self._lock:
            self._stopping = False
            if self._waiting:
                self._start_if_needed()

    def drain(self, seconds: float) -> None:
        """Do what waits in the calling thread, for as long as there is time; what is left then is dropped, counted."""
        end = monotonic() + seconds
        self.stop(seconds)
        with pause():
            while monotonic() < end:
                unit = self._take()
                if unit is None:
                    return
                self._do(unit)
        with self._lock:
            self.dropped_count += len(self._waiting)
            self._waiting.clear()
            self._waiting_queries = 0

    def _start_if_needed(self) -> None:
        if self._thread is not None or self._stopping:
            return
        thread = Thread(target=self._run, name="ennead-analysis", daemon=True)
        # The thread belongs to no unit of work; and where no thread can be started any more (the interpreter is on its
        # way out) the backlog is drained at exit.
        with pause(), suppress(RuntimeError):
            thread.start()
            self._thread = thread

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting and not self._stopping:
                    self._changed.wait(_IDLE_SECONDS)
                if self._stopping or not self._waiting:
                    self._thread = None
                    return
            unit = self._take()
            if unit is not None:
                self._do(unit)

    def _take(self) -> UnitOfWork | None:
        with self._lock:
            if not self._waiting:
                return None
            unit = self._waiting.popleft()
            self._waiting_queries -= len(unit.hits)
            return unit

    def _do(self, unit: UnitOfWork) -> None:
        try:
            self._work(unit)
        except Exception:  # noqa: BLE001 -- an analysis that fails must not take the host or its neighbours along
            self.error_count += 1


def _wait_for_system_thread(thread: Thread) -> None:
    """Wait until the system has forgotten the thread: Python 3.12 counts the system's threads when it forks."""
    path = f"/proc/self/task/{thread.native_id}"
    end = monotonic() + _THREAD_EXIT_SECONDS
    while os.path.exists(path) and monotonic() < end:  # noqa: PTH110 -- asked in the fork's path
        sleep(0.0005)
