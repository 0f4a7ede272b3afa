"""aiosqlite without any ORM."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiosqlite
import pytest

import ennead
from ennead.sources.dbapi import wrap_connection
from ennead.sources.drivers import aiosqlite as source
from tests.sources.sqlalchemy.recording import record


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


@pytest.fixture
async def connection() -> AsyncIterator[Any]:
    async with aiosqlite.connect(":memory:") as connection:
        await connection.execute("CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT)")
        await connection.executemany("INSERT INTO book (title) VALUES (?)", [("Emma",), ("Watt",), ("Loving",)])
        await connection.commit()
        yield connection


async def test_connections_and_cursors(connection: Any) -> None:
    with record() as recorded:
        async with connection.execute("SELECT id FROM book WHERE id > ?", (1,)) as cursor:
            assert [row async for row in cursor] == [(2,), (3,)]
        cursor = await connection.cursor()
        await cursor.execute("SELECT title FROM book")
        assert await cursor.fetchone() == ("Emma",)
        assert len(await cursor.fetchall()) == 2
        assert len(await connection.execute_fetchall("SELECT id FROM book")) == 3
        assert await connection.execute_insert("INSERT INTO book (title) VALUES ('x')") == (4,)
        await connection.executemany("INSERT INTO book (title) VALUES (?)", iter([("y",), ("z",)]))
        with pytest.raises(sqlite3.OperationalError):
            await connection.execute("SELECT * FROM absent")
        await connection.rollback()
    assert recorded.row_counts == [2, 3, 3, None, None, None]
    assert [hit.batch_size for hit in recorded.hits] == [1, 1, 1, 1, 2, 1]
    assert recorded.hits[-1].error == "OperationalError"
    assert {query.database for query in recorded.queries} == {"sqlite"}
    # An exception that is thrown through aiosqlite's own awaitable hides the frames outwards of it.
    assert all(path[-1][0] == "test_connections_and_cursors" for path in recorded.paths[:-1])


async def test_a_wrapped_connection_is_recorded_once(connection: Any) -> None:
    with record() as recorded:
        assert len(await wrap_connection(connection).execute_fetchall("SELECT id FROM book")) == 3
    assert recorded.row_counts == [3]


async def test_the_story_of_an_n_plus_one(connection: Any) -> None:
    with ennead.profile("titles") as session:
        for (key,) in await connection.execute_fetchall("SELECT id FROM book"):
            await connection.execute_fetchall("SELECT title FROM book WHERE id = ?", (key,))
    (finding,) = session.findings
    assert (finding.query_count, finding.origin_row_count) == (3, 3)


async def test_one_set_is_silent(connection: Any) -> None:
    with ennead.profile("titles") as session:
        keys = [key for (key,) in await connection.execute_fetchall("SELECT id FROM book")]
        await connection.execute_fetchall(f"SELECT title FROM book WHERE id IN ({','.join('?' * len(keys))})", keys)
    assert session.findings == ()


def test_uninstall_leaves_no_trace() -> None:
    source.uninstall()
    assert not hasattr(aiosqlite.Connection._execute, "__wrapped__")
