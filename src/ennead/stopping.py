"""Profiles that end their own code early: at the n-th query of an N+1, also of one that has only begun.

Off by default, and without cost then: nothing looks at queries. The same for tests is in :mod:`ennead.pytest_plugin`.
"""

from __future__ import annotations

from copy import copy
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ennead.agent.repeat_moments import RepeatMoments
from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import CURRENT, WATCHERS
from ennead.agent.units import AGENT
from ennead.domains.nplusone.early_warning import EarlyWarning, early_story_of
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.kernel.errors import NPlusOneError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from ennead.agent.unit_of_work import Hit, UnitOfWork
    from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
    from ennead.kernel.finding import Finding
    from ennead.kernel.recording import Recorder, Recording
    from ennead.kernel.records import RawUnitOfWork

R = TypeVar("R")


class StoppingRecorder:
    """A recorder whose recordings are looked at while they go on.

    Parameters
    ----------
    recorder
        Records.
    engine
        Asks the rules.
    at
        The query of an N+1 at which the profiled code is ended.
    """

    def __init__(self, recorder: Recorder, engine: NPlusOneDetectionEngine, at: int) -> None:
        self._recorder = recorder
        self._engine = engine
        self._early = EarlyWarning(at, engine.settings)

    def recording(self, name: str, *, route: str | None = None) -> StoppingRecording:
        """A recording that is not open yet."""
        return StoppingRecording(self._recorder.recording(name, route=route), self._engine, self._early)

    def call_inside(self, function: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
        """Call a function whose callers are no part of the unit of work."""
        return self._recorder.call_inside(function, *args, **kwargs)

    async def await_inside(self, awaitable: Awaitable[R]) -> R:
        """Await a coroutine whose callers are no part of the unit of work."""
        return await self._recorder.await_inside(awaitable)


class StoppingRecording:
    """One recording, looked at while it is open."""

    def __init__(self, recording: Recording, engine: NPlusOneDetectionEngine, early: EarlyWarning) -> None:
        self._recording = recording
        self._engine = engine
        self._early = early
        self._unit: UnitOfWork | None = None
        self._moments = RepeatMoments(early.at)
        self._has_raised = False

    def open(self, *, entered_by_user_code: bool) -> None:
        """Begin; see :class:`ennead.kernel.recording.Recording`."""
        self._recording.open(entered_by_user_code=entered_by_user_code)
        self._unit = CURRENT.get()
        WATCHERS.append(self._look)

    def close(self) -> None:
        """End; idempotent."""
        if self._look in WATCHERS:
            WATCHERS.remove(self._look)
        self._recording.close()

    def read(self) -> RawUnitOfWork:
        """The immutable record."""
        return self._recording.read()

    def __enter__(self) -> Self:
        self.open(entered_by_user_code=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _look(self, unit: UnitOfWork, hit: Hit) -> None:
        __tracebackhide__ = True
        if unit is not self._unit or self._has_raised or not self._moments.is_now(unit, hit):
            return
        try:
            bad = self._emerging(unit)
        except Exception:  # noqa: BLE001 -- it was asked to raise for an N+1, and for nothing else
            AGENT.internal_error_count += 1
            return
        if bad:
            self._has_raised = True
            raise NPlusOneError(early_story_of(bad))

    def _emerging(self, unit: UnitOfWork) -> list[Finding]:
        so_far = copy(unit)
        so_far.hits = unit.hits[:]
        so_far.duration_ns = perf_counter_ns() - unit.started_ns
        context = QueryExecutionContext.from_raw(snapshot(so_far))
        found = self._engine.find_by_rules(context)
        told = self._early.of(context, (*found.shown, *found.suppressed), found.vetoed)
        return [finding for finding in told if finding.code == "n-plus-one" and finding.suppressed is None]
