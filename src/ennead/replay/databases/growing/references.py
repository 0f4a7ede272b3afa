"""Columns of a table that name rows: foreign keys, and the pairs of generic relations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from ennead.replay.databases.growing.schema import Schema, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One of them."""

    columns: tuple[str, ...]
    """What is read."""
    written: tuple[str, ...]
    """What changes if another row is named: of a generic relation the type stays."""
    parent: str
    """Label of the table; empty if each row names its own."""
    parent_columns: tuple[str, ...]
    is_scaled: bool
    """The rows that it names are multiplied, too."""
    is_nullable: bool
    makes_unique: bool
    """A clone is unique because it names a parent of its own."""
    may_move: bool
    """It may name another clone than the one of its own number."""
    is_text: bool = False
    """Keys are written as text."""

    def target(
        self, values: tuple[Any, ...], types: Mapping[Any, str], schema: Schema
    ) -> tuple[str, tuple[str, ...], tuple[Any, ...]]:
        """Table, columns and values of the row that is named; the table is empty if it is not known."""
        if self.parent:
            return self.parent, self.parent_columns, values
        label = types.get(values[0], "")
        table = schema.tables.get(label)
        if table is None or len(table.primary_key) != 1:
            return "", (), ()
        value = values[1]
        is_number = table.column(table.primary_key[0]).kind == "integer"
        if is_number and isinstance(value, str) and value.isdigit():
            value = int(value)
        return label, table.primary_key, (value,)

    def as_written(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """A key in the type of the columns."""
        return tuple(str(value) for value in key) if self.is_text else key


def references_of(table: Table, scaled: Container[str]) -> list[Reference]:
    """Foreign keys and generic relations of a table.

    Parameters
    ----------
    table
        The one that names.
    scaled
        Labels of the tables that are multiplied.
    """
    found = []
    nullable = {column.name for column in table.columns if column.nullable}
    fixed = {name for pair in table.generic_references for name in (pair.type_column,)}
    for key in table.foreign_keys:
        if set(key.columns) & fixed:
            continue  # the type of a generic relation is no row to be multiplied
        found.append(
            Reference(
                columns=key.columns,
                written=key.columns,
                parent=key.parent,
                parent_columns=key.parent_columns,
                is_scaled=key.parent in scaled,
                is_nullable=set(key.columns) <= nullable,
                makes_unique=_makes_unique(table, key.columns),
                may_move=not _stands_alone(table, key.columns, scaled),
            )
        )
    for pair in table.generic_references:
        columns = (pair.type_column, pair.object_column)
        found.append(
            Reference(
                columns=columns,
                written=(pair.object_column,),
                parent="",
                parent_columns=(),
                is_scaled=True,
                is_nullable=set(columns) <= nullable,
                makes_unique=_makes_unique(table, (pair.object_column,)),
                may_move=not _makes_unique(table, (pair.object_column,)),
                is_text=table.column(pair.object_column).kind == "text",
            )
        )
    return found


def _makes_unique(table: Table, columns: tuple[str, ...]) -> bool:
    return any(set(columns) & set(unique) for unique in table.unique)


def _stands_alone(table: Table, columns: tuple[str, ...], scaled: Container[str]) -> bool:
    """Whether a unique set relies on this reference alone."""
    for unique in table.unique:
        if set(columns) & set(unique):
            others = [key for key in table.foreign_keys if key.columns != columns and key.parent in scaled]
            if not any(set(other.columns) & set(unique) for other in others):
                return True
    return False
