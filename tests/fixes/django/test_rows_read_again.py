"""Rows that are refreshed, rows beside each row, and what newer versions offer."""

from __future__ import annotations

from importlib import metadata

import pytest

from tests.fixes.django.projects import VIEWS, Project

REFRESH = 'order.refresh_from_db(fields=["state", "day"])'


def _refreshed(call: str) -> list[list[str]]:
    head = "from shop.models import Order\n\n\ndef page():\n    orders = list(Order.objects.all())\n"
    project = Project(f"{head}    for order in orders:\n        {call}\n")
    finding = project.finding(
        kind="lookup", access=project.site(call), evidence={"method": "refresh_from_db", "target": "shop.Order"}
    )
    return [project.added(candidate) for candidate in project.candidates(finding)]


def test_fields_are_taken_from_fresh_rows() -> None:
    assert _refreshed(REFRESH)[0] == [
        'fresh = Order.objects.only("state", "day").in_bulk([order.pk for order in orders])',
        "order.state = fresh[order.pk].state",
        "order.day = fresh[order.pk].day",
    ]


def test_a_refresh_of_unknown_fields_is_left_alone() -> None:
    assert _refreshed("order.refresh_from_db()") == []


NEXT = "Order.objects.filter(day__gt=order.day).order_by('day').first()"


def _neighbour(read: str, rows: str) -> list[list[str]]:
    project = Project(
        f"from shop.models import Order\n\n\ndef page(orders):\n    for order in {rows}:\n        print({read})\n"
    )
    finding = project.finding(
        kind="lookup", access=project.site(read), evidence={"method": "first", "order": ["day"], "set_columns": []}
    )
    return [project.added(candidate) for candidate in project.candidates(finding)]


def test_the_row_beside_each_is_found_by_the_query_of_the_rows() -> None:
    added = _neighbour(NEXT, "Order.objects.all()")[0]

    assert "print(order_by_pk.get(order.order_pk))" in added
    assert "order_by_pk = Order.objects.in_bulk([order.order_pk for order in items])" in added
    assert any('filter(day__gt=OuterRef("day"))' in line for line in added)


def test_rows_that_are_no_query_set_cannot_be_asked() -> None:
    assert _neighbour(NEXT, "orders") == []


@pytest.mark.parametrize(("version", "last"), [("6.1", "fetch-mode"), ("5.2.19", "prefetch")])
def test_fetch_modes_are_offered_where_django_has_them(
    monkeypatch: pytest.MonkeyPatch, version: str, last: str
) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: version)
    project = Project("def page():\n    for order in Order.objects.all():\n        print(order.customer)\n")
    finding = project.relation(
        "shop.Order.customer", "shop.Customer", project.site("Order.objects"), project.site("order.customer")
    )

    assert project.candidates(finding)[-1].strategy == last


STACK = """
from shop.models import Depot


def page():
    stack = list(Depot.objects.filter(parent=None))
    while stack:
        node = stack.pop()
        stack.extend(node.children.all())
"""
RECURSION = """
from shop.models import Depot


def page():
    def names(node):
        yield node.name
        for child in node.children.all():
            yield from names(child)

    return list(names(Depot.objects.get(parent=None)))
"""


@pytest.mark.parametrize(
    ("views", "calls", "before"),
    [(STACK, (), "    while stack:"), (RECURSION, ("names(child)", "list(names("), "    return list(")],
    ids=["stack", "recursion"],
)
def test_a_tree_is_loaded_whole_in_front_of_the_walk(views: str, calls: tuple[str, ...], before: str) -> None:
    project = Project(views)
    access = project.site("node.children.all()")
    finding = project.relation(
        "shop.Depot.children",
        "shop.Depot",
        access,
        access,
        path=tuple(project.site(call) for call in calls),
        evidence={"cardinality": "many", "method": "all", "set_columns": ["parent_id"], "order": []},
    )

    (candidate,) = project.candidates(finding)

    assert "node.children.all()" not in candidate.files[VIEWS]
    assert "children_of[node.pk]" in candidate.files[VIEWS]
    assert f"        children_of[each.parent_id].append(each)\n{before}" in candidate.files[VIEWS]


def test_a_tree_is_left_alone_whose_walk_begins_elsewhere() -> None:
    project = Project(RECURSION.replace("def page():\n", "if True:\n").replace("return list", "walk = list"))
    access = project.site("node.children.all()")
    evidence = {"cardinality": "many", "method": "all", "set_columns": ["parent_id"], "order": []}
    finding = project.relation("shop.Depot.children", "shop.Depot", access, access, evidence=evidence)

    assert project.candidates(finding) == []
