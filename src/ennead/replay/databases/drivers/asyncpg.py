"""asyncpg with its pool, and with it SQLAlchemy's asynchronous engines on PostgreSQL."""

from __future__ import annotations

import asyncio
from functools import wraps
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit
from weakref import WeakKeyDictionary

from ennead.replay.databases.drivers.addresses import allow
from ennead.replay.databases.drivers.psycopg import may_name_databases, server_and_database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.replay.databases.postgresql_server import PostgreSQLServer
    from ennead.replay.databases.redirect import Redirect

_ON_CONNECTION = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "fetchmany", "cursor")
_COPYING = ("copy_from_query", "copy_from_table", "copy_to_table", "copy_records_to_table")
_HOUSEKEEPING = ("BEGIN", "COMMIT;", "ROLLBACK;", "SELECT pg_advisory_unlock_all()")
"""How begins what the driver itself sends: other drivers count no transactions and no resets either."""
_SERVERS: WeakKeyDictionary[Any, PostgreSQLServer] = WeakKeyDictionary()
_ON_STATEMENT = ("executemany", "fetch", "fetchrow", "fetchval", "fetchmany", "cursor")


def hook(redirect: Redirect) -> None:
    """Lead all connections to copies, and count what they execute."""
    import asyncpg
    from asyncpg import connection, prepared_stmt

    raw = _Raw(connection)

    def make(original: Callable[..., Any], _patch: Any) -> Callable[..., Any]:
        return _redirected(original, redirect, raw)

    # Pools look the second one up when they are made.
    for module in (asyncpg, connection):
        redirect.patches.add(module, "connect", make)
    for name in (*_ON_CONNECTION, *_COPYING):
        redirect.patches.add(connection.Connection, name, lambda original, _patch: _counting(original, redirect))
    for name in _ON_STATEMENT:
        redirect.patches.add(
            prepared_stmt.PreparedStatement, name, lambda original, _patch: _counting(original, redirect)
        )


def _redirected(connect: Callable[..., Any], redirect: Redirect, raw: _Raw) -> Callable[..., Any]:
    @wraps(connect)
    async def redirected(dsn: Any = None, **kwargs: Any) -> Any:
        given = {**settings_of(dsn), **{name: value for name, value in kwargs.items() if value is not None}}
        if "database" in given:
            given["dbname"] = given["database"]
        host = given.get("host")
        if isinstance(host, list | tuple):
            given["host"] = host[0] if host else ""
        server, database = server_and_database(given, lambda _settings: _asking(raw, dsn, dict(kwargs)))
        allow(server.settings)
        kwargs["database"] = redirect.database(server, database)
        connection = await connect(dsn, **kwargs)
        _SERVERS[connection] = server
        return connection

    return redirected


def settings_of(dsn: str | None) -> dict[str, str]:
    """What a URL tells, by libpq's names.

    Examples
    --------
    >>> settings_of("postgresql://ann:p%40ss@db:5433/shop?sslmode=require")["password"]
    'p@ss'
    >>> settings_of("postgres:///?host=/run/pg&dbname=shop")
    {'host': '/run/pg', 'dbname': 'shop'}
    """
    parts = urlsplit(dsn or "")
    found = {
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.lstrip("/")),
    }
    told = {**{name: value for name, value in found.items() if value}, **dict(parse_qsl(parts.query))}
    if "database" in told:
        told["dbname"] = told.pop("database")
    return told


def _counting(original: Callable[..., Any], redirect: Redirect) -> Callable[..., Any]:
    """The same method, which is also awaited or iterated over as before."""

    @wraps(original)
    def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
        text = args[0] if args and isinstance(args[0], str) else ""
        if not text.startswith(_HOUSEKEEPING):
            redirect.counter.add()
        server = _SERVERS.get(self) if may_name_databases(text) else None
        if server is not None:
            args = (redirect.names_on(server).in_postgresql(text), *args[1:])
        return original(self, *args, **kwargs)

    return counting


class _Raw:
    """The driver's own functions, before they are patched: what we ask is neither redirected nor counted."""

    def __init__(self, module: Any) -> None:
        self.connect = module.connect
        self.fetch = module.Connection.fetch
        self.execute = module.Connection.execute


def _asking(raw: _Raw, dsn: Any, kwargs: Mapping[str, Any]) -> Callable[[str, str], Any]:
    """Runs statements in a loop of its own, in a thread of its own: the caller's loop waits for the copy."""
    options = {
        name: value for name, value in kwargs.items() if name not in ("loop", "connection_class", "record_class")
    }

    async def work(database: str, sql: str) -> list[tuple[Any, ...]]:
        connection = await raw.connect(dsn, **{**options, "database": database})
        try:
            if not sql.startswith("SELECT"):
                await raw.execute(connection, sql)
                return []
            return [tuple(row) for row in await raw.fetch(connection, sql)]
        finally:
            await connection.close()

    def ask(database: str, sql: str) -> list[tuple[Any, ...]]:
        answers: list[Any] = []

        def run() -> None:
            try:
                answers.append(asyncio.run(work(database, sql)))
            except BaseException as error:  # noqa: BLE001 -- raised again in the thread that waits
                answers.append(error)

        thread = Thread(target=run)
        thread.start()
        thread.join()
        if isinstance(answers[0], BaseException):
            raise answers[0]
        rows: list[tuple[Any, ...]] = answers[0]
        return rows

    return ask
