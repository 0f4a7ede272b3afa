"""psycopg, and with it psycopg_pool, Django and SQLAlchemy on PostgreSQL."""

from __future__ import annotations

import getpass
import os
from contextlib import closing
from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.postgresql_server import KEPT, PostgreSQLServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.replay.databases.redirect import Redirect

_OWN_OPTIONS = frozenset(
    {"autocommit", "prepare_threshold", "context", "row_factory", "cursor_factory", "server_cursor_factory", "conninfo"}
)
_EXECUTING = ("execute", "executemany", "stream", "copy")
_DEFAULTS = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "sslmode": "PGSSLMODE"}


def hook(redirect: Redirect) -> None:
    """Lead all connections to copies, and count what their cursors execute."""
    import psycopg

    ask = _asking(psycopg)

    def make(original: Any, _patch: Any) -> Any:
        return classmethod(_redirected(original.__func__, redirect, ask))

    for connection_class in (psycopg.Connection, psycopg.AsyncConnection):
        redirect.patches.add(connection_class, "connect", make)
    # It was bound before.
    redirect.patches.add(psycopg, "connect", lambda *_: psycopg.Connection.connect)
    for cursor_class in (psycopg.Cursor, psycopg.AsyncCursor, psycopg.ServerCursor, psycopg.AsyncServerCursor):
        for name in _EXECUTING:
            if name in vars(cursor_class):
                redirect.patches.add(cursor_class, name, lambda original, _patch: _counting(original, redirect, ask))


def _redirected(connect: Callable[..., Any], redirect: Redirect, ask: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(connect)
    def redirected(cls: Any, conninfo: str = "", **kwargs: Any) -> Any:
        from psycopg.conninfo import conninfo_to_dict

        options = {name: value for name, value in kwargs.items() if name not in _OWN_OPTIONS}
        settings = conninfo_to_dict(conninfo, **options)
        server, database = server_and_database(settings, ask)
        kwargs["dbname"] = redirect.database(server, database)
        return connect(cls, conninfo, **kwargs)

    return redirected


def server_and_database(
    settings: Mapping[str, Any], ask: Callable[[Mapping[str, Any]], Callable[[str, str], Any]]
) -> tuple[PostgreSQLServer, str]:
    """Where libpq would connect to.

    Parameters
    ----------
    settings
        Of the connection, by libpq's names; what is not told comes from the environment.
    ask
        Makes what runs statements on that server.
    """
    environ = os.environ
    found = {name: environ[variable] for name, variable in _DEFAULTS.items() if environ.get(variable)}
    found |= {name: str(settings[name]) for name in KEPT if settings.get(name) not in (None, "")}
    found.setdefault("port", "5432")
    found.setdefault("user", getpass.getuser())
    if (settings.get("service") or environ.get("PGSERVICE")) and not settings.get("dbname"):
        message = "a replay cannot tell the database of a service file: name dbname beside the service"
        raise ValueError(message)
    database = str(settings.get("dbname") or environ.get("PGDATABASE") or found["user"])
    return PostgreSQLServer(found, ask(found)), database


def _counting(original: Callable[..., Any], redirect: Redirect, ask: Callable[..., Any]) -> Callable[..., Any]:
    """The same method, which is also awaited or iterated over as before."""

    @wraps(original)
    def counting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        redirect.counter.add()
        return original(self, _named(self, query, redirect, ask), *args, **kwargs)

    return counting


def _named(cursor: Any, query: Any, redirect: Redirect, ask: Callable[..., Any]) -> Any:
    text = query if isinstance(query, str) else _text(cursor, query)
    if not may_name_databases(text):
        return query
    info = cursor.connection.info
    settings = {**info.get_parameters(), "password": info.password, "port": info.port}
    server, _ = server_and_database(settings, ask)
    named = redirect.names_on(server).in_postgresql(text)
    return query if named == text else named


def may_name_databases(text: str) -> bool:
    """Whether it is worth a closer look."""
    start = text[:400].upper()
    return "DATABASE" in start or "PG_TERMINATE_BACKEND" in start or "PG_CANCEL_BACKEND" in start


def _text(cursor: Any, query: Any) -> str:
    if isinstance(query, bytes):
        return query.decode(errors="replace")
    as_string = getattr(query, "as_string", None)
    return as_string(cursor) if as_string is not None else ""


def _asking(psycopg: Any) -> Callable[[Mapping[str, Any]], Callable[[str, str], Any]]:
    # The driver's own, before it is patched: what we ask is neither redirected nor counted.
    connect, execute = psycopg.Connection.connect.__func__, psycopg.Cursor.execute

    def asking(settings: Mapping[str, Any]) -> Callable[[str, str], Any]:
        def ask(database: str, sql: str) -> Any:
            opened = connect(psycopg.Connection, "", **{**settings, "dbname": database}, autocommit=True)
            with closing(opened) as connection, closing(connection.cursor()) as cursor:
                execute(cursor, sql)
                return cursor.fetchall() if cursor.description else []

        return ask

    return asking
