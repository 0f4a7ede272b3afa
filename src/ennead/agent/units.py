"""Opening and closing units of work, and telling the listeners."""

from __future__ import annotations

import itertools
from time import perf_counter_ns
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from ennead.agent.call_path import OUTER_PATH, STARTED_HERE, register_inspector
from ennead.agent.rare_names import RareNames
from ennead.agent.settings import AgentSettings
from ennead.agent.unit_of_work import CURRENT, PAUSED, UnitKind, UnitOfWork
from ennead.kernel.sampling import keeps

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextvars import Token
    from types import FrameType, TracebackType

    from ennead.agent.call_path import CallPath, Walk
    from ennead.kernel.call_site import CallSite

P = ParamSpec("P")
R = TypeVar("R")


_JOINED_KINDS = ("request", "test")


class Agent:
    """The one recorder of a process: its settings, and who is told of units of work that have ended."""

    def __init__(self) -> None:
        self.settings = AgentSettings()
        self.listeners: list[Callable[[UnitOfWork], None]] = []
        self.listener_error_count = 0
        self.internal_error_count = 0
        """Errors of our own outside of any unit of work."""
        self._serial = itertools.count()
        self._rare = RareNames()

    def add_listener(self, listener: Callable[[UnitOfWork], None]) -> None:
        """Call ``listener`` with each unit of work that ends, in the thread where it ends: it must be quick."""
        if listener not in self.listeners:
            self.listeners.append(listener)

    def remove_listener(self, listener: Callable[[UnitOfWork], None]) -> None:
        """Undo :meth:`add_listener`."""
        if listener in self.listeners:
            self.listeners.remove(listener)

    def samples(self, trace_id: str | None, name: str) -> bool:
        """Whether the next unit of work is to be recorded."""
        ratio = self.settings.sample_ratio
        if ratio >= 1.0:
            return True
        if keeps(trace_id or f"{name}#{next(self._serial)}", ratio):
            self._rare.note(name)
            return True
        seconds = self.settings.rare_seconds
        return ratio > 0.0 and seconds > 0.0 and self._rare.is_due(name, seconds)

    def tell(self, unit: UnitOfWork) -> None:
        """Tell the listeners; what they raise is counted, never raised."""
        for listener in tuple(self.listeners):
            try:
                listener(unit)
            except Exception:
                self.listener_error_count += 1


AGENT = Agent()


class Recording:
    """A unit of work as a context manager, sync and async.

    Parameters
    ----------
    name, kind, route, trace_id, entry
        As in :class:`~ennead.agent.unit_of_work.UnitOfWork`.
    explicit
        Asked for by the user (a profile): never sampled out, takes over the hits of units nested in it, is not told to
        the listeners; a test around it takes over its hits.

    ``unit`` is ``None`` before it is entered, and when it is sampled out. A request inside a request, or a test inside
    a test, is the same one seen by another hook: its unit is the outer one's, which ends with that.
    """

    def __init__(
        self,
        name: str,
        kind: UnitKind,
        *,
        route: str | None = None,
        trace_id: str | None = None,
        entry: CallSite | None = None,
        explicit: bool = False,
    ) -> None:
        self._name = name
        self._kind = kind
        self._route = route
        self._trace_id = trace_id
        self._entry = entry
        self._explicit = explicit
        self._outer: UnitOfWork | None = None
        self._tokens: tuple[Token[UnitOfWork | None], Token[CallPath | None], Token[bool]] | None = None
        self.unit: UnitOfWork | None = None

    def __enter__(self) -> Self:
        outer = CURRENT.get()
        if outer is not None and outer.closed:  # left behind in the context of a task or thread that went on
            outer = None
        self._outer = outer
        if self._joins(outer):
            self.unit = outer
            return self
        self.unit = self._open() if self._is_wanted() else None
        self.resume()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.suspend()
        unit = self.unit
        if unit is None or unit.closed or self.is_joined:
            return
        unit.closed = True
        unit.duration_ns = perf_counter_ns() - unit.started_ns
        try:
            self._hand_over(unit)
        except Exception:
            AGENT.internal_error_count += 1

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    @property
    def is_joined(self) -> bool:
        """Whether the unit is the outer one's, which ends with that and not with this recording."""
        return self.unit is not None and self.unit is self._outer

    def resume(self) -> None:
        """Let the running code belong to the unit; on entering, and after :meth:`suspend`."""
        if not self.is_joined:
            self._tokens = (CURRENT.set(self.unit), OUTER_PATH.set(STARTED_HERE), PAUSED.set(self.unit is None))

    def suspend(self) -> None:
        """Let the running code belong to what was there before; the unit stays open, for a body that is streamed."""
        tokens, self._tokens = self._tokens, None
        if tokens is None:
            return
        try:
            CURRENT.reset(tokens[0])
            OUTER_PATH.reset(tokens[1])
            PAUSED.reset(tokens[2])
        except ValueError:  # left in another context than it was entered in (a generator's, a fixture's)
            if CURRENT.get() is self.unit:
                CURRENT.set(self._outer)
                PAUSED.set(False)

    def _joins(self, outer: UnitOfWork | None) -> bool:
        """Whether this is a second hook for one and the same request or test: a middleware's and the framework's."""
        return outer is not None and outer.kind == self._kind and self._kind in _JOINED_KINDS and not self._explicit

    def _is_wanted(self) -> bool:
        if self._explicit:
            return True
        if PAUSED.get():
            return False
        if self._outer is not None and self._outer.absorbs:
            return True
        try:
            return AGENT.samples(self._trace_id, self._name)
        except Exception:
            AGENT.internal_error_count += 1
            return False

    def _open(self) -> UnitOfWork | None:
        settings, outer = AGENT.settings, self._outer
        try:
            unit = UnitOfWork(
                self._name,
                self._kind,
                route=self._route,
                trace_id=self._trace_id,
                max_queries=settings.max_queries,
                provenance=settings.provenance
                or self._kind in ("profile", "test")
                or (outer is not None and outer.provenance),
                entry=self._entry,
                absorbs=self._explicit,
            )
            unit.inside = () if outer is None else (f"{outer.kind}:{outer.name}", *outer.inside)
            return unit
        except Exception:
            AGENT.internal_error_count += 1
            return None

    def _hand_over(self, unit: UnitOfWork) -> None:
        outer = self._outer
        if outer is not None and not outer.closed and (outer.absorbs or (self._explicit and outer.kind == "test")):
            outer.absorb(unit)
        elif not self._explicit:
            self.unit = unit.detached()
            AGENT.tell(self.unit)


class pause:  # noqa: N801 -- used like a function
    """Context manager: nothing is recorded inside, unless a profile is asked for inside.

    Examples
    --------
    >>> with pause():
    ...     CURRENT.get() is None
    True
    """

    def __init__(self) -> None:
        self._tokens: list[tuple[Token[UnitOfWork | None], Token[bool]]] = []

    def __enter__(self) -> None:
        self._tokens.append((CURRENT.set(None), PAUSED.set(True)))

    def __exit__(self, *exc_info: object) -> None:
        unit_token, paused_token = self._tokens.pop()
        try:
            CURRENT.reset(unit_token)
            PAUSED.reset(paused_token)
        except ValueError:  # left in another context than it was entered in
            PAUSED.set(False)


def call_inside(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call the host's function with this frame as the boundary of the unit of work: call paths end here."""
    return function(*args, **kwargs)


async def await_inside(awaitable: Awaitable[R]) -> R:
    """Await the host's coroutine with this frame as the boundary of the unit of work: call paths end here."""
    return await awaitable


def _stop_at_boundary(_frame: FrameType, walk: Walk) -> None:
    walk.stop()


for _function in (call_inside, await_inside):
    register_inspector(_function.__code__.co_filename, _function.__name__, _stop_at_boundary)
