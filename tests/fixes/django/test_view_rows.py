"""Rows whose query only a template shows are completed in the view that answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ennead.kernel.call_site import CallSite
from tests.fixes.django.projects import Project

if TYPE_CHECKING:
    from ennead.kernel.finding import Finding

LIST = """
class OrderList(ListView):
    model = Order
    ordering = "day"
"""
DETAIL = """
def orders_of(user):
    rows = Order.objects.filter(user=user)
    return rows


def order_or_404(user, number):
    try:
        return orders_of(user).get(number=number)
    except Order.DoesNotExist:
        raise Http404


class OrderDetail(DetailView):
    model = Order
    context_object_name = "bill"

    def get(self, request):
        return other.filter(x=1)

    def get_object(self):
        return order_or_404(self.request.user, 1)
"""
FILE = "shop/templates/shop/order.html"


def _line(source: str, line: int = 2) -> CallSite:
    return CallSite(FILE, line, "shop/order.html", source, "django-template")


def _found(project: Project, view: str, origin: CallSite, relation: str = "shop.Order.customer") -> Finding:
    access = _line("{{ order.customer }}", 9)
    handler = project.site(f"class {view}", function=view)
    finding = project.relation(relation, "shop.Customer", origin, access)
    return replace(finding, evidence={**finding.evidence, "handler": handler.to_dict()})


def _added(project: Project, finding: Finding) -> list[list[str]]:
    return [project.added(found) for found in project.candidates(finding)]


@pytest.mark.parametrize("line", ["{% if orders %}", "{% extends 'table.html' %}", "{% for order in order_list %}"])
def test_a_view_that_leaves_the_query_to_its_base_gets_a_method(line: str) -> None:
    project = Project(LIST)

    added = _added(project, _found(project, "OrderList", _line(line)))

    assert added[0] == ["def get_queryset(self):", 'return super().get_queryset().select_related("customer")']


def test_a_view_of_another_model_is_left_alone() -> None:
    project = Project(LIST.replace("model = Order", "model = Customer"))

    assert _added(project, _found(project, "OrderList", _line("{% if orders %}"))) == []


COLLECTIONS = ["{% for line in bill.lines.all %}", "{% if bill.lines.all %}", "{{ object.lines.all|length }}"]


@pytest.mark.parametrize("line", COLLECTIONS)
def test_a_collection_of_the_object_is_loaded_where_the_object_is_queried(line: str) -> None:
    project = Project(DETAIL)

    added = _added(project, _found(project, "OrderDetail", _line(line), "shop.Line.product"))

    assert added[0] == ['rows = Order.objects.filter(user=user).prefetch_related("lines__product")']


@pytest.mark.parametrize("given", ["{% with lines=bill.lines.all %}", "{% with bill.lines.all as lines %}"])
def test_a_collection_may_have_got_a_name(given: str) -> None:
    project = Project(DETAIL, {FILE: f"{given}\n{{% if lines %}}\n"})

    added = _added(project, _found(project, "OrderDetail", _line("{% if lines %}"), "shop.Line.product"))

    assert added[0] == ['rows = Order.objects.filter(user=user).prefetch_related("lines__product")']


@pytest.mark.parametrize("line", ["{% for line in basket.lines.all %}", "{% for line in bill.shop.lines.all %}"])
def test_collections_of_other_objects_are_left_alone(line: str) -> None:
    project = Project(DETAIL)

    assert _added(project, _found(project, "OrderDetail", _line(line), "shop.Line.product")) == []
