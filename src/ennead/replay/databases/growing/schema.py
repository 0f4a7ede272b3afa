"""The part of a database schema that decides how rows can be multiplied."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

ColumnKind = Literal["integer", "number", "text", "date", "uuid", "boolean", "other"]

_FRAMEWORK_TABLES = frozenset(
    {
        "alembic_version", "auth_permission", "celery_taskmeta", "django_apscheduler_djangojob", "django_content_type",
        "django_migrations", "django_session", "django_site", "flyway_schema_history", "schema_migrations",
        "sqlite_sequence", "sqlite_stat1", "sqlite_stat4", "spatial_ref_sys", "wagtailcore_locale", "wagtailcore_site",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    name: str
    kind: ColumnKind
    nullable: bool = True
    max_length: int | None = None
    """Characters of a text."""
    generated: bool = False
    """The database computes it; nobody writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """Columns that name a row of another table, or of the same."""

    columns: tuple[str, ...]
    parent: str
    """Label of the table."""
    parent_columns: tuple[str, ...]
    is_deferrable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericReference:
    """A row of a table that another column names: Django's content types."""

    type_column: str
    object_column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table."""

    label: str
    """What people call it: ``shop_order``; ``billing.invoice`` outside of the usual schema."""
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    """What tells its rows apart: the primary key, a unique key, or an address that the database gives to rows."""
    unique: tuple[tuple[str, ...], ...] = ()
    """Sets of columns to be taken for unique, the primary key among them, also if only some rows must be."""
    promised: tuple[tuple[str, ...], ...] = ()
    """Sets of columns that are unique in all rows."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    parts: tuple[str, ...] = ()
    """Schema and name, as far as both are needed; the label by default."""

    @property
    def names(self) -> tuple[str, ...]:
        """What its quoted name is made of."""
        return self.parts or (self.label,)

    def column(self, name: str) -> Column:
        """The column of a name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def generic_references(self) -> tuple[GenericReference, ...]:
        """Pairs of columns that look like Django's generic relations.

        Examples
        --------
        >>> names = ("id", "content_type_id", "object_id", "target_content_type_id", "target_object_id")
        >>> table = Table(label="note", columns=tuple(Column(name=name, kind="integer") for name in names))
        >>> [pair.object_column for pair in table.generic_references]
        ['object_id', 'target_object_id']
        """
        names = {column.name for column in self.columns}
        found = []
        for key in self.foreign_keys or (
            ForeignKey(columns=(name,), parent="", parent_columns=("id",)) for name in names
        ):
            prefix = key.columns[0].removesuffix("content_type_id")
            if key.columns[0] != prefix and f"{prefix}object_id" in names:
                found.append(GenericReference(type_column=key.columns[0], object_column=f"{prefix}object_id"))
        return tuple(sorted(found, key=lambda pair: pair.object_column))


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a database, by label."""

    tables: Mapping[str, Table] = field(default_factory=dict)

    def scalable(self, wanted: Collection[str]) -> list[str]:
        """Labels of the wanted tables that may be multiplied: those that are there and belong to no framework.

        Names are compared without their case, and with or without their schema.
        """
        names = {name.lower() for name in wanted}
        return [
            label
            for label, table in self.tables.items()
            if not is_framework_table(table.names[-1]) and (label.lower() in names or table.names[-1].lower() in names)
        ]

    def parents_first(self, labels: Iterable[str]) -> list[str]:
        """Tables after those that they refer to; within a cycle, by name."""
        pending = sorted(labels)
        ordered: list[str] = []
        while pending:
            ready = [label for label in pending if not self._awaited(label) & set(pending) - {label}]
            for label in ready or pending[:1]:
                ordered.append(label)
                pending.remove(label)
        return ordered

    def leads_to(self, start: str, goal: str, among: Collection[str]) -> bool:
        """Whether a row of one table names, directly or through others, a row of another."""
        seen, pending = set(), [start]
        while pending:
            label = pending.pop()
            if label == goal:
                return True
            if label in seen or label not in among:
                continue
            seen.add(label)
            pending.extend(self._awaited(label))
        return False

    def _awaited(self, label: str) -> set[str]:
        return {key.parent for key in self.tables[label].foreign_keys}


def is_framework_table(name: str) -> bool:
    """Whether a table is a framework's own bookkeeping.

    Examples
    --------
    >>> is_framework_table("django_content_type"), is_framework_table("shop_order")
    (True, False)
    """
    return name.lower() in _FRAMEWORK_TABLES


def names_in(text: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Columns that an expression mentions.

    Examples
    --------
    >>> names_in("CREATE UNIQUE INDEX i ON book (lower(title), shelf)", ("title", "shelf", "id"))
    ('title', 'shelf')
    """
    words = {word.lower() for word in re.findall(r"\w+", text)}
    return tuple(name for name in columns if name.lower() in words)
