"""The recordings that profiles are made of; what :mod:`ennead.kernel.recording` calls a recorder."""

from __future__ import annotations

from sys import _getframe
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import USER, python_site
from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import Recording, await_inside, call_inside

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import FrameType, TracebackType

    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import RawUnitOfWork

R = TypeVar("R")


class ProfileRecording:
    """One profile's unit of work.

    Parameters
    ----------
    name, route
        As in :class:`~ennead.agent.unit_of_work.UnitOfWork`.
    """

    def __init__(self, name: str, *, route: str | None = None) -> None:
        self._name = name
        self._route = route
        self._recording: Recording | None = None

    def open(self, *, entered_by_user_code: bool) -> None:
        """Begin; see :class:`ennead.kernel.recording.Recording`."""
        entry = _calling_site() if entered_by_user_code else None
        self._recording = Recording(self._name, "profile", route=self._route, entry=entry, explicit=True)
        self._recording.__enter__()

    def close(self) -> None:
        """End; idempotent."""
        recording = self._recording
        if recording is not None and recording.unit is not None and not recording.unit.closed:
            recording.__exit__(None, None, None)

    def read(self) -> RawUnitOfWork:
        """The immutable record; an empty one if it was never opened."""
        unit = self._recording.unit if self._recording else None
        return snapshot(unit or UnitOfWork(self._name, "profile", route=self._route))

    def __enter__(self) -> Self:
        self.open(entered_by_user_code=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class ProfileRecorder:
    """Makes recordings after making sure that the hooks are in place.

    Parameters
    ----------
    prepare
        Called before each recording; installs the hooks if nobody has.
    """

    def __init__(self, prepare: Callable[[], object]) -> None:
        self._prepare = prepare

    def recording(self, name: str, *, route: str | None = None) -> ProfileRecording:
        """A recording that is not open yet."""
        self._prepare()
        return ProfileRecording(name, route=route)

    def call_inside(self, function: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
        """Call a function whose callers are no part of the unit of work."""
        return call_inside(function, *args, **kwargs)

    async def await_inside(self, awaitable: Awaitable[R]) -> R:
        """Await a coroutine whose callers are no part of the unit of work."""
        return await await_inside(awaitable)


def _calling_site() -> CallSite | None:
    frame: FrameType | None = _getframe(1)
    while frame is not None:
        if FILE_KINDS.of(frame.f_code.co_filename, frame) == USER:
            return python_site(frame.f_code, frame.f_lasti, str(frame.f_globals.get("__name__", "")))
        frame = frame.f_back
    return None
