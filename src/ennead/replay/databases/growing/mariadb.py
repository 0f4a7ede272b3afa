"""Growing a MariaDB or MySQL database."""

# ruff: noqa: S608 -- names come from the schema and are quoted

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.growing.dialect import Dialect
from ennead.replay.databases.growing.schema import Column, ForeignKey, Schema, Table, names_in

if TYPE_CHECKING:
    from ennead.replay.databases.growing.schema import ColumnKind

_COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type, c.is_nullable, c.character_maximum_length, c.extra, c.column_type
FROM information_schema.columns c JOIN information_schema.tables t
ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
WHERE c.table_schema = DATABASE() ORDER BY c.table_name, c.ordinal_position
"""
_KEYS = """
SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND referenced_table_schema = DATABASE()
ORDER BY table_name, constraint_name, ordinal_position
"""
_UNIQUE = """
SELECT table_name, index_name, column_name FROM information_schema.statistics
WHERE table_schema = DATABASE() AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index
"""
_KINDS: dict[str, ColumnKind] = {
    "tinyint": "integer", "smallint": "integer", "mediumint": "integer", "int": "integer", "bigint": "integer",
    "decimal": "number", "float": "number", "double": "number", "char": "text", "varchar": "text", "tinytext": "text",
    "text": "text", "mediumtext": "text", "longtext": "text", "date": "date", "datetime": "date", "timestamp": "date",
    "uuid": "uuid",
}  # fmt: skip


class MariaDB(Dialect):
    """One connection to a MariaDB database, of pymysql or MySQLdb."""

    quote = "`"
    temporary = "TEMPORARY TABLE"  # without that word it would commit

    def __init__(self, connection: Any, error: type[Exception]) -> None:
        super().__init__(connection)
        self.error = error
        self._enforced: Any = 1

    def schema(self) -> Schema:
        """The tables of the connection's database."""
        return self._schema

    def begin(self) -> None:
        """Foreign keys are not enforced meanwhile."""
        _ = self._schema
        ((self._enforced,),) = self.rows("SELECT @@foreign_key_checks")
        self.run("SET foreign_key_checks = 0")
        self.run("START TRANSACTION")

    def finish(self, *, commit: bool) -> None:
        """End the transaction, and leave the connection as it was."""
        self.run("COMMIT" if commit else "ROLLBACK")
        self.run(f"SET foreign_key_checks = {self._enforced}")

    def text_statistics(self, table: Table, column: str) -> tuple[int, int]:
        """How many different texts a column has, and how long the longest is."""
        name = self.quoted(column)
        sql = f"SELECT COUNT(DISTINCT {name}), MAX(CHAR_LENGTH({name})) FROM {self.quoted(*table.names)}"
        ((distinct, longest),) = self.rows(sql)
        return int(distinct), int(longest or 0)

    @cached_property
    def _schema(self) -> Schema:
        columns: dict[str, list[Column]] = {}
        for table, *described in self.rows(_COLUMNS):
            columns.setdefault(table, []).append(_column(*described))
        indexes: dict[str, dict[str, list[str | None]]] = {}
        for table, index, name in self.rows(_UNIQUE):
            indexes.setdefault(table, {}).setdefault(index, []).append(name)
        keys = self._foreign_keys()
        return Schema(
            {name: _table(name, described, indexes.get(name, {}), keys) for name, described in columns.items()}
        )

    def _foreign_keys(self) -> dict[str, list[ForeignKey]]:
        parts: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
        for table, constraint, ours, parent, theirs in self.rows(_KEYS):
            parts.setdefault((table, constraint, parent), []).append((ours, theirs))
        keys: dict[str, list[ForeignKey]] = {}
        for (table, _, parent), pairs in parts.items():
            ours, theirs = zip(*pairs, strict=True)
            keys.setdefault(table, []).append(ForeignKey(columns=ours, parent=parent, parent_columns=theirs))
        return keys


def _table(
    name: str, columns: list[Column], indexes: dict[str, list[str | None]], keys: dict[str, list[ForeignKey]]
) -> Table:
    unique = {
        index: tuple(column for column in indexed if column is not None)
        if None not in indexed
        else names_in(" ".join(str(column) for column in indexed), (column.name for column in columns))
        for index, indexed in indexes.items()
    }
    nullable = {column.name for column in columns if column.nullable}
    primary_key = unique.get("PRIMARY", ())
    identity = primary_key or next((names for names in unique.values() if not nullable & set(names)), ())
    return Table(
        label=name,
        columns=tuple(columns),
        primary_key=primary_key,
        identity=identity,
        unique=tuple(sorted(set(unique.values()))),
        promised=tuple(sorted({unique[index] for index, indexed in indexes.items() if None not in indexed})),
        foreign_keys=tuple(keys.get(name, ())),
    )


def _column(name: str, kind: str, nullable: str, length: int | None, extra: str, whole: str) -> Column:
    return Column(
        name=name,
        # There is no other boolean.
        kind="boolean" if whole == "tinyint(1)" else _KINDS.get(kind, "other"),
        nullable=nullable == "YES",
        max_length=length if kind in ("char", "varchar") else None,
        generated="GENERATED" in extra.upper() and "DEFAULT_GENERATED" not in extra.upper(),
    )
