"""Databases of a PostgreSQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.servers import Server, literal, program

# ruff: noqa: S608 -- names and literals are quoted

if TYPE_CHECKING:
    from ennead.replay.databases.decisions import Engine

_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "passfile": "PGPASSFILE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}  # fmt: skip
KEPT = tuple(_VARIABLES)
"""Settings that lead to a server, by libpq's names."""


class PostgreSQLServer(Server):
    """A PostgreSQL server.

    Copies are made from the original as a template where nobody else is connected to it, which is fast, otherwise by
    ``pg_dump`` and ``psql``.
    """

    engine: Engine = "postgresql"
    maintenance = ("postgres", "template1", "template0")

    def databases(self, prefix: str) -> list[str]:
        """Names of databases that begin so."""
        rows = self.ask(f"SELECT datname FROM pg_database WHERE starts_with(datname, {literal(prefix)}) ORDER BY 1")
        return [name for (name,) in rows]

    def exists(self, name: str) -> bool:
        """Whether there is such a database."""
        return bool(self.ask(f"SELECT 1 FROM pg_database WHERE datname = {literal(name)}"))

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.ask(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")

    def connect(self, database: str) -> Any:
        """A connection in autocommit mode, of psycopg or psycopg2."""
        settings = {name: value for name, value in self.settings.items() if value not in (None, "")}
        try:
            try:
                import psycopg
            except ImportError:
                return _connect_by_psycopg2(database, settings)
            return psycopg.connect(**settings, dbname=database, autocommit=True)
        except EnneadError:
            raise
        except Exception as error:  # of either driver
            message = f"cannot connect to the PostgreSQL database {database} on {self.key}: {error}"
            raise EnneadError(message) from error

    def _copy(self, source: str, target: str) -> None:
        try:
            self.ask(f"CREATE DATABASE {quoted(target)} TEMPLATE {quoted(source)}")
        except EnneadError as error:
            try:
                self._copy_by_dump(source, target)
            except EnneadError as second:
                self.drop(target)
                message = f"as a template: {error}; by pg_dump: {second}"
                raise EnneadError(message) from second

    def _copy_by_dump(self, source: str, target: str) -> None:
        dump, load = program("pg_dump"), program("psql")
        (found,) = self.ask(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype, rolsuper "
            f"FROM pg_database, pg_roles WHERE datname = {literal(source)} AND rolname = current_user"
        )
        encoding, collation, character_type, is_superuser = found
        self.ask(
            f"CREATE DATABASE {quoted(target)} TEMPLATE template0 ENCODING {literal(encoding)} "
            f"LC_COLLATE {literal(collation)} LC_CTYPE {literal(character_type)}"
        )
        variables = {_VARIABLES[name]: str(value) for name, value in self.settings.items() if name in KEPT and value}
        owned = () if is_superuser else ("--no-owner", "--no-privileges", "--no-comments")
        self._pipe(
            (dump, *owned, "--dbname", source),
            (load, "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", target),
            variables,
        )


def _connect_by_psycopg2(database: str, settings: dict[str, Any]) -> Any:
    try:
        import psycopg2  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        message = "copies of PostgreSQL databases need psycopg or psycopg2 beside Ennead: pip install 'psycopg[binary]'"
        raise EnneadError(message) from error
    connection = psycopg2.connect(**settings, dbname=database)
    connection.autocommit = True
    return connection


def quoted(name: str) -> str:
    """A name for use in a statement."""
    return '"' + name.replace('"', '""') + '"'
