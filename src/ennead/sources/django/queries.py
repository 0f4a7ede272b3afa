"""Every query of every Django connection, whatever its thread or alias, and however long it has been open.

``CursorWrapper`` is hooked as a class: the debug wrapper and those of other tools inherit from it and call up to it
once for each query. Server-side cursors (``.iterator()``) are wrapped in it, too.
"""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT, WATCHERS, call_watchers
from ennead.sources.django.connections import connection_of, ending_transaction, forget_connections
from ennead.sources.drivers.callers import claim, release
from ennead.sources.registry import UnsupportedVersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ennead.agent.patching import Patch
    from ennead.agent.unit_of_work import Hit

OLDEST = (4, 2)
_HIT = "_ennead_hit"
_patches = PatchSet()


def install() -> str:
    """Hook cursors and transactions; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    if not _patches:
        from django.db.backends.base.base import BaseDatabaseWrapper
        from django.db.backends.utils import CursorWrapper

        for name, make in _CURSOR_HOOKS:
            _patches.add(CursorWrapper, name, make)
        claim(_backends())
        for name in ("set_autocommit", "commit", "rollback"):
            _patches.add(BaseDatabaseWrapper, name, ending_transaction)
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    if _patches:
        release(_backends())
    _patches.undo()
    forget_connections()


def _backends() -> str:
    """Where Django calls the drivers."""
    from django.db import backends

    return str(Path(backends.__file__).parent)


def supported_version() -> str:
    """Django's version.

    Raises
    ------
    UnsupportedVersionError
        It is older than 4.2.
    """
    import django

    if django.VERSION[:2] < OLDEST:
        message = f"Django {django.get_version()} is too old: 4.2 is the oldest that is hooked"
        raise UnsupportedVersionError(message)
    return str(django.get_version())


def _recording_execute(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def execute(self: Any, sql: Any, params: Any = None) -> Any:
        unit = CURRENT.get()
        if unit is None or not patch.active:
            if _HIT in self.__dict__:
                del self.__dict__[_HIT]
            return original(self, sql, params)
        started = perf_counter_ns()
        try:
            result = original(self, sql, params)
        except BaseException as error:
            try:
                unit.record(statement_text(sql, self), params, started, connection_of(self.db), 1, error)
            except Exception:
                unit.internal_error_count += 1
            raise
        try:
            text = sql if type(sql) is str else statement_text(sql, self)
            self.__dict__[_HIT] = unit.record(text, params, started, connection_of(self.db))
        except Exception:
            unit.internal_error_count += 1
        if WATCHERS:
            call_watchers(unit, self.__dict__.get(_HIT))
        return result

    return execute


def _recording_executemany(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def executemany(self: Any, sql: Any, param_list: Any) -> Any:
        unit = CURRENT.get()
        if unit is None or not patch.active:
            self.__dict__.pop(_HIT, None)
            return original(self, sql, param_list)
        started = perf_counter_ns()
        try:
            result = original(self, sql, param_list)
        except BaseException as error:
            try:
                size, kept = _batch(param_list, self)
                unit.record(statement_text(sql, self), kept, started, connection_of(self.db), size, error)
            except Exception:
                unit.internal_error_count += 1
            raise
        try:
            size, kept = _batch(param_list, self)
            text = statement_text(sql, self)
            self.__dict__[_HIT] = unit.record(text, kept, started, connection_of(self.db), size)
        except Exception:
            unit.internal_error_count += 1
        return result

    return executemany


def statement_text(sql: Any, cursor: Any) -> str:
    """The text of a statement; drivers also take objects composed of parts."""
    if isinstance(sql, str):
        return sql
    if isinstance(sql, bytes):
        return sql.decode("utf-8", "replace")
    compose = getattr(sql, "as_string", None)
    return str(compose(cursor.cursor)) if compose is not None else str(sql)


def _batch(param_list: Any, cursor: Any) -> tuple[int, Any]:
    """How many rows a batch has and what of its parameters can still be read: an iterator is used up by now."""
    if isinstance(param_list, list | tuple):
        return len(param_list), param_list
    row_count = cursor.cursor.rowcount
    return max(row_count, 1) if isinstance(row_count, int) else 1, None


def _counting_fetchone(original: Any, patch: Patch) -> Callable[..., Any]:
    def fetchone(self: Any, *args: Any, **kwargs: Any) -> Any:
        row = self.__getattr__("fetchone")(*args, **kwargs)
        hit = self.__dict__.get(_HIT)
        if hit is not None:
            _count(hit, () if row is None else (row,))
        return row

    return fetchone


def _counting_fetchmany(original: Any, patch: Patch) -> Callable[..., Any]:
    def fetchmany(self: Any, *args: Any, **kwargs: Any) -> Any:
        rows = self.__getattr__("fetchmany")(*args, **kwargs)
        hit = self.__dict__.get(_HIT)
        if hit is not None:
            _count(hit, rows)
        return rows

    return fetchmany


def _counting_fetchall(original: Any, patch: Patch) -> Callable[..., Any]:
    def fetchall(self: Any, *args: Any, **kwargs: Any) -> Any:
        rows = self.__getattr__("fetchall")(*args, **kwargs)
        hit = self.__dict__.get(_HIT)
        if hit is not None:
            _count(hit, rows)
        return rows

    return fetchall


def _counting_iter(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def __iter__(self: Any) -> Iterator[Any]:  # noqa: N807 -- it replaces the method of that name
        rows = original(self)
        hit = self.__dict__.get(_HIT)
        return rows if hit is None else _counted(rows, hit)

    return __iter__


def _counted(rows: Any, hit: Hit) -> Iterator[Any]:
    _count(hit, ())
    for row in rows:
        _count(hit, (row,))
        yield row


def _count(hit: Hit, rows: Any) -> None:
    try:
        if hit.budget is None:  # a call less where no values are kept
            hit.row_count = len(rows) + (hit.row_count or 0)
        else:
            hit.capture_rows(rows)
    except Exception:
        hit.row_count = None


# Django's wrapper has no fetch methods of its own: it hands out the driver's on each access. Ours go the same way.
_CURSOR_HOOKS: tuple[tuple[str, Callable[[Any, Patch], Any]], ...] = (
    ("execute", _recording_execute),
    ("executemany", _recording_executemany),
    ("fetchone", _counting_fetchone),
    ("fetchmany", _counting_fetchmany),
    ("fetchall", _counting_fetchall),
    ("__iter__", _counting_iter),
)
