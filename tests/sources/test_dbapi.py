"""Wrapped DB-API connections, on real databases: what they record, and that they behave as the drivers do."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiosqlite
import psycopg
import pytest
from psycopg import rows, sql

from ennead.agent import concurrency
from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import Hit, UnitOfWork
from ennead.agent.units import Recording, pause
from ennead.kernel.records import RawQuery
from ennead.sources.dbapi import wrap_connection

SCHEMA = "CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT)"
INSERT = "INSERT INTO book (id, title) VALUES (?, ?)"
BOOKS = [(1, "Emma"), (2, "Ulysses"), (3, "Watt")]


@pytest.fixture
def raw() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(SCHEMA)
    connection.executemany(INSERT, BOOKS)
    connection.commit()
    yield connection
    connection.close()


@pytest.fixture
def connection(raw: sqlite3.Connection) -> Any:
    return wrap_connection(raw)


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Any]:
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("DROP TABLE IF EXISTS book")
        connection.execute("CREATE TABLE book (id integer PRIMARY KEY, title text)")
        connection.cursor().executemany("INSERT INTO book VALUES (%s, %s)", BOOKS)
        connection.commit()
        yield wrap_connection(connection)


def _recording() -> Recording:
    return Recording("test", "profile", explicit=True)


def _unit(recording: Recording) -> UnitOfWork:
    assert recording.unit is not None
    assert recording.unit.internal_error_count == 0
    return recording.unit


def _hits(recording: Recording) -> list[Hit]:
    return _unit(recording).hits


def _texts(recording: Recording) -> list[str]:
    return [hit.site.statement.sql for hit in _hits(recording)]


def _queries(recording: Recording) -> tuple[RawQuery, ...]:
    return snapshot(_unit(recording)).queries


# ------------------------------------------------------------------------------------------------ recording


def test_records_text_parameters_rows_and_place(connection: Any) -> None:
    with _recording() as recording:
        cursor = connection.cursor()
        cursor.execute("SELECT id, title FROM book WHERE id > ?", (1,))
        assert cursor.fetchall() == BOOKS[1:]
    (query,) = _queries(recording)
    assert query.statement == "SELECT id, title FROM book WHERE id > ?"
    assert (query.operation, query.tables, query.database, query.connection) == (
        "select",
        ("book",),
        "sqlite",
        "sqlite3",
    )
    assert (query.row_count, query.batch_size, query.error, query.transaction) == (2, 1, None, None)
    assert query.call_path[0].source == 'cursor.execute("SELECT id, title FROM book WHERE id > ?", (1,))'
    assert _hits(recording)[0].rows == BOOKS[1:]


def test_each_call_has_its_own_line(connection: Any) -> None:
    with _recording() as recording:
        connection.execute("SELECT 1")
        connection.cursor().execute("SELECT 1")
        for _ in range(2):
            connection.execute("SELECT 1")
    lines = [hit.site.path.sites[0].line for hit in _hits(recording)]
    assert [line - lines[0] for line in lines] == [0, 1, 3, 3]


@pytest.mark.parametrize(
    ("fetch", "count"),
    [
        (lambda cursor: cursor.fetchone(), 1),
        (lambda cursor: (cursor.fetchone(), cursor.fetchone()), 2),
        (lambda cursor: cursor.fetchmany(2), 2),
        (lambda cursor: cursor.fetchall(), 3),
        (lambda cursor: list(cursor), 3),  # noqa: PLW0108 -- each way of fetching in one form
        (next, 1),
        (lambda cursor: [*zip(cursor, range(2), strict=False)], 3),
        (lambda cursor: [cursor.fetchone(), *cursor], 3),
        (lambda cursor: None, None),
    ],
    ids=["one", "twice", "many", "all", "list", "next", "zip", "mixed", "none"],
)
@pytest.mark.parametrize("shortcut", [False, True])
def test_counts_the_rows_that_are_fetched(
    connection: Any, fetch: Callable[[Any], object], count: int | None, *, shortcut: bool
) -> None:
    with _recording() as recording:
        cursor = connection.execute("SELECT id FROM book") if shortcut else connection.cursor()
        if not shortcut:
            assert cursor.execute("SELECT id FROM book") is cursor
        fetch(cursor)
    assert _hits(recording)[0].row_count == count


def test_rows_are_counted_without_keeping_them_outside_of_profiles(connection: Any) -> None:
    recording = Recording("GET /", "request")
    with recording:
        connection.execute("SELECT id FROM book").fetchall()
        list(connection.execute("SELECT id FROM book"))
    assert [(hit.row_count, hit.rows) for hit in _hits(recording)] == [(3, None)] * 2


def test_rows_fetched_after_the_unit_still_count_and_later_queries_do_not(connection: Any) -> None:
    with _recording() as recording:
        cursor = connection.execute("SELECT id FROM book")
        cursor.fetchone()
    cursor.fetchone()
    cursor.execute("SELECT id FROM book")
    cursor.fetchall()
    (hit,) = _hits(recording)
    assert hit.row_count == 2


@pytest.mark.parametrize("as_iterator", [False, True])
@pytest.mark.parametrize("shortcut", [False, True])
def test_executemany_is_one_query_with_a_batch_size(connection: Any, *, as_iterator: bool, shortcut: bool) -> None:
    new = [(4, "Molloy"), (5, "Middlemarch")]
    with _recording() as recording:
        target = connection if shortcut else connection.cursor()
        target.executemany(INSERT, iter(new) if as_iterator else new)
    (query,) = _queries(recording)
    assert (query.batch_size, query.operation) == (2, "insert")
    assert connection.execute("SELECT count(*) FROM book").fetchone() == (5,)


def test_executescript(connection: Any) -> None:
    with _recording() as recording:
        connection.executescript("DELETE FROM book; VACUUM;")
        connection.cursor().executescript("SELECT 1;")
    assert _texts(recording) == ["DELETE FROM book; VACUUM;", "SELECT 1;"]
    assert connection.execute("SELECT * FROM book").fetchall() == []


@pytest.mark.parametrize(
    "fail",
    [
        lambda connection: connection.execute("SELECT * FROM absent"),
        lambda connection: connection.cursor().execute("SELECT * FROM absent"),
        lambda connection: connection.executemany("INSERT INTO absent VALUES (?)", [(1,)]),
        lambda connection: connection.cursor().executemany("INSERT INTO absent VALUES (?)", [(1,)]),
        lambda connection: connection.executescript("SELECT * FROM absent"),
    ],
    ids=["execute", "cursor", "executemany", "cursor-executemany", "executescript"],
)
def test_errors_are_the_drivers_own_and_recorded(connection: Any, fail: Callable[[Any], object]) -> None:
    with _recording() as recording, pytest.raises(sqlite3.OperationalError, match="no such table: absent") as caught:
        fail(connection)
    assert [hit.error for hit in _hits(recording)] == ["OperationalError"]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_mutable_parameters_are_recorded_as_they_were(connection: Any) -> None:
    with _recording() as recording:
        cursor = connection.cursor()
        parameters = [0]
        named = {"id": 0}
        for number in (1, 2):
            parameters[0] = named["id"] = number
            cursor.execute("SELECT title FROM book WHERE id = ?", parameters)
            cursor.execute("SELECT title FROM book WHERE id = :id", named)
    assert [hit.parameters for hit in _hits(recording)] == [(1,), {"id": 1}, (2,), {"id": 2}]


def test_transactions_have_ordinals(connection: Any) -> None:
    with _recording() as recording:
        connection.execute("SELECT 1")
        for _ in range(2):
            connection.execute("INSERT INTO book (title) VALUES ('a')")
            connection.execute("SELECT 2")
            connection.commit()
        connection.execute("BEGIN")
        connection.execute("ROLLBACK")
        with connection:
            connection.execute("DELETE FROM book")
        connection.execute("DELETE FROM book")
        connection.rollback()
        connection.execute("SELECT 1")
    assert [hit.transaction for hit in _hits(recording)] == [None, 1, 1, 2, 2, 3, None, 4, 5, None]


def test_nothing_is_recorded_outside_of_a_unit_or_while_paused(connection: Any) -> None:
    connection.execute("SELECT 1")
    with _recording() as recording:
        with pause():
            connection.execute("SELECT 2")
        connection.execute("SELECT 3")
    assert _texts(recording) == ["SELECT 3"]


def test_names(raw: sqlite3.Connection) -> None:
    with _recording() as recording:
        wrap_connection(raw, name="replica").execute("SELECT 1")
    assert _queries(recording)[0].connection == "replica"


# ------------------------------------------------------------------------------------------------ transparency


def test_wrapping_twice_wraps_once(raw: sqlite3.Connection) -> None:
    connection = wrap_connection(raw)
    assert wrap_connection(connection) is connection
    with _recording() as recording:
        connection.execute("SELECT 1")
    assert len(_hits(recording)) == 1


def test_the_kill_switch(raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_DISABLED", "1")
    assert wrap_connection(raw) is raw


def test_looks_like_the_driver(raw: sqlite3.Connection, connection: Any) -> None:
    cursor = connection.cursor()
    assert isinstance(connection, sqlite3.Connection)
    assert isinstance(cursor, sqlite3.Cursor)
    assert connection.__class__ is sqlite3.Connection
    assert repr(connection) == repr(raw)
    assert dir(connection) == dir(raw)
    assert cursor.connection is connection
    assert cursor.description is None
    assert cursor.rowcount == -1
    assert connection.in_transaction is False
    assert iter(connection.execute("SELECT 1")).__next__() == (1,)
    with pytest.raises(AttributeError, match="absent"):
        getattr(connection, "absent")  # noqa: B009 -- unknown to the type checker, too
    assert not hasattr(cursor, "stream")
    assert not hasattr(cursor, "callproc")


def test_attributes_are_written_through(raw: sqlite3.Connection, connection: Any) -> None:
    connection.row_factory = sqlite3.Row
    assert raw.row_factory is sqlite3.Row
    with _recording() as recording:
        row = connection.execute("SELECT id, title FROM book").fetchone()
    assert (row["title"], dict(row)) == ("Emma", {"id": 1, "title": "Emma"})
    assert _hits(recording)[0].row_count == 1
    connection.isolation_level = None
    assert raw.isolation_level is None
    cursor = connection.cursor()
    cursor.arraysize = 2
    assert len(cursor.execute("SELECT id FROM book").fetchmany()) == 2
    with pytest.raises(AttributeError):
        cursor.absent = 1


def test_the_context_manager_commits_and_rolls_back(connection: Any) -> None:
    with connection as entered:
        assert entered is connection
        connection.execute("INSERT INTO book (title) VALUES ('Murphy')")
    assert not connection.in_transaction
    with pytest.raises(sqlite3.OperationalError), connection:
        connection.execute("DELETE FROM book WHERE absent")
    connection.execute("DELETE FROM book")
    with pytest.raises(ZeroDivisionError), connection:
        _ = 1 // 0
    assert connection.execute("SELECT count(*) FROM book").fetchone() == (4,)


def test_functions_of_the_driver_work(connection: Any) -> None:
    connection.create_function("double", 1, lambda value: value * 2)
    assert connection.execute("SELECT double(21)").fetchone() == (42,)
    assert "".join(connection.iterdump()).startswith("BEGIN TRANSACTION;CREATE TABLE book")
    with sqlite3.connect(":memory:") as copy:
        connection.backup(copy)
        assert copy.execute("SELECT count(*) FROM book").fetchone() == (3,)
    copy.close()


def test_misuse_raises_what_the_driver_raises(raw: sqlite3.Connection, connection: Any) -> None:
    with _recording():
        misused: Any
        for misused in (raw, connection):
            with pytest.raises(TypeError):
                misused.execute()
            with pytest.raises(TypeError):
                misused.cursor().execute(1)
            with pytest.raises(sqlite3.ProgrammingError):
                misused.execute("SELECT ?", ())


def test_costs_next_to_nothing_outside_of_a_unit(raw: sqlite3.Connection, connection: Any) -> None:
    plain, wrapped = raw.cursor(), connection.cursor()

    def best(cursor: Any) -> float:
        def once() -> float:
            started = time.perf_counter()
            for _ in range(500):
                cursor.execute("SELECT 1")
            return (time.perf_counter() - started) / 500

        return min(once() for _ in range(40))

    # The promise is 0.2 microseconds, which the bench measures; a busy machine must not fail the test.
    assert best(wrapped) - best(plain) < 1e-6


# ------------------------------------------------------------------------------------------------ psycopg


@pytest.mark.postgresql
def test_psycopg(postgresql: Any) -> None:
    with _recording() as recording:
        assert postgresql.execute("SELECT title FROM book WHERE id = %s", (1,)).fetchone() == ("Emma",)
        with postgresql.cursor(row_factory=rows.dict_row) as cursor:
            assert isinstance(cursor, psycopg.Cursor)
            cursor.execute("SELECT id, title FROM book WHERE id = %(id)s", {"id": 2})
            assert [row["title"] for row in cursor] == ["Ulysses"]
        with postgresql.cursor("named") as server_side:
            server_side.execute("SELECT id FROM book ORDER BY id")
            assert server_side.fetchmany(2) == [(1,), (2,)]
    assert [hit.row_count for hit in _hits(recording)] == [1, 1, 2]
    first, second, third = _queries(recording)
    assert (first.database, first.connection) == ("postgresql", postgresql.info.dbname)
    assert len(second.parameter_hashes) == 1
    assert third.statement == "SELECT id FROM book ORDER BY id"


@pytest.mark.postgresql
def test_composed_queries_are_rendered(postgresql: Any) -> None:
    query = sql.SQL("SELECT {} FROM {} WHERE id = %s").format(sql.Identifier("title"), sql.Identifier("book"))
    with _recording() as recording:
        postgresql.execute(query, (1,))
        postgresql.cursor().execute(b"SELECT 1")
        postgresql.execute(sql.SQL("SELECT {}").format(sql.Literal("it's")))
    assert _texts(recording) == ['SELECT "title" FROM "book" WHERE id = %s', "SELECT 1", "SELECT 'it''s'"]


@pytest.mark.postgresql
def test_transaction_blocks_have_ordinals(postgresql: Any) -> None:
    postgresql.autocommit = True
    with _recording() as recording:
        postgresql.execute("SELECT 0")
        for _ in range(2):
            with postgresql.transaction():
                postgresql.execute("SELECT 1")
                with postgresql.transaction():
                    postgresql.execute("SELECT 2")
                postgresql.execute("SELECT 3")
        postgresql.execute("SELECT 0")
    assert [hit.transaction for hit in _hits(recording)] == [None, 1, 1, 1, 2, 2, 2, None]


@pytest.mark.postgresql
def test_failed_statements_of_postgresql(postgresql: Any) -> None:
    with _recording() as recording:
        with pytest.raises(psycopg.errors.UndefinedTable):
            postgresql.execute("SELECT * FROM absent")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            postgresql.execute("SELECT 1")
        postgresql.rollback()
        postgresql.execute("SELECT 1")
    assert [(hit.error, hit.transaction) for hit in _hits(recording)] == [
        ("UndefinedTable", 1),
        ("InFailedSqlTransaction", 1),
        (None, 2),
    ]


@pytest.mark.postgresql
def test_streams_and_batches(postgresql: Any) -> None:
    with _recording() as recording:
        cursor = postgresql.cursor()
        assert [row for (row,) in cursor.stream("SELECT generate_series(1, %s)", (4,))] == [1, 2, 3, 4]
        assert list(cursor.stream("SELECT 1 WHERE false")) == []
        with pytest.raises(psycopg.errors.UndefinedColumn):
            list(cursor.stream("SELECT absent"))
        postgresql.rollback()
        cursor.executemany("INSERT INTO book VALUES (%s, %s)", ((number, "x") for number in range(10, 15)))
    assert [(hit.row_count, hit.batch_size, hit.error) for hit in _hits(recording)] == [
        (4, 1, None),
        (None, 1, None),
        (None, 1, "UndefinedColumn"),
        (None, 5, None),
    ]
    assert str(_hits(recording)[0].site.path.sites[0].source).startswith("assert [row for")


# ------------------------------------------------------------------------------------------------ asynchronous


@pytest.fixture
async def asynchronous(tmp_path: Any) -> AsyncIterator[Any]:
    async with wrap_connection(aiosqlite.connect(tmp_path / "books.sqlite3")) as connection:
        await connection.execute(SCHEMA)
        await connection.executemany(INSERT, BOOKS)
        await connection.commit()
        yield connection


async def test_aiosqlite(asynchronous: Any) -> None:
    async with _recording() as recording:
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
    found = [(hit.row_count, hit.batch_size, hit.transaction) for hit in _hits(recording)]
    assert found == [(2, 1, None), (3, 1, None), (1, 1, None), (None, 2, 1), (5, 1, 1), (None, 1, 1)]
    assert all(hit.site.path.sites[0].function == "test_aiosqlite" for hit in _hits(recording))


async def test_asynchronous_errors_are_the_drivers_own(asynchronous: Any) -> None:
    async with _recording() as recording:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await asynchronous.execute("SELECT * FROM absent")
        await asynchronous.rollback()
    assert [hit.error for hit in _hits(recording)] == ["OperationalError"]


async def test_an_asynchronous_connection_is_opened_by_awaiting_it(tmp_path: Any) -> None:
    connection = wrap_connection(aiosqlite.connect(tmp_path / "other.sqlite3"))
    assert await connection is connection
    assert wrap_connection(connection) is connection
    async with _recording() as recording:
        await connection.execute(SCHEMA)
    await connection.close()
    assert _texts(recording) == [SCHEMA]


@pytest.fixture
def hooked_tasks() -> Iterator[None]:
    concurrency.install()
    yield
    concurrency.uninstall()


async def test_awaitables_can_be_tasks(asynchronous: Any, hooked_tasks: None) -> None:
    async with _recording() as recording:
        cursor = await asyncio.create_task(asynchronous.execute("SELECT 1"))
        results = await asyncio.gather(*[asynchronous.execute("SELECT ?", (number,)) for number in range(3)])
    assert await cursor.fetchone() == (1,)
    assert [await result.fetchone() for result in results] == [(0,), (1,), (2,)]
    places = [str(hit.site.path.sites[0].source) for hit in _hits(recording)]
    assert places[0].startswith("cursor = await asyncio.create_task")
    assert all(place.startswith("results = await asyncio.gather") for place in places[1:])


@pytest.mark.postgresql
async def test_psycopg_async(postgresql_url: str) -> None:
    raw = await psycopg.AsyncConnection.connect(postgresql_url)
    async with wrap_connection(raw, name="main") as connection, _recording() as recording:
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
    found = [(hit.row_count, hit.transaction, hit.connection.name) for hit in _hits(recording)]
    assert found == [(3, 1, "main"), (1, 1, "main"), (1, 1, "main"), (None, 2, "main")]
    assert {hit.site.path.sites[0].function.partition(".")[0] for hit in _hits(recording)} == {"test_psycopg_async"}
