"""Wrapped connections of psycopg, and of drivers whose methods are awaited."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiosqlite
import psycopg
import pytest
from psycopg import rows, sql

from ennead.agent import concurrency
from ennead.sources.dbapi import wrap_connection
from tests.sources.recordings import hits, queries, recording, statements

SCHEMA = "CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT)"
INSERT = "INSERT INTO book (id, title) VALUES (?, ?)"
BOOKS = [(1, "Emma"), (2, "Ulysses"), (3, "Watt")]


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Any]:
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("DROP TABLE IF EXISTS book")
        connection.execute("CREATE TABLE book (id integer PRIMARY KEY, title text)")
        connection.cursor().executemany("INSERT INTO book VALUES (%s, %s)", BOOKS)
        connection.commit()
        yield wrap_connection(connection)


# ------------------------------------------------------------------------------------------------ psycopg


@pytest.mark.postgresql
def test_psycopg(postgresql: Any) -> None:
    with recording() as recorded:
        assert postgresql.execute("SELECT title FROM book WHERE id = %s", (1,)).fetchone() == ("Emma",)
        with postgresql.cursor(row_factory=rows.dict_row) as cursor:
            assert isinstance(cursor, psycopg.Cursor)
            cursor.execute("SELECT id, title FROM book WHERE id = %(id)s", {"id": 2})
            assert [row["title"] for row in cursor] == ["Ulysses"]
        with postgresql.cursor("named") as server_side:
            server_side.execute("SELECT id FROM book ORDER BY id")
            assert server_side.fetchmany(2) == [(1,), (2,)]
    assert [hit.row_count for hit in hits(recorded)] == [1, 1, 2]
    first, second, third = queries(recorded)
    assert (first.database, first.connection) == ("postgresql", postgresql.info.dbname)
    assert len(second.parameter_hashes) == 1
    assert third.statement == "SELECT id FROM book ORDER BY id"


@pytest.mark.postgresql
def test_composed_queries_are_rendered(postgresql: Any) -> None:
    query = sql.SQL("SELECT {} FROM {} WHERE id = %s").format(sql.Identifier("title"), sql.Identifier("book"))
    with recording() as recorded:
        postgresql.execute(query, (1,))
        postgresql.cursor().execute(b"SELECT 1")
        postgresql.execute(sql.SQL("SELECT {}").format(sql.Literal("it's")))
    assert statements(recorded) == ['SELECT "title" FROM "book" WHERE id = %s', "SELECT 1", "SELECT 'it''s'"]


@pytest.mark.postgresql
def test_transaction_blocks_have_ordinals(postgresql: Any) -> None:
    postgresql.autocommit = True
    with recording() as recorded:
        postgresql.execute("SELECT 0")
        for _ in range(2):
            with postgresql.transaction():
                postgresql.execute("SELECT 1")
                with postgresql.transaction():
                    postgresql.execute("SELECT 2")
                postgresql.execute("SELECT 3")
        postgresql.execute("SELECT 0")
    assert [hit.transaction for hit in hits(recorded)] == [None, 1, 1, 1, 2, 2, 2, None]


@pytest.mark.postgresql
def test_failed_statements_of_postgresql(postgresql: Any) -> None:
    with recording() as recorded:
        with pytest.raises(psycopg.errors.UndefinedTable):
            postgresql.execute("SELECT * FROM absent")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            postgresql.execute("SELECT 1")
        postgresql.rollback()
        postgresql.execute("SELECT 1")
    assert [(hit.error, hit.transaction) for hit in hits(recorded)] == [
        ("UndefinedTable", 1),
        ("InFailedSqlTransaction", 1),
        (None, 2),
    ]


@pytest.mark.postgresql
def test_streams_and_batches(postgresql: Any) -> None:
    with recording() as recorded:
        cursor = postgresql.cursor()
        assert [row for (row,) in cursor.stream("SELECT generate_series(1, %s)", (4,))] == [1, 2, 3, 4]
        assert list(cursor.stream("SELECT 1 WHERE false")) == []
        with pytest.raises(psycopg.errors.UndefinedColumn):
            list(cursor.stream("SELECT absent"))
        postgresql.rollback()
        cursor.executemany("INSERT INTO book VALUES (%s, %s)", ((number, "x") for number in range(10, 15)))
    assert [(hit.row_count, hit.batch_size, hit.error) for hit in hits(recorded)] == [
        (4, 1, None),
        (None, 1, None),
        (None, 1, "UndefinedColumn"),
        (None, 5, None),
    ]
    assert str(hits(recorded)[0].site.path.sites[0].source).startswith("assert [row for")


# ------------------------------------------------------------------------------------------------ asynchronous


@pytest.fixture
async def asynchronous(tmp_path: Any) -> AsyncIterator[Any]:
    async with wrap_connection(aiosqlite.connect(tmp_path / "books.sqlite3")) as connection:
        await connection.execute(SCHEMA)
        await connection.executemany(INSERT, BOOKS)
        await connection.commit()
        yield connection


async def test_aiosqlite(asynchronous: Any) -> None:
    async with recording() as recorded:
        async with asynchronous.execute("SELECT id FROM book WHERE id > ?", (1,)) as cursor:
            assert isinstance(cursor, aiosqlite.Cursor)
            assert [row async for row in cursor] == [(2,), (3,)]
        cursor = await asynchronous.execute("SELECT id FROM book")
        assert await cursor.fetchone() == (1,)
        assert len(list(await cursor.fetchall())) == 2
        async with asynchronous.cursor() as cursor:
            assert await cursor.execute("SELECT 1") is cursor
            assert await cursor.fetchmany(5) == [(1,)]
        cursor = await asynchronous.cursor()
        await cursor.executemany(INSERT, iter([(7, "a"), (8, "b")]))
        assert len(await asynchronous.execute_fetchall("SELECT id FROM book")) == 5
        assert await asynchronous.execute_insert("INSERT INTO book (id) VALUES (9)") == (9,)
    found = [(hit.row_count, hit.batch_size, hit.transaction) for hit in hits(recorded)]
    assert found == [(2, 1, None), (3, 1, None), (1, 1, None), (None, 2, 1), (5, 1, 1), (None, 1, 1)]
    assert all(hit.site.path.sites[0].function == "test_aiosqlite" for hit in hits(recorded))


async def test_asynchronous_errors_are_the_drivers_own(asynchronous: Any) -> None:
    async with recording() as recorded:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await asynchronous.execute("SELECT * FROM absent")
        await asynchronous.rollback()
    assert [hit.error for hit in hits(recorded)] == ["OperationalError"]


async def test_an_asynchronous_connection_is_opened_by_awaiting_it(tmp_path: Any) -> None:
    connection = wrap_connection(aiosqlite.connect(tmp_path / "other.sqlite3"))
    assert await connection is connection
    assert wrap_connection(connection) is connection
    async with recording() as recorded:
        await connection.execute(SCHEMA)
    await connection.close()
    assert statements(recorded) == [SCHEMA]


@pytest.fixture
def hooked_tasks() -> Iterator[None]:
    concurrency.install()
    yield
    concurrency.uninstall()


async def test_awaitables_can_be_tasks(asynchronous: Any, hooked_tasks: None) -> None:
    async with recording() as recorded:
        cursor = await asyncio.create_task(asynchronous.execute("SELECT 1"))
        results = await asyncio.gather(*[asynchronous.execute("SELECT ?", (number,)) for number in range(3)])
    assert await cursor.fetchone() == (1,)
    assert [await result.fetchone() for result in results] == [(0,), (1,), (2,)]
    places = [str(hit.site.path.sites[0].source) for hit in hits(recorded)]
    assert places[0].startswith("cursor = await asyncio.create_task")
    assert all(place.startswith("results = await asyncio.gather") for place in places[1:])


@pytest.mark.postgresql
async def test_psycopg_async(postgresql_url: str) -> None:
    raw = await psycopg.AsyncConnection.connect(postgresql_url)
    async with wrap_connection(raw, name="main") as connection, recording() as recorded:
        cursor = await connection.execute("SELECT generate_series(1, 3)")
        assert isinstance(cursor, psycopg.AsyncCursor)
        assert [row async for row in cursor] == [(1,), (2,), (3,)]
        async with connection.cursor() as second:
            await second.execute("SELECT %s::int", (5,))
            assert await second.fetchone() == (5,)
            assert [row async for row in second.stream("SELECT 1")] == [(1,)]
        await connection.commit()
        async with connection.transaction():
            await connection.execute("SELECT 2")
    found = [(hit.row_count, hit.transaction, hit.connection.name) for hit in hits(recorded)]
    assert found == [(3, 1, "main"), (1, 1, "main"), (1, 1, "main"), (None, 2, "main")]
    assert {hit.site.path.sites[0].function.partition(".")[0] for hit in hits(recorded)} == {"test_psycopg_async"}
