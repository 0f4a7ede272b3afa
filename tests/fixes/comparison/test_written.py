"""Writes stay one transaction, and columns that vary are still written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ennead.fixes.comparison.notes import Notes
from ennead.fixes.comparison.written import compare_written
from ennead.fixes.trace import ReplayTrace, TableContent
from tests.fixes.replays import SMALL, original, statement, with_unit

WHOLE = "UPDATE orders SET is_paid = ?, changed_at = ? WHERE id = ?"
CUT = "UPDATE orders SET is_paid = ? WHERE id = ?"


def said(before: ReplayTrace, after: ReplayTrace, second: ReplayTrace | None = None) -> list[str]:
    notes = Notes()
    compare_written([before, second or before], after, notes)
    return list(notes.differences)


def in_transactions(number: int | None) -> ReplayTrace:
    return with_unit(original(SMALL), writing_transactions=number)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (9, 2), (0, 3), (None, 2), (2, None)])
def test_as_many_transactions_or_fewer_are_accepted(before: int | None, after: int | None) -> None:
    assert said(in_transactions(before), in_transactions(after)) == []


def test_more_transactions_are_refused() -> None:
    assert said(in_transactions(1), in_transactions(2)) == ["GET /orders at 10 rows wrote in 1 transaction, now in 2"]


def writing(sql: str, *, changed_at: str) -> ReplayTrace:
    content = TableContent(columns=("id", "is_paid", "changed_at"), rows=(("1", "1", changed_at),))
    trace = with_unit(original(SMALL), statements=(statement(sql),))
    return replace(trace, tables={"default.orders": content})


def test_a_column_that_varies_must_still_be_written() -> None:
    first, second = writing(WHOLE, changed_at="12:00"), writing(WHOLE, changed_at="12:01")
    (sentence,) = said(first, writing(CUT, changed_at="11:59"), second)
    assert sentence == "GET /orders at 10 rows does not write orders.changed_at any more"
    assert said(first, writing(WHOLE.replace("UPDATE", "UPDATE /* all */"), changed_at="12:02"), second) == []


def test_a_column_that_does_not_vary_is_compared_by_its_values_alone() -> None:
    first = writing(WHOLE, changed_at="12:00")
    assert said(first, writing(CUT, changed_at="12:00")) == []
