"""A query may sort by more than before, and not by less, whatever order chance gives its rows."""

from __future__ import annotations

import pytest

from ennead.fixes.comparison.edit import Edit
from ennead.fixes.comparison.notes import Notes
from ennead.fixes.comparison.sort_orders import compare_sort_orders
from ennead.fixes.trace import StatementTrace
from tests.fixes.replays import SMALL, original, repaired, statement, with_statements

ORDERS = "SELECT orders.id FROM orders ORDER BY orders.kind, orders.placed_at DESC"
JOINED = "SELECT o.id, c.name FROM orders AS o LEFT OUTER JOIN customers AS c ON o.customer_id = c.id"


def said(patched: StatementTrace, before: str = ORDERS, edit: Edit | None = None) -> list[str]:
    notes = Notes()
    first = with_statements(original(SMALL), statement(before, rows=SMALL))
    compare_sort_orders([first], with_statements(repaired(SMALL), patched), edit or Edit(), notes)
    return list(notes.differences)


@pytest.mark.parametrize(
    ("order", "missing"),
    [
        ("", "kind, placed_at desc"),
        (" ORDER BY o.kind", "placed_at desc"),
        (" ORDER BY o.kind, o.placed_at", "placed_at desc"),
    ],
)
def test_sorting_by_less_is_refused(order: str, missing: str) -> None:
    assert said(statement(JOINED + order, rows=SMALL)) == [
        (
            "GET /orders: a query of orders was sorted by kind, placed_at desc, and is not sorted by"
            f" {missing} any more: that the rows come in the same order is chance"
        )
    ]


@pytest.mark.parametrize("order", [" ORDER BY o.kind, o.placed_at DESC", " ORDER BY o.kind, o.placed_at DESC, o.id"])
def test_sorting_by_as_much_or_more_is_accepted(order: str) -> None:
    assert said(statement(JOINED + order, rows=SMALL)) == []


@pytest.mark.parametrize(
    "patched",
    [
        statement(f"{JOINED} WHERE o.id IN (?)", rows=SMALL),
        statement(f"{JOINED} GROUP BY o.id", rows=SMALL),
        statement(JOINED, rows=SMALL // 2),
        statement(JOINED, count=SMALL, rows=SMALL),
        statement("SELECT customers.id FROM customers", rows=SMALL),
    ],
    ids=["looked up by keys", "grouped", "other rows", "run for each row", "another table"],
)
def test_what_is_no_list_in_the_place_of_another_may_be_unsorted(patched: StatementTrace) -> None:
    assert said(patched) == []


def test_of_two_lists_one_may_be_unsorted_as_before() -> None:
    everything = statement("SELECT orders.id FROM orders", rows=SMALL)
    first = with_statements(original(SMALL), statement(ORDERS, rows=SMALL), everything)
    sorted_list = statement(f"{JOINED} ORDER BY o.kind, o.placed_at DESC", rows=SMALL)
    lists = with_statements(repaired(SMALL), statement(JOINED, rows=SMALL), sorted_list)
    notes = Notes()
    compare_sort_orders([first], lists, Edit(), notes)
    assert notes.differences == {}


def test_what_was_not_sorted_need_not_be() -> None:
    assert said(statement(JOINED, rows=SMALL), before="SELECT orders.id FROM orders") == []


def test_a_change_that_sorts_by_itself_is_left_to_the_results() -> None:
    edit = Edit.between({"a.py": "rows = orders\n"}, {"a.py": "rows = sorted(orders)\n"})
    assert said(statement(JOINED, rows=SMALL), edit=edit) == []
