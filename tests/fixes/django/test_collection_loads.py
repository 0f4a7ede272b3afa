"""A part, a figure or one row of a collection comes with the rows, and is read from them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixes.django.projects import Project

HEAD = "from django.db.models import Sum\nfrom shop.models import Order\n\n\ndef page():\n"
SUM = 'annotate(value=Sum("amount")).values("value")'
WITH_LINK = {"link": "order_id"}


def _added(read: str, method: str, *, head: str = HEAD, **evidence: Any) -> list[list[str]]:
    project = Project(f"{head}    for order in Order.objects.all():\n        print({read})  # read\n")
    finding = project.relation(
        "shop.Order.lines",
        "shop.Line",
        project.site("Order.objects"),
        project.site(read),
        evidence={"cardinality": "many", "method": method, **evidence},
    )
    return [project.added(candidate) for candidate in project.candidates(finding)]


@pytest.mark.parametrize(
    ("read", "method", "evidence", "call", "instead"),
    [
        (
            "order.lines.count()",
            "count",
            {},
            'annotate(lines_count=Count("lines", distinct=True))',
            "order.lines_count",
        ),
        (
            "order.lines.filter(sent=True).exists()",
            "exists",
            {},
            'lines_count=Count("lines", filter=Q(lines__sent=True), distinct=True)',
            "(order.lines_count > 0)",
        ),
        (
            "order.lines.filter(sent=True)",
            "filter",
            {},
            'Prefetch("lines", queryset=Line.objects.filter(sent=True), to_attr="lines_wanted")',
            "order.lines_wanted",
        ),
        (
            'order.lines.exclude(sent=True).order_by("day")[:2]',
            "slice",
            {"order": ["day"]},
            'queryset=Line.objects.exclude(sent=True).order_by("day")[:2], to_attr="first_lines"',
            "order.first_lines",
        ),
        (
            'order.lines.latest("day")',
            "latest",
            {"order": ["-day"]},
            'queryset=Line.objects.order_by("-day")[:1], to_attr="first_lines"',
            "order.first_lines[0]",
        ),
        (
            'order.lines.values_list("day", flat=True)',
            "values_list",
            {},
            'prefetch_related("lines")',
            "[item.day for item in order.lines.all()]",
        ),
        (
            'order.lines.aggregate(total=Sum("amount"))["total"]',
            "aggregate",
            WITH_LINK,
            "Subquery(",
            "order.lines_sum",
        ),
    ],
    ids=["count", "exists", "part", "slice", "latest", "values", "aggregate"],
)
def test_loads_with_the_rows(read: str, method: str, evidence: dict[str, Any], call: str, instead: str) -> None:
    first = _added(read, method, **evidence)[0]

    assert any(call in line for line in first), first
    assert f"print({instead})  # read" in first


def test_asks_with_exists_where_a_foreign_key_leads_back() -> None:
    first = _added("order.lines.filter(sent=True).exists()", "exists", **WITH_LINK)[0]

    assert 'has_lines=Exists(Line.objects.filter(order_id=OuterRef("pk")).filter(sent=True))' in first
    assert "from django.db.models import Exists, OuterRef, Sum" in first
    assert "from shop.models import Line, Order" in first


@pytest.mark.parametrize(
    ("read", "method"),
    [
        ("order.lines.filter(day=order.day)", "filter"),
        ('order.lines.order_by("day")[2:4]', "slice"),
        ("order.lines.annotate(x=1)", "annotate"),
    ],
    ids=["depends on the row", "slice from the middle", "unknown call"],
)
def test_leaves_alone_what_differs_from_row_to_row(read: str, method: str) -> None:
    assert _added(read, method, order=["day"]) == []


def test_a_name_of_the_same_function_can_be_said_at_the_query_and_one_of_the_loop_cannot() -> None:
    before = f"{HEAD}    today = now()\n"

    assert "lines_count" in str(_added("order.lines.filter(day=today).count()", "count", head=before))
    assert _added("order.lines.filter(day=other).count()", "count", head=HEAD) == []


def test_a_filter_on_the_relation_itself_would_falsify_a_joined_count() -> None:
    project = Project(
        f"{HEAD}    for order in Order.objects.filter(lines__sent=True):\n        print(order.lines.count())\n"
    )
    finding = project.relation(
        "shop.Order.lines",
        "shop.Line",
        project.site("Order.objects"),
        project.site("order.lines.count()"),
        evidence={"cardinality": "many", "method": "count"},
    )

    assert [candidate.strategy for candidate in project.candidates(finding)] == ["prefetch"]


def test_a_method_of_the_model_asks_the_database_for_rows_that_came_otherwise() -> None:
    project = Project(f"{HEAD}    return [order.newest() for order in Order.objects.all()]\n")
    access = project.site('self.lines.order_by("-day").first()', "Order.newest", "shop/models.py")
    finding = project.relation(
        "shop.Order.lines",
        "shop.Line",
        project.site("Order.objects"),
        access,
        path=(project.site("order.newest()"),),
        evidence={"cardinality": "many", "method": "first", "order": ["-day"]},
    )

    added = project.added(project.candidates(finding)[0])

    assert 'if hasattr(self, "first_lines")' in added
    assert 'else self.lines.order_by("-day").first()' in added


LOOK_UP = """
from shop.models import Line, Order


def page():
    for order in Order.objects.all():
        open_lines = Line.objects.filter(order=order, sent=False)
        print(open_lines.count())
"""


def test_a_look_up_by_foreign_key_is_the_relation_backwards() -> None:
    project = Project(LOOK_UP)
    finding = project.finding(
        kind="aggregate",
        access=project.site("open_lines.count()"),
        origin=project.site("Order.objects"),
        evidence={"set_columns": ["order_id"], "method": "count"},
    )

    added = project.added(project.candidates(finding)[0])

    assert added == [
        "from django.db.models import Count, Q",
        "for order in Order.objects.all().annotate(",
        'lines_count=Count("lines", filter=Q(lines__sent=False), distinct=True)',
        "):",
        "print(order.lines_count)",
    ]


THROUGH_A_JOIN = """
from shop.models import Line


def page(cart):
    for entry in cart.entries.select_related("order"):
        print(newest(entry.order))


def newest(order):
    return Line.objects.filter(order=order).order_by("-day").first()
"""


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ('cart.entries.select_related("order")', "order__lines"),
        ("Order.objects.all()", "lines"),
        ("Bill.objects.all()", None),
    ],
)
def test_the_way_to_the_owner_of_looked_up_rows(rows: str, path: str | None) -> None:
    project = Project(THROUGH_A_JOIN.replace('cart.entries.select_related("order")', rows))
    read = 'Line.objects.filter(order=order).order_by("-day").first()'
    finding = project.finding(
        kind="lookup",
        access=project.site(read, "newest"),
        path=(project.site("newest(entry.order)"),),
        origin=project.site(rows),
        evidence={"set_columns": ["order_id"], "method": "first", "order": ["-day"]},
    )

    first = "".join(project.added(project.candidates(finding)[0]))

    assert (f'Prefetch("{path}"' in first) is (path is not None)


def test_a_prefetch_beside_others_gets_a_line_of_its_own() -> None:
    head = "from shop.models import Line, Order\n\n\ndef page():\n"
    project = Project(
        f'{head}    orders = Order.objects.prefetch_related("tags").all()\n    for order in orders:\n'
        "        print(list(order.lines.filter(sent=True)))\n"
    )
    finding = project.relation(
        "shop.Order.lines",
        "shop.Line",
        project.site("Order.objects"),
        project.site("order.lines.filter(sent=True)"),
        evidence={"cardinality": "many", "method": "filter"},
    )

    assert project.added(project.candidates(finding)[0]) == [
        "from django.db.models import Prefetch",
        "orders = Order.objects.prefetch_related(",
        '"tags",',
        'Prefetch("lines", queryset=Line.objects.filter(sent=True), to_attr="lines_wanted"),',
        ").all()",
        "print(list(order.lines_wanted))",
    ]


@pytest.mark.parametrize(
    ("target", "queried"),
    [
        ("shop.Line", "queryset=Line.objects.all()[:1]"),
        ("partner.Stock", 'queryset=apps.get_model("partner", "Stock").objects.all()[:1]'),
    ],
    ids=["imported", "asked for by its label"],
)
def test_a_model_that_no_file_defines_is_asked_for_by_its_label(target: str, queried: str) -> None:
    written = _added("order.lines.all()[0]", "slice", target=target, order=[])[0]

    assert queried in "".join(written)
    assert ("from django.apps import apps" in written) is (target != "shop.Line")


def test_a_model_without_an_import_is_not_asked_for_before_the_apps_are_loaded() -> None:
    project = Project(
        "rows = Order.objects.all()\n\n\ndef page():\n    for order in rows:\n        order.lines.all()[0]\n"
    )
    finding = project.relation(
        "shop.Order.lines",
        "partner.Stock",
        project.site("Order.objects"),
        project.site("order.lines.all()[0]"),
        evidence={"cardinality": "many", "method": "slice", "order": []},
    )

    assert project.candidates(finding) == []
