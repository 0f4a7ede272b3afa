"""aiosqlite: everything that a connection hands to its thread.

All of its methods, and those of its cursors, go through one that is told a method of sqlite3 and its arguments.
"""

from __future__ import annotations

from functools import wraps
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT
from ennead.sources.dbapi.session import Batch, seen
from ennead.sources.drivers.callers import is_recorded_elsewhere
from ennead.sources.drivers.sessions import FETCHING, session_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch
    from ennead.agent.unit_of_work import Hit

_EXECUTING = frozenset(
    {"execute", "executemany", "executescript", "_execute_fetchall", "_execute_insert"}  # the latter two are its own
)
_FETCHING = frozenset({"fetchone", "fetchmany", "fetchall"})
_patches = PatchSet()


def install() -> str:
    """Hook ``Connection._execute``; see :class:`ennead.sources.registry.SourceModule`."""
    from aiosqlite.core import Connection

    if not _patches:
        _patches.add(Connection, "_execute", _recording_execute)
    return metadata.version("aiosqlite")


def uninstall() -> None:
    """Undo :func:`install`."""
    _patches.undo()


def _recording_execute(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    async def _execute(self: Any, fn: Any, *args: Any, **kwargs: Any) -> Any:
        if CURRENT.get() is None or not patch.active:
            return await original(self, fn, *args, **kwargs)
        name = getattr(fn, "__name__", "")
        if name in _FETCHING:
            result = await original(self, fn, *args, **kwargs)
            _count(FETCHING.get(fn.__self__), name, result)
            return result
        if name not in _EXECUTING or is_recorded_elsewhere():
            return await original(self, fn, *args, **kwargs)
        return await _observed(original, self, fn, name, args, kwargs)

    return _execute


async def _observed(
    original: Callable[..., Any], connection: Any, fn: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    unit = CURRENT.get()
    if unit is None:
        return await original(connection, fn, *args, **kwargs)
    batch = Batch(args[1]) if name == "executemany" and len(args) > 1 else None
    if batch is not None:
        args = (args[0], batch.rows, *args[2:])
    parameters = args[1] if len(args) > 1 and batch is None else None
    session = session_of(connection)
    started = session.begin()
    try:
        result = await original(connection, fn, *args, **kwargs)
    except BaseException as error:
        session.end(unit, args[0], parameters, started, batch.size if batch else 1, error)
        raise
    hit = session.end(unit, args[0], parameters, started, batch.size if batch else 1)
    if hit is not None:
        _follow(hit, name, result)
    return result


def _follow(hit: Hit, name: str, result: Any) -> None:
    """Count rows that are there, or those that will be fetched from the cursor of sqlite3."""
    try:
        if name == "_execute_fetchall":
            seen(hit, list(result))
        elif name == "execute" and result.description is not None:
            FETCHING.set(result, hit)
    except Exception:
        hit.row_count = None


def _count(hit: Hit | None, name: str, result: Any) -> None:
    if hit is None:
        return
    if name == "fetchone":
        seen(hit, () if result is None else (result,))
    else:
        seen(hit, list(result))
