"""pymysql, and with it Django and SQLAlchemy on MariaDB and MySQL."""

from __future__ import annotations

from contextlib import closing
from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.drivers.addresses import allow
from ennead.replay.databases.mariadb_server import MariaDBServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.replay.databases.redirect import Redirect

_BATCH = "_ennead_batch"


def hook(redirect: Redirect) -> None:
    """Lead all connections to copies, and count what reaches the server."""
    from pymysql import connections, cursors  # type: ignore[import-untyped]

    raw = _Raw(connections.Connection)
    patches, connection_class = redirect.patches, connections.Connection
    patches.add(connection_class, "connect", lambda original, _patch: _connecting(original, redirect, raw))
    patches.add(connection_class, "select_db", lambda original, _patch: _selecting(original, redirect, raw))
    patches.add(connection_class, "query", lambda original, _patch: querying(original, redirect, raw.server))
    patches.add(cursors.Cursor, "executemany", lambda original, _patch: batching(original, redirect))


class _Raw:
    """The driver's own methods, before they are patched: what we ask is neither redirected nor counted."""

    def __init__(self, connection_class: Any) -> None:
        self._class = connection_class
        self.connect = connection_class.connect
        self.query = connection_class.query

    def server(self, connection: Any) -> MariaDBServer:
        """Where a connection leads to."""

        def ask(database: str, sql: str) -> list[tuple[Any, ...]]:
            options = {**settings, "password": connection.password, "database": database or None}
            opened = self._class(**options, autocommit=True, charset="utf8mb4", defer_connect=True)
            # Encryption is decided in the constructor, from a dozen arguments.
            secure = {name: value for name, value in vars(connection).items() if "ssl" in name or name == "ctx"}
            vars(opened).update(secure)
            self.connect(opened)
            with closing(opened):
                self.query(opened, sql)
                return list(opened._result.rows or ())  # noqa: SLF001 -- what a cursor would read

        settings: dict[str, Any] = {"host": connection.host, "port": connection.port, "user": _text(connection.user)}
        if connection.unix_socket:
            settings["unix_socket"] = connection.unix_socket
        return MariaDBServer({**settings, "password": _text(connection.password)}, ask)


def _connecting(connect: Callable[..., Any], redirect: Redirect, raw: _Raw) -> Callable[..., Any]:
    # Runs in the constructor, later if that is put off, and again after a connection was lost.
    @wraps(connect)
    def redirected(self: Any, *args: Any, **kwargs: Any) -> Any:
        server = raw.server(self)
        allow(server.settings)
        if self.db:
            self.db = redirect.database(server, _text(self.db))
        return connect(self, *args, **kwargs)

    return redirected


def _selecting(select: Callable[..., Any], redirect: Redirect, raw: _Raw) -> Callable[..., Any]:
    @wraps(select)
    def selecting(self: Any, db: Any) -> Any:
        return select(self, redirect.database(raw.server(self), _text(db)))

    return selecting


def querying(
    query: Callable[..., Any], redirect: Redirect, server: Callable[[Any], MariaDBServer]
) -> Callable[..., Any]:
    """``Connection.query`` of both drivers: every statement comes through it as the server gets it."""

    @wraps(query)
    def counting(self: Any, sql: Any, *args: Any, **kwargs: Any) -> Any:
        if not getattr(self, _BATCH, False):
            redirect.counter.add()
        text = sql if isinstance(sql, str) else bytes(sql).decode(errors="surrogateescape")
        if _may_name_databases(text):
            named = redirect.names_on(server(self)).in_mariadb(text)
            if named != text:
                sql = named if isinstance(sql, str) else named.encode(errors="surrogateescape")
        return query(self, sql, *args, **kwargs)

    return counting


def batching(executemany: Callable[..., Any], redirect: Redirect) -> Callable[..., Any]:
    """``Cursor.executemany`` of both drivers: one statement, however many the driver makes of it."""

    @wraps(executemany)
    def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
        redirect.counter.add()
        connection = self.connection
        setattr(connection, _BATCH, True)
        try:
            return executemany(self, *args, **kwargs)
        finally:
            setattr(connection, _BATCH, False)

    return counting


def _may_name_databases(text: str) -> bool:
    start = text[:40].lstrip().upper()
    return "." in text or start.startswith(("CREATE", "DROP", "ALTER", "USE"))


def _text(value: Any) -> str:
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value or "")
