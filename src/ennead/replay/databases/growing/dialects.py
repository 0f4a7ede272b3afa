"""Which dialect an open connection speaks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from ennead.replay.databases.growing.dialect import Dialect


def dialect_of(connection: Any) -> Dialect:
    """The dialect of a connection, by the driver that its class comes from.

    Raises
    ------
    EnneadError
        It is of none that is known.
    """
    drivers = {kind.__module__.partition(".")[0] for kind in type(connection).__mro__}
    if "sqlite3" in drivers:
        from ennead.replay.databases.growing.sqlite import SQLite

        return SQLite(connection)
    if drivers & {"psycopg", "psycopg2"}:
        from ennead.replay.databases.growing.postgresql import PostgreSQL

        return PostgreSQL(connection, _error_of(drivers & {"psycopg", "psycopg2"}))
    if drivers & {"pymysql", "MySQLdb"}:
        from ennead.replay.databases.growing.mariadb import MariaDB

        return MariaDB(connection, _error_of(drivers & {"pymysql", "MySQLdb"}))
    message = f"cannot grow a database through {type(connection).__module__}: use sqlite3, psycopg, psycopg2 or pymysql"
    raise EnneadError(message)


def _error_of(drivers: set[str]) -> type[Exception]:
    error: type[Exception] = sys.modules[drivers.pop()].Error
    return error
