"""The recorder's view of SQLAlchemy's connections: which engine, which transaction.

Two engines of different databases are two connections, so that shards are told apart. Passwords are never read: a
connection is called by its database's name.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from ennead.agent.unit_of_work import CURRENT, Connection
from ennead.sources.sqlalchemy.identity import IdentityMap

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.engine import Connection as EngineConnection


class EngineName:
    """What an engine's connections are called, and the ordinals of its transactions."""

    __slots__ = ("database", "name", "transactions")

    def __init__(self, name: str, database: str) -> None:
        self.name = name
        self.database = database
        self.transactions = count(1)


class Connections:
    """Everything known of the process's engines and open connections; forgotten together with them."""

    def __init__(self) -> None:
        # An engine and its variants (Engine.execution_options()) share their dialect; a new pool does not replace it.
        self._engines = IdentityMap[EngineName]()
        self._open = IdentityMap[Connection]()
        self._same_place: dict[object, EngineName] = {}
        self._same_name: dict[str, int] = {}

    def of(self, connection: EngineConnection) -> Connection:
        """The recorder's connection for SQLAlchemy's."""
        return self._open.get(connection) or self._open.set(connection, self._opened(connection))

    def begin(self, connection: EngineConnection) -> None:
        """A transaction begins: it gets the engine's next ordinal."""
        known = self._open.get(connection)
        if known is not None:
            known.transaction = next(self._engine_of(connection).transactions)

    def end(self, connection: EngineConnection) -> None:
        """The transaction is over."""
        known = self._open.get(connection)
        if known is not None:
            known.transaction = None

    def clear(self) -> None:
        """Forget everything."""
        self._engines.clear()
        self._open.clear()
        self._same_place.clear()
        self._same_name.clear()

    def _opened(self, connection: EngineConnection) -> Connection:
        engine = self._engine_of(connection)
        opened = Connection(engine.name, engine.database)
        if connection.in_transaction():
            opened.transaction = next(engine.transactions)
        return opened

    def _engine_of(self, connection: EngineConnection) -> EngineName:
        dialect = connection.dialect
        return self._engines.get(dialect) or self._engines.set(dialect, self._name(connection.engine.url, dialect.name))

    def _name(self, url: URL, database: str) -> EngineName:
        place = _place(url)
        engine = self._same_place.get(place) if place is not None else None
        if engine is None:
            engine = EngineName(self._unused(_base_name(url, database)), database)
            if place is not None:
                self._same_place[place] = engine
        return engine

    def _unused(self, name: str) -> str:
        ordinal = self._same_name[name] = self._same_name.get(name, 0) + 1
        return name if ordinal == 1 else f"{name}#{ordinal}"


def _place(url: URL) -> object:
    """What tells one database from another; ``None`` where only the engine itself does (in memory, own creator)."""
    database = url.database
    if not database or ":memory:" in database:
        return None
    return url.get_backend_name(), url.host, url.port, str(url.query.get("host")), database


def _base_name(url: URL, backend: str) -> str:
    database = url.database or backend
    return database.replace("\\", "/").rsplit("/", 1)[-1].partition("?")[0] or backend


CONNECTIONS = Connections()


def on_begin(connection: EngineConnection, *_details: object) -> None:
    """Listener of ``begin`` and ``begin_twophase``; also outside of units of work: one may start in mid-transaction."""
    try:
        CONNECTIONS.begin(connection)
    except Exception:
        count_internal_error()


def on_end(connection: EngineConnection, *_details: object) -> None:
    """Listener of ``commit`` and ``rollback``, and of their two-phase twins."""
    try:
        CONNECTIONS.end(connection)
    except Exception:
        count_internal_error()


def count_internal_error() -> None:
    """Count an error of our own that the host never sees."""
    unit = CURRENT.get()
    if unit is not None:
        unit.internal_error_count += 1
