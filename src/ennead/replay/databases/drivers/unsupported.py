"""Drivers that cannot be led to copies: their connections are refused."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ennead.replay.databases.redirect import Redirect

UNSUPPORTED: Mapping[str, tuple[str, ...]] = {
    "aiomysql": ("connect", "create_pool"),
    "aioodbc": ("connect", "create_pool"),
    "apsw": ("Connection",),
    "asyncmy": ("connect", "create_pool"),
    "cx_Oracle": ("connect",),
    "duckdb": ("connect",),
    "mariadb": ("connect",),
    "mysql.connector": ("connect",),
    "mysql.connector.aio": ("connect",),
    "oracledb": ("connect", "connect_async"),
    "pg8000": ("connect",),
    "pg8000.dbapi": ("connect",),
    "pg8000.native": ("Connection",),
    "pymongo": ("MongoClient",),
    "pymssql": ("connect",),
    "pyodbc": ("connect",),
    "pysqlite3": ("connect",),
    "pysqlite3.dbapi2": ("connect",),
    "sqlcipher3": ("connect",),
    "sqlcipher3.dbapi2": ("connect",),
}
"""What opens connections, by module."""


def refuse(module: str) -> Callable[[Redirect], None]:
    """What to do when a driver is imported: let its functions raise."""

    def hook(redirect: Redirect) -> None:
        def make(_original: Any, _patch: Any) -> Callable[..., Any]:
            def connect(*_args: Any, **_kwargs: Any) -> Any:
                message = (
                    f"a replay cannot make copies of databases that are opened by {module}, so it does not connect"
                )
                raise EnneadError(message)

            return connect

        for name in UNSUPPORTED[module]:
            if hasattr(sys.modules[module], name):
                redirect.patches.add(sys.modules[module], name, make)

    return hook
