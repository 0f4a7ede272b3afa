"""Databases of a MariaDB or MySQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.servers import Server, literal, program

# ruff: noqa: S608 -- names and literals are quoted

if TYPE_CHECKING:
    from ennead.replay.databases.decisions import Engine


class MariaDBServer(Server):
    """A MariaDB or MySQL server; copies are made by ``mariadb-dump`` and ``mariadb``, or the programs of MySQL."""

    engine: Engine = "mariadb"
    maintenance = ("", "mysql", "information_schema", "performance_schema", "sys")

    def databases(self, prefix: str) -> list[str]:
        """Names of databases that begin so."""
        rows = self.ask(
            f"SELECT schema_name FROM information_schema.schemata WHERE LOCATE({literal(prefix)}, schema_name) = 1"
        )
        return sorted(name for (name,) in rows)

    def exists(self, name: str) -> bool:
        """Whether there is such a database."""
        return bool(self.ask(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = {literal(name)}"))

    def drop(self, name: str) -> None:
        """Drop a database, if it is there."""
        self.ask(f"DROP DATABASE IF EXISTS {quoted(name)}")

    def connect(self, database: str) -> Any:
        """A connection in autocommit mode, of pymysql or MySQLdb."""
        settings = {name: value for name, value in self.settings.items() if value not in (None, "")}
        if database:
            settings["database"] = database
        try:
            try:
                import pymysql  # type: ignore[import-untyped]
            except ImportError:
                return _connect_by_mysqldb(settings)
            return pymysql.connect(**settings, autocommit=True, charset="utf8mb4")
        except EnneadError:
            raise
        except Exception as error:  # of either driver
            message = f"cannot connect to the MariaDB database {database} on {self.key}: {error}"
            raise EnneadError(message) from error

    def _copy(self, source: str, target: str) -> None:
        dump, load = program("mariadb-dump", "mysqldump"), program("mariadb", "mysql")
        (found,) = self.ask(
            "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata "
            f"WHERE schema_name = {literal(source)}"
        )
        self.ask(f"CREATE DATABASE {quoted(target)} CHARACTER SET {found[0]} COLLATE {found[1]}")
        options = ["--default-character-set=utf8mb4"]
        for name, option in (("host", "host"), ("port", "port"), ("user", "user"), ("unix_socket", "socket")):
            if self.settings.get(name):
                options.append(f"--{option}={self.settings[name]}")
        try:
            self._pipe(
                (dump, *options, "--single-transaction", "--skip-lock-tables", "--routines", "--hex-blob", source),
                (load, *options, target),
                {"MYSQL_PWD": str(self.settings.get("password") or "")},
            )
        except EnneadError:
            self.drop(target)
            raise


def _connect_by_mysqldb(settings: dict[str, Any]) -> Any:
    try:
        import MySQLdb  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        message = "copies of MariaDB databases need pymysql or mysqlclient beside Ennead: pip install pymysql"
        raise EnneadError(message) from error
    return MySQLdb.connect(**settings, autocommit=True, charset="utf8mb4")


def quoted(name: str) -> str:
    """A name for use in a statement."""
    return "`" + name.replace("`", "``") + "`"
