"""Each sort of ORM evidence, whole, and the twins that have none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Prefetch, Sum, prefetch_related_objects

from ennead.kernel.records import OrmEvidence
from tests.sources.django.rows import orders, queries_of
from tests.sources.django.shop.models import Customer, Item, Note, Order, Premium, Profile, Tag, Warehouse

Work = Callable[[Any], object]

BETWEEN = "shop.Order_tags" if django.VERSION >= (5,) else "shop.Tag"
"""What Django counts of a many-to-many relation on a database with foreign keys."""


def evidence(**fields: Any) -> OrmEvidence:
    return OrmEvidence(library="django", **fields)


def lazy(relation: str, target: str, cardinality: str, method: str | None, **fields: Any) -> OrmEvidence:
    values = {"kind": "relation", "models": (target,), **fields}
    return evidence(
        lazy_load=True,
        relation=relation,
        owner=relation.rpartition(".")[0],
        target=target,
        cardinality=cardinality,
        method=method,
        **values,
    )


def eager(relation: str, target: str, cardinality: str, **fields: Any) -> OrmEvidence:
    return evidence(
        kind="relation",
        relation=relation,
        owner=relation.rpartition(".")[0],
        target=target,
        cardinality=cardinality,
        models=(target,),
        method="prefetch_related",
        eager=True,
        **fields,
    )


def lookup(target: str, method: str, kind: str | None = "lookup", models: tuple[str, ...] = ()) -> OrmEvidence:
    return evidence(kind=kind, target=target, models=models or (target,), method=method)


def write(target: str, method: str, **fields: Any) -> OrmEvidence:
    return evidence(**{"target": target, "models": (target,), "method": method, **fields})


def last_evidence(work: Work) -> OrmEvidence | None:
    """The evidence of the last statement that is no transaction control."""
    orders(2)
    order = Order.objects.order_by("pk")[0]
    queries = [query for query in queries_of(lambda: work(order)) if query.tables]
    return queries[-1].orm


RELATIONS: dict[str, tuple[Work, OrmEvidence]] = {
    "forward foreign key": (
        lambda order: order.customer,
        lazy("shop.Order.customer", "shop.Customer", "one", None),
    ),
    "forward one-to-one": (
        lambda _: Profile.objects.all()[0].customer,
        lazy("shop.Profile.customer", "shop.Customer", "one", None),
    ),
    "reverse one-to-one": (
        lambda _: Customer.objects.all()[0].profile,
        lazy("shop.Customer.profile", "shop.Profile", "one", None),
    ),
    "generic foreign key": (
        lambda _: Note.objects.all()[0].subject,
        lazy("shop.Note.subject", "shop.Order", "one", "GenericForeignKey"),
    ),
    "reverse foreign key, all": (
        lambda order: list(order.item_set.all()),
        lazy("shop.Order.item_set", "shop.Item", "many", "all"),
    ),
    "reverse foreign key, filter": (
        lambda order: list(order.item_set.filter(name="pen")),
        lazy("shop.Order.item_set", "shop.Item", "many", "filter"),
    ),
    "reverse foreign key, order_by": (
        lambda order: list(order.item_set.order_by("name")),
        lazy("shop.Order.item_set", "shop.Item", "many", "order_by"),
    ),
    "reverse foreign key, slice": (
        lambda order: list(order.item_set.all()[:1]),
        lazy("shop.Order.item_set", "shop.Item", "many", "slice"),
    ),
    "reverse foreign key, distinct": (
        lambda order: list(order.item_set.distinct()),
        lazy("shop.Order.item_set", "shop.Item", "many", "distinct"),
    ),
    "reverse foreign key, values": (
        lambda order: list(order.item_set.values("name")),
        lazy("shop.Order.item_set", "shop.Item", "many", "values"),
    ),
    "reverse foreign key, values_list": (
        lambda order: list(order.item_set.values_list("name", flat=True)),
        lazy("shop.Order.item_set", "shop.Item", "many", "values_list"),
    ),
    "reverse foreign key, iterator": (
        lambda order: list(order.item_set.iterator()),
        lazy("shop.Order.item_set", "shop.Item", "many", "iterator"),
    ),
    "reverse foreign key, count": (
        lambda order: order.item_set.count(),
        lazy("shop.Order.item_set", "shop.Item", "many", "count", kind="aggregate"),
    ),
    "reverse foreign key, filtered count": (
        lambda order: order.item_set.filter(price=1).exclude(name="ink").count(),
        lazy("shop.Order.item_set", "shop.Item", "many", "count", kind="aggregate"),
    ),
    "reverse foreign key, exists": (
        lambda order: order.item_set.exists(),
        lazy("shop.Order.item_set", "shop.Item", "many", "exists", kind="aggregate"),
    ),
    "reverse foreign key, contains": (
        lambda order: order.item_set.contains(Item(pk=1)),
        lazy("shop.Order.item_set", "shop.Item", "many", "contains", kind="aggregate"),
    ),
    "reverse foreign key, aggregate": (
        lambda order: order.item_set.aggregate(Sum("price")),
        lazy("shop.Order.item_set", "shop.Item", "many", "aggregate", kind="aggregate"),
    ),
    "reverse foreign key, first": (
        lambda order: order.item_set.first(),
        lazy("shop.Order.item_set", "shop.Item", "many", "first"),
    ),
    "reverse foreign key, get": (
        lambda order: order.item_set.get(name="pen"),
        lazy("shop.Order.item_set", "shop.Item", "many", "get"),
    ),
    "reverse foreign key with a name": (
        lambda order: bool(order.customer.paid_orders.all()),
        lazy("shop.Customer.paid_orders", "shop.Order", "many", "all"),
    ),
    "reverse foreign key through a manager that filters": (
        lambda order: list(order.customer.orders(manager="open").all()),
        lazy("shop.Customer.orders", "shop.Order", "many", "all"),
    ),
    "many-to-many": (
        lambda order: list(order.tags.all()),
        lazy("shop.Order.tags", "shop.Tag", "many", "all"),
    ),
    "many-to-many, filter and first": (
        lambda order: order.tags.filter(name="urgent").first(),
        lazy("shop.Order.tags", "shop.Tag", "many", "first"),
    ),
    "many-to-many, count": (
        lambda order: order.tags.count(),
        lazy("shop.Order.tags", "shop.Tag", "many", "count", kind="aggregate", models=(BETWEEN,)),
    ),
    "many-to-many, exists": (
        lambda order: order.tags.exists(),
        lazy("shop.Order.tags", "shop.Tag", "many", "exists", kind="aggregate", models=(BETWEEN,)),
    ),
    "many-to-many, the other way": (
        lambda _: list(Tag.objects.all()[0].orders.all()),
        lazy("shop.Tag.orders", "shop.Order", "many", "all"),
    ),
    "many-to-many to itself": (
        lambda order: list(order.follows.all()),
        lazy("shop.Order.follows", "shop.Order", "many", "all"),
    ),
    "many-to-many to itself, the other way": (
        lambda order: list(order.followers.all()),
        lazy("shop.Order.followers", "shop.Order", "many", "all"),
    ),
    "generic relation": (
        lambda order: list(order.notes.all()),
        lazy("shop.Order.notes", "shop.Note", "many", "all"),
    ),
    "generic relation, filter": (
        lambda order: list(order.notes.filter(text="call back")),
        lazy("shop.Order.notes", "shop.Note", "many", "filter"),
    ),
    "generic relation, exists": (
        lambda order: order.notes.exists(),
        lazy("shop.Order.notes", "shop.Note", "many", "exists", kind="aggregate"),
    ),
    "joined relations of a relation": (
        lambda order: list(order.item_set.select_related("order__customer")),
        lazy(
            "shop.Order.item_set",
            "shop.Item",
            "many",
            "all",
            models=("shop.Item", "shop.Order", "shop.Customer"),
        ),
    ),
    "deferred by only()": (
        lambda _: Customer.objects.only("name")[0].biography,
        evidence(
            lazy_load=True,
            kind="deferred",
            relation="shop.Customer.biography",
            owner="shop.Customer",
            models=("shop.Customer",),
        ),
    ),
    "deferred by defer()": (
        lambda _: Order.objects.defer("customer").get(number="o0").customer_id,
        evidence(
            lazy_load=True,
            kind="deferred",
            relation="shop.Order.customer",
            owner="shop.Order",
            models=("shop.Order",),
        ),
    ),
}

EAGER: dict[str, tuple[Work, OrmEvidence]] = {
    "prefetch of a foreign key": (
        lambda _: list(Order.objects.prefetch_related("customer")),
        eager("shop.Order.customer", "shop.Customer", "one"),
    ),
    "prefetch of a reverse foreign key": (
        lambda _: list(Order.objects.prefetch_related("item_set")),
        eager("shop.Order.item_set", "shop.Item", "many"),
    ),
    "prefetch of a many-to-many": (
        lambda _: list(Order.objects.prefetch_related("tags")),
        eager("shop.Order.tags", "shop.Tag", "many"),
    ),
    "prefetch of a generic relation": (
        lambda _: list(Order.objects.prefetch_related("notes")),
        eager("shop.Order.notes", "shop.Note", "many"),
    ),
    "prefetch of a generic foreign key": (
        lambda _: list(Note.objects.prefetch_related("subject")),
        eager("shop.Note.subject", "shop.Order", "one"),
    ),
    "second level of a prefetch": (
        lambda _: list(Order.objects.prefetch_related("customer__profile")),
        eager("shop.Customer.profile", "shop.Profile", "one"),
    ),
    "prefetch with a query set": (
        lambda _: list(Order.objects.prefetch_related(Prefetch("item_set", Item.objects.filter(price=1)))),
        eager("shop.Order.item_set", "shop.Item", "many"),
    ),
    "prefetch of objects at hand": (
        lambda order: prefetch_related_objects([order], "item_set"),
        eager("shop.Order.item_set", "shop.Item", "many"),
    ),
    "prefetch inside a lazy load": (
        lambda order: list(order.customer.orders.prefetch_related("tags")),
        eager("shop.Order.tags", "shop.Tag", "many"),
    ),
}

PLAIN: dict[str, tuple[Work, OrmEvidence | None]] = {
    "get": (lambda order: Order.objects.get(pk=order.pk), lookup("shop.Order", "get")),
    "all": (lambda _: list(Order.objects.all()), lookup("shop.Order", "all")),
    "filter": (lambda order: list(Item.objects.filter(order=order)), lookup("shop.Item", "filter")),
    "either of two filters": (
        lambda order: list(Item.objects.filter(order=order) | Item.objects.filter(price=3)),
        lookup("shop.Item", "filter"),
    ),
    "truth": (lambda _: bool(Order.objects.exclude(number="x")), lookup("shop.Order", "filter")),
    "last": (lambda _: Order.objects.order_by("pk").last(), lookup("shop.Order", "last")),
    "in_bulk": (lambda order: Order.objects.in_bulk([order.pk]), lookup("shop.Order", "in_bulk")),
    "select_related": (
        lambda _: list(Order.objects.select_related("customer__profile")),
        lookup("shop.Order", "all", models=("shop.Order", "shop.Customer", "shop.Profile")),
    ),
    "count": (lambda _: Order.objects.count(), lookup("shop.Order", "count", "aggregate")),
    "exists": (lambda _: Order.objects.filter(pk=1).exists(), lookup("shop.Order", "exists", "aggregate")),
    "aggregate": (lambda _: Order.objects.aggregate(Sum("total")), lookup("shop.Order", "aggregate", "aggregate")),
    "refresh_from_db": (lambda order: order.refresh_from_db(), lookup("shop.Order", "refresh_from_db")),
    "raw": (lambda _: list(Order.objects.raw("SELECT * FROM shop_order")), lookup("shop.Order", "raw", None)),
    "content type": (
        lambda _: (ContentType.objects.clear_cache(), ContentType.objects.get_for_model(Order)),
        lookup("contenttypes.ContentType", "get_for_model"),
    ),
    "uniqueness check": (
        lambda _: Tag(name="new").validate_unique(),
        lookup("shop.Tag", "validate_unique", None),
    ),
    "check of a foreign key": (
        lambda order: Item(order=order, name="new").clean_fields({"warehouse"}),
        lookup("shop.Order", "validate", None),
    ),
    "cursor": (lambda _: connection.cursor().execute("SELECT * FROM shop_order"), None),
}

WRITES: dict[str, tuple[Work, OrmEvidence]] = {
    "create": (lambda _: Tag.objects.create(name="new"), write("shop.Tag", "create")),
    "save": (lambda order: order.save(), write("shop.Order", "save")),
    "update": (lambda _: Order.objects.update(total=1), write("shop.Order", "update")),
    "bulk_create": (lambda _: Tag.objects.bulk_create([Tag(name="new")]), write("shop.Tag", "bulk_create")),
    "get_or_create": (lambda _: Tag.objects.get_or_create(name="new"), write("shop.Tag", "get_or_create")),
    "delete": (lambda _: Tag.objects.all()[0].delete(), write("shop.Tag", "delete")),
    "rows of a relation": (
        lambda order: order.item_set.create(name="new"),
        write(
            "shop.Item",
            "create",
            relation="shop.Order.item_set",
            owner="shop.Order",
            cardinality="many",
        ),
    ),
    "rows between two tables": (
        lambda order: order.tags.add(Tag.objects.create(name="new")),
        write(
            "shop.Tag",
            "add",
            relation="shop.Order.tags",
            owner="shop.Order",
            cardinality="many",
            models=("shop.Order_tags",),
        ),
    ),
}


@pytest.mark.parametrize(("work", "expected"), RELATIONS.values(), ids=RELATIONS)
def test_a_load_from_an_instance(work: Work, expected: OrmEvidence) -> None:
    assert last_evidence(work) == expected


@pytest.mark.parametrize(("work", "expected"), EAGER.values(), ids=EAGER)
def test_an_eager_load(work: Work, expected: OrmEvidence) -> None:
    assert last_evidence(work) == expected


@pytest.mark.parametrize(("work", "expected"), PLAIN.values(), ids=PLAIN)
def test_a_query_that_follows_no_relation(work: Work, expected: OrmEvidence | None) -> None:
    assert last_evidence(work) == expected


@pytest.mark.parametrize(("work", "expected"), WRITES.values(), ids=WRITES)
def test_a_write(work: Work, expected: OrmEvidence) -> None:
    assert last_evidence(work) == expected


def test_the_read_of_get_or_create_is_a_lookup_by_that_name() -> None:
    first = queries_of(lambda: Tag.objects.get_or_create(name="new"))[0]
    assert first.orm == lookup("shop.Tag", "get_or_create")


def test_the_content_type_of_a_generic_foreign_key_is_no_lazy_load() -> None:
    orders(1)
    ContentType.objects.clear_cache()
    found = [query.orm for query in queries_of(lambda: Note.objects.all()[0].subject)]
    assert found[1] == lookup("contenttypes.ContentType", "get_for_id")
    assert found[2] == lazy("shop.Note.subject", "shop.Order", "one", "GenericForeignKey")


def test_the_owner_is_the_class_of_the_rows_and_not_of_its_parent() -> None:
    Premium.objects.create(name="first")
    found = [query.orm for query in queries_of(lambda: list(Premium.objects.get().orders.all()))]
    assert found[1] == lazy("shop.Premium.orders", "shop.Order", "many", "all")


def test_a_query_set_of_the_users_may_step_in() -> None:
    order = orders(1)[0]
    item = order.item_set.create(name="new", warehouse=Warehouse.careful.create(name="north"))
    loaded = Item.objects.get(pk=item.pk)
    (query,) = queries_of(lambda: loaded.warehouse)
    assert query.orm == lazy("shop.Item.warehouse", "shop.Warehouse", "one", None)
    assert query.call_path[0].function == "CarefulQuerySet.get"


def test_a_query_set_that_steps_in_somewhere_else_is_no_lazy_load() -> None:
    Warehouse.careful.create(name="north")
    (query,) = queries_of(lambda: Warehouse.careful.get(name="north"))
    assert query.orm == lookup("shop.Warehouse", "get")


def test_a_model_may_step_into_the_loading_of_its_columns() -> None:
    Warehouse.careful.create(name="north", address="far")
    warehouse = Warehouse.careful.only("name").get()
    (query,) = queries_of(lambda: warehouse.address)
    assert query.orm == evidence(
        lazy_load=True,
        kind="deferred",
        relation="shop.Warehouse.address",
        owner="shop.Warehouse",
        models=("shop.Warehouse",),
    )


ASYNC: dict[str, tuple[Callable[[Any], Any], OrmEvidence]] = {
    "iteration": (
        lambda order: order.item_set.all(),
        lazy("shop.Order.item_set", "shop.Item", "many", "all"),
    ),
    "iterator": (
        lambda order: order.item_set.aiterator(),
        lazy("shop.Order.item_set", "shop.Item", "many", "iterator"),
    ),
}


@pytest.mark.parametrize(("rows", "expected"), ASYNC.values(), ids=ASYNC)
def test_an_asynchronous_loop(rows: Callable[[Any], Any], expected: OrmEvidence) -> None:
    order = orders(1)[0]

    async def loop() -> list[str]:
        return [item.name async for item in rows(order)]

    (query,) = queries_of(lambda: asyncio.run(loop()))
    assert query.orm is not None
    assert replace(query.orm, built_at=None) == expected
    assert query.row_count == 2


def test_an_asynchronous_operation() -> None:
    order = orders(1)[0]
    (query,) = queries_of(lambda: asyncio.run(order.item_set.filter(price=1).acount()))
    assert query.orm is not None
    assert replace(query.orm, built_at=None) == lazy(
        "shop.Order.item_set", "shop.Item", "many", "count", kind="aggregate"
    )


def test_every_repeat_of_a_lazy_load_has_the_same_evidence() -> None:
    orders(3)
    found = [query.orm for query in queries_of(lambda: [order.customer for order in Order.objects.all()])]
    assert found[1:] == [lazy("shop.Order.customer", "shop.Customer", "one", None)] * 3


def test_two_relations_of_one_statement_are_told_apart_by_their_place() -> None:
    orders(2)

    def both() -> None:
        for order in Order.objects.all():
            _ = order.customer
            _ = order.payer

    found = [query for query in queries_of(both) if query.orm and query.orm.lazy_load]
    assert len({query.statement for query in found}) == 1
    relations = ["shop.Order.customer", "shop.Order.payer"]
    assert [query.orm and query.orm.relation for query in found] == relations * 2


def test_rows_at_hand_need_no_query() -> None:
    orders(2)

    def loaded() -> None:
        for order in Order.objects.select_related("customer").prefetch_related("item_set"):
            _ = order.customer.name, list(order.item_set.all())

    assert len(queries_of(loaded)) == 2


@pytest.mark.skipif(django.VERSION < (6, 1), reason="fetch modes came with Django 6.1")
def test_peers_are_fetched_eagerly() -> None:
    from django.db.models import FETCH_PEERS

    orders(2)

    def peers() -> None:
        for order in Order.objects.fetch_mode(FETCH_PEERS).defer("remark"):
            _ = order.customer, order.remark

    found = [query.orm for query in queries_of(peers)]
    assert found[1:] == [
        eager("shop.Order.customer", "shop.Customer", "one"),
        evidence(
            kind="deferred",
            relation="shop.Order.remark",
            owner="shop.Order",
            models=("shop.Order",),
            method="fetch_peers",
            eager=True,
        ),
    ]
