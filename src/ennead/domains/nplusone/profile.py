"""A profile: one unit of work, recorded and analysed, and what is to be read from it."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import wraps
from typing import TYPE_CHECKING, Any, Self

from ennead.domains.nplusone.engine import MLAnalysis, NPlusOneDetectionEngine
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError, NPlusOneError
from ennead.kernel.records import RawUnitOfWork
from ennead.kernel.settings import load_settings, read_pyproject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from ennead.domains.nplusone.findings import RuleFindings
    from ennead.domains.nplusone.rules import Decision, Evidence
    from ennead.kernel.finding import Finding, Recommendation
    from ennead.kernel.recording import Recorder, Recording


class Analysis:
    """What is to be read of one context. The analysis runs on first use and once.

    Parameters
    ----------
    context
        The recorded queries.
    engine
        Rules, detectors and model.
    """

    def __init__(self, context: QueryExecutionContext, engine: NPlusOneDetectionEngine) -> None:
        self.context = context
        self._engine = engine
        self._rules: RuleFindings | None = None
        self._all: RuleFindings | None = None
        self._ml: MLAnalysis | None = None

    @property
    def detections(self) -> tuple[Finding, ...]:
        """What the rules alone found, the worst first."""
        return self._by_rules.shown

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """What a comment or the settings suppressed, with the reason."""
        return self._combined.suppressed

    @property
    def vetoed(self) -> tuple[tuple[Evidence, Decision], ...]:
        """What repeats and yet is not reported: a look-alike's name, ``model``, or too low a confidence."""
        return self._combined.vetoed

    @property
    def ml_analysis(self) -> MLAnalysis:
        """What the machine-learnt part said."""
        if self._ml is None:
            self._ml = self._engine.analyze(self.context)
        return self._ml

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Combined and deduplicated: what a user sees. Without a learnt model, what the rules found."""
        return self._combined.shown

    @property
    def strategies(self) -> tuple[Recommendation, ...]:
        """All recommendations, ranked by time saved."""
        ranked = sorted(self.findings, key=lambda finding: -finding.wasted_ms)
        return tuple(item for finding in ranked for item in finding.recommendations)

    @property
    def statistics(self) -> Mapping[str, float]:
        """Queries, times in milliseconds, repeated groups, and the share of database time wasted by the findings."""
        context = self.context
        wasted = sum((finding.wasted_ms for finding in self.findings), 0.0)
        return {
            "query_count": float(context.query_count),
            "duration_ms": context.duration_ms,
            "database_ms": context.database_ms,
            "repeated_group_count": float(len(context.repeated_groups)),
            "wasted_ms": wasted,
            "wasted_ratio": wasted / context.database_ms if context.database_ms else 0.0,
        }

    @property
    def _by_rules(self) -> RuleFindings:
        if self._rules is None:
            self._rules = self._engine.find_by_rules(self.context)
        return self._rules

    @property
    def _combined(self) -> RuleFindings:
        """Asks the machine-learnt part only where there is a model for what is known of the queries."""
        if self._all is None:
            asks = self._engine.asks_model(self.context)
            self._all = self._engine.find(self.context, self._ml) if asks else self._by_rules
            self._engine.note_findings(self._all)
        return self._all


class Profile(Analysis):
    """Context manager (``with`` and ``async with``) and decorator (sync and async functions) around one unit of work.

    Made by :func:`ennead.profile`. Results are readable after the end, also if the body raised. As a decorator the
    function's own result is returned; the session of the last call is at ``function.ennead``.

    Parameters
    ----------
    name, route
        What reports call it, and the route it belongs to.
    recorder
        Makes the recording.
    engine
        Analyses it; by default one with the settings in force.
    enabled
        ``False`` records nothing: the context is empty.
    """

    def __init__(
        self,
        name: str,
        *,
        route: str | None = None,
        recorder: Recorder,
        engine: NPlusOneDetectionEngine | None = None,
        enabled: bool = True,
    ) -> None:
        super().__init__(_empty(name, route), engine or default_engine())
        self.name = name
        self.route = route
        self._recorder = recorder
        self._enabled = enabled
        self._recording: Recording | None = None

    def __enter__(self) -> Self:
        return self._open(entered_by_user_code=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    async def __aenter__(self) -> Self:
        return self._open(entered_by_user_code=True)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function: each call is a unit of work."""
        if inspect.iscoroutinefunction(function):
            return self._decorate_async(function)
        return self._decorate(function)

    def again(self) -> Profile:
        """A fresh profile with the same name and parts, for the next call of a decorated function."""
        return type(self)(
            self.name, route=self.route, recorder=self._recorder, engine=self._engine, enabled=self._enabled
        )

    def _open(self, *, entered_by_user_code: bool) -> Self:
        if self._recording is not None:
            message = f"the profile {self.name!r} was used before: make a new one for each unit of work"
            raise EnneadError(message)
        if self._enabled:
            self._recording = self._recorder.recording(self.name, route=self.route)
            self._recording.open(entered_by_user_code=entered_by_user_code)
        return self

    def _close(self) -> None:
        recording = self._recording
        if recording is None:
            return
        recording.close()
        self.context = QueryExecutionContext.from_raw(recording.read())

    def _decorate(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def profiled(*args: Any, **kwargs: Any) -> Any:
            session = self.again()
            session._open(entered_by_user_code=False)  # noqa: SLF001 -- our own class
            try:
                return session._recorder.call_inside(function, *args, **kwargs)  # noqa: SLF001 -- our own class
            finally:
                session._close()  # noqa: SLF001 -- our own class
                profiled.ennead = session  # type: ignore[attr-defined]

        return profiled

    def _decorate_async(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        async def profiled(*args: Any, **kwargs: Any) -> Any:
            session = self.again()
            session._open(entered_by_user_code=False)  # noqa: SLF001 -- our own class
            try:
                return await session._recorder.await_inside(function(*args, **kwargs))  # noqa: SLF001 -- our own class
            finally:
                session._close()  # noqa: SLF001 -- our own class
                profiled.ennead = session  # type: ignore[attr-defined]

        return profiled


def default_engine() -> NPlusOneDetectionEngine:
    """A new engine with the settings of the environment and of ``pyproject.toml``.

    Raises
    ------
    EnneadError
        A setting has the wrong form or is out of range.
    """
    return NPlusOneDetectionEngine(load_settings(NPlusOneSettings, pyproject=read_pyproject(".")))


@contextmanager
def assert_no_n_plus_one(
    session: Profile, *, allow: Sequence[str] = (), max_queries: int | None = None
) -> Iterator[Profile]:
    """Raise ``NPlusOneError`` if the body has an N+1; see :func:`ennead.assert_no_n_plus_one`."""
    session._open(entered_by_user_code=True)  # noqa: SLF001 -- our own class
    try:
        yield session
    finally:
        session._close()  # noqa: SLF001 -- our own class
    check_no_n_plus_one(session, allow=allow, max_queries=max_queries)


def check_no_n_plus_one(session: Profile, *, allow: Sequence[str] = (), max_queries: int | None = None) -> None:
    """Raise ``NPlusOneError`` if a profile that has ended has an N+1 or too many queries."""
    bad = [finding for finding in session.findings if finding.code == "n-plus-one" and not allows(allow, finding)]
    if bad:
        raise NPlusOneError(story_of(bad))
    count = session.context.query_count
    if max_queries is not None and count > max_queries:
        message = f"{count} queries ran, at most {max_queries} are allowed"
        raise NPlusOneError(message)


def allows(allow: Sequence[str], finding: Finding) -> bool:
    """Whether a pattern names the finding: by its id, its relation or one of its call sites."""
    names = [finding.id, finding.relation or ""]
    for site in (finding.call_site, finding.loop, finding.origin):
        if site is not None:
            names += [site.file, str(site)]
    return any(name and fnmatchcase(name, pattern) for pattern in allow for name in names)


def story_of(findings: Sequence[Finding]) -> str:
    """What an assertion that failed says of the findings."""
    lines = [f"{len(findings)} N+1 {'query' if len(findings) == 1 else 'queries'} found: {_headline(findings[0])}"]
    for finding in findings:
        lines += ["", f"{finding.id}  {finding.explanation}", f"  {finding.statement}"]
        for role, site in (("origin", finding.origin), ("loop", finding.loop), ("access", finding.call_site)):
            if site is not None:
                lines.append(f"  {role:<7}{site}  {site.source or ''}".rstrip())
        lines += [
            f"  advice: {item.title}" + (f": {item.code}" if item.code else "") for item in finding.recommendations
        ]
    return "\n".join(lines)


def _headline(finding: Finding) -> str:
    """What fits into the one line that test runners show."""
    what = finding.relation or ", ".join(finding.models) or finding.kind
    site = finding.call_site or finding.loop or finding.origin
    return f"{what} ×{finding.query_count}" + (f" at {site}" if site else "")


def _empty(name: str, route: str | None) -> QueryExecutionContext:
    return QueryExecutionContext.from_raw(RawUnitOfWork(name, "profile", route, None, datetime.now(UTC), 0))
