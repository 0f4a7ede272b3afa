"""asyncpg without any ORM."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

import ennead
from ennead.sources.drivers import asyncpg as source
from tests.sources.sqlalchemy.recording import record

pytestmark = pytest.mark.postgresql


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


@pytest.fixture
async def connection(library: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(library)
    yield connection
    await connection.close()


async def test_connections(connection: Any) -> None:
    with record() as recorded:
        assert len(await connection.fetch("SELECT id FROM book WHERE id > $1", 1)) == 3
        assert (await connection.fetchrow("SELECT title FROM book WHERE id = $1", 1))["title"] == "Emma"
        assert await connection.fetchrow("SELECT title FROM book WHERE id = $1", 9) is None
        assert await connection.fetchval("SELECT count(*) FROM book") == 4
        await connection.execute("UPDATE book SET title = $1 WHERE id = $2", "x", 1)
        await connection.executemany("UPDATE book SET title = $1 WHERE id = $2", [("y", 2), ("z", 3)])
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.fetch("SELECT * FROM absent")
    assert recorded.row_counts == [3, 1, 0, 1, None, None, None]
    assert [hit.batch_size for hit in recorded.hits] == [1, 1, 1, 1, 1, 2, 1]
    assert recorded.hits[-1].error == "UndefinedTableError"
    assert {query.database for query in recorded.queries} == {"postgresql"}
    assert all(path[0][0] == "test_connections" for path in recorded.paths)


async def test_prepared_statements_and_cursors(connection: Any) -> None:
    with record() as recorded:
        statement = await connection.prepare("SELECT title FROM book WHERE id > $1")
        assert len(await statement.fetch(2)) == 2
        assert await statement.fetchval(3) == "Loving"
        async with connection.transaction():
            assert len([row async for row in connection.cursor("SELECT id FROM book")]) == 4
            cursor = await connection.cursor("SELECT title FROM book WHERE id > $1", 1)
            assert len(await cursor.fetch(2)) == 2
    assert [(hit.site.statement.sql, hit.transaction) for hit in recorded.hits] == [
        ("SELECT title FROM book WHERE id > $1", None),
        ("SELECT title FROM book WHERE id > $1", None),
        ("SELECT id FROM book", 1),
        ("SELECT title FROM book WHERE id > $1", 1),
    ]


async def test_pools_and_the_story_of_an_n_plus_one(library: str) -> None:
    async with asyncpg.create_pool(library, min_size=1, max_size=2) as pool:
        with ennead.profile("titles") as session:
            for row in await pool.fetch("SELECT id FROM book"):
                async with pool.acquire() as connection:
                    await connection.fetchrow("SELECT title FROM book WHERE id = $1", row["id"])
    (finding,) = session.findings
    assert (finding.query_count, finding.origin_row_count) == (4, 4)
    assert finding.loop is not None
    assert finding.loop.source == 'for row in await pool.fetch("SELECT id FROM book"):'
    assert finding.call_site is not None
    assert finding.call_site.function == "test_pools_and_the_story_of_an_n_plus_one"


async def test_one_set_is_silent(connection: Any) -> None:
    with ennead.profile("titles") as session:
        keys = [row["id"] for row in await connection.fetch("SELECT id FROM book")]
        await connection.fetch("SELECT title FROM book WHERE id = ANY($1)", keys)
    assert session.findings == ()


def test_uninstall_leaves_no_trace() -> None:
    source.uninstall()
    assert asyncpg.Connection.fetch.__module__ == "asyncpg.connection"
    assert not hasattr(asyncpg.Connection.fetch, "__wrapped__")
