"""What growing needs of a database, and what differs between databases."""

# ruff: noqa: S608 -- names come from the schema and are quoted, values are bound

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.replay.databases.growing.schema import ForeignKey, Schema, Table

_BATCH = 1_000
PLAN = "ennead_growth_plan"
"""Temporary table that holds what is new in the clones of one table."""


class Dialect(ABC):
    """One open connection to a copy of a database.

    Parameters
    ----------
    connection
        Of the driver; nothing may be open on it.
    """

    error: type[Exception] = Exception
    """What the driver raises."""
    placeholder = "%s"
    quote = '"'
    temporary = "TABLE"
    """What a temporary table is called when it is dropped."""
    checks_each_statement = False
    """Whether a foreign key must lead to a row as soon as a statement has ended."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._plans = 0

    # ------------------------------------------------------------------------------------- to be supplied

    @abstractmethod
    def schema(self) -> Schema:
        """The tables."""

    @abstractmethod
    def begin(self) -> None:
        """Begin a transaction in which foreign keys may lead nowhere for a while, where that is possible."""

    @abstractmethod
    def finish(self, *, commit: bool) -> None:
        """End the transaction, and leave the connection as it was."""

    def advance(self, table: Table) -> None:  # noqa: B027 -- most databases do it themselves
        """Move the counters of a table behind its highest number, where inserting does not do so."""

    def violations(self, table: Table) -> int:
        """Rows whose foreign keys lead nowhere."""
        return sum(self._violations(table, key) for key in table.foreign_keys)

    # ------------------------------------------------------------------------------------------ in common

    def quoted(self, *names: str) -> str:
        """Names of a schema, for use in a statement."""
        quote = self.quote
        return ".".join(f"{quote}{name.replace(quote, quote * 2)}{quote}" for name in names)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a statement answers."""
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(sql, parameters)
            return [tuple(row) for row in cursor.fetchall()]

    def run(self, sql: str) -> None:
        """Execute a statement."""
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(sql)

    def count(self, table: Table) -> int:
        """Its rows."""
        return int(self.rows(f"SELECT COUNT(*) FROM {self.quoted(*table.names)}")[0][0])

    def read(self, table: Table, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Some columns of all rows, in the order of their identity."""
        listed = ", ".join(self.readable(table, name) for name in columns)
        order = ", ".join(self.address(name) for name in table.identity)
        return self.rows(f"SELECT {listed} FROM {self.quoted(*table.names)} ORDER BY {order}")

    def readable(self, table: Table, name: str) -> str:  # noqa: ARG002 -- others look at the column
        """An expression for a column that the driver can read."""
        return self.address(name)

    def address(self, name: str) -> str:
        """A column, or what the database itself calls a row by."""
        return self.quoted(name)

    def text_statistics(self, table: Table, column: str) -> tuple[int, int]:
        """How many different texts a column has, and how long the longest is."""
        name = self.quoted(column)
        sql = f"SELECT COUNT(DISTINCT {name}), MAX(LENGTH({name})) FROM {self.quoted(*table.names)}"
        ((distinct, longest),) = self.rows(sql)
        return int(distinct), int(longest or 0)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone if it raises."""
        self.run("SAVEPOINT ennead_growth")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK TO SAVEPOINT ennead_growth")
            raise
        finally:
            self.run("RELEASE SAVEPOINT ennead_growth")

    def insert_clones(self, table: Table, new: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert clones of rows with one statement.

        Parameters
        ----------
        table
            Theirs.
        new
            Columns in which a clone differs from its source.
        rows
            Identity of the source, then the values of those columns.
        """
        name, width = self.quoted(*table.names), len(table.identity)
        plan = self._make_plan(table, new)
        slots = ", ".join([self.placeholder] * (1 + width + len(new)))
        with closing(self.connection.cursor()) as cursor:
            for start in range(0, len(rows), _BATCH):
                numbered = [(start + place, *row) for place, row in enumerate(rows[start : start + _BATCH])]
                cursor.executemany(f"INSERT INTO {plan} VALUES ({slots})", numbered)
        targets = [column.name for column in table.columns if not column.generated]
        places = {column: place for place, column in enumerate(new)}
        sources = [
            f"plan.new_{places[column]}" if column in places else f"source.{self.quoted(column)}" for column in targets
        ]
        same = " AND ".join(
            f"source.{self.address(key)} = plan.old_{place}" for place, key in enumerate(table.identity)
        )
        self.run(
            f"INSERT INTO {name} ({', '.join(map(self.quoted, targets))}) {self.overriding(table)}"
            f"SELECT {', '.join(sources)} FROM {plan} plan JOIN {name} source ON {same} ORDER BY plan.place"
        )
        self.run(f"DROP {self.temporary} {plan}")

    def overriding(self, table: Table) -> str:  # noqa: ARG002 -- others look at the columns
        """What allows to write numbers that the database would give."""
        return ""

    def _make_plan(self, table: Table, new: Sequence[str]) -> str:
        olds = [f"{self.address(name)} AS old_{place}" for place, name in enumerate(table.identity)]
        news = [f"{self.quoted(name)} AS new_{place}" for place, name in enumerate(new)]
        # A new name each time: a driver may keep a prepared statement, with the types of its parameters, for the old.
        self._plans += 1
        plan = f"{PLAN}_{self._plans}"
        self.run(
            f"CREATE TEMPORARY TABLE {plan} AS "
            f"SELECT 0 AS place, {', '.join(olds + news)} FROM {self.quoted(*table.names)} WHERE 1 = 0"
        )
        return plan

    def _violations(self, table: Table, key: ForeignKey) -> int:
        parent = self.schema().tables.get(key.parent)
        if parent is None:
            return 0
        pairs = zip(key.columns, key.parent_columns, strict=True)
        same = " AND ".join(f"parent.{self.quoted(theirs)} = child.{self.quoted(ours)}" for ours, theirs in pairs)
        there = " AND ".join(f"child.{self.quoted(name)} IS NOT NULL" for name in key.columns)
        sql = (
            f"SELECT COUNT(*) FROM {self.quoted(*table.names)} child WHERE {there} "
            f"AND NOT EXISTS (SELECT 1 FROM {self.quoted(*parent.names)} parent WHERE {same})"
        )
        return int(self.rows(sql)[0][0])
