"""Work that blocks, in a thread, one piece at a time: replays measure time, and a change must not fall into one."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
_GONE = (anyio.ClosedResourceError, anyio.BrokenResourceError)


class Turn:
    """Lets one piece of work run at a time, and ends it if nobody waits for it any more."""

    def __init__(self) -> None:
        self._lock = anyio.Lock()
        self._stop: threading.Event | None = None
        self._idle = threading.Event()
        self._idle.set()

    async def take(
        self,
        work: Callable[[Callable[[str], None], threading.Event], T],
        report: Callable[[str], Coroutine[Any, Any, None]],
    ) -> T:
        """Wait for its turn, then do the work in a thread.

        Parameters
        ----------
        work
            Gets a function that tells how far it is, and an event that it has to look at: if it is set, the work is to
            end.
        report
            Hands on what the work tells.

        Returns
        -------
        T
            What the work returned. What it raises is raised here.
        """
        async with self._lock:
            stop = threading.Event()
            outcome: list[T] = []
            errors: list[Exception] = []
            async with anyio.create_task_group() as group:
                group.start_soon(_set_when_cancelled, stop)
                await anyio.to_thread.run_sync(
                    self._do, partial(work, partial(_tell, report, stop), stop), stop, outcome, errors
                )
                group.cancel_scope.cancel()
        if errors:
            raise errors[0]
        return outcome[0]

    def stop(self, seconds: float) -> None:
        """End the work that is under way, and wait for its end. To be called from another thread."""
        if self._stop is not None:
            self._stop.set()
        self._idle.wait(seconds)

    def _do(self, work: Callable[[], T], stop: threading.Event, outcome: list[T], errors: list[Exception]) -> None:
        self._stop = stop
        self._idle.clear()
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001 -- a task group would wrap it: it is raised beyond the group
            errors.append(error)
        finally:
            self._idle.set()


async def _set_when_cancelled(stop: threading.Event) -> None:
    try:
        await anyio.sleep_forever()
    finally:
        stop.set()


def _tell(report: Callable[[str], Coroutine[Any, Any, None]], stop: threading.Event, sentence: str) -> None:
    if not stop.is_set():
        with suppress(*_GONE):  # the client has hung up: the work will be told to end
            anyio.from_thread.run(report, sentence)
