"""Growing a SQLite file."""

from __future__ import annotations

import re
import sqlite3
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.growing.dialect import Dialect
from ennead.replay.databases.growing.schema import Column, ForeignKey, Schema, Table, names_in

if TYPE_CHECKING:
    from ennead.replay.databases.growing.schema import ColumnKind

_COMPUTED = (2, 3)
_HIDDEN = 1
_LENGTH = re.compile(r"\((\d+)\)")
# The order decides: "datetime" is no "time", and "integer unsigned" no text.
_KINDS: tuple[tuple[str, ColumnKind], ...] = (
    ("bool", "boolean"), ("int", "integer"), ("date", "date"), ("timestamp", "date"), ("uuid", "uuid"),
    ("char", "text"), ("clob", "text"), ("text", "text"), ("string", "text"),
    ("dec", "number"), ("num", "number"), ("real", "number"), ("floa", "number"), ("doub", "number"),
)  # fmt: skip


class SQLite(Dialect):
    """One open SQLite file."""

    error = sqlite3.Error
    placeholder = "?"

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._isolation_level = connection.isolation_level
        self._row_factory = connection.row_factory

    def schema(self) -> Schema:
        """The tables that hold rows of their own: no views, nothing of virtual tables."""
        return self._schema

    def begin(self) -> None:
        """Foreign keys are not enforced meanwhile."""
        connection = self.connection
        connection.isolation_level = None
        connection.row_factory = None
        self._enforced = bool(self.rows("PRAGMA foreign_keys")[0][0])
        self.run("PRAGMA foreign_keys = OFF")
        self.run("BEGIN IMMEDIATE")

    def finish(self, *, commit: bool) -> None:
        """End the transaction, and leave the connection as it was."""
        connection = self.connection
        self.run("COMMIT" if commit else "ROLLBACK")
        self.run(f"PRAGMA foreign_keys = {'ON' if self._enforced else 'OFF'}")
        connection.isolation_level = self._isolation_level
        connection.row_factory = self._row_factory

    def violations(self, table: Table) -> int:
        """What SQLite's own check finds."""
        return len(self.rows(f"PRAGMA foreign_key_check({self.quoted(*table.names)})"))

    def address(self, name: str) -> str:
        """Rows of a table without key are told apart by their ``rowid``."""
        return name if name == "rowid" else self.quoted(name)

    @cached_property
    def _schema(self) -> Schema:
        rows = self.rows(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        virtual = tuple(f"{name}_" for name, sql in rows if (sql or "").upper().startswith("CREATE VIRTUAL"))
        plain = [
            name
            for name, sql in rows
            if not (sql or "").upper().startswith("CREATE VIRTUAL") and not (virtual and name.startswith(virtual))
        ]
        primary_keys = {name: self._primary_key(name) for name in plain}
        return Schema({name: self._table(name, primary_keys) for name in sorted(plain)})

    def _pragma(self, name: str, argument: str) -> list[tuple[Any, ...]]:
        return self.rows(f"PRAGMA {name}({self.quoted(argument)})")

    def _primary_key(self, name: str) -> tuple[str, ...]:
        described = self._pragma("table_info", name)
        return tuple(row[1] for row in sorted(described, key=lambda row: row[5]) if row[5])

    def _table(self, name: str, primary_keys: dict[str, tuple[str, ...]]) -> Table:
        described = [row for row in self._pragma("table_xinfo", name) if row[6] != _HIDDEN]
        names = tuple(row[1] for row in described)
        primary_key = primary_keys[name]
        unique = {primary_key} if primary_key else set()
        found, promised = self._unique_indexes(name, names)
        return Table(
            label=name,
            columns=tuple(_column(row) for row in described),
            primary_key=primary_key,
            identity=primary_key or ("rowid",),
            unique=tuple(sorted(unique | found)),
            promised=tuple(sorted(unique | promised)),
            foreign_keys=self._foreign_keys(name, primary_keys),
        )

    def _unique_indexes(self, name: str, columns: tuple[str, ...]) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        """Columns of unique indexes: all, and those that are unique as they are and in all rows."""
        found, promised = set(), set()
        for _, index, is_unique, _, is_partial in self._pragma("index_list", name):
            if not is_unique:
                continue
            indexed = tuple(row[2] for row in self._pragma("index_info", index))
            found.add(names_in(self._index_sql(index), columns) if None in indexed else indexed)
            if None not in indexed and not is_partial:
                promised.add(indexed)
        return found, promised

    def _index_sql(self, name: str) -> str:
        ((sql,),) = self.rows("SELECT sql FROM sqlite_master WHERE name = ?", (name,))
        return str(sql).partition("(")[2]

    def _foreign_keys(self, name: str, primary_keys: dict[str, tuple[str, ...]]) -> tuple[ForeignKey, ...]:
        keys: dict[int, list[tuple[Any, ...]]] = {}
        for row in self._pragma("foreign_key_list", name):
            keys.setdefault(row[0], []).append(row)
        labels = {label.lower(): label for label in primary_keys}
        found = []
        for _, parts in sorted(keys.items()):
            parts.sort(key=lambda part: part[1])
            parent = labels.get(parts[0][2].lower(), parts[0][2])
            theirs = tuple(part[4] for part in parts)
            if None in theirs:
                theirs = primary_keys.get(parent, ())
            if len(theirs) == len(parts):
                found.append(ForeignKey(columns=tuple(part[3] for part in parts), parent=parent, parent_columns=theirs))
        return tuple(found)


def _column(row: tuple[Any, ...]) -> Column:
    declared = (row[2] or "").lower()
    length = _LENGTH.search(declared)
    kind: ColumnKind = next((kind for word, kind in _KINDS if word in declared), "other")
    return Column(
        name=row[1],
        kind=kind,
        nullable=not row[3] and not row[5],
        max_length=int(length[1]) if length and kind == "text" else None,
        generated=row[6] in _COMPUTED,
    )
