"""asyncpg: queries of connections, of pools and of prepared statements.

What asyncpg sends on its own account (``BEGIN``, what resets a connection of a pool) is not recorded. Of a cursor, the
statement is, without the number of its rows.
"""

from __future__ import annotations

from functools import wraps
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.dbapi.session import Batch, seen
from ennead.sources.drivers.callers import claim, is_recorded_elsewhere, release
from ennead.sources.drivers.sessions import session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ennead.agent.patching import Patch

_FETCHING = ("fetch", "fetchrow", "fetchval")
_IN_BATCHES = ("executemany", "fetchmany")
_patches = PatchSet()


def install() -> str:
    """Hook connections, prepared statements and cursors; see :class:`ennead.sources.registry.SourceModule`."""
    from asyncpg.connection import Connection
    from asyncpg.cursor import BaseCursor
    from asyncpg.prepared_stmt import PreparedStatement

    if not _patches:
        for name in (*_FETCHING, "execute", *_IN_BATCHES):
            if hasattr(Connection, name):  # asyncpg 0.29 has no fetchmany
                _patches.add(Connection, name, _recording)
            if hasattr(PreparedStatement, name):
                _patches.add(PreparedStatement, name, _recording_prepared)
        for name in ("_bind", "_bind_exec"):
            _patches.add(BaseCursor, name, _recording_cursor)
        for path in _own_files():
            claim(path)
    return metadata.version("asyncpg")


def uninstall() -> None:
    """Undo :func:`install`."""
    if _patches:
        for path in _own_files():
            release(path)
    _patches.undo()


def _own_files() -> list[str]:
    import asyncpg

    folder = Path(asyncpg.__file__).parent
    return [str(folder / name) for name in ("connection.py", "transaction.py")]


def _recording(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    name = original.__name__

    @wraps(original)
    async def method(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if CURRENT.get() is None or not patch.active or is_recorded_elsewhere():
            return await original(self, query, *args, **kwargs)
        if name not in _IN_BATCHES:
            return await _observed(original, self, query, args, None, (self, query, *args), kwargs)
        batch = Batch(args[0] if args else kwargs.pop("args"))
        return await _observed(original, self, query, None, batch, (self, query, batch.rows, *args[1:]), kwargs)

    return method


def _recording_prepared(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    name = original.__name__

    @wraps(original)
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if CURRENT.get() is None or not patch.active or is_recorded_elsewhere():
            return await original(self, *args, **kwargs)
        query = self.get_query()
        if name not in _IN_BATCHES:
            return await _observed(original, self._connection, query, args, None, (self, *args), kwargs)
        batch = Batch(args[0] if args else kwargs.pop("args"))
        return await _observed(original, self._connection, query, None, batch, (self, batch.rows, *args[1:]), kwargs)

    return method


def _recording_cursor(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def bind(self: Any, *args: Any, **kwargs: Any) -> Any:
        if CURRENT.get() is None or not patch.active or is_recorded_elsewhere():
            return await original(self, *args, **kwargs)
        return await _observed(original, self._connection, self._query, self._args, None, (self, *args), kwargs)

    return bind


async def _observed(
    original: Callable[..., Any],
    connection: Any,
    query: Any,
    parameters: Any,
    batch: Batch | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    unit = CURRENT.get()
    if unit is None:
        return await original(*args, **kwargs)
    session = session_of(connection)
    started = session.begin()
    try:
        result = await original(*args, **kwargs)
    except BaseException as error:
        session.end(unit, query, parameters, started, batch.size if batch else 1, error)
        raise
    hit = session.end(unit, query, parameters, started, batch.size if batch else 1)
    rows = _rows(original.__name__, result)
    if hit is not None and rows is not None:
        seen(hit, rows)
    return result


def _rows(method: str, result: Any) -> Sequence[Any] | None:
    """The rows that a method returned; ``None`` where it does not tell."""
    if method == "fetch":
        return list(result)
    if method == "fetchrow":
        return () if result is None else (result,)
    return ((result,),) if method == "fetchval" and result is not None else None
