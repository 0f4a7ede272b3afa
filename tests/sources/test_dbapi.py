"""Wrapped DB-API connections, on SQLite: what they record, and that they behave as the drivers do."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ennead.agent.units import Recording, pause
from ennead.sources.dbapi import wrap_connection
from tests.sources.recordings import hits, queries, recording, statements

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


# ------------------------------------------------------------------------------------------------ recording


def test_records_text_parameters_rows_and_place(connection: Any) -> None:
    with recording() as recorded:
        cursor = connection.cursor()
        cursor.execute("SELECT id, title FROM book WHERE id > ?", (1,))
        assert cursor.fetchall() == BOOKS[1:]
    (query,) = queries(recorded)
    assert query.statement == "SELECT id, title FROM book WHERE id > ?"
    assert (query.operation, query.tables, query.database, query.connection) == (
        "select",
        ("book",),
        "sqlite",
        "sqlite3",
    )
    assert (query.row_count, query.batch_size, query.error, query.transaction) == (2, 1, None, None)
    assert query.call_path[0].source == 'cursor.execute("SELECT id, title FROM book WHERE id > ?", (1,))'
    assert hits(recorded)[0].rows == BOOKS[1:]


def test_each_call_has_its_own_line(connection: Any) -> None:
    with recording() as recorded:
        connection.execute("SELECT 1")
        connection.cursor().execute("SELECT 1")
        for _ in range(2):
            connection.execute("SELECT 1")
    lines = [hit.site.path.sites[0].line for hit in hits(recorded)]
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
    with recording() as recorded:
        cursor = connection.execute("SELECT id FROM book") if shortcut else connection.cursor()
        if not shortcut:
            assert cursor.execute("SELECT id FROM book") is cursor
        fetch(cursor)
    assert hits(recorded)[0].row_count == count


def test_rows_are_counted_without_keeping_them_outside_of_profiles(connection: Any) -> None:
    with Recording("GET /", "request") as recorded:
        connection.execute("SELECT id FROM book").fetchall()
        list(connection.execute("SELECT id FROM book"))
    assert [(hit.row_count, hit.rows) for hit in hits(recorded)] == [(3, None)] * 2


def test_rows_fetched_after_the_unit_still_count_and_later_queries_do_not(connection: Any) -> None:
    with recording() as recorded:
        cursor = connection.execute("SELECT id FROM book")
        cursor.fetchone()
    cursor.fetchone()
    cursor.execute("SELECT id FROM book")
    cursor.fetchall()
    (hit,) = hits(recorded)
    assert hit.row_count == 2


@pytest.mark.parametrize("as_iterator", [False, True])
@pytest.mark.parametrize("shortcut", [False, True])
def test_executemany_is_one_query_with_a_batch_size(connection: Any, *, as_iterator: bool, shortcut: bool) -> None:
    new = [(4, "Molloy"), (5, "Middlemarch")]
    with recording() as recorded:
        target = connection if shortcut else connection.cursor()
        target.executemany(INSERT, iter(new) if as_iterator else new)
    (query,) = queries(recorded)
    assert (query.batch_size, query.operation) == (2, "insert")
    assert connection.execute("SELECT count(*) FROM book").fetchone() == (5,)


def test_executescript(connection: Any) -> None:
    with recording() as recorded:
        connection.executescript("DELETE FROM book; VACUUM;")
        connection.cursor().executescript("SELECT 1;")
    assert statements(recorded) == ["DELETE FROM book; VACUUM;", "SELECT 1;"]
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
    with recording() as recorded, pytest.raises(sqlite3.OperationalError, match="no such table: absent") as caught:
        fail(connection)
    assert [hit.error for hit in hits(recorded)] == ["OperationalError"]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_mutable_parameters_are_recorded_as_they_were(connection: Any) -> None:
    with recording() as recorded:
        cursor = connection.cursor()
        parameters = [0]
        named = {"id": 0}
        for number in (1, 2):
            parameters[0] = named["id"] = number
            cursor.execute("SELECT title FROM book WHERE id = ?", parameters)
            cursor.execute("SELECT title FROM book WHERE id = :id", named)
    assert [hit.parameters for hit in hits(recorded)] == [(1,), {"id": 1}, (2,), {"id": 2}]


def test_transactions_have_ordinals(connection: Any) -> None:
    with recording() as recorded:
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
    assert [hit.transaction for hit in hits(recorded)] == [None, 1, 1, 2, 2, 3, None, 4, 5, None]


def test_nothing_is_recorded_outside_of_a_unit_or_while_paused(connection: Any) -> None:
    connection.execute("SELECT 1")
    with recording() as recorded:
        with pause():
            connection.execute("SELECT 2")
        connection.execute("SELECT 3")
    assert statements(recorded) == ["SELECT 3"]


def test_names(raw: sqlite3.Connection) -> None:
    with recording() as recorded:
        wrap_connection(raw, name="replica").execute("SELECT 1")
    assert queries(recorded)[0].connection == "replica"


# ------------------------------------------------------------------------------------------------ transparency


def test_wrapping_twice_wraps_once(raw: sqlite3.Connection) -> None:
    connection = wrap_connection(raw)
    assert wrap_connection(connection) is connection
    with recording() as recorded:
        connection.execute("SELECT 1")
    assert len(hits(recorded)) == 1


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
    with recording() as recorded:
        row = connection.execute("SELECT id, title FROM book").fetchone()
    assert (row["title"], dict(row)) == ("Emma", {"id": 1, "title": "Emma"})
    assert hits(recorded)[0].row_count == 1
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
    with recording():
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
