"""Fields of serializers as call sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sources.django import project  # isort: skip -- sets Django up

from django.test import Client
from rest_framework import serializers as drf

from ennead.agent.snapshot import snapshot
from ennead.agent.units import AGENT
from ennead.kernel.call_site import CallSite
from ennead.kernel.records import RawQuery
from ennead.sources import rest_framework
from ennead.sources.django import orm, queries, requests
from tests.sources.django.rows import delete_all, orders, queries_of
from tests.sources.django.shop import serializers
from tests.sources.django.shop.models import Order, Tag
from tests.sources.django.shop.serializers import OrderSerializer

__all__ = ["project"]

SERIALIZERS = Path(str(serializers.__file__))
Place = tuple[str, str | None]


@pytest.fixture(autouse=True)
def _hooked() -> Iterator[None]:
    rest_framework.install()
    yield
    rest_framework.uninstall()
    delete_all()


def line_of(text: str, file: Path = SERIALIZERS) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def place(site: CallSite) -> Place:
    """The line's text and the note."""
    return (site.source or "", site.note)


def by_relation(found: tuple[RawQuery, ...], relation: str) -> list[Place]:
    paths = {query.call_path for query in found if query.orm and query.orm.relation == relation}
    assert len(paths) == 1
    return [place(site) for site in paths.pop()]


def serialized() -> Any:
    shown = OrderSerializer(Order.objects.order_by("pk"), many=True)
    return shown.data


CALL: Place = ("return shown.data", "for")
FIELDS: dict[str, tuple[str, list[Place]]] = {
    "nested serializer": (
        "shop.Order.item_set",
        [('items = ItemSerializer(source="item_set", many=True)', "serializer field OrderSerializer.items")],
    ),
    "first hop of a source": (
        "shop.Order.customer",
        [('phone = serializers.CharField(source="customer.profile.phone")', "serializer field OrderSerializer.phone")],
    ),
    "second hop of a source": (
        "shop.Customer.profile",
        [('phone = serializers.CharField(source="customer.profile.phone")', "serializer field OrderSerializer.phone")],
    ),
    "method field": (
        "shop.Order.notes",
        [
            ("return int(order.notes.count())", None),
            ("note_count = serializers.SerializerMethodField()", "serializer field OrderSerializer.note_count"),
        ],
    ),
    "string field": (
        "shop.Order.payer",
        [("payer = serializers.StringRelatedField()", "serializer field OrderSerializer.payer")],
    ),
    "str() of the related object": (
        "shop.Customer.orders",
        [
            ('return f"{self.name} of {self.orders.count()}"', None),
            ("payer = serializers.StringRelatedField()", "serializer field OrderSerializer.payer"),
        ],
    ),
    "field of Meta.fields": (
        "shop.Order.tags",
        [('"tags",', "serializer field OrderSerializer.tags")],
    ),
}


@pytest.mark.parametrize(("relation", "expected"), FIELDS.values(), ids=FIELDS)
def test_a_field_is_named_and_the_call_that_iterates_is_the_loop(relation: str, expected: list[Place]) -> None:
    orders(2)
    places = by_relation(queries_of(serialized), relation)
    assert places[: len(expected) + 1] == [*expected, CALL]


def test_the_whole_call_site_of_a_field() -> None:
    orders(1)
    found = queries_of(serialized)
    site = next(query.call_path[0] for query in found if query.orm and query.orm.relation == "shop.Order.tags")
    assert (site.line, site.function, site.module) == (
        line_of('"tags",'),
        "OrderSerializer",
        OrderSerializer.__module__,
    )
    assert site.file.endswith("tests/sources/django/shop/serializers.py")


def test_the_query_of_the_rows_stands_at_the_call_and_is_in_no_loop() -> None:
    orders(1)
    first = queries_of(serialized)[0]
    assert place(first.call_path[0]) == ("return shown.data", None)
    assert first.orm is not None
    assert first.orm.built_at is not None
    assert first.orm.built_at.source == 'shown = OrderSerializer(Order.objects.order_by("pk"), many=True)'


def test_one_object_is_no_loop() -> None:
    orders(1)

    def one() -> Any:
        shown = OrderSerializer(Order.objects.get())
        return shown.data

    places = by_relation(queries_of(one), "shop.Order.payer")
    assert [note for _, note in places if note == "for"] == []


def test_a_viewset_without_a_line_of_its_own_has_its_places_too() -> None:
    orders(2)
    ended: list[tuple[RawQuery, ...]] = []

    def listen(unit: Any) -> None:
        ended.append(snapshot(unit).queries)

    def page() -> None:
        assert Client().get("/api/orders/").status_code == 200

    requests.install()
    queries.install()
    orm.install()
    AGENT.add_listener(listen)
    try:
        page()
    finally:
        AGENT.remove_listener(listen)
        orm.uninstall()
        queries.uninstall()
        requests.uninstall()
    (found,) = ended
    assert [place(site) for site in found[0].call_path] == [
        ('queryset = Order.objects.order_by("pk")', "view OrderViewSet")
    ]
    assert by_relation(found, "shop.Order.payer") == [
        ("payer = serializers.StringRelatedField()", "serializer field OrderSerializer.payer"),
        ("class OrderSerializer(serializers.ModelSerializer):  # type: ignore[type-arg,unused-ignore]", "for"),
    ]


class TagSerializer(drf.ModelSerializer):  # type: ignore[type-arg,unused-ignore]
    class Meta:
        model = Tag
        fields = "__all__"


class NestedTwice(drf.ModelSerializer):  # type: ignore[type-arg,unused-ignore]
    orders = OrderSerializer(many=True)

    class Meta:
        model = Tag
        fields = ("orders",)


def test_a_loop_inside_a_loop_is_at_the_field_that_holds_it() -> None:
    orders(2)

    def nested() -> Any:
        shown = NestedTwice(Tag.objects.all(), many=True)
        return shown.data

    assert by_relation(queries_of(nested), "shop.Order.payer")[:3] == [
        ("payer = serializers.StringRelatedField()", "serializer field OrderSerializer.payer"),
        ("orders = OrderSerializer(many=True)", "for"),
        ("return shown.data", "for"),
    ]


class Inherited(OrderSerializer):
    """Declares nothing of its own."""


def test_a_field_is_found_in_the_class_that_declares_it() -> None:
    orders(1)

    def inherited() -> Any:
        shown = Inherited(Order.objects.all(), many=True)
        return shown.data

    places = by_relation(queries_of(inherited), "shop.Order.payer")
    assert places[0] == ("payer = serializers.StringRelatedField()", "serializer field Inherited.payer")


def test_all_fields_are_found_where_all_are_asked_for() -> None:
    orders(1)

    class AllFields(drf.ModelSerializer):  # type: ignore[type-arg,unused-ignore]
        class Meta:
            model = Order
            fields = "__all__"

    def everything() -> Any:
        shown = AllFields(Order.objects.all(), many=True)
        return shown.data

    places = by_relation(queries_of(everything), "shop.Order.tags")
    assert places[0] == ('fields = "__all__"', "serializer field AllFields.tags")


def test_rows_at_hand_need_no_query() -> None:
    orders(2)
    tags: Callable[[], Any] = lambda: TagSerializer(Tag.objects.all(), many=True).data  # noqa: E731
    assert len(queries_of(tags)) == 1
