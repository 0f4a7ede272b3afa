"""MySQLdb (mysqlclient), and with it Django and SQLAlchemy on MariaDB and MySQL."""

from __future__ import annotations

from contextlib import closing
from functools import wraps
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.drivers.pymysql import batching, querying
from ennead.replay.databases.mariadb_server import MariaDBServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.replay.databases.redirect import Redirect

_POSITIONAL = ("host", "user", "password", "database", "port", "unix_socket")
_SERVER = "_ennead_server"


def hook(redirect: Redirect) -> None:
    """Lead all connections to copies, and count what reaches the server."""
    from MySQLdb import connections, cursors  # type: ignore[import-not-found, import-untyped, unused-ignore]

    patches, connection_class = redirect.patches, connections.Connection
    raw = _Raw(connection_class)
    patches.add(connection_class, "__init__", lambda original, _patch: _opening(original, redirect, raw))
    patches.add(connection_class, "select_db", lambda original, _patch: _selecting(original, redirect))
    patches.add(connection_class, "query", lambda original, _patch: querying(original, redirect, _server))
    patches.add(cursors.BaseCursor, "executemany", lambda original, _patch: batching(original, redirect))


class _Raw:
    """The driver's own methods, before they are patched: what we ask is neither redirected nor counted."""

    def __init__(self, connection_class: Any) -> None:
        self._class = connection_class
        self._open = connection_class.__init__
        self._query = connection_class.query

    def asking(self, options: dict[str, Any]) -> Callable[[str, str], list[tuple[Any, ...]]]:
        """Runs statements on the server that the options lead to."""

        def ask(database: str, sql: str) -> list[tuple[Any, ...]]:
            connection = self._class.__new__(self._class)
            named = {"database": database} if database else {}
            self._open(connection, **{**options, **named, "autocommit": True, "charset": "utf8mb4"})
            with closing(connection):
                self._query(connection, sql)
                result = connection.store_result()
                rows = result.fetch_row(maxrows=0) if result else ()
                return [tuple(_text(value) for value in row) for row in rows]

        return ask


def _opening(opening: Callable[..., Any], redirect: Redirect, raw: _Raw) -> Callable[..., Any]:
    @wraps(opening)
    def redirected(self: Any, *args: Any, **kwargs: Any) -> Any:
        options = {**dict(zip(_POSITIONAL, args, strict=False)), **kwargs}
        for old, new in (("db", "database"), ("passwd", "password")):
            if old in options:
                options.setdefault(new, options.pop(old))
        database = options.pop("database", None)
        if not database and options.get("read_default_file"):
            message = "a replay cannot tell the database of an option file: name it in connect()"
            raise ValueError(message)
        kept = {
            name: options[name] for name in ("host", "port", "user", "password", "unix_socket") if options.get(name)
        }
        login = {
            name: value for name, value in options.items() if name in (*kept, "ssl", "ssl_mode", "read_default_file")
        }
        server = MariaDBServer({"host": "localhost", "port": 3306, **kept}, raw.asking(login))
        setattr(self, _SERVER, server)
        if database:
            options["database"] = redirect.database(server, database)
        opening(self, **options)

    return redirected


def _selecting(select: Callable[..., Any], redirect: Redirect) -> Callable[..., Any]:
    def selecting(self: Any, db: str) -> Any:
        return select(self, redirect.database(_server(self), db))

    return selecting


def _server(connection: Any) -> MariaDBServer:
    server: MariaDBServer = getattr(connection, _SERVER)
    return server


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
