"""Reading all rows of a database in canonical text form, so that two replays can be compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ennead.fixes.trace import TableContent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.replay.databases.growing.schema import Table

Row = tuple[str | None, ...]
DIGEST_COLUMN = "digest of the row"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentLimits:
    """How much of a table is kept."""

    rows: int = 5_000
    """Tables beyond this many rows are told by one digest per row."""
    digests: int = 500_000
    """Tables beyond this many rows are not read at all."""


@dataclass(slots=True)
class Contents:
    """What was read, and what could not be."""

    tables: dict[str, TableContent] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(
        self, name: str, columns: Sequence[str], rows: Iterable[Row], limits: ContentLimits, table: Table | None = None
    ) -> None:
        """Sort and keep the rows of a table, with what its schema promises about them."""
        kept: list[Row] = []
        digests: list[Row] = []
        for row in rows:
            if digests or len(kept) == limits.rows:
                if not digests:
                    digests = [(_digest(each),) for each in kept]
                digests.append((_digest(row),))
            else:
                kept.append(row)
            if len(digests) > limits.digests:
                self.problems.append(f"the rows of {name} are not compared: there are more than {limits.digests}")
                return
        if digests:
            columns, kept = (DIGEST_COLUMN,), digests
        kept.sort(key=_order)
        facts = {} if table is None else _facts(table)
        self.tables[name] = TableContent(columns=tuple(columns), rows=tuple(kept), **facts)


def text_of(value: Any) -> str | None:
    """A value as SQLite holds it, in text; blobs are hexadecimal.

    Examples
    --------
    >>> text_of(None), text_of(1.5), text_of(b"ab"), text_of("x")
    (None, '1.5', "x'6162'", 'x')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return repr(value)


def _facts(table: Table) -> dict[str, Any]:
    keys = [key for key in table.foreign_keys if len(key.columns) == 1]
    return {
        "not_null": tuple(column.name for column in table.columns if not column.nullable),
        "unique": tuple(sorted(names[0] for names in table.promised if len(names) == 1)),
        "foreign_keys": {key.columns[0]: f"{key.parent}.{key.parent_columns[0]}" for key in keys},
    }


def _order(row: Row) -> tuple[tuple[bool, str], ...]:
    return tuple((value is not None, value or "") for value in row)


def _digest(row: Row) -> str:
    return hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
