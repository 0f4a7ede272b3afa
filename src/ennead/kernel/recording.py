"""How a domain gets hold of a recorder without knowing the agent: whoever sits on top provides one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from types import TracebackType

    from ennead.kernel.records import RawUnitOfWork


class Recording(Protocol):
    """One unit of work to be recorded: open it, do the work, close it, read it."""

    def open(self, *, entered_by_user_code: bool) -> None:
        """Begin. With ``entered_by_user_code`` the calling line of the user is noted as the unit's entry."""

    def close(self) -> None:
        """End; idempotent."""

    def read(self) -> RawUnitOfWork:
        """The immutable record; after :meth:`close`."""

    def __enter__(self) -> Recording: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Recorder(Protocol):
    """Makes recordings, and calls functions with a boundary that call paths end at."""

    def recording(self, name: str, *, route: str | None = None) -> Recording:
        """A recording that is not open yet."""


_provided: list[Recorder] = []


def provide_recorder(recorder: Recorder) -> None:
    """Let :func:`default_recorder` answer ``recorder``; the last one provided counts."""
    _provided[:] = [recorder]


def default_recorder() -> Recorder:
    """The recorder that was provided.

    Raises
    ------
    EnneadError
        Nobody provided one: the package ``ennead`` itself does so when it is imported.
    """
    if not _provided:
        message = "no recorder was provided: import ennead before profiling"
        raise EnneadError(message)
    return _provided[0]
