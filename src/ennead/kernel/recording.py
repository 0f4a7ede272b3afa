"""How a domain gets hold of a recorder without knowing the agent: whoever sits on top provides one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from ennead.kernel.records import RawUnitOfWork


R = TypeVar("R")


class Recording(Protocol):
    """One unit of work to be recorded: open it, do the work, close it, read it."""

    def open(self, *, entered_by_user_code: bool) -> None:
        """Begin. With ``entered_by_user_code`` the calling line of the user is noted as the unit's entry."""

    def close(self) -> None:
        """End; idempotent."""

    def read(self) -> RawUnitOfWork:
        """The immutable record; after :meth:`close`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Recorder(Protocol):
    """Makes recordings, and calls functions with a boundary that call paths end at."""

    def recording(self, name: str, *, route: str | None = None) -> Recording:
        """A recording that is not open yet."""

    def call_inside(self, function: Callable[..., R], /, *args: Any, **kwargs: Any) -> R:
        """Call a function whose callers are no part of the unit of work."""

    async def await_inside(self, awaitable: Awaitable[R]) -> R:
        """Await a coroutine whose callers are no part of the unit of work."""


_providers: list[Callable[[object], Recorder]] = []


def provide_recorder(provider: Callable[[object], Recorder]) -> None:
    """Let :func:`default_recorder` answer what ``provider`` returns for its engine; the last one provided counts."""
    _providers[:] = [provider]


def default_recorder(engine: object = None) -> Recorder:
    """The recorder that was provided.

    Parameters
    ----------
    engine
        Analyses what is recorded. If its settings ask for an early warning, it is asked while the recording goes on.

    Raises
    ------
    EnneadError
        Nobody provided one: the package ``ennead`` itself does so when it is imported.
    """
    if not _providers:
        message = "no recorder was provided: import ennead before profiling"
        raise EnneadError(message)
    return _providers[0](engine)
