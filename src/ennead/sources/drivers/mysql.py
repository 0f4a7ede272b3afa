"""What the cursors of PyMySQL and mysqlclient have in common: ``execute()``, ``executemany()``, rows that are there."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.dbapi.session import Batch, seen
from ennead.sources.drivers.callers import claim, is_recorded_elsewhere, release
from ennead.sources.drivers.sessions import session_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from ennead.agent.patching import Patch


class CursorHooks:
    """The hooks of one driver; every cursor's class inherits from the one that is hooked."""

    def __init__(self) -> None:
        self._patches = PatchSet()
        self._claimed: str | None = None

    def install(self, cursors: ModuleType, owner: type) -> None:
        """Hook ``owner``, the class in the driver's module of cursors that executes; idempotent."""
        if not self._patches:
            self._patches.add(owner, "execute", _recording_execute)
            self._patches.add(owner, "executemany", _recording_executemany)
            self._claimed = str(cursors.__file__)
            claim(self._claimed)  # executemany() executes

    def uninstall(self) -> None:
        """Undo :meth:`install`."""
        if self._claimed is not None:
            release(self._claimed)
            self._claimed = None
        self._patches.undo()


def _recording_execute(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def execute(self: Any, query: Any, args: Any = None) -> Any:
        if CURRENT.get() is None or not patch.active or is_recorded_elsewhere():
            return original(self, query, args)
        return _observed(original, self, query, args, None)

    return execute


def _recording_executemany(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def executemany(self: Any, query: Any, args: Any) -> Any:
        if CURRENT.get() is None or not patch.active or not args or is_recorded_elsewhere():
            return original(self, query, args)
        batch = Batch(args)
        return _observed(original, self, query, batch.rows, batch)

    return executemany


def _observed(original: Callable[..., Any], cursor: Any, query: Any, args: Any, batch: Batch | None) -> Any:
    unit = CURRENT.get()
    connection = cursor.connection
    if unit is None or connection is None:
        return original(cursor, query, args)
    parameters = args if batch is None else None
    session = session_of(connection)
    started = session.begin()
    try:
        result = original(cursor, query, args)
    except BaseException as error:
        session.end(unit, query, parameters, started, batch.size if batch else 1, error)
        raise
    hit = session.end(unit, query, parameters, started, batch.size if batch else 1)
    if hit is not None and batch is None and cursor.description is not None:
        rows = getattr(cursor, "_rows", None)  # those of an unbuffered cursor are not there yet
        if rows is not None:
            seen(hit, rows)
    return result
