"""Random schemas, and one statement written as different libraries write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from random import Random

Operator = Literal["=", "IN", ">", ">=", "<"]
Where = tuple[tuple[str, Operator], ...]
_SYLLABLES = (
    "ba",
    "co",
    "dri",
    "fel",
    "gu",
    "han",
    "ki",
    "lor",
    "me",
    "nu",
    "pa",
    "quo",
    "re",
    "sti",
    "tra",
    "vi",
    "zo",
)
_COLUMNS = (
    "name",
    "title",
    "status",
    "kind",
    "created_at",
    "updated_at",
    "amount",
    "position",
    "is_active",
    "slug",
    "note",
)


@dataclass(frozen=True)
class Table:
    """A table with a key ``id``, plain columns and references."""

    name: str
    model: str
    columns: tuple[str, ...]
    references: tuple[str, ...] = ()
    """Columns that hold keys of other tables."""

    @property
    def all_columns(self) -> tuple[str, ...]:
        """The key, the references and the others."""
        return ("id", *self.references, *self.columns)


class Select(NamedTuple):
    """A read, before it is written in anybody's style."""

    table: Table
    where: Where = ()
    aggregate: str = ""
    order: str = ""
    limit: bool = False
    offset: bool = False
    locks: bool = False
    only: tuple[str, ...] = ()
    """Columns that are selected; all of them if empty."""


class Write(NamedTuple):
    """An insert into or an update of a table."""

    operation: Literal["insert", "update"]
    table: Table


@dataclass(frozen=True)
class Style:
    """How a library writes its statements."""

    name: str
    library: str
    """Of the ORM's evidence; nothing where the agent has none."""
    quote: str = ""
    alias: str = ""
    """``{table}`` and ``{letter}`` are filled in; without one the table's name qualifies columns."""
    labels: bool = False
    """``orders.id AS orders_id``."""
    stars: bool = False
    lower: bool = False
    brackets: bool = False
    """Round the condition."""

    def select(self, read: Select) -> str:
        """The normalised text of a read."""
        name = self._alias(read.table)
        parts = ["SELECT", self._selected(read, name), "FROM", self._table(read.table, name)]
        if read.where:
            parts += ["WHERE", self._condition(name, read.where)]
        if read.order:
            parts += ["ORDER BY", f"{self._column(name, read.order)} ASC"]
        parts += ["LIMIT ?"] * read.limit + ["OFFSET ?"] * read.offset + ["FOR UPDATE"] * read.locks
        return self._case(parts)

    def write(self, write: Write) -> str:
        """The normalised text of a write."""
        table, columns = self._quoted(write.table.name), write.table.all_columns[1:]
        if write.operation == "insert":
            names = ", ".join(map(self._quoted, columns))
            return self._case([f"INSERT INTO {table} ({names})", f"VALUES ({', '.join('?' * len(columns))})"])
        key = self._column(self._quoted(write.table.name), "id")
        return self._case([f"UPDATE {table}", f"SET {self._quoted(columns[-1])} = ?", f"WHERE {key} = ?"])

    def _selected(self, read: Select, name: str) -> str:
        if read.aggregate:
            return f"COUNT(*) AS {self._quoted('count_1')}" if read.aggregate == "count" else "SUM(amount)"
        if self.stars and not read.only:
            return f"{name}.*"
        columns = read.only or read.table.all_columns
        if self.labels:
            return ", ".join(f"{self._column(name, each)} AS {read.table.name}_{each}" for each in columns)
        return ", ".join(self._column(name, each) for each in columns)

    def _condition(self, name: str, where: Where) -> str:
        ends = {"IN": "IN (?)"}
        texts = [f"{self._column(name, column)} {ends.get(sign, f'{sign} ?')}" for column, sign in where]
        text = " AND ".join(texts)
        return f"({text})" if self.brackets and len(texts) > 1 else text

    def _table(self, table: Table, name: str) -> str:
        quoted = self._quoted(table.name)
        if not self.alias or name == quoted:
            return quoted
        return f"{quoted} {name}" if self.lower else f"{quoted} AS {name}"

    def _alias(self, table: Table) -> str:
        if not self.alias:
            return self._quoted(table.name)
        return self._quoted(self.alias.format(table=table.name, letter=table.name[0], number=1))

    def _column(self, name: str, column: str) -> str:
        return f"{name}.{self._quoted(column)}"

    def _quoted(self, name: str) -> str:
        return f"{self.quote}{name}{self.quote}"

    def _case(self, parts: list[str]) -> str:
        text = " ".join(parts)
        return text if not self.lower else " ".join(word.lower() for word in text.split(" "))


STYLES: tuple[Style, ...] = (
    Style("django", "django", quote='"', brackets=True),
    Style("django on MySQL", "django", quote="`", brackets=True),
    Style("sqlalchemy", "sqlalchemy", labels=True),
    Style("sqlalchemy with aliases", "sqlalchemy", alias="{table}_{number}", labels=True),
    Style("peewee", "peewee", quote='"', alias="t{number}", brackets=True),
    Style("tortoise", "tortoise", quote='"'),
    Style("plain", ""),
    Style("plain with aliases", "", alias="{letter}{number}", lower=True),
    Style("hibernate", "", alias="{letter}{number}_0", lower=True),
    Style("active record", "", quote='"', stars=True),
    Style("sequelize", "", quote="`", alias="{table}"),
)


@dataclass(frozen=True)
class Schema:
    """Tables that refer to each other."""

    tables: tuple[Table, ...]
    child: Table
    """Refers to :attr:`parent`."""
    parent: Table
    log: Table
    """Where things are noted."""
    tree: Table
    """Refers to itself."""


def random_schema(random: Random) -> Schema:
    """A schema with names of no meaning."""
    prefix = random.choice(("", "", f"{_word(random)}_"))
    ending = random.choice(("", "s"))
    models = _words(random, 6)
    tables = [_table(random, prefix + model + ending, model) for model in models]
    parent, log = tables[0], tables[2]
    child = _referring(tables[1], f"{parent.model}_id", f"{tables[3].model}_id")
    tree = _referring(tables[4], "parent_id")
    return Schema((parent, child, log, tables[3], tree, tables[5]), child, parent, log, tree)


def _table(random: Random, name: str, model: str) -> Table:
    columns = random.sample(_COLUMNS, random.randint(3, len(_COLUMNS)))
    return Table(name, model, tuple(sorted({*columns, "amount", "kind", "slug"})))


def _referring(table: Table, *columns: str) -> Table:
    return Table(table.name, table.model, table.columns, columns)


def _word(random: Random) -> str:
    return "".join(random.choices(_SYLLABLES, k=random.randint(2, 3)))


def _words(random: Random, count: int) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < count:
        words[_word(random)] = None
    return list(words)
