"""How rows were written: in as few transactions as before, and with every column that the database shows to vary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.fixes.comparison.tables import varying_columns
from ennead.fixes.comparison.units import numbered, size_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace, UnitTrace


def compare_written(originals: Sequence[ReplayTrace], patched: ReplayTrace, notes: Notes) -> None:
    """Compare transactions that write, and the columns whose values cannot be compared because they vary.

    Writes that were one transaction must not become two: the first of them would stay if the second failed. A time of
    the last change is another one in each run, so that only the statements tell whether it is still written.
    """
    at = size_words(patched)
    varying = varying_columns(originals)
    before, after = numbered(originals[0].units), numbered(patched.units)
    for key, unit in before.items():
        if key in after:
            _compare_transactions(f"{key}{at}", unit, after[key], notes)
            _compare_columns(f"{key}{at}", unit, after[key], varying, notes)


def _compare_transactions(where: str, before: UnitTrace, after: UnitTrace, notes: Notes) -> None:
    had, has = before.writing_transactions, after.writing_transactions
    if had is None or has is None:
        return
    notes.compare("transactions that write")
    if had and has > had:
        notes.differ(f"{where} wrote in {had} transaction{'s' if had > 1 else ''}, now in {has}")


def _compare_columns(
    where: str, before: UnitTrace, after: UnitTrace, varying: set[tuple[str, str]], notes: Notes
) -> None:
    for table, column in sorted(varying):
        if _updates(before, table, column) and _updates(after, table, "") and not _updates(after, table, column):
            notes.differ(f"{where} does not write {table}.{column} any more")


def _updates(unit: UnitTrace, table: str, column: str) -> bool:
    """Whether an UPDATE of the table names a column, or anything at all."""
    named = re.compile(rf"\b{re.escape(column)}\b", re.IGNORECASE) if column else None
    return any(
        statement.is_write
        and statement.tables[:1] == (table,)
        and statement.statement[:6].upper() == "UPDATE"
        and (named is None or named.search(statement.statement) is not None)
        for statement in unit.statements
    )
