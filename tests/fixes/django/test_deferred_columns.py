"""Columns that are read are loaded."""

from __future__ import annotations

import pytest

from tests.fixes.django.projects import Project


def _added(query: str) -> list[list[str]]:
    project = Project(f"def page():\n    for order in {query}:\n        print(order.notes)\n")
    finding = project.relation(
        "shop.Order.notes",
        "shop.Order",
        project.site("Order.objects"),
        project.site("order.notes"),
        kind="deferred",
        evidence={"cardinality": None},
    )
    return [project.added(candidate) for candidate in project.candidates(finding)]


@pytest.mark.parametrize(
    ("query", "loaded"),
    [
        ('Order.objects.only("number")', 'Order.objects.only("number", "notes")'),
        ('Order.objects.defer("notes", "number")', 'Order.objects.defer("number")'),
        ('Order.objects.defer("notes")', "Order.objects.all()"),
        ('Order.objects.defer("notes").filter(open=True)', "Order.objects.all().filter(open=True)"),
    ],
)
def test_loads_the_column(query: str, loaded: str) -> None:
    assert _added(query)[0][0] in (f"for order in {loaded}:", f"for order in {loaded.replace('.all()', '')}:")


def test_leaves_a_query_alone_that_loads_all_columns() -> None:
    assert _added("Order.objects.all()") == []
