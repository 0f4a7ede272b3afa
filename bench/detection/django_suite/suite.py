"""How the probe sets this suite up: temporary SQLite files, put back between runs."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

_directory: Path | None = None
_untouched: dict[Path, int] = {}
"""Database file -> its modification time in nanoseconds when it last held the pristine rows."""


def set_up(directory: Path, size: int) -> None:
    """Boot Django on fresh databases in `directory` and fill them."""
    global _directory
    _directory = directory
    from bench.detection.django_suite import settings

    for alias, database in settings.DATABASES.items():
        database["NAME"] = str(directory / f"{alias}.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__
    import django

    django.setup()
    _fill(size)


def restore() -> None:
    """Put every row back, also under connections that other threads keep open; empty the cache."""
    from django.core.cache import cache
    from django.db import connections

    cache.clear()
    for alias in connections:
        if connections[alias].in_atomic_block:
            message = f"a scenario left a transaction open on {alias!r}"
            raise RuntimeError(message)
        _put_back(Path(connections[alias].settings_dict["NAME"]))


@contextmanager
def record() -> Iterator[list[str]]:
    """Collect the statements of every thread, on Django's own cursor class."""
    from django.db.backends.utils import CursorWrapper

    statements: list[str] = []
    execute, executemany = CursorWrapper.execute, CursorWrapper.executemany

    def recorded_execute(self: Any, sql: str, params: Any = None) -> Any:
        statements.append(sql)
        return execute(self, sql, params)

    def recorded_executemany(self: Any, sql: str, param_list: Any) -> Any:
        statements.append(sql)
        return executemany(self, sql, param_list)

    with mock.patch.multiple(CursorWrapper, execute=recorded_execute, executemany=recorded_executemany):
        yield statements


def _fill(size: int) -> None:
    from django.core.management import call_command
    from django.db import connections

    from bench.detection.django_suite.data import populate

    call_command("migrate", run_syncdb=True, verbosity=0)
    populate(size)
    default = connections["default"].settings_dict["NAME"]
    connections.close_all()
    shutil.copy(default, _pristine())
    for alias in connections:
        _put_back(Path(connections[alias].settings_dict["NAME"]))


def _pristine() -> Path:
    assert _directory is not None, "set_up comes first"
    return _directory / "pristine.sqlite3"


def _put_back(target: Path) -> None:
    """Copy the pristine rows by SQLite's own backup, which respects the locks of connections that are open."""
    if target.exists() and target.stat().st_mtime_ns == _untouched.get(target):
        return
    with closing(sqlite3.connect(_pristine())) as pristine, closing(sqlite3.connect(target, timeout=20)) as database:
        pristine.backup(database)
    _untouched[target] = target.stat().st_mtime_ns
