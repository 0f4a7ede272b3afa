"""What Tortoise ORM says about a query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tortoise.queryset import AwaitableQuery, QuerySet

from ennead.kernel.records import OrmEvidence
from ennead.sources.tortoise import orm
from tests.sources.sqlalchemy.recording import Recorded, record
from tests.sources.tortoise.shop import Customer, Line, Node, Order, Tag


async def evidence(run: Callable[[], Awaitable[Any]]) -> OrmEvidence:
    with record() as recorded:
        await run()
    found = recorded.queries[-1].orm
    assert found is not None
    assert found.library == "tortoise"
    return found


async def test_a_foreign_key_is_awaited(database: None) -> None:
    order = await Order.get(id=1)

    async def run() -> None:
        assert (await order.customer).name == "customer 0"

    assert await evidence(run) == OrmEvidence(
        library="tortoise",
        lazy_load=True,
        kind="relation",
        relation="Order.customer",
        owner="Order",
        target="Customer",
        cardinality="one",
        models=("Customer",),
    )


READS: dict[str, tuple[Callable[[Any], Awaitable[Any]], str | None]] = {
    "whole": (lambda lines: lines, None),
    "all": (lambda lines: lines.all(), None),
    "filter": (lambda lines: lines.filter(price__gt=0), "filter"),
    "order": (lambda lines: lines.order_by("price"), "order_by"),
    "limit": (lambda lines: lines.limit(2), "slice"),
    "first": (lambda lines: lines.all().first(), "first"),
    "values": (lambda lines: lines.all().values("price"), "values"),
    "count": (lambda lines: lines.all().count(), "count"),
    "exists": (lambda lines: lines.filter(price__gt=0).exists(), "exists"),
}


@pytest.mark.parametrize("name", READS)
async def test_a_collection_is_awaited(database: None, name: str) -> None:
    read, method = READS[name]
    order = await Order.get(id=1)

    async def run() -> None:
        await read(order.lines)

    found = await evidence(run)
    assert (found.lazy_load, found.relation, found.owner, found.target) == (True, "Order.lines", "Order", "Line")
    assert (found.cardinality, found.method) == ("many", method)
    assert found.kind == ("aggregate" if name in ("count", "exists") else "relation")


async def test_other_relations(database: None) -> None:
    order, customer, leaf = await Order.get(id=1), await Customer.get(id=1), await Node.create(name="root")

    async def tags() -> None:
        assert len(await order.tags) == 2

    async def address() -> None:
        assert (await customer.address).street == "street 0"

    async def children() -> None:
        assert [child async for child in leaf.children] == []

    for run, relation, cardinality in (
        (tags, "Order.tags", "many"),
        (address, "Customer.address", "one"),
        (children, "Node.children", "many"),
    ):
        found = await evidence(run)
        assert (found.relation, found.cardinality, found.lazy_load) == (relation, cardinality, True)


def relations(recorded: Recorded) -> list[tuple[str | None, bool, bool]]:
    return [(item.relation, item.eager, item.lazy_load) for item in recorded.evidence if item]


async def test_prefetches_are_eager(database: None) -> None:
    with record() as recorded:
        orders = await Order.all().prefetch_related("customer", "lines__product", "tags")
    assert relations(recorded)[0] == (None, False, False)
    assert set(relations(recorded)[1:]) == {
        (relation, True, False) for relation in ("Order.customer", "Order.lines", "Line.product", "Order.tags")
    }
    assert len([line for line in orders[0].lines]) == 3  # noqa: C416 -- a relation that is fetched can be iterated


async def test_fetching_for_one_object_is_lazy(database: None) -> None:
    order = await Order.get(id=1)
    with record() as recorded:
        await order.fetch_related("lines")
    assert relations(recorded) == [("Order.lines", False, True)]
    with record() as recorded:
        await Order.fetch_for_list(await Order.all(), "lines")
    assert relations(recorded)[-1] == ("Order.lines", True, False)


async def test_joined_models_are_told(database: None) -> None:
    async def run() -> None:
        await Order.all().select_related("customer")

    assert (await evidence(run)).models == ("Order", "Customer")


OPERATIONS: dict[str, tuple[Callable[[], Awaitable[Any]], str | None, str | None]] = {
    "get": (lambda: Order.get(id=1), "lookup", "get"),
    "get or none": (lambda: Order.get_or_none(id=9), "lookup", "first"),
    "first": (lambda: Order.filter(day=1).first(), "lookup", "first"),
    "rows": (lambda: Order.all().order_by("day"), "lookup", None),
    "filter": (lambda: Order.filter(day=1), "lookup", None),
    "limit": (lambda: Order.all().limit(1), "lookup", "slice"),
    "count": (lambda: Order.all().count(), "aggregate", "count"),
    "exists": (lambda: Order.exists(day=1), "aggregate", "exists"),
    "there": (lambda: Tag.get_or_create(name="tag 1"), "lookup", "get_or_create"),
    "create": (lambda: Tag.create(name="new"), None, "create"),
    "update": (lambda: Order.filter(day=1).update(day=2), None, "update"),
    "delete": (lambda: Line.filter(id=1).delete(), None, "delete"),
    "raw": (lambda: Order.raw("SELECT * FROM orders"), "lookup", "raw"),
}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_operations(database: None, name: str) -> None:
    make, kind, method = OPERATIONS[name]

    async def run() -> None:
        await make()

    found = await evidence(run)
    assert (found.kind, found.method, found.lazy_load) == (kind, method, False)


async def test_the_place_where_a_query_was_begun(database: None) -> None:
    with record() as recorded:
        begun = Order.filter(day__gt=0)
        assert len(await begun.order_by("day")) == 3
        assert len(await Order.all()) == 4
    first, second = recorded.evidence
    assert first is not None
    assert second is not None
    assert first.built_at is not None
    assert first.built_at.source == "begun = Order.filter(day__gt=0)"
    assert second.built_at is None


def test_uninstall_leaves_no_trace() -> None:
    plain = (vars(AwaitableQuery)["__init__"], vars(QuerySet)["_clone"])
    orm.install()
    orm.install()
    assert vars(QuerySet)["_clone"] is not plain[1]
    orm.uninstall()
    orm.uninstall()
    assert (vars(AwaitableQuery)["__init__"], vars(QuerySet)["_clone"]) == plain
