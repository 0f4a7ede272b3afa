"""The domain's front door: run application code, or take a recorded context, and answer everything about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone.profile import Profile, default_engine
from ennead.kernel.recording import default_recorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ennead.domains.nplusone.engine import EngineCounters, NPlusOneDetectionEngine
    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.recording import Recorder


class ServiceResult(Profile):
    """A profile that also carries what the function returned (``None`` from ``analyze``)."""

    result: Any = None


class NPlusOneDetectionService:
    """Profiles application code and analyses recorded contexts.

    Parameters
    ----------
    engine
        Shared by all calls, so that its counters add up; by default one with the settings in force.
    recorder
        Makes recordings; by default the one that ``import ennead`` provides.

    Examples
    --------
    >>> import sqlite3, ennead
    >>> connection = ennead.wrap_connection(sqlite3.connect(":memory:"))
    >>> service = NPlusOneDetectionService()
    >>> answer = service.profile(lambda: connection.execute("SELECT 41 + 1").fetchone()[0])
    >>> answer.result, answer.context.query_count, answer.findings, answer.ml_analysis.anomalies
    (42, 1, (), ())
    """

    def __init__(self, engine: NPlusOneDetectionEngine | None = None, recorder: Recorder | None = None) -> None:
        self.engine = engine or default_engine()
        self._recorder = recorder

    @property
    def counters(self) -> EngineCounters:
        """What the engine has done so far."""
        return self.engine.counters

    def profile(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> ServiceResult:
        """Run ``function`` as one unit of work and analyse it.

        Raises
        ------
        Exception
            Whatever ``function`` raises, unchanged.
        NPlusOneError
            At an N+1, inside ``function``: only if the engine's settings ask for an early warning.
        """
        session = self.session(_name_of(function))
        with session:
            session.result = self._recording_by().call_inside(function, *args, **kwargs)
        return session

    async def aprofile(self, function: Callable[..., Awaitable[Any]], /, *args: Any, **kwargs: Any) -> ServiceResult:
        """Await ``function`` as one unit of work and analyse it; see :meth:`profile`."""
        session = self.session(_name_of(function))
        async with session:
            session.result = await self._recording_by().await_inside(function(*args, **kwargs))
        return session

    def analyze(self, context: QueryExecutionContext) -> ServiceResult:
        """Analyse a recorded context."""
        session = self.session(context.name)
        session.context = context
        return session

    def session(self, name: str = "profile", *, route: str | None = None) -> ServiceResult:
        """A context manager and decorator that analyses with this service's engine."""
        return ServiceResult(name, route=route, recorder=self._recording_by(), engine=self.engine)

    def _recording_by(self) -> Recorder:
        return self._recorder or default_recorder(self.engine)


def _name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)
