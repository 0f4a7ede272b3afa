"""Sessions and connections of asyncio: their synchronous insides run in greenlets, the user's code does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, selectinload

from ennead.agent.statements import Statement
from ennead.agent.unit_of_work import Site
from tests.sources.sqlalchemy.expected import BIO, GET_ORDER, ORDERS, SELECT_CUSTOMERS, TAGS, eager
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Customer, Order


@pytest.fixture
async def async_engine(shop_file: Path, hooks: None) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{shop_file}")
    yield engine
    await engine.dispose()


@pytest.fixture
async def async_session(async_engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(async_engine) as session:
        yield session


@pytest.fixture
def walk_count(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many times a query's whole stack was walked, because its place was not recognised."""
    added: list[Site] = []
    add_site = Statement.add_site

    def counting(self: Statement, site: Site) -> Site:
        added.append(site)
        return add_site(self, site)

    monkeypatch.setattr(Statement, "add_site", counting)
    return lambda: len(added)


async def orders_of(customer: Customer) -> list[Order]:
    return await customer.awaitable_attrs.orders  # type: ignore[no-any-return]


class TestEvidence:
    async def test_awaitable_attributes(self, async_session: AsyncSession) -> None:
        with record() as recorded:
            for customer in (await async_session.scalars(select(Customer))).all():
                assert len(await orders_of(customer)) == 2
        assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, ORDERS, ORDERS]
        assert recorded.row_counts == [3, 2, 2, 2]

    async def test_get_defer_refresh_and_eager_loads(self, async_session: AsyncSession) -> None:
        with record() as recorded:
            await async_session.get(Order, 1)
            statement = select(Customer).options(selectinload(Customer.orders).selectinload(Order.tags)).limit(1)
            customer = (await async_session.scalars(statement)).one()
            assert await customer.awaitable_attrs.bio == "mathematician"
        assert recorded.evidence == [GET_ORDER, SELECT_CUSTOMERS, eager(ORDERS), eager(TAGS), BIO]

    async def test_gathered_sessions_do_not_mix_their_evidence(self, async_engine: AsyncEngine) -> None:
        async def load(key: int) -> int:
            async with AsyncSession(async_engine) as session:
                customer = await session.get_one(Customer, key)
                return len(await orders_of(customer)) + len(await customer.awaitable_attrs.bio or "")

        with record() as recorded:
            await asyncio.gather(*(load(key) for key in (1, 3) * 4))
        relations = [evidence.relation for evidence in recorded.evidence if evidence]
        assert [relations.count(name) for name in (None, "Customer.orders", "Customer.bio")] == [8, 8, 8]
        for query in recorded.queries:
            assert query.orm is not None
            assert (query.tables == ("orders",)) == (query.orm.relation == "Customer.orders")


class TestCallPaths:
    async def test_awaitable_attributes(self, async_session: AsyncSession, walk_count: Callable[[], int]) -> None:
        with record() as recorded:
            for customer in (await async_session.scalars(select(Customer))).all():
                await orders_of(customer)
        here = "test_awaitable_attributes"
        assert recorded.paths[0][0] == (here, "for customer in (await async_session.scalars(select(Customer))).all():")
        for path in recorded.paths[1:]:
            assert path[:2] == [
                ("orders_of", "return await customer.awaitable_attrs.orders  # type: ignore[no-any-return]"),
                (here, "await orders_of(customer)"),
            ]
        assert walk_count() == 2  # one for each place

    async def test_run_sync(self, async_session: AsyncSession, walk_count: Callable[[], int]) -> None:
        def count_orders(session: Session) -> int:
            count = 0
            for customer in session.scalars(select(Customer)):
                count += len(customer.orders)
            return count

        with record() as recorded:
            assert await async_session.run_sync(count_orders) == 6
        outside = ("test_run_sync", "assert await async_session.run_sync(count_orders) == 6")
        assert recorded.paths[0][:2] == [
            ("count_orders", "for customer in session.scalars(select(Customer)):"),
            outside,
        ]
        for path in recorded.paths[1:]:
            assert path[:2] == [("count_orders", "count += len(customer.orders)"), outside]
        assert walk_count() == 2

    async def test_stream(self, async_session: AsyncSession) -> None:
        with record() as recorded:
            async for customer in await async_session.stream_scalars(select(Customer).limit(2)):
                await orders_of(customer)
        here = "test_stream"
        first = "async for customer in await async_session.stream_scalars(select(Customer).limit(2)):"
        assert recorded.paths[0][0] == (here, first)
        assert [path[1] for path in recorded.paths[1:]] == [(here, "await orders_of(customer)")] * 2
        assert recorded.row_counts == [2, 2, 2]

    async def test_connection(self, async_engine: AsyncEngine, walk_count: Callable[[], int]) -> None:
        async def name_of(connection: AsyncConnection, key: int) -> Any:
            return await connection.scalar(text("SELECT name FROM customer WHERE id = :key"), {"key": key})

        with record() as recorded:
            async with async_engine.connect() as connection:
                names = [await name_of(connection, key) for key in (1, 2, 3)]
                async with connection.stream(text("SELECT name FROM customer")) as result:
                    assert [name async for name in result.scalars()] == names
        assert [path[0][0] for path in recorded.paths] == ["name_of"] * 3 + ["test_connection"]
        assert recorded.paths[0][1][1] == "names = [await name_of(connection, key) for key in (1, 2, 3)]"
        assert len({tuple(path) for path in recorded.paths[:3]}) == 1
        assert recorded.row_counts == [1, 1, 1, 3]
        assert walk_count() == 2

    async def test_gathered_tasks_go_on_at_the_gather_call(
        self, async_engine: AsyncEngine, walk_count: Callable[[], int]
    ) -> None:
        async def load(key: int) -> str:
            async with AsyncSession(async_engine) as session:
                return (await session.get_one(Customer, key)).name

        with record() as recorded:
            assert await asyncio.gather(*(load(key) for key in (1, 2, 3))) == ["Ada", "Acme", "Emmy"]
        for path in recorded.paths:
            assert path[:2] == [
                ("load", "return (await session.get_one(Customer, key)).name"),
                (
                    "test_gathered_tasks_go_on_at_the_gather_call",
                    'assert await asyncio.gather(*(load(key) for key in (1, 2, 3))) == ["Ada", "Acme", "Emmy"]',
                ),
            ]
        assert len({query.transaction for query in recorded.queries}) == 3

    async def test_task_group(self, async_engine: AsyncEngine) -> None:
        async def load(key: int) -> None:
            async with AsyncSession(async_engine) as session:
                await session.get_one(Customer, key)

        with record() as recorded:
            async with asyncio.TaskGroup() as group:
                for key in (1, 2, 3):
                    group.create_task(load(key))
        for path in recorded.paths:
            assert path[:2] == [
                ("load", "await session.get_one(Customer, key)"),
                ("test_task_group", "group.create_task(load(key))"),
            ]

    async def test_to_thread(self, shop_file: Path, hooks: None) -> None:
        engine = create_engine(f"sqlite:///{shop_file}")

        def load(key: int) -> str:
            with Session(engine) as session:
                return session.get_one(Customer, key).name

        with record() as recorded:
            for key in (1, 2):
                await asyncio.to_thread(load, key)
        engine.dispose()
        for path in recorded.paths:
            assert path[:2] == [
                ("load", "return session.get_one(Customer, key).name"),
                ("test_to_thread", "await asyncio.to_thread(load, key)"),
            ]


def test_thread_pool_goes_on_where_the_work_was_handed_over(
    shop_file: Path, hooks: None, walk_count: Callable[[], int]
) -> None:
    engine = create_engine(f"sqlite:///{shop_file}")

    def load(key: int) -> str:
        with Session(engine) as session:
            return session.get_one(Customer, key).name

    with record() as recorded, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(load, (1, 2, 3))) == ["Ada", "Acme", "Emmy"]
    engine.dispose()
    for path in recorded.paths:
        assert path[:2] == [
            ("load", "return session.get_one(Customer, key).name"),
            (
                "test_thread_pool_goes_on_where_the_work_was_handed_over",
                'assert list(pool.map(load, (1, 2, 3))) == ["Ada", "Acme", "Emmy"]',
            ),
        ]
    assert walk_count() <= 2  # two threads may both be the first there
