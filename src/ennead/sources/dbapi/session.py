"""What is known of one wrapped connection, and the recording of what runs on it."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from ennead.agent.unit_of_work import WATCHERS, Connection, call_watchers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ennead.agent.unit_of_work import Hit, UnitOfWork

_DATABASES = {
    "aiosqlite": "sqlite",
    "asyncpg": "postgresql",
    "sqlite3": "sqlite",
    "pg8000": "postgresql",
    "psycopg": "postgresql",
    "psycopg2": "postgresql",
    "MySQLdb": "mysql",
    "aiomysql": "mysql",
    "asyncmy": "mysql",
    "mariadb": "mysql",
    "mysql": "mysql",
    "pymysql": "mysql",
    "duckdb": "duckdb",
    "oracledb": "oracle",
}
_IN_TRANSACTION_OF_MYSQL = 1


ABSENT: Any = object()
"""An argument that was not given: ``None`` and ``()`` mean different things to the drivers."""


class Session:
    """One connection as the recorder sees it.

    Parameters
    ----------
    raw
        The driver's connection.
    name
        What reports call it.
    """

    __slots__ = ("_is_in_transaction", "_raw", "_transaction_count", "connection")

    def __init__(self, raw: Any, name: str | None = None) -> None:
        driver = type(raw).__module__.partition(".")[0]
        self._raw = raw
        self._transaction_count = 0
        self._is_in_transaction = _transaction_probe(raw)
        self.connection = Connection(name or _database_name(raw) or driver, _DATABASES.get(driver, ""))

    def begin(self) -> int:
        """Note that a statement is about to run; returns the time."""
        try:
            if self.connection.transaction is not None and not self._is_in_transaction(self._raw):
                self.connection.transaction = None
        except Exception:
            self.connection.transaction = None
        return perf_counter_ns()

    def end(
        self,
        unit: UnitOfWork,
        query: object,
        parameters: object,
        started_ns: int,
        batch_size: int = 1,
        error: BaseException | None = None,
    ) -> Hit | None:
        """Record a statement that has run or failed."""
        connection = self.connection
        try:
            if not self._is_in_transaction(self._raw):
                connection.transaction = None
            elif connection.transaction is None:
                self._transaction_count += 1
                connection.transaction = self._transaction_count
        except Exception:
            connection.transaction = None
        text = query if type(query) is str else _text(query, self._raw)
        hit = unit.record(text, parameters, started_ns, connection, batch_size, error)
        if WATCHERS and error is None:
            call_watchers(unit, hit)
        return hit

    def forget_transaction(self) -> None:
        """Note that the open transaction is about to end."""
        self.connection.transaction = None

    def forget_ended_transaction(self) -> None:
        """Note that a transaction is about to begin, unless it is a savepoint of the open one."""
        self.begin()


def _text(query: Any, raw: object) -> str:
    """SQL as text: bytes, and the composed queries of psycopg, are rendered."""
    try:
        if isinstance(query, bytes):
            return query.decode("utf-8", "replace")
        render = getattr(query, "as_string", None)
        return str(query if render is None else render(raw))
    except Exception:
        return f"<{type(query).__name__}>"


def _database_name(raw: Any) -> str | None:
    for read in _NAMES:
        try:
            name = read(raw)
        except Exception:
            continue
        if isinstance(name, bytes):
            name = name.decode("utf-8", "replace")
        if isinstance(name, str) and name:
            return name
    return None


_NAMES: tuple[Callable[[Any], Any], ...] = (
    lambda raw: raw.info.dbname,  # psycopg
    lambda raw: raw._params.database,  # asyncpg
    lambda raw: raw.db,  # PyMySQL
)


def _transaction_probe(raw: Any) -> Callable[[Any], bool]:
    """How this driver tells whether a transaction is open, without asking the server."""
    for name, probe in _PROBES.items():
        if hasattr(type(raw), name) or name in getattr(raw, "__dict__", ()):
            return probe
    return _never


def _never(_raw: Any) -> bool:
    return False


_PROBES: dict[str, Callable[[Any], bool]] = {
    "in_transaction": lambda raw: bool(raw.in_transaction),
    "is_in_transaction": lambda raw: bool(raw.is_in_transaction()),
    "pgconn": lambda raw: bool(raw.pgconn.transaction_status),
    "get_transaction_status": lambda raw: bool(raw.get_transaction_status()),
    "server_status": lambda raw: bool(raw.server_status & _IN_TRANSACTION_OF_MYSQL),
}


def bound(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The parameters among the arguments that follow the query: the first one, or one of the drivers' names for it."""
    if args:
        return args[0]
    for name in ("params", "parameters", "args", "vars"):
        if name in kwargs:
            return kwargs[name]
    return None


class Batch:
    """The rows handed to ``executemany``, counted without consuming an iterator before the driver does."""

    __slots__ = ("_count", "rows")

    def __init__(self, rows: Iterable[Any]) -> None:
        self._count = 0
        self.rows = rows if hasattr(rows, "__len__") else self._counted(rows)

    @property
    def size(self) -> int:
        """Rows in it; of an iterator, those consumed so far."""
        length = getattr(self.rows, "__len__", None)
        return max(length() if length else self._count, 1)

    def _counted(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self._count += 1
            yield row


def seen(hit: Hit, rows: Sequence[Any]) -> None:
    """Note rows that the host has fetched."""
    try:
        hit.capture_rows(rows if isinstance(rows, list | tuple) else list(rows))
    except Exception:
        hit.row_count = None
