"""Rows of every table after the work, compared in any order."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from ennead.fixes.comparison.texts import excerpt, looks_like
from ennead.fixes.comparison.units import size_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace, TableContent

    Row = tuple[str | None, ...]


def compare_tables(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes) -> None:
    """Compare the content of every table; a value is left out only in rows in which runs of the original differ."""
    at = size_words(patched)
    first = originals[0].tables
    if not first and not patched.tables:
        notes.leave_out("rows of the tables", "no database of the work could be read")
        return
    notes.compare("rows of every table")
    if any(trace.tables.keys() != first.keys() for trace in originals):
        notes.vary(f"two runs of the original leave different tables{at}")
        return
    for name in sorted(first.keys() ^ patched.tables.keys()):
        notes.differ(f"the table {name} is {'missing' if name in first else 'new'}{at}")
    for name in sorted(first.keys() & patched.tables.keys()):
        _compare_table(name, [trace.tables[name] for trace in originals], patched.tables[name], notes, at)


def _compare_table(name: str, originals: Sequence[TableContent], patched: TableContent, notes: Notes, at: str) -> None:
    first = originals[0]
    if any(table.columns != first.columns or len(table.rows) != len(first.rows) for table in originals):
        notes.vary(f"two runs of the original leave different numbers of rows in {name}{at}")
    elif patched.columns != first.columns:
        notes.differ(f"the table {name} has other columns{at}")
    elif len(patched.rows) != len(first.rows):
        notes.differ(f"the table {name} had {len(first.rows)} rows after the work, has {len(patched.rows)}{at}")
    else:
        varying = _varying_columns(originals)
        if varying and len(varying) == len(first.columns):
            # Sessions and tokens: generated as a whole, so that there are only so many of them.
            notes.leave_out(
                f"rows of {name}", "every column of them varies in the original; only their number was compared"
            )
            return
        for column in varying:
            reason = "two runs of the original write different values, in some rows"
            notes.leave_out(f"column {name}.{first.columns[column]}", reason)
        _compare_rows(name, originals, patched, varying, notes, at)


def varying_columns(originals: Sequence[ReplayTrace]) -> set[tuple[str, str]]:
    """Bare names of tables, each with a column whose values differ between runs of the original."""
    found = set()
    for name, first in originals[0].tables.items():
        sides = [trace.tables[name] for trace in originals if name in trace.tables]
        if all(side.columns == first.columns for side in sides):
            bare = name.rsplit(".", 1)[-1]
            found |= {(bare, first.columns[at]) for at in _varying_columns(sides)}
    return found


def _varying_columns(originals: Sequence[TableContent]) -> list[int]:
    """Columns whose values differ between the originals, whatever the row."""
    return [
        column
        for column in range(len(originals[0].columns))
        if len({frozenset(Counter(row[column] for row in table.rows).items()) for table in originals}) > 1
    ]


def _compare_rows(
    name: str, originals: Sequence[TableContent], patched: TableContent, varying: Sequence[int], notes: Notes, at: str
) -> None:
    sides = [_by_fixed_values(table, varying) for table in originals]
    now = _by_fixed_values(patched, varying)
    if any(_sizes(side) != _sizes(sides[0]) for side in sides):
        notes.vary(f"two runs of the original leave different rows in {name}{at}")
        return
    if _sizes(now) != _sizes(sides[0]):
        lost = next(iter((_sizes(sides[0]) - _sizes(now)).elements()))
        notes.differ(f"the table {name} does not hold the row {_shown(lost)} any more{at}")
        return
    for fixed, values in now.items():
        if not _agrees([side[fixed] for side in sides], values):
            notes.differ(f"the table {name} has other values in the row {_shown(fixed)}{at}")
            return


def _by_fixed_values(table: TableContent, varying: Sequence[int]) -> dict[Row, list[Row]]:
    found: defaultdict[Row, list[Row]] = defaultdict(list)
    for row in table.rows:
        fixed = tuple(value for column, value in enumerate(row) if column not in varying)
        found[fixed].append(tuple(row[column] for column in varying))
    return found


def _sizes(rows: Mapping[Row, Sequence[Row]]) -> Counter[Row]:
    return Counter({fixed: len(values) for fixed, values in rows.items()})


def _agrees(originals: Sequence[Sequence[Row]], patched: Sequence[Row]) -> bool:
    """Whether the varying columns agree: exactly where the originals do, else by what the values look like."""
    columns = range(len(patched[0]))
    for column in columns:
        sides = [Counter(row[column] for row in rows) for rows in originals]
        now = Counter(row[column] for row in patched)
        if all(side == sides[0] for side in sides):
            if now != sides[0]:
                return False
        elif not _looks_like(now, sides):
            return False
    return True


def _looks_like(patched: Counter[str | None], originals: Sequence[Counter[str | None]]) -> bool:
    if all(side[None] == originals[0][None] for side in originals) and patched[None] != originals[0][None]:
        return False
    examples = [value for side in originals for value in side if value is not None]
    return all(looks_like(value, examples) for value in patched if value is not None) if examples else True


def _shown(row: Row) -> str:
    return excerpt(", ".join("NULL" if value is None else value for value in row))
