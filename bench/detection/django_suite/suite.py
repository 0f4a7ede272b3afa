"""How the probe sets this suite up: temporary SQLite files, put back between runs."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

_directory: Path | None = None


def set_up(directory: Path, size: int) -> None:
    """Boot Django on fresh databases in `directory` and fill them."""
    global _directory  # noqa: PLW0603 - one process serves one suite on one set of databases
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
        _copy_into(_pristine(), Path(connections[alias].settings_dict["NAME"]))


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
        shutil.copy(_pristine(), connections[alias].settings_dict["NAME"])


def _pristine() -> Path:
    assert _directory is not None, "set_up comes first"
    return _directory / "pristine.sqlite3"


def _copy_into(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as pristine, sqlite3.connect(target, timeout=20) as database:
        pristine.backup(database)
    pristine.close()
    database.close()
