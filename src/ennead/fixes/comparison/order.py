"""Whether a list may come in another order, because no query promised one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.comparison.values import Difference
    from ennead.fixes.trace import StatementTrace, UnitTrace

_ORDERING = re.compile(
    r"\b(?:sorted|sort|reversed?|order_by|ordering|earliest|latest|heapq|nlargest|nsmallest)\b", re.IGNORECASE
)
_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)


def may_come_in_any_order(unit: UnitTrace, difference: Difference, edit: Edit) -> bool:
    """Whether every query that may have fed a list leaves the order of its rows open.

    A list inside another list's element is fed by what ran for each of them; any other list by a query that gave as
    many rows. If the change takes out a word that orders (``sorted``, ``order_by``), the order was meant.

    Parameters
    ----------
    unit
        The original unit of work.
    difference
        A list that has the same elements in another order.
    edit
        The change.
    """
    if _orderings(edit.removed) > _orderings(edit.added):
        return False
    feeding = _feeding(unit.statements, difference)
    return bool(feeding) and not any(_is_ordered(statement) for statement in feeding)


def _feeding(statements: Sequence[StatementTrace], difference: Difference) -> list[StatementTrace]:
    reads = [statement for statement in statements if not statement.is_write and statement.tables]
    if "[" in difference.path:
        repeated = [statement for statement in reads if statement.count > 1]
        return repeated or reads
    return [read for read in reads if read.row_count is None or read.row_count >= difference.length]


def _is_ordered(statement: StatementTrace) -> bool:
    return statement.is_ordered or _ORDER_BY.search(statement.statement) is not None


def _orderings(lines: Sequence[str]) -> int:
    return sum(len(_ORDERING.findall(line)) for line in lines)
