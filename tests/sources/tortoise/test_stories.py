"""Tortoise ORM over SQLite and real PostgreSQL connections: the stories of an N+1, and of its look-alikes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

import ennead
from tests.sources.tortoise import shop
from tests.sources.tortoise.shop import Customer, Line, Order, Tag


async def awaited_customers() -> None:
    orders = await Order.all()
    for order in orders:
        assert (await order.customer).name


async def awaited_lines() -> None:
    for order in await Order.all():
        async for line in order.lines:
            assert (await line.product).name


async def fetched_tags() -> None:
    for order in await Order.all():
        await order.fetch_related("tags")
        assert len(order.tags) == 2


async def counted_lines() -> None:
    for order in await Order.all():
        assert await order.lines.all().count() == shop.LINES


STORIES: dict[str, tuple[Callable[[], Awaitable[None]], set[tuple[str, int, str]]]] = {
    "foreign key": (awaited_customers, {("Order.customer", shop.ORDERS, "orders = await Order.all()")}),
    "collection": (
        awaited_lines,
        {
            ("Order.lines", shop.ORDERS, "for order in await Order.all():"),
            ("Line.product", shop.ORDERS * shop.LINES, "async for line in order.lines:"),
        },
    ),
    "count": (counted_lines, {("Order.lines", shop.ORDERS, "for order in await Order.all():")}),
}


@pytest.mark.parametrize("name", STORIES)
async def test_stories(filled: str, name: str) -> None:
    run, expected = STORIES[name]
    with ennead.profile("page") as session:
        await run()
    found = {(each.relation, each.query_count, each.origin and each.origin.source) for each in session.findings}
    assert found == expected
    assert all(each.origin_row_count in (shop.ORDERS, shop.ORDERS * shop.LINES) for each in session.findings)
    assert all(each.loop is not None and "for " in (each.loop.source or "") for each in session.findings)


async def test_fetching_object_by_object(database: None) -> None:
    with ennead.profile("page") as session:
        await fetched_tags()
    assert {each.relation for each in session.findings} == {"Order.tags"}


async def prefetched() -> None:
    for order in await Order.all().prefetch_related("customer", "lines__product", "tags"):
        assert (await order.customer).name
        assert all([(await line.product).name async for line in order.lines])


async def joined() -> None:
    for order in await Order.all().select_related("customer"):
        assert order.customer.name


async def pages() -> None:
    for page in range(shop.ORDERS):
        await Order.all().order_by("id").offset(page).limit(1)


async def asked_once() -> None:
    assert await Customer.get_or_none(name="customer 1")
    assert await Customer.get_or_none(name="nobody") is None


async def got_or_created() -> None:
    for name in ["tag 1", "tag 2", "new", "newer"]:
        await Tag.get_or_create(name=name)


async def chunks() -> None:
    keys = [order.id for order in await Order.all()]
    for start in range(0, len(keys), 2):
        await Line.filter(order_id__in=keys[start : start + 2])


@pytest.mark.parametrize("run", [prefetched, joined, pages, asked_once, got_or_created, chunks])
async def test_look_alikes_are_silent(filled: str, run: Callable[[], Awaitable[None]]) -> None:
    with ennead.profile("page") as session:
        await run()
    assert [finding.explanation for finding in session.findings] == []
