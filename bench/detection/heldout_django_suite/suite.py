# mypy: ignore-errors
"""What the probe asks of this suite: fresh SQLite files, the rows put back between runs, the statements recorded."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

_files: dict[str, Path] = {}
_filled: Path | None = None


def set_up(directory: Path, size: int) -> None:
    """Boot Django on databases in `directory` and fill them."""
    global _filled
    from bench.detection.heldout_django_suite import settings

    for alias, database in settings.DATABASES.items():
        _files[alias] = directory / f"{alias}.sqlite3"
        database["NAME"] = str(_files[alias])
    os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__
    import django

    django.setup()
    _fill(size)
    _filled = directory / "filled.sqlite3"
    _copy(_files["default"], _filled)
    for file in _files.values():
        _copy(_filled, file)


def restore() -> None:
    """Put every row back, whoever has the files open; forget what is cached."""
    from django.contrib.contenttypes.models import ContentType
    from django.core.cache import cache

    assert _filled is not None, "set_up comes first"
    cache.clear()
    ContentType.objects.clear_cache()
    for file in _files.values():
        _copy(_filled, file)


@contextmanager
def record() -> Iterator[list[str]]:
    """Collect what Django's cursors execute, in every thread."""
    from django.db.backends.utils import CursorWrapper

    statements: list[str] = []
    execute, executemany = CursorWrapper.execute, CursorWrapper.executemany

    def keep_execute(self: Any, sql: str, params: Any = None) -> Any:
        statements.append(sql)
        return execute(self, sql, params)

    def keep_executemany(self: Any, sql: str, param_list: Any) -> Any:
        statements.append(sql)
        return executemany(self, sql, param_list)

    with mock.patch.multiple(CursorWrapper, execute=keep_execute, executemany=keep_executemany):
        yield statements


def _fill(size: int) -> None:
    from django.core.management import call_command
    from django.db import connections

    from bench.detection.heldout_django_suite.data import populate

    call_command("migrate", run_syncdb=True, verbosity=0)
    populate(size)
    connections.close_all()


def _copy(source: Path, target: Path) -> None:
    """By SQLite's own backup, which respects connections that other threads hold open."""
    with closing(sqlite3.connect(source)) as rows, closing(sqlite3.connect(target, timeout=20)) as database:
        rows.backup(database)
