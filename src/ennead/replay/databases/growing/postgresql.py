"""Growing a PostgreSQL database."""

# ruff: noqa: S608 -- names come from the schema and are quoted, literals are escaped

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ennead.replay.databases.growing.dialect import Dialect
from ennead.replay.databases.growing.schema import Column, ForeignKey, Schema, Table, names_in
from ennead.replay.databases.servers import literal

if TYPE_CHECKING:
    from ennead.replay.databases.growing.schema import ColumnKind

_TABLES = """
SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname, COALESCE(base.typname, t.typname), a.attnotnull,
    CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 END,
    a.attgenerated <> '', a.attidentity
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type base ON base.oid = t.typbasetype
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_KEYS = """
SELECT conrelid, conkey, confrelid, confkey, condeferrable FROM pg_constraint
WHERE contype = 'f' ORDER BY conrelid, conname
"""
_UNIQUE = """
SELECT indrelid, indkey::int2[], indisprimary, pg_get_indexdef(indexrelid), indpred IS NULL
FROM pg_index
WHERE indisunique ORDER BY indrelid, indexrelid
"""
_KINDS: dict[str, ColumnKind] = {
    "int2": "integer", "int4": "integer", "int8": "integer", "numeric": "number", "float4": "number",
    "float8": "number", "text": "text", "varchar": "text", "bpchar": "text", "citext": "text", "date": "date",
    "timestamp": "date", "timestamptz": "date", "uuid": "uuid", "bool": "boolean",
}  # fmt: skip


class PostgreSQL(Dialect):
    """One connection to a PostgreSQL database, of psycopg or psycopg2."""

    checks_each_statement = True

    def __init__(self, connection: Any, error: type[Exception]) -> None:
        super().__init__(connection)
        self.error = error
        self._autocommit = connection.autocommit
        self._identities: set[str] = set()

    def schema(self) -> Schema:
        """The tables outside of the system's own schemas; of a partitioned table the whole."""
        return self._schema

    def begin(self) -> None:
        """Foreign keys that can wait are checked at the end."""
        _ = self._schema
        self.connection.rollback()
        self.connection.autocommit = False
        self.run("SET CONSTRAINTS ALL DEFERRED")

    def finish(self, *, commit: bool) -> None:
        """End the transaction, and leave the connection as it was."""
        if commit:
            self.connection.commit()
        else:
            self.connection.rollback()
        self.connection.autocommit = self._autocommit

    def advance(self, table: Table) -> None:
        """Move the sequences behind serial and identity columns."""
        name = self.quoted(*table.names)
        for column in table.columns:
            if column.kind == "integer" and not column.generated:
                ((sequence,),) = self.rows(f"SELECT pg_get_serial_sequence({literal(name)}, {literal(column.name)})")
                if sequence is not None:
                    highest = f"GREATEST((SELECT MAX({self.quoted(column.name)}) FROM {name}), 1)"
                    self.rows(f"SELECT setval({literal(sequence)}, {highest})")

    def address(self, name: str) -> str:
        """Rows of a table without key are told apart by their place in the file."""
        return name if name == "ctid" else self.quoted(name)

    def readable(self, table: Table, name: str) -> str:
        """Places as text, and no dates that Python has none for."""
        if name == "ctid":
            return "ctid::text"
        column = table.column(name)
        quoted = self.quoted(name)
        return f"CASE WHEN isfinite({quoted}) THEN {quoted} END" if column.kind == "date" else quoted

    def overriding(self, table: Table) -> str:
        """Identity columns may be told their number."""
        return "OVERRIDING SYSTEM VALUE " if table.label in self._identities else ""

    @cached_property
    def _schema(self) -> Schema:
        named = {oid: (schema, name) for oid, schema, name, _ in self.rows(_TABLES)}
        columns: dict[int, dict[int, Column]] = {oid: {} for oid in named}
        for oid, number, name, kind, not_null, length, generated, identity in self.rows(_COLUMNS):
            if oid in named:
                columns[oid][number] = Column(
                    name=name,
                    kind=_KINDS.get(kind, "other"),
                    nullable=not not_null,
                    max_length=length,
                    generated=generated,
                )
                if identity:
                    self._identities.add(_label(named[oid]))
        unique, promised, primary = self._unique(columns)
        keys = self._foreign_keys(named, columns)
        tables = {}
        for oid, parts in named.items():
            label = _label(parts)
            tables[label] = Table(
                label=label,
                columns=tuple(columns[oid].values()),
                primary_key=primary.get(oid, ()),
                identity=primary.get(oid, ("ctid",)),
                unique=tuple(sorted(unique[oid])),
                promised=tuple(sorted(promised[oid])),
                foreign_keys=tuple(keys.get(oid, ())),
                parts=parts,
            )
        self.connection.rollback()
        return Schema(tables)

    def _unique(
        self, columns: dict[int, dict[int, Column]]
    ) -> tuple[dict[int, set[tuple[str, ...]]], dict[int, set[tuple[str, ...]]], dict[int, tuple[str, ...]]]:
        unique: dict[int, set[tuple[str, ...]]] = {oid: set() for oid in columns}
        promised: dict[int, set[tuple[str, ...]]] = {oid: set() for oid in columns}
        primary = {}
        for oid, numbers, is_primary, definition, is_whole in self.rows(_UNIQUE):
            if oid not in columns:
                continue
            names = tuple(columns[oid][number].name for number in numbers if number)
            if 0 in numbers:  # an expression
                names = names_in(definition.partition("(")[2], (column.name for column in columns[oid].values()))
            elif is_whole:
                promised[oid].add(names)
            unique[oid].add(names)
            if is_primary:
                primary[oid] = names
        return unique, promised, primary

    def _foreign_keys(
        self, named: dict[int, tuple[str, str]], columns: dict[int, dict[int, Column]]
    ) -> dict[int, list[ForeignKey]]:
        keys: dict[int, list[ForeignKey]] = {}
        for oid, numbers, parent, parent_numbers, is_deferrable in self.rows(_KEYS):
            if oid in named and parent in named:
                keys.setdefault(oid, []).append(
                    ForeignKey(
                        columns=tuple(columns[oid][number].name for number in numbers),
                        parent=_label(named[parent]),
                        parent_columns=tuple(columns[parent][number].name for number in parent_numbers),
                        is_deferrable=is_deferrable,
                    )
                )
        return keys


def _label(parts: tuple[str, str]) -> str:
    return parts[1] if parts[0] == "public" else ".".join(parts)
