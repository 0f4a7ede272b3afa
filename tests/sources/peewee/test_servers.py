"""Peewee over real PostgreSQL and MariaDB connections: the stories of an N+1, and of its look-alikes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from peewee import JOIN, MySQLDatabase, PostgresqlDatabase, SqliteDatabase, prefetch

import ennead
from tests import mariadb
from tests.sources.peewee import shop
from tests.sources.peewee.shop import Customer, Line, Order, Product, Tag


@pytest.fixture(scope="module")
def mariadb_settings() -> Iterator[dict[str, Any]]:
    try:
        with mariadb.running_server() as server, mariadb.database(server) as name:
            yield {**server, "database": name}
    except mariadb.NoServerError as error:
        pytest.skip(str(error))


def _sqlite(request: pytest.FixtureRequest) -> Any:
    return SqliteDatabase(":memory:")


def _postgresql(request: pytest.FixtureRequest) -> Any:
    url = urlsplit(request.getfixturevalue("postgresql_url"))
    name = url.path.lstrip("/")
    return PostgresqlDatabase(name, host=url.hostname, port=url.port, user=url.username, password=url.password)


def _mariadb(request: pytest.FixtureRequest) -> Any:
    return MySQLDatabase(**request.getfixturevalue("mariadb_settings"))


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(_sqlite, id="sqlite"),
        pytest.param(_postgresql, id="postgresql", marks=pytest.mark.postgresql),
        pytest.param(_mariadb, id="mariadb", marks=pytest.mark.mariadb),
    ],
)
def shop_database(request: pytest.FixtureRequest) -> Iterator[Any]:
    database = request.param(request)
    with database.bind_ctx(shop.MODELS):
        database.drop_tables(shop.MODELS)
        database.create_tables(shop.MODELS)
        with database.atomic():
            shop.fill()
        yield database
        database.drop_tables(shop.MODELS)
    database.close()


@pytest.fixture
def filled(shop_database: Any, hooks: None) -> Iterator[Any]:
    with shop_database.bind_ctx(shop.MODELS), shop_database.atomic() as transaction:
        yield shop_database
        transaction.rollback()


def lazy_customers() -> None:
    orders = Order.select().order_by(Order.id)
    for order in orders:
        assert order.customer.name


def lazy_lines_and_products() -> None:
    for order in Order.select():
        for line in order.lines:
            assert line.product.name


def counted_lines() -> None:
    for order in Order.select():
        assert order.lines.count() == shop.LINES


def many_to_many() -> None:
    for order in Order.select():
        assert len(list(order.tags)) == 2


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (lazy_customers, {("Order.customer", shop.ORDERS, "orders = Order.select().order_by(Order.id)")}),
        (
            lazy_lines_and_products,
            {
                ("Order.lines", shop.ORDERS, "for order in Order.select():"),
                ("Line.product", shop.ORDERS * shop.LINES, "for line in order.lines:"),
            },
        ),
        (counted_lines, {("Order.lines", shop.ORDERS, "for order in Order.select():")}),
        (many_to_many, {("Order.tags", shop.ORDERS, "for order in Order.select():")}),
    ],
)
def test_stories(filled: Any, run: Callable[[], None], expected: set[tuple[str, int, str]]) -> None:
    with ennead.profile("page") as session:
        run()
    found = {(each.relation, each.query_count, each.origin and each.origin.source) for each in session.findings}
    assert found == expected
    assert all(each.origin_row_count in (shop.ORDERS, shop.ORDERS * shop.LINES) for each in session.findings)
    assert all(each.loop is not None and each.loop.source for each in session.findings)


def prefetched() -> None:
    for order in prefetch(Order.select(), Line, Product):
        assert all(line.product.name for line in order.lines)


def joined() -> None:
    for order in Order.select(Order, Customer).join(Customer, JOIN.LEFT_OUTER):
        assert order.customer.name


def pages() -> None:
    for page in range(1, 5):
        list(Order.select().order_by(Order.id).paginate(page, 1))


def asked_once() -> None:
    assert Customer.get_or_none(Customer.name == "customer 1")
    assert Customer.get_or_none(Customer.name == "nobody") is None


def got_or_created() -> None:
    for name in ["tag 1", "tag 2", "new", "newer"]:
        Tag.get_or_create(name=name)


def chunks() -> None:
    keys = [order.id for order in Order.select()]
    for start in range(0, len(keys), 2):
        list(Line.select().where(Line.order.in_(keys[start : start + 2])))


@pytest.mark.parametrize("run", [prefetched, joined, pages, asked_once, got_or_created, chunks])
def test_look_alikes_are_silent(filled: Any, run: Callable[[], None]) -> None:
    with ennead.profile("page") as session:
        run()
    assert [finding.explanation for finding in session.findings] == []
