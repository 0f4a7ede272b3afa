"""Any DB-API 2.0 connection, wrapped so that its queries are recorded: ``ennead.wrap_connection``.

Not for a connection that Django or SQLAlchemy executes on: their own sources record those queries already.
"""

from __future__ import annotations

from typing import Any

from ennead.agent.settings import is_disabled
from ennead.sources.dbapi.awaitable import AsyncConnectionProxy
from ennead.sources.dbapi.connection import ConnectionProxy
from ennead.sources.dbapi.proxy import Proxy, adapted
from ennead.sources.dbapi.session import Session

__all__ = ["wrap_connection"]


def wrap_connection(connection: Any, *, name: str | None = None) -> Any:
    """Record the queries of a DB-API 2.0 connection: sqlite3, psycopg, PyMySQL and their like, also awaitable ones.

    The result behaves as the connection does, ``isinstance`` included; so do its cursors. A connection that is wrapped
    already is returned as it is. With ``ENNEAD_DISABLED=1`` the connection itself is returned.

    Parameters
    ----------
    connection
        An open connection, or what ``aiosqlite.connect()`` returns before it is awaited.
    name
        Tells connections apart in reports (``"replica"``, ``"shard-2"``); by default the name of the database where
        the driver knows it, else the driver's.

    Returns
    -------
    object
        The wrapped connection.

    Examples
    --------
    >>> import sqlite3
    >>> connection = wrap_connection(sqlite3.connect(":memory:"))
    >>> isinstance(connection, sqlite3.Connection), wrap_connection(connection) is connection
    (True, True)
    >>> connection.execute("SELECT 1").fetchall()
    [(1,)]
    """
    if is_disabled() or issubclass(type(connection), Proxy):
        return connection
    behaviour: type[Any] = AsyncConnectionProxy if hasattr(type(connection), "__aenter__") else ConnectionProxy
    return adapted(behaviour, type(connection))(connection, Session(connection, name))
