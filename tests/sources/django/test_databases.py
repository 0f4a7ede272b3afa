"""Several databases: routers, ``using()``, loops over one that ask another; findings name the alias."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sources.django import project  # isort: skip -- sets Django up

from django.db import connections
from django.http import JsonResponse
from django.test import Client, override_settings
from django.urls import path

from ennead.agent.unit_of_work import UnitOfWork
from tests.sources.django.shop.models import Customer, Order, Tag
from tests.sources.stories import Story, findings_of, observed, stories_of

__all__ = ["project"]

ORDERS = 4
ALIASES = ("default", "archive")


class ReadsFromTheArchive:
    """Reads go to one database, writes to the other."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "archive"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True


def routed(_request: Any, kind: str) -> JsonResponse:
    orders = Order.objects.order_by("pk")
    if kind == "eager":
        orders = orders.select_related("customer")
    names: list[str] = []
    for order in orders:
        names += [order.customer.name]
    return JsonResponse(names, safe=False)


def both(_request: Any) -> JsonResponse:
    names: list[str] = []
    for alias in ALIASES:
        for order in Order.objects.using(alias).order_by("pk"):
            names += [order.customer.name]
    return JsonResponse(names, safe=False)


def across(_request: Any) -> JsonResponse:
    names: list[str] = []
    for order in Order.objects.using("default").order_by("pk"):
        names += [Customer.objects.using("archive").get(pk=order.customer_id).name]
    return JsonResponse(names, safe=False)


def alternating(_request: Any) -> JsonResponse:
    counts: list[int] = []
    for alias in ALIASES:
        counts += [Order.objects.using(alias).count(), Tag.objects.using(alias).count()]
    return JsonResponse(counts, safe=False)


def by_hand(_request: Any) -> JsonResponse:
    names: list[Any] = []
    with connections["default"].cursor() as keys, connections["archive"].cursor() as cursor:
        keys.execute("SELECT customer_id FROM shop_order")
        for (key,) in keys.fetchall():
            cursor.execute("SELECT name FROM shop_customer WHERE id = %s", [key])
            names += cursor.fetchone()
    return JsonResponse(names, safe=False)


urlpatterns = [
    path("by-hand/", by_hand),
    path("routed/<slug:kind>/", routed),
    path("both/", both),
    path("across/", across),
    path("alternating/", alternating),
]


@pytest.fixture(autouse=True)
def _rows() -> Iterator[None]:
    for alias in ALIASES:
        for number in range(ORDERS):
            customer = Customer.objects.using(alias).create(pk=number + 1, name=f"{alias} {number}")
            Order.objects.using(alias).create(customer=customer, number=str(number))
    with override_settings(ROOT_URLCONF=__name__):
        yield


def _answered(url: str) -> UnitOfWork:
    with observed() as units:
        response = Client().get(url)
    assert response.status_code == 200
    (unit,) = units
    return unit


def _aliases(unit: UnitOfWork) -> list[str]:
    return [hit.connection.name for hit in unit.hits]


ACCESS = "names += [order.customer.name]"


def test_a_router_chooses_the_alias() -> None:
    with override_settings(DATABASE_ROUTERS=[ReadsFromTheArchive()]):
        unit = _answered("/routed/lazy/")
    assert unit.name == "GET /routed/<slug:kind>/"
    assert _aliases(unit) == ["archive"] * (1 + ORDERS)
    origin, loop = 'orders = Order.objects.order_by("pk")', "for order in orders:"
    assert stories_of(unit) == [Story("shop.Order.customer", ORDERS, ORDERS, origin, loop, ACCESS)]
    assert findings_of(unit)[0].evidence["connection"] == "archive"


def test_an_eager_load_through_a_router_is_silent() -> None:
    with override_settings(DATABASE_ROUTERS=[ReadsFromTheArchive()]):
        unit = _answered("/routed/eager/")
    assert _aliases(unit) == ["archive"]
    assert stories_of(unit) == []


@pytest.mark.parametrize("larger", ALIASES)
def test_the_same_statement_on_two_connections_is_no_group(larger: str) -> None:
    """The place is one finding, told with the alias of which there is more."""
    customer = Customer.objects.using(larger).create(pk=ORDERS + 1, name="one more")
    Order.objects.using(larger).create(customer=customer, number="more")
    unit = _answered("/both/")
    smaller = ORDERS + 1
    assert sorted([_aliases(unit).count(alias) for alias in ALIASES]) == [smaller, smaller + 1]
    loop = 'for order in Order.objects.using(alias).order_by("pk"):'
    assert stories_of(unit) == [Story("shop.Order.customer", ORDERS + 1, ORDERS + 1, loop, loop, ACCESS)]
    assert findings_of(unit)[0].evidence["connection"] == larger


def test_a_loop_over_one_database_that_asks_another() -> None:
    unit = _answered("/across/")
    assert _aliases(unit) == ["default", *["archive"] * ORDERS]
    loop = 'for order in Order.objects.using("default").order_by("pk"):'
    access = 'names += [Customer.objects.using("archive").get(pk=order.customer_id).name]'
    assert stories_of(unit) == [Story(None, ORDERS, ORDERS, loop, loop, access)]
    assert findings_of(unit)[0].evidence["connection"] == "archive"


def test_once_for_each_database_is_silent() -> None:
    unit = _answered("/alternating/")
    assert _aliases(unit) == ["default", "default", "archive", "archive"]
    assert stories_of(unit) == []


def test_statements_by_hand_name_the_alias() -> None:
    unit = _answered("/by-hand/")
    assert _aliases(unit) == ["default", *["archive"] * ORDERS]
    (finding,) = findings_of(unit)
    assert (finding.query_count, finding.evidence["connection"]) == (ORDERS, "archive")
    assert finding.loop is not None
    assert finding.loop.source == "for (key,) in keys.fetchall():"
