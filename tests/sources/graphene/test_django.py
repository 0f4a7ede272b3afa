"""graphene-django: a view that answers with types made of models, whose fields have no resolvers of the user's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sources.django import project  # isort: skip -- sets Django up

from django.test import Client, override_settings
from django.urls import path

from ennead.agent.unit_of_work import UnitOfWork
from tests.sources.django.rows import delete_all, orders
from tests.sources.django.shop import models
from tests.sources.elsewhere import only_in
from tests.sources.stories import Story, findings_of, observed, stories_of

__all__ = ["project"]

pytest.importorskip("graphene_django", reason=only_in("graphene"))

import graphene
from graphene_django import DjangoConnectionField, DjangoListField, DjangoObjectType
from graphene_django.views import GraphQLView

ORDERS = 4


class Customer(DjangoObjectType):
    class Meta:
        model = models.Customer
        fields = ("id", "name")


class Item(DjangoObjectType):
    class Meta:
        model = models.Item
        fields = ("id", "name")


class Order(DjangoObjectType):
    item_count = graphene.Int()

    class Meta:
        model = models.Order
        fields = ("id", "number", "customer", "item_set")
        interfaces = (graphene.relay.Node,)

    def resolve_item_count(self, info: Any) -> int:
        return int(self.item_set.count())


class Query(graphene.ObjectType):
    orders = graphene.List(Order)
    eager_orders = graphene.List(Order)
    order_list = DjangoListField(Order)
    order_pages = DjangoConnectionField(Order)

    def resolve_orders(self, info: Any) -> Any:
        return models.Order.objects.order_by("pk")

    def resolve_eager_orders(self, info: Any) -> Any:
        return models.Order.objects.select_related("customer").prefetch_related("item_set")


SCHEMA = graphene.Schema(query=Query)
urlpatterns = [path("graphql/<slug:version>/", GraphQLView.as_view(schema=SCHEMA))]


@pytest.fixture(autouse=True)
def _rows() -> Iterator[None]:
    orders(ORDERS)
    with override_settings(ROOT_URLCONF=__name__):
        yield
    delete_all()


def _answered(query: str) -> UnitOfWork:
    with observed() as units:
        response = Client().post("/graphql/v1/", {"query": query}, content_type="application/json")
    assert "errors" not in json.loads(response.content), response.content
    (unit,) = units
    assert (unit.name, unit.kind) == ("POST /graphql/<slug:version>/", "request")
    return unit


TYPE, RESOLVER = "class Order(DjangoObjectType):", "def resolve_orders(self, info: Any) -> Any:"
ORIGIN = 'return models.Order.objects.order_by("pk")'


@pytest.mark.parametrize(
    ("query", "relation", "origin", "loop", "access"),
    [
        ("{ orders { customer { name } } }", "shop.Order.customer", ORIGIN, RESOLVER, TYPE),
        ("{ orders { itemSet { name } } }", "shop.Order.item_set", ORIGIN, RESOLVER, TYPE),
        ("{ orders { itemCount } }", "shop.Order.item_set", ORIGIN, RESOLVER, "return int(self.item_set.count())"),
        (
            "{ orderList { customer { name } } }",
            "shop.Order.customer",
            "order_list = DjangoListField(Order)",
            "order_list = DjangoListField(Order)",
            TYPE,
        ),
        (
            "{ orderPages { edges { node { customer { name } } } } }",
            "shop.Order.customer",
            "order_pages = DjangoConnectionField(Order)",
            "order_pages = DjangoConnectionField(Order)",
            TYPE,
        ),
    ],
)
def test_a_field_for_each_row(query: str, relation: str, origin: str, loop: str, access: str) -> None:
    assert stories_of(_answered(query)) == [Story(relation, ORDERS, ORDERS, origin, loop, access)]


def test_the_field_is_named() -> None:
    (finding,) = findings_of(_answered("{ orders { customer { name } } }"))
    assert finding.call_site is not None
    assert finding.call_site.note == "GraphQL field Query.orders.customer"


def test_an_eager_load_is_silent() -> None:
    unit = _answered("{ eagerOrders { customer { name } itemSet { name } } }")
    assert len(unit.hits) == 2
    assert stories_of(unit) == []
