"""Rows that a loop writes one by one are written after it."""

from __future__ import annotations

import pytest

from tests.fixes.django.projects import Project

HEAD = "from shop.models import Line, Order\n\n\n"


def _added(write: str, *, before: str = "", target: str = "shop.Order", relation: str | None = None) -> list[list[str]]:
    project = Project(
        f"{HEAD}def page():\n    for order in Order.objects.all():\n{before}        {write}\n    return 1\n"
    )
    evidence = {"target": target, "owner": "shop.Order", "method": write.split("(", maxsplit=1)[0].rpartition(".")[2]}
    finding = project.finding(
        code="write-n-plus-one", kind="update", access=project.site(write), relation=relation, evidence=evidence
    )
    return [project.added(candidate) for candidate in project.candidates(finding)]


WRITES = {
    "saved fields": (
        'order.save(update_fields=["state"])',
        {},
        ["order_rows.append(order)", 'Order.objects.bulk_update(order_rows, ["state"])'],
    ),
    "assigned fields": (
        "order.save()",
        {"before": "        order.state = 1\n        order.count += 1\n"},
        ["order_rows.append(order)", 'Order.objects.bulk_update(order_rows, ["state", "count"])'],
    ),
    "new rows": (
        "line.save()",
        {"before": "        line = Line(order=order)\n", "target": "shop.Line"},
        ["line_rows.append(line)", "Line.objects.bulk_create(line_rows)"],
    ),
    "create": (
        "Line.objects.create(order=order, sent=False)",
        {"target": "shop.Line"},
        ["line_rows.append(Line(order=order, sent=False))", "Line.objects.bulk_create(line_rows)"],
    ),
    "update by key": (
        "Order.objects.filter(pk=order.pk).update(state=1)",
        {},
        ["order_rows.append(order.pk)", "Order.objects.filter(pk__in=order_rows).update(state=1)"],
    ),
    "delete": (
        "order.delete()",
        {"before": "        print(order)\n"},
        ["order_rows.append(order.pk)", "Order.objects.filter(pk__in=order_rows).delete()"],
    ),
}


@pytest.mark.parametrize(("write", "more", "expected"), WRITES.values(), ids=WRITES)
def test_collects_and_writes_once(write: str, more: dict[str, str], expected: list[str]) -> None:
    name = expected[0].partition(".")[0]

    assert _added(write, **more)[0] == [f"{name} = []", *expected]


def test_a_loop_that_only_deletes_is_one_delete() -> None:
    assert _added("order.delete()")[0] == ["Order.objects.all().delete()"]


def test_links_are_rows_of_the_table_between() -> None:
    added = _added("order.tags.add(tag)", target="shop.Tag", relation="shop.Order.tags")[0]

    assert "tag_rows.append(Order.tags.through(order=order, tag=tag))" in added


@pytest.mark.parametrize(
    ("write", "before"),
    [
        ("Order.objects.filter(pk=order.pk).update(state=order.next)", ""),
        ('order.save(update_fields=["state"])', "        if order.bad:\n            return 2\n"),
        ("order.save()", ""),
        ('print(order.save(update_fields=["state"]))', ""),
    ],
    ids=["value of the row", "may leave the loop", "unknown fields", "the result is used"],
)
def test_leaves_alone_what_one_statement_cannot_write(write: str, before: str) -> None:
    assert _added(write, before=before) == []
