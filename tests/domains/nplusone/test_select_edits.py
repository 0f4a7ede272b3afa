"""Advice in the user's own line, or none where the line cannot be read."""

from __future__ import annotations

from typing import Literal

import pytest

from ennead.domains.nplusone.select_edits import append_to_query_of, append_to_select, extend_select
from ennead.kernel.call_site import CallSite


def place(source: str, language: Literal["python", "django-template"] = "python") -> CallSite:
    return CallSite("views.py", 3, "page", source, language=language)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("query = Order.select()", "query = Order.select(Order, Customer).join(Customer)"),
        ("query = Order.select(Order.id).limit(3)", "query = Order.select(Order.id, Customer).join(Customer).limit(3)"),
        ("for order in shop.Order.select():", "for order in shop.Order.select(Order, Customer).join(Customer):"),
        ("names = ['ä', *Order.select()]", "names = ['ä', *Order.select(Order, Customer).join(Customer)]"),
        ("query = Line.select()", None),
        ("query = (Order", None),
        ("both = Order.select() | Order.select()", None),
        ("rows = query", None),
    ],
)
def test_columns_and_joins(line: str, expected: str | None) -> None:
    assert extend_select(place(line), "Order", "Customer", ".join(Customer)") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("orders = Order.select().order_by(Order.id)", "orders = Order.select().order_by(Order.id).prefetch(Line)"),
        ("order = Order.select().first()", "order = Order.select().prefetch(Line).first()"),
        ("orders = list(everything)", None),
    ],
)
def test_a_call_behind_a_select(line: str, expected: str | None) -> None:
    assert append_to_select(place(line), "Order", ".prefetch(Line)") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("orders = await Order.all()", "orders = await Order.all().load()"),
        ("async for order in Order.filter(day=1).limit(3):", "async for order in Order.filter(day=1).limit(3).load():"),
        ("days = await Order.all().values('day')", "days = await Order.all().load().values('day')"),
        ("lines = await Line.all()", None),
        ("found = Order.all(), Order.filter(day=1)", None),
    ],
)
def test_a_call_behind_a_chain(line: str, expected: str | None) -> None:
    assert append_to_query_of(place(line), "Order", ".load()") == expected


def test_templates_are_left_alone() -> None:
    assert append_to_query_of(place("{% for order in Order.all() %}", "django-template"), "Order", ".load()") is None
