"""Every query of every Peewee database, whatever its class, its pool or its thread.

``Database.execute_sql`` is where all of them go through: models, queries written out, and raw SQL. Whether the rows
are fetched at all, and how many, the cursor that it returns finds out.
"""

from __future__ import annotations

import re
from functools import wraps
from importlib import metadata
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet
from ennead.agent.unit_of_work import CURRENT, WATCHERS, call_watchers
from ennead.sources.dbapi.fetched import count_fetched
from ennead.sources.drivers.callers import claim, release
from ennead.sources.peewee.connections import DATABASES
from ennead.sources.registry import UnsupportedVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.patching import Patch
    from ennead.agent.unit_of_work import Hit

OLDEST = (3, 17)
_patches = PatchSet()


def install() -> str:
    """Hook ``Database.execute_sql``; see :class:`ennead.sources.registry.SourceModule`."""
    version = supported_version()
    if not _patches:
        from peewee import Database

        _patches.add(Database, "execute_sql", _recording_execute)
        claim(_file())
    return version


def uninstall() -> None:
    """Undo :func:`install`."""
    if _patches:
        release(_file())
    _patches.undo()
    DATABASES.clear()


def _file() -> str:
    import peewee

    return str(peewee.__file__)


def supported_version() -> str:
    """Peewee's version.

    Raises
    ------
    UnsupportedVersionError
        It is older than 3.17.
    """
    version = metadata.version("peewee")
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < OLDEST:
        raise UnsupportedVersionError(f"Peewee {version} is too old: 3.17 is the oldest that is hooked")
    return version


def _recording_execute(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    @wraps(original)
    def execute_sql(self: Any, sql: Any, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        unit = CURRENT.get()
        if unit is None or not patch.active:
            return original(self, sql, params, *args, **kwargs)
        started = perf_counter_ns()
        try:
            cursor = original(self, sql, params, *args, **kwargs)
        except BaseException as error:
            try:
                unit.record(_text(sql), params, started, DATABASES.connection_of(self), 1, error)
            except Exception:
                unit.internal_error_count += 1
            raise
        hit = None
        try:
            text = sql if type(sql) is str else _text(sql)
            hit = unit.record(text, params, started, DATABASES.connection_of(self))
            if hit is not None and _returns_rows(cursor, hit):
                cursor = count_fetched(cursor, hit)
        except Exception:
            unit.internal_error_count += 1
        if WATCHERS:
            call_watchers(unit, hit)
        return cursor

    return execute_sql


def _text(sql: Any) -> str:
    return sql.decode("utf-8", "replace") if isinstance(sql, bytes) else str(sql)


def _returns_rows(cursor: Any, hit: Hit) -> bool:
    """Whether there are rows worth counting: a lazy load of one row is known to fetch one."""
    orm = hit.orm
    if hit.budget is None and orm is not None and orm.lazy_load and orm.cardinality == "one":
        return False
    return cursor is not None and getattr(cursor, "description", None) is not None
