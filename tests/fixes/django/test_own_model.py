"""``self.model.objects`` is completed in a view that says itself what its model is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixes.django.projects import Project

VIEW = """
class OrderList(ListView):
    model = Order

    def get_queryset(self):
        rows = self.model.objects.all()
        return rows.order_by("day")
"""


def _added(views: str) -> list[list[str]]:
    project = Project(views)
    origin = project.site("self.model.objects.all()", function="OrderList.get_queryset")
    handler = project.site("class OrderList", function="OrderList")
    finding = project.relation("shop.Order.customer", "shop.Customer", origin, project.site("class OrderList"))
    finding = replace(finding, evidence={**finding.evidence, "handler": handler.to_dict()})
    return [project.added(found) for found in project.candidates(finding)]


def test_the_query_of_a_view_of_its_own_is_completed() -> None:
    added = _added(VIEW)

    assert added[0] == ['rows = self.model.objects.all().select_related("customer")']
    assert added[1] == ['rows = self.model.objects.all().prefetch_related("customer")']


@pytest.mark.parametrize(
    "views",
    [
        VIEW.replace("model = Order\n", "ordering = 1\n"),
        VIEW.replace("model = Order\n", "model = Customer\n"),
        VIEW + "\n\nclass OpenOrders(OrderList):\n    model = OpenOrder\n",
        VIEW.replace("objects.all()", "objects.all().union(others)"),
    ],
    ids=["no model", "another model", "a subclass", "a union"],
)
def test_what_may_be_any_model_is_left_alone(views: str) -> None:
    assert _added(views) == []
