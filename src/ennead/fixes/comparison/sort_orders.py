"""Whether rows still come in an order that a query promised, and not only in the one that chance gave them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.fixes.comparison.select_shape import select_shape
from ennead.fixes.comparison.units import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.comparison.select_shape import SelectShape
    from ennead.fixes.comparison.units import UnitKey
    from ennead.fixes.trace import ReplayTrace, StatementTrace, UnitTrace

_SORTING = re.compile(r"\b(?:sorted|sort|heapq|nlargest|nsmallest)\b")


def compare_sort_orders(originals: Sequence[ReplayTrace], patched: ReplayTrace, edit: Edit, notes: Notes) -> None:
    """Refuse a query that sorts by less than the one whose place it takes.

    Rows that are equal in what is left come in the order of their keys today, and in any order after the next index
    or the next version of the database. A change that sorts in Python instead is left to the comparison of results.
    """
    notes.compare("what queries sort by")
    if _sortings(edit.added) > _sortings(edit.removed):
        notes.leave_out("what queries sort by", "the change sorts by itself")
        return
    before, after = numbered(originals[0].units), numbered(patched.units)
    for key, unit in before.items():
        if key in after:
            _compare_unit(key, unit, after[key], notes)


def _compare_unit(key: UnitKey, before: UnitTrace, after: UnitTrace, notes: Notes) -> None:
    new = _whole_lists(after.statements, before.statements)
    for statement, shape in _whole_lists(before.statements, after.statements):
        takers = [its for other, its in new if its.main == shape.main and other.row_count == statement.row_count]
        missing = [[item for item in shape.order if item not in its.order] for its in takers]
        if missing and all(missing):
            notes.differ(
                f"{key}: a query of {shape.main} was sorted by {', '.join(shape.order)}, and is not sorted by"
                f" {', '.join(missing[0])} any more: that the rows come in the same order is chance"
            )


def _whole_lists(
    statements: Iterable[StatementTrace], others: Iterable[StatementTrace]
) -> list[tuple[StatementTrace, SelectShape]]:
    """Statements that only one side has, run once for several rows that were not looked up by their keys."""
    known = {statement.fingerprint for statement in others}
    found = []
    for statement in statements:
        shape = select_shape(statement.statement) if statement.fingerprint not in known else None
        is_list = statement.count == 1 and (statement.row_count or 0) > 1
        if is_list and shape is not None and shape.main and not shape.keys and not shape.is_reduced:
            found.append((statement, shape))
    return found


def _sortings(lines: Iterable[str]) -> int:
    return sum(len(_SORTING.findall(line)) for line in lines)
