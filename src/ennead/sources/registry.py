"""The list of sources, and switching them all on and off."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from ennead.agent import concurrency
from ennead.agent.import_hook import ImportWatcher

if TYPE_CHECKING:
    from collections.abc import Mapping


class SourceModule(Protocol):
    """What the module of a source offers."""

    def install(self) -> str:
        """Hook the library, which is imported already; idempotent. Returns its version.

        Raises
        ------
        UnsupportedVersionError
            The library is there, but not in a version we can hook; the message says which we can.
        """

    def uninstall(self) -> None:
        """Leave no trace; idempotent."""


class UnsupportedVersionError(Exception):
    """The library cannot be hooked in this version."""


class Source(NamedTuple):
    """One library that can be hooked."""

    library: str
    """What the report calls it."""
    trigger: str
    """The module whose import makes it time to hook."""
    module: str
    """Ours; imported only then."""


SOURCES: tuple[Source, ...] = (
    Source("django", "django.db.backends.base.base", "ennead.sources.django.queries"),
    Source("django-orm", "django.db.models.sql.query", "ennead.sources.django.orm"),
    Source("django-templates", "django.template.base", "ennead.sources.django.templates"),
    Source("django-admin", "django.views.generic.base", "ennead.sources.django.admin"),
    Source("django-requests", "django.core.handlers.base", "ennead.sources.django.requests"),
    Source("django-tenants", "django_tenants.postgresql_backend.base", "ennead.sources.django.tenants"),
    Source("django-commands", "django.core.management.base", "ennead.sources.django.commands"),
    Source("djangorestframework", "rest_framework.serializers", "ennead.sources.rest_framework"),
    Source("asgiref", "asgiref.sync", "ennead.sources.asgiref"),
    Source("sqlalchemy", "sqlalchemy", "ennead.sources.sqlalchemy.queries"),
    Source("sqlalchemy-orm", "sqlalchemy.orm", "ennead.sources.sqlalchemy.orm"),
    Source("peewee", "peewee", "ennead.sources.peewee.queries"),
    Source("peewee-orm", "peewee", "ennead.sources.peewee.orm"),
    Source("tortoise", "tortoise.models", "ennead.sources.tortoise.orm"),
    Source("psycopg", "psycopg", "ennead.sources.drivers.psycopg"),
    Source("asyncpg", "asyncpg", "ennead.sources.drivers.asyncpg"),
    Source("aiosqlite", "aiosqlite", "ennead.sources.drivers.aiosqlite"),
    Source("pymysql", "pymysql", "ennead.sources.drivers.pymysql"),
    Source("mysqlclient", "MySQLdb.cursors", "ennead.sources.drivers.mysqldb"),
    Source("anyio", "anyio._backends._asyncio", "ennead.sources.anyio"),
    Source("uvloop", "uvloop", "ennead.sources.uvloop"),
    Source("starlette", "starlette.applications", "ennead.sources.starlette"),
    Source("fastapi", "fastapi.routing", "ennead.sources.fastapi"),
    Source("flask", "flask.app", "ennead.sources.flask"),
    Source("graphql", "graphql.execution", "ennead.sources.graphql"),
    Source("celery", "celery.app.trace", "ennead.sources.celery"),
    Source("rq", "rq.job", "ennead.sources.rq"),
    Source("dramatiq", "dramatiq.worker", "ennead.sources.dramatiq"),
    Source("unittest", "unittest.case", "ennead.sources.unittest"),
    Source("pytest", "_pytest.runner", "ennead.sources.pytest"),
)


@dataclass(frozen=True, slots=True)
class InstallReport:
    """What is hooked and what is not."""

    hooked: Mapping[str, str] = field(default_factory=dict)
    """Library to version."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Library to the reason: not installed, not imported yet (it will be hooked then), unsupported, failed."""


class Installer:
    """Switches all sources on and off; idempotent both ways."""

    def __init__(self, sources: tuple[Source, ...] = SOURCES) -> None:
        self._sources = sources
        self._watcher = ImportWatcher()
        self._hooked: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self.installed = False

    def install(self) -> InstallReport:
        """Hook every library that is imported, and each other one as soon as it is."""
        if not self.installed:
            self.installed = True
            concurrency.install()
            for source in self._sources:
                self._watch(source)
        return self.report()

    def follow_settings(self) -> None:
        """Tell the sources that are hooked already, and have settings of their own, that these have changed."""
        for source in self._sources:
            if source.library in self._hooked:
                _follow_settings(source)

    def uninstall(self) -> None:
        """Leave no trace."""
        if not self.installed:
            return
        self.installed = False
        self._watcher.clear()
        for source in reversed(self._sources):
            if source.library in self._hooked:
                _unhook(source)
        self._hooked.clear()
        self._refused.clear()
        concurrency.uninstall()

    def report(self) -> InstallReport:
        """What is hooked now."""
        skipped = {
            source.library: self._refused.get(source.library) or _why_not_yet(source)
            for source in self._sources
            if source.library not in self._hooked
        }
        return InstallReport(dict(self._hooked), skipped)

    def _watch(self, source: Source) -> None:
        self._watcher.when_imported(source.trigger, lambda: self._hook(source))

    def _hook(self, source: Source) -> None:
        try:
            module = cast("SourceModule", import_module(source.module))
            self._hooked[source.library] = module.install()
        except UnsupportedVersionError as refusal:
            self._refused[source.library] = str(refusal)
        except Exception as error:
            self._refused[source.library] = f"failed: {type(error).__name__}: {error}"
            _unhook(source)


def _unhook(source: Source) -> None:
    """Undo a source's hooks, also where it failed half-way; what it raises must not keep its neighbours on."""
    with suppress(Exception):
        cast("SourceModule", import_module(source.module)).uninstall()


def _follow_settings(source: Source) -> None:
    follow = getattr(import_module(source.module), "follow_settings", None)
    if follow is not None:
        with suppress(Exception):
            follow()


def _why_not_yet(source: Source) -> str:
    top = source.trigger.partition(".")[0]
    if top in sys.modules:
        return f"hooked as soon as {source.trigger} is imported"
    try:
        found = find_spec(top) is not None
    except (ImportError, ValueError):
        found = False
    return "not imported yet, hooked as soon as it is" if found else "not installed"


INSTALLER = Installer()
