"""One file per driver: how its connections are led to copies and its statements counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.replay.databases.drivers import asyncpg, mysqldb, psycopg, psycopg2, pymysql, sqlite3
from ennead.replay.databases.drivers.unsupported import UNSUPPORTED, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.replay.databases.redirect import Redirect

HOOKS: Mapping[str, Callable[[Redirect], None]] = {
    "sqlite3": sqlite3.hook,
    "psycopg": psycopg.hook,
    "psycopg2": psycopg2.hook,
    "asyncpg": asyncpg.hook,
    "pymysql": pymysql.hook,
    "MySQLdb": mysqldb.hook,
    **{module: refuse(module) for module in UNSUPPORTED},
}
"""What to do as soon as a module is imported."""
