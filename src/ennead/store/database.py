"""A connection to the memory: SQLite by file or PostgreSQL by URL, brought to the newest form of its tables."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import Context
from pathlib import Path
from sqlite3 import OperationalError
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ennead.kernel.errors import EnneadError
from ennead.store.schema import REVISION, VERSION_TABLE
from ennead.store.shown_url import shown_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

R = TypeVar("R")
_PATIENCE_SECONDS = 5.0
"""How long a writer waits for another one: the end of a run stands behind it, and a lost note is the lesser evil."""
_STATEMENT_SECONDS = 30.0
_MIGRATION_LOCK = 5_216_331_904
"""PostgreSQL's advisory lock that migrations take, so that two hosts do not migrate at once."""
_WRITERS = 521_633
"""The first half of the locks of projects; the second is the project's name, hashed."""
_MIGRATIONS = Path(__file__).with_name("migrations")
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_WRITES = "ennead_writes"


class Database:
    """Where the memory is kept.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql://...``.

    Raises
    ------
    EnneadError
        The URL is none, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = _read_url(url)
        self._shown = shown_url(url)
        self._is_current = False
        try:
            self._engine = _engine(self.url)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            message = f"the memory in {self} needs a driver: pip install 'ennead[store,psycopg]'"
            raise EnneadError(message) from error

    def __str__(self) -> str:
        """The URL without what may be a password; of a file its name."""
        return self.url.database or "" if self.is_sqlite else self._shown

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def exists(self) -> bool:
        """Whether there may be something in it: a file that is not there has nothing."""
        return not self.is_sqlite or Path(self.url.database or "").is_file()

    def write(self, work: Callable[[Connection], R], project: str = "") -> R:
        """Do some work in one transaction, after bringing the tables to their newest form.

        Writers of one project come one after the other: what they write depends on what they read.

        Raises
        ------
        EnneadError
            The database does not answer, or has tables of a newer version.
        """
        return self._apart(lambda: self._do(lambda connection: work(_locked(connection, project)), writes=True))

    def read(self, work: Callable[[Connection], R]) -> R:
        """Do some work that changes nothing, in one transaction.

        Raises
        ------
        EnneadError
            As for :meth:`write`.
        """
        return self._apart(lambda: self._do(work, writes=False))

    def _apart(self, work: Callable[[], R]) -> R:
        """Without the caller's context variables: whatever unit of work is being recorded, this is no part of it."""
        return Context().run(work)

    def _do(self, work: Callable[[Connection], R], *, writes: bool) -> R:
        self._bring_up_to_date()
        with self._connection(writes=writes) as connection:
            return work(connection)

    def _bring_up_to_date(self) -> None:
        if self._is_current:
            return
        with self._connection(writes=False) as connection:
            self._is_current = _is_current(connection)
        if not self._is_current:
            with self._connection(writes=True) as connection:
                _migrate(connection)
            self._is_current = True

    @contextmanager
    def _connection(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self._engine.execution_options(**{_WRITES: writes}).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()
            message = f"the memory in {self} cannot be used: {reason[0] if reason else type(error).__name__}"
            raise EnneadError(message) from error


def _locked(connection: Connection, project: str) -> Connection:
    """SQLite's writers have the whole file; PostgreSQL is asked for a lock that ends with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:room, hashtext(:project))"), {"room": _WRITERS, "project": project}
        )
    return connection


def _read_url(url: str) -> URL:
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):  # the second quotes what it took for a port, which may be of a password
        raise EnneadError("ENNEAD_STORE_URL must be a URL like postgresql://user@host/name") from None
    if read.get_backend_name() not in ("sqlite", "postgresql", "postgres"):
        message = f"ENNEAD_STORE_URL must be of postgresql or sqlite, got {read.get_backend_name()}"
        raise EnneadError(message)
    if read.get_backend_name() != "sqlite" and "@" in f"{read.host}{read.database}{url.partition('?')[2]}":
        raise EnneadError("an @ in ENNEAD_STORE_URL must be written as %40, but for the one before the host")
    return read.set(drivername=_DRIVERS.get(read.drivername, read.drivername))


def _engine(url: URL) -> Engine:
    """Connections are few and short: none is kept."""
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Readers do not wait for a writer, and transactions begin where we say."""
    connection.isolation_level = None
    with suppress(OperationalError):  # another process is at it, and it is for the file, not for the connection
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that began as a reader could only fail where another one wrote meanwhile."""
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    """A server waits for ever by default, for advisory locks too."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE_SECONDS * 1_000:.0f}")
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_STATEMENT_SECONDS * 1_000:.0f}")


def _is_current(connection: Connection) -> bool:
    """Whether the newest migration was run; what is newer than us cannot be read by us.

    Raises
    ------
    EnneadError
        A newer version of Ennead made the tables.
    """
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 -- our own name
    if found is not None and found > REVISION:
        message = f"the memory is of a newer version of Ennead (its tables are {found}, known is {REVISION}): update it"
        raise EnneadError(message)
    return found == REVISION


def _migrate(connection: Connection) -> None:
    """Run what is missing, in the connection's transaction: all of it, or nothing."""
    try:
        from alembic import command
        from alembic.config import Config
    except ModuleNotFoundError as error:
        raise EnneadError("the memory needs alembic: pip install 'ennead[store]'") from error
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
