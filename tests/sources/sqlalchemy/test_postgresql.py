"""PostgreSQL through psycopg, synchronous and asynchronous, and asyncpg."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, create_engine, insert, make_url, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, selectinload

from tests.sources.sqlalchemy import shop
from tests.sources.sqlalchemy.expected import BIO, GET_ORDER, ORDERS, SELECT_CUSTOMERS, TAGS, eager
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Customer, Order, Tag

pytestmark = pytest.mark.postgresql
TABLE = Order.metadata.tables["orders"]
TAG_TABLE = Tag.metadata.tables["tag"]


@pytest.fixture(params=[True, False], ids=["provenance", "no provenance"])
def provenance(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def filled(postgresql_url: str) -> Iterator[str]:
    """The URL of a filled shop."""
    engine = create_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg"))
    shop.create(engine)
    with Session(engine) as session:
        shop.fill(session)
    yield postgresql_url
    shop.Base.metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def engine(filled: str) -> Iterator[Engine]:
    engine = create_engine(make_url(filled).set(drivername="postgresql+psycopg", password="secret"))
    yield engine
    engine.dispose()


@pytest.fixture(params=["psycopg_async", "asyncpg"])
async def async_engine(request: pytest.FixtureRequest, filled: str, hooks: None) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(make_url(filled).set(drivername=f"postgresql+{request.param}"))
    yield engine
    await engine.dispose()


class TestPsycopg:
    def test_evidence_and_rows(self, session: Session, *, provenance: bool) -> None:
        with record(provenance=provenance) as recorded:
            customers = session.scalars(select(Customer).order_by(Customer.id)).all()
            assert [len(customer.orders) for customer in customers] == [2, 2, 2]
            customers[0].orders[0].state = "paid"
            statement = select(Customer).options(selectinload(Customer.orders).selectinload(Order.tags))
            session.scalars(statement.execution_options(populate_existing=True)).all()
            assert session.get(Order, 100) is None
        assert recorded.evidence == [
            *(SELECT_CUSTOMERS, ORDERS, ORDERS, ORDERS, None),
            *(SELECT_CUSTOMERS, eager(ORDERS), eager(TAGS), GET_ORDER),
        ]
        assert recorded.row_counts == [3, 2, 2, 2, None, 3, 6, 12, 0]

    def test_without_provenance_the_cursor_stays(self, session: Session) -> None:
        with record(provenance=False) as recorded:
            result = session.connection().execute(select(TABLE.c.id))
            assert type(result.cursor).__module__.startswith("psycopg")
            assert len(result.all()) == 6
        assert recorded.row_counts == [6]

    @pytest.mark.parametrize("options", [{"stream_results": True}, {"yield_per": 2}])
    def test_server_side_cursor(self, session: Session, options: dict[str, Any], *, provenance: bool) -> None:
        statement = select(TABLE.c.id).order_by(TABLE.c.id).execution_options(**options)
        with record(provenance=provenance) as recorded:
            result = session.connection().execute(statement)
            assert [row.id for row in result] == [1, 2, 3, 4, 5, 6]
        assert recorded.row_counts == [6]
        assert recorded.hits[0].rows == ([(1,), (2,), (3,), (4,), (5,), (6,)] if provenance else None)

    def test_writes(self, session: Session, *, provenance: bool) -> None:
        with record(provenance=provenance) as recorded:
            session.execute(update(Tag).where(Tag.id == 1).values(name="red"))
            assert len(session.execute(update(Tag).values(name="z").returning(Tag.id)).all()) == 2
            session.execute(text("UPDATE tag SET name = 'y'"))
            session.connection().execute(
                update(TAG_TABLE).where(TAG_TABLE.c.id == bindparam("key")).values(name="x"), [{"key": 1}, {"key": 2}]
            )
        assert recorded.row_counts == [None, 2, None, None]
        assert [query.batch_size for query in recorded.queries] == [1, 1, 1, 2]

    @pytest.mark.parametrize("page_size", [1000, 2])
    def test_insert_of_many(self, session: Session, page_size: int) -> None:
        rows = [{"name": f"tag {number}"} for number in range(5)]
        with record() as recorded:
            connection = session.connection(execution_options={"insertmanyvalues_page_size": page_size})
            result = connection.execute(insert(TAG_TABLE).returning(TAG_TABLE.c.id, sort_by_parameter_order=True), rows)
            assert len(result.all()) == 5
            session.add_all([Tag(name="a"), Tag(name="b"), Tag(name="c")])
            session.flush()
        assert [(query.operation, query.batch_size) for query in recorded.queries] == [("insert", 5), ("insert", 3)]

    def test_errors(self, session: Session) -> None:
        with record() as recorded:
            with session.begin_nested() as savepoint:
                with pytest.raises(IntegrityError):
                    session.execute(insert(TAG_TABLE).values(id=1, name="again"))
                savepoint.rollback()
            with pytest.raises(ProgrammingError):
                session.execute(text("SELECT nonsense"))
        assert [query.error for query in recorded.queries if query.error] == ["UniqueViolation", "UndefinedColumn"]

    def test_connection_is_named_by_its_database_alone(self, session: Session, filled: str) -> None:
        with record() as recorded:
            session.get_one(Order, 1)
        (query,) = recorded.queries
        assert (query.connection, query.database) == (filled.rpartition("/")[2], "postgresql")


class TestAsynchronousDrivers:
    async def test_evidence_and_rows(self, async_engine: AsyncEngine, *, provenance: bool) -> None:
        with record(provenance=provenance) as recorded:
            async with AsyncSession(async_engine) as session:
                customers = (await session.scalars(select(Customer).order_by(Customer.id))).all()
                for customer in customers:
                    assert len(await customer.awaitable_attrs.orders) == 2
                assert await customers[2].awaitable_attrs.bio == "algebraist"
                assert await session.get(Order, 100) is None
        assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, ORDERS, ORDERS, BIO, GET_ORDER]
        assert recorded.row_counts == [3, 2, 2, 2, 1, 0]
        here = "assert len(await customer.awaitable_attrs.orders) == 2"
        assert all(path[0][1] == here for path in recorded.paths[1:4])

    async def test_stream(self, async_engine: AsyncEngine, *, provenance: bool) -> None:
        with record(provenance=provenance) as recorded:
            async with async_engine.connect() as connection:
                result = await connection.stream(select(TABLE.c.id).order_by(TABLE.c.id))
                assert [row.id async for row in result] == [1, 2, 3, 4, 5, 6]
                result = await connection.stream(select(TABLE.c.id), execution_options={"yield_per": 2})
                assert [len(part) async for part in result.partitions()] == [2, 2, 2]
        assert recorded.row_counts == [6, 6]

    async def test_writes(self, async_engine: AsyncEngine, *, provenance: bool) -> None:
        with record(provenance=provenance) as recorded:
            async with AsyncSession(async_engine) as session:
                session.add_all([Tag(name="a"), Tag(name="b"), Tag(name="c")])
                await session.flush()
                result = await session.execute(update(Tag).values(name="z").returning(Tag.id))
                assert len(result.all()) == 5
                connection = await session.connection()
                await connection.execute(
                    update(TAG_TABLE).where(TAG_TABLE.c.id == bindparam("key")).values(name="x"),
                    [{"key": 1}, {"key": 2}],
                )
        assert [query.batch_size for query in recorded.queries] == [3, 1, 2]
        assert recorded.row_counts == [None, 5, None]

    async def test_errors(self, async_engine: AsyncEngine) -> None:
        with record() as recorded:
            async with async_engine.connect() as connection:
                with pytest.raises(DBAPIError) as raised:
                    await connection.execute(text("SELECT nonsense"))
        assert [query.error for query in recorded.queries] == [type(raised.value.orig).__name__]

    async def test_cancelled_query(self, async_engine: AsyncEngine) -> None:
        with record() as recorded:
            async with async_engine.connect() as connection:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await connection.execute(text("SELECT pg_sleep(5)"))
        assert [query.error for query in recorded.queries] == ["CancelledError"]

    async def test_transactions_of_gathered_sessions(self, async_engine: AsyncEngine) -> None:
        async def load(key: int) -> None:
            async with AsyncSession(async_engine) as session:
                await session.get_one(Order, key)
                await session.get_one(Order, key + 1)

        with record() as recorded:
            await asyncio.gather(load(1), load(3))
        assert recorded.evidence == [GET_ORDER] * 4
        transactions = [query.transaction for query in recorded.queries]
        assert len(set(transactions)) == 2
        assert all(transactions.count(transaction) == 2 for transaction in transactions)
