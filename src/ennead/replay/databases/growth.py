"""Growing a copy of a database: the rows of some tables are multiplied, so that a second data size exists.

>>> import sqlite3
>>> connection = sqlite3.connect(":memory:")
>>> _ = connection.executescript('''
...     CREATE TABLE author (id INTEGER PRIMARY KEY, email VARCHAR(40) UNIQUE);
...     CREATE TABLE book (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES author);
...     INSERT INTO author VALUES (1, 'emily@example.org'), (2, 'jane@example.org');
...     INSERT INTO book VALUES (1, 1), (2, 2), (3, 2);
... ''')
>>> growth = grow(connection, {"author", "book"}, factor=3)
>>> growth.tables["author"], growth.refused
(TableGrowth(rows_before=2, rows_after=6), {})
>>> [email for (email,) in connection.execute("SELECT email FROM author WHERE id > 2 ORDER BY id LIMIT 2")]
['emily-1@example.org', 'jane-1@example.org']

Wrong fixes hide in uniform data. So some clones have NULL in a nullable foreign key, some parents have several
children and some none, dates and names have ties and distinct values; and rows that were there before get children,
too, since the work may ask for one of them by its key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.growing.clones import (
    ClonePlanner,
    Clones,
    NotClonedError,
    Variety,
    columns_to_read,
    may_vary,
)
from ennead.replay.databases.growing.dialects import dialect_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ennead.replay.databases.growing.dialect import Dialect
    from ennead.replay.databases.growing.schema import Schema, Table

_LARGEST_ROWS = 200_000
_MOST_KEYS = 1_000
_LONGEST_VARIED = 200
_DISTINCT_RATIO = 0.8


@dataclass(frozen=True, slots=True)
class TableGrowth:
    """Rows of a table before and after."""

    rows_before: int
    rows_after: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What growing a database did."""

    tables: Mapping[str, TableGrowth] = field(default_factory=dict)
    """By name of the table, those that have grown."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Tables that were to grow and stayed as they were, with the reason."""
    notes: tuple[str, ...] = ()
    """Where clones are less varied than usual, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthOrder:
    """How much is to grow, and how."""

    factor: int | None = None
    """How many times the rows of each table."""
    rows: int | None = None
    """Or how many rows each table shall have at least."""
    seed: int = 0
    """The same seed makes the same rows."""
    nulls: bool = True
    """Some clones get NULL in a nullable foreign key."""
    skew: bool = True
    """Some clones name another parent than the clone of the same number, so that families differ in size; without it,
    what grows is whole families that are like those that are there."""
    largest: int = _LARGEST_ROWS
    """No table grows beyond this many rows."""

    def __post_init__(self) -> None:
        if (self.factor is None) == (self.rows is None):
            message = f"say either by which factor to grow or to how many rows, got {self.factor} and {self.rows}"
            raise EnneadError(message)
        if (self.factor or self.rows or 0) < 1:
            message = f"a database grows to at least as many rows as it has, got {self.factor or self.rows}"
            raise EnneadError(message)

    def clones_of(self, row_count: int) -> list[tuple[int, int]]:
        """Which clones to make of rows: place of the source and number of the clone.

        Examples
        --------
        >>> GrowthOrder(rows=5).clones_of(2), GrowthOrder(factor=2).clones_of(2)
        ([(0, 1), (1, 1), (0, 2)], [(0, 1), (1, 1)])
        """
        wanted = row_count * self.factor if self.factor else self.rows or 0
        missing = min(wanted, self.largest) - row_count
        return [(place % row_count, 1 + place // row_count) for place in range(missing)]


def grow(connection: Any, tables: Collection[str], **order: Any) -> Growth:
    """Multiply the rows of some tables of an open copy of a database.

    Parameters
    ----------
    connection
        Of sqlite3, psycopg, psycopg2, pymysql or MySQLdb, without a transaction; it commits what is done.
    tables
        Their names; those of frameworks' bookkeeping and those that are not there are passed over.
    **order
        Fields of :class:`GrowthOrder`: ``factor`` or ``rows``, ``seed``, ``nulls``, ``skew``, ``largest``.

    Raises
    ------
    EnneadError
        The connection is of no driver that is known, or the order contradicts itself.
    """
    return grow_with(dialect_of(connection), tables, GrowthOrder(**order))


def grow_with(dialect: Dialect, tables: Collection[str], order: GrowthOrder) -> Growth:
    """Multiply rows; a table that cannot grow is refused, and the others begin anew without it."""
    refused: dict[str, str] = {}
    labels = dialect.schema().scalable(tables)
    while True:
        attempt = _Attempt(dialect, [label for label in labels if label not in refused], order)
        dialect.begin()
        try:
            grown = attempt.run()
        except _RefusedError as error:
            dialect.finish(commit=False)
            refused[error.label] = error.reason
        except BaseException:
            dialect.finish(commit=False)
            raise
        else:
            dialect.finish(commit=True)
            return Growth(grown, refused, tuple(attempt.notes))


class _RefusedError(Exception):
    """A table cannot grow."""

    def __init__(self, label: str, reason: object) -> None:
        super().__init__(label, reason)
        self.label = label
        self.reason = " ".join(str(reason).split())


class _Attempt:
    """Growing certain tables, until one of them refuses."""

    def __init__(self, dialect: Dialect, labels: list[str], order: GrowthOrder) -> None:
        self._dialect = dialect
        self._schema: Schema = dialect.schema()
        self._labels = self._schema.parents_first(labels)
        self._order = order
        self._clones: dict[str, Clones] = {}
        self.notes: list[str] = []

    def run(self) -> dict[str, TableGrowth]:
        """Plan and insert."""
        tables = self._schema.tables
        violations = {label: self._dialect.violations(tables[label]) for label in self._labels}
        for label in self._labels:
            self._clones[label] = self._read(tables[label])
        planner = ClonePlanner(self._schema, self._clones, self._content_types(), self._other_keys())
        for label in self._labels:
            try:
                planner.decide_own_values(self._clones[label], self._scaled_for(label), self._order.seed)
            except NotClonedError as error:
                raise _RefusedError(label, error) from error
        for label in self._labels:
            self._insert(label, planner)
        for label in self._labels:
            if self._dialect.violations(tables[label]) > violations[label]:
                raise _RefusedError(label, "foreign keys of its clones lead nowhere")
            self._dialect.advance(tables[label])
        return {label: self._growth(clones) for label, clones in self._clones.items() if clones.new}

    def _growth(self, clones: Clones) -> TableGrowth:
        return TableGrowth(len(clones.rows), self._dialect.count(clones.table))

    def _read(self, table: Table) -> Clones:
        dialect = self._dialect
        if not table.identity:
            raise _RefusedError(table.label, "nothing tells its rows apart: it has no key")
        count = dialect.count(table)
        if not count:
            raise _RefusedError(table.label, "it has no rows")
        if count > self._order.largest:
            raise _RefusedError(table.label, f"it has {count} rows already")
        varied = tuple(
            column.name
            for column in table.columns
            if may_vary(table, column) and self._varies(table, column.name, count)
        )
        columns = columns_to_read(table, varied)
        rows = dialect.read(table, columns)
        return Clones(table, columns, rows, self._order.clones_of(len(rows)), varied)

    def _varies(self, table: Table, column: str, count: int) -> bool:
        """Whether nearly every row has a text of its own: a name rather than one of a few states."""
        distinct, longest = self._dialect.text_statistics(table, column)
        return distinct >= count * _DISTINCT_RATIO and longest <= _LONGEST_VARIED

    def _scaled_for(self, label: str) -> set[str]:
        """Tables whose clones the clones of a table may name."""
        scaled = set(self._labels)
        if self._dialect.checks_each_statement:
            # Those that are inserted later cannot be named yet.
            later = self._labels[self._labels.index(label) + 1 :]
            keys = self._schema.tables[label].foreign_keys
            scaled -= {key.parent for key in keys if key.parent in later and not key.is_deferrable}
        return scaled

    def _insert(self, label: str, planner: ClonePlanner) -> None:
        """Insert the clones of a table; if the database refuses them, then clones that are closer to their sources."""
        clones = self._clones[label]
        if not clones.wanted:
            return
        reason: Exception | None = None
        for variety in self._varieties():
            try:
                planner.decide_references(clones, self._scaled_for(label), variety)
                with self._dialect.savepoint():
                    self._dialect.insert_clones(clones.table, clones.changed_columns(), clones.plan())
            except NotClonedError as error:
                reason = error
            except self._dialect.error as error:
                reason = error
            else:
                if reason is not None:
                    self.notes.append(
                        f"the clones in {label} are close to their sources: {' '.join(str(reason).split())}"
                    )
                return
        raise _RefusedError(label, reason)

    def _varieties(self) -> list[Variety]:
        seed, nulls, skew = self._order.seed, self._order.nulls, self._order.skew
        return [
            Variety(seed=seed, nulls=nulls, skew=skew),
            Variety(seed=seed, nulls=nulls, skew=skew, texts_and_dates=False),
            Variety(seed=seed, nulls=False, skew=False, texts_and_dates=False),
        ]

    def _content_types(self) -> dict[Any, str]:
        """Django's: label of the table by id."""
        table = self._schema.tables.get("django_content_type")
        if table is None or not {"id", "app_label", "model"} <= {column.name for column in table.columns}:
            return {}
        rows = self._dialect.read(table, ("id", "app_label", "model"))
        return {number: f"{app}_{model}" for number, app, model in rows if f"{app}_{model}" in self._schema.tables}

    def _other_keys(self) -> dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]]:
        """Keys of rows that stay as they are, where unique columns refer to them."""
        found: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {}
        for clones in self._clones.values():
            unique = {name for columns in clones.table.unique for name in columns}
            for key in clones.table.foreign_keys:
                parent = self._schema.tables.get(key.parent)
                if parent is not None and set(key.columns) & unique and (key.parent, key.parent_columns) not in found:
                    rows = self._dialect.read(parent, key.parent_columns) if parent.identity else []
                    found[key.parent, key.parent_columns] = rows[:_MOST_KEYS]
        return found
