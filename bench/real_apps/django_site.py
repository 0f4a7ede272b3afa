"""What Django applications share: how one is booted, with a rival in its settings, and how pages are opened."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Addition:
    """What a rival's documentation adds to the settings."""

    application: str | None = None
    middleware: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


ADDITIONS: list[Addition] = []
"""Filled before an application is booted."""


def boot(folder: Path, rows: int, settings_name: str, variable: str, unwritten: tuple[str, ...] = ()) -> None:
    """Set Django up, migrate, and fill.

    The settings read the path of the database from an environment ``variable``. The module `data` beside them fills it
    with ``rows``. The migrations of ``unwritten`` applications are made where the settings say. What is made once in an
    environment is copied later: all migrations of a large application take a minute.
    """
    os.environ[variable] = str(folder / "site.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_name
    settings: Any = import_module(settings_name)
    for addition in ADDITIONS:
        _add(settings, addition)
    import django
    from django.db.backends.signals import connection_created

    django.setup()
    connection_created.connect(_hurry)
    package = settings_name.rpartition(".")[0]
    sources = b"".join(path.read_bytes() for path in sorted(Path(settings.__file__).parent.glob("*.py")))
    kept = Path(sys.prefix) / "data" / hashlib.sha256(sources).hexdigest()[:12]
    _once(folder, kept / "migrated", partial(_migrate, unwritten))
    _once(folder, kept / f"{rows} rows", lambda: import_module(f"{package}.data").fill(rows))
    if ADDITIONS:
        _migrate()


def _once(folder: Path, kept: Path, make: Callable[[], object]) -> None:
    """Make something in the folder of the database, or copy what an earlier boot of this environment kept."""
    from django.db import connections

    if kept.exists():
        connections.close_all()
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        return
    make()
    connections.close_all()
    unfinished = kept.with_name(f"{kept.name} {os.getpid()}")
    shutil.copytree(folder, unfinished)
    unfinished.rename(kept)


def _migrate(unwritten: tuple[str, ...] = ()) -> None:
    from django.core.management import call_command

    for label in unwritten:
        call_command("makemigrations", label, verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)


def _hurry(connection: Any, **_: object) -> None:
    """Keep SQLite from waiting for the disk: the database is thrown away."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")


def _add(settings: Any, addition: Addition) -> None:
    if addition.application:
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, addition.application]
    if addition.middleware:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, addition.middleware]
    vars(settings).update(addition.settings)


def pages(
    user: Mapping[str, object], addresses: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each page as an action, opened through the test client by the user with these fields."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model().objects.get(**user))
    for name, url in addresses:
        yield name, partial(client.get, url)
