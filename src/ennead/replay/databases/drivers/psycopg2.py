"""psycopg2, and with it Django and SQLAlchemy on PostgreSQL."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.drivers.psycopg import may_name_databases, server_and_database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.replay.databases.redirect import Redirect


def hook(redirect: Redirect) -> None:
    """Lead ``psycopg2.connect`` to copies; its connections make cursors that count."""
    import psycopg2  # type: ignore[import-not-found, import-untyped, unused-ignore]

    ask = _asking(psycopg2)
    redirect.patches.add(psycopg2, "connect", lambda original, _patch: _redirected(original, redirect, ask))


def _redirected(connect: Callable[..., Any], redirect: Redirect, ask: Callable[..., Any]) -> Callable[..., Any]:
    from psycopg2 import extensions

    @wraps(connect)
    def redirected(dsn: Any = None, connection_factory: Any = None, cursor_factory: Any = None, **kwargs: Any) -> Any:
        options = {name: value for name, value in kwargs.items() if name not in ("async", "async_")}
        settings = extensions.parse_dsn(extensions.make_dsn(dsn, **options))
        server, database = server_and_database(settings, ask)
        kwargs.pop("database", None)
        kwargs["dbname"] = redirect.database(server, database)
        factory = counting_connection(connection_factory or extensions.connection, redirect, ask)
        return connect(dsn, connection_factory=factory, cursor_factory=cursor_factory, **kwargs)

    return redirected


@lru_cache(maxsize=64)
def counting_connection(factory: Any, redirect: Redirect, ask: Callable[..., Any]) -> Any:
    """A connection class, or what makes connections, such that statements are counted."""
    if not isinstance(factory, type):
        return factory
    from psycopg2 import extensions

    class Connection(extensions.connection):  # type: ignore[misc]
        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            chosen = kwargs.pop("cursor_factory", None) or self.cursor_factory or extensions.cursor
            return super().cursor(*args, cursor_factory=counting_cursor(chosen, redirect, ask), **kwargs)

    return _behind(factory, Connection, extensions.connection)


@lru_cache(maxsize=64)
def counting_cursor(factory: Any, redirect: Redirect, ask: Callable[..., Any]) -> Any:
    """A cursor class that counts; a factory that is no class stays as it is."""
    if not isinstance(factory, type):
        return factory
    from psycopg2 import extensions

    class Cursor(extensions.cursor):  # type: ignore[misc]
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            redirect.counter.add()
            return super().execute(_named(self, query, redirect, ask), *args, **kwargs)

        def executemany(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            redirect.counter.add()
            return super().executemany(query, *args, **kwargs)

        def callproc(self, *args: Any, **kwargs: Any) -> Any:
            redirect.counter.add()
            return super().callproc(*args, **kwargs)

        def copy_expert(self, *args: Any, **kwargs: Any) -> Any:
            redirect.counter.add()
            return super().copy_expert(*args, **kwargs)

    return _behind(factory, Cursor, extensions.cursor)


def _behind(factory: type, ours: type, drivers: type) -> type:
    """Our class in the name of the driver's, or behind the user's subclass of it."""
    bases = (ours,) if factory is drivers else (factory, ours)
    return type(factory.__name__, bases, {"__module__": factory.__module__})


def _named(cursor: Any, query: Any, redirect: Redirect, ask: Callable[..., Any]) -> Any:
    if hasattr(query, "as_string"):
        text = query.as_string(cursor)
    else:
        text = query.decode(errors="replace") if isinstance(query, bytes) else query
    if not may_name_databases(text):
        return query
    server, _ = server_and_database(cursor.connection.get_dsn_parameters(), ask)
    named = redirect.names_on(server).in_postgresql(text)
    return query if named == text else named


def _asking(psycopg2: Any) -> Callable[[Mapping[str, Any]], Callable[[str, str], Any]]:
    connect = psycopg2.connect  # before it is patched

    def asking(settings: Mapping[str, Any]) -> Callable[[str, str], Any]:
        def ask(database: str, sql: str) -> Any:
            with closing(connect(**{**settings, "dbname": database})) as connection:
                connection.autocommit = True
                with closing(connection.cursor()) as cursor:
                    cursor.execute(sql)
                    return cursor.fetchall() if cursor.description else []

        return ask

    return asking
