"""psycopg without any ORM, hooked as it is."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import rows, sql

import ennead
from ennead.sources.dbapi import wrap_connection
from ennead.sources.drivers import psycopg as source
from tests.sources.sqlalchemy.recording import record

pytestmark = pytest.mark.postgresql


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


def test_cursors_and_connections(library: str) -> None:
    with psycopg.connect(library) as connection, record() as recorded:
        assert type(connection) is psycopg.Connection
        assert connection.execute("SELECT title FROM book WHERE id = %s", (1,)).fetchone() == ("Emma",)
        with connection.cursor(row_factory=rows.dict_row) as cursor:
            cursor.execute("SELECT id FROM book WHERE id > %(id)s ORDER BY id", {"id": 1})
            assert [row["id"] for row in cursor] == [2, 3, 4]
        with connection.cursor("named") as server_side:
            server_side.execute("SELECT id FROM book ORDER BY id")
            assert server_side.fetchmany(2) == [(1,), (2,)]
            assert list(server_side) == [(3,), (4,)]
        query = sql.SQL("SELECT {} FROM book").format(sql.Identifier("title"))
        assert len(connection.execute(query).fetchall()) == 4
        assert len(list(connection.cursor().stream("SELECT generate_series(1, %s)", (3,)))) == 3
        connection.cursor().executemany("UPDATE book SET title = 'x' WHERE id = %s", [(1,), (2,)])
        connection.rollback()
        name = connection.info.dbname
    assert recorded.row_counts == [1, 3, 4, 4, 3, None]
    assert recorded.statements[3] == 'SELECT "title" FROM book'
    assert [hit.batch_size for hit in recorded.hits] == [1, 1, 1, 1, 1, 2]
    assert {hit.transaction for hit in recorded.hits} == {1}
    assert {(query.database, query.connection) for query in recorded.queries} == {("postgresql", name)}
    assert all(path[-1][0] == "test_cursors_and_connections" for path in recorded.paths)


def test_errors_pass(library: str) -> None:
    with psycopg.connect(library) as connection, record() as recorded:
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM absent")
        connection.rollback()
    assert [hit.error for hit in recorded.hits] == ["UndefinedTable"]


def test_a_wrapped_connection_is_recorded_once(library: str) -> None:
    with psycopg.connect(library) as raw, record() as recorded:
        connection = wrap_connection(raw)
        assert len(connection.execute("SELECT id FROM book").fetchall()) == 4
        assert raw.execute("SELECT 1").fetchall() == [(1,)]
    assert recorded.row_counts == [4, 1]


def test_the_story_of_an_n_plus_one(library: str) -> None:
    with psycopg.connect(library) as connection, ennead.profile("titles") as session:
        keys = [key for (key,) in connection.execute("SELECT id FROM book")]
        for key in keys:
            connection.execute("SELECT title FROM book WHERE id = %s", (key,)).fetchone()
    (finding,) = session.findings
    assert (finding.code, finding.query_count, finding.origin_row_count) == ("n-plus-one", 4, 4)
    assert finding.loop is not None
    assert finding.loop.source == "for key in keys:"


def test_one_set_is_silent(library: str) -> None:
    with psycopg.connect(library) as connection, ennead.profile("titles") as session:
        keys = [key for (key,) in connection.execute("SELECT id FROM book")]
        for start in range(0, 4, 2):
            connection.execute("SELECT title FROM book WHERE id = ANY(%s)", (keys[start : start + 2],)).fetchall()
    assert session.findings == ()


async def test_awaited(library: str) -> None:
    async with await psycopg.AsyncConnection.connect(library) as connection:
        with record() as recorded:
            cursor = await connection.execute("SELECT id FROM book ORDER BY id")
            assert await cursor.fetchone() == (1,)
            assert [row async for row in cursor] == [(2,), (3,), (4,)]
            async with connection.cursor("named") as server_side:
                await server_side.execute("SELECT id FROM book WHERE id > %s", (1,))
                assert len(await server_side.fetchall()) == 3
            assert [row async for row in connection.cursor().stream("SELECT 1")] == [(1,)]
            await connection.cursor().executemany("UPDATE book SET title = 'x' WHERE id = %s", [(1,), (2,)])
            with pytest.raises(psycopg.errors.UndefinedTable):
                await connection.execute("SELECT * FROM absent")
        await connection.rollback()
    assert recorded.row_counts == [4, 3, 1, None, None]
    assert all(path[-1][0] == "test_awaited" for path in recorded.paths)


def test_uninstall_leaves_no_trace(library: str) -> None:
    plain = psycopg.Cursor.execute
    source.uninstall()
    assert psycopg.Cursor.execute is not plain
    assert psycopg.Cursor.execute.__module__ == "psycopg.cursor"
    assert "__wrapped__" not in vars(psycopg.AsyncServerCursor.fetchone)


def test_rows_are_counted_without_their_values(library: str) -> None:
    with psycopg.connect(library) as connection, record(provenance=False) as recorded:
        connection.execute("SELECT id FROM book").fetchone()
        connection.execute("UPDATE book SET title = title")
        with connection.cursor("named") as server_side:
            server_side.execute("SELECT id FROM book")
            server_side.fetchmany(2)
        assert len(list(connection.cursor().stream("SELECT id FROM book"))) == 4
        connection.rollback()
    assert recorded.row_counts == [4, None, 2, 4]
    assert all(hit.rows is None for hit in recorded.hits)
