"""From hits to immutable records: whole records compared."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest

from ennead.agent.parameters import ParameterHasher, project_secret
from ennead.agent.snapshot import _parameters, snapshot
from ennead.agent.unit_of_work import Connection, UnitOfWork
from ennead.agent.units import Recording
from ennead.kernel.call_site import CallSite
from ennead.kernel.records import OrmEvidence, RawQuery, Supply
from ennead.sources.dbapi import wrap_connection
from tests.agent.library import execute


def test_a_unit_with_everything() -> None:
    entry = CallSite("shop/views.py", 3, "page")
    before = datetime.now(UTC)
    with Recording("GET /", "profile", route="/", trace_id="4bf9", entry=entry, explicit=True) as recording:
        with wrap_connection(sqlite3.connect(":memory:"), name="main") as connection:
            connection.execute("CREATE TABLE book (id integer, title text)")
            connection.executemany("INSERT INTO book VALUES (?, ?)", [(1, "Emma"), (2, "Watt")])
            (found,) = connection.execute("SELECT id FROM book WHERE title = 'Watt' AND id > ?", (1,)).fetchall()
            with pytest.raises(sqlite3.OperationalError):
                connection.execute("SELECT title FROM books WHERE id IN (?, 7)", found)
        connection.close()
    assert recording.unit is not None
    raw = snapshot(recording.unit)
    assert (raw.name, raw.kind, raw.route, raw.trace_id, raw.entry) == ("GET /", "profile", "/", "4bf9", entry)
    assert before <= raw.started_at <= datetime.now(UTC)
    assert raw.duration_ns > 0
    assert (raw.dropped_count, raw.internal_error_count) == (0, 0)
    create, insert, select, failed = raw.queries
    assert (create.operation, insert.operation, select.operation, failed.operation) == (
        "ddl",
        "insert",
        "select",
        "select",
    )
    assert insert.batch_size == 2
    assert (select.statement, select.tables) == ("SELECT id FROM book WHERE title = ? AND id > ?", ("book",))
    assert (select.row_count, select.error, select.connection, select.database) == (1, None, "main", "sqlite")
    assert (failed.error, failed.list_sizes, failed.row_count) == ("OperationalError", (2,), None)
    assert failed.supplied_by == (Supply(query=2, column=0, parameter=0),)
    assert select.fingerprint != failed.fingerprint
    offsets = [query.offset_ns for query in raw.queries]
    assert offsets == sorted(offsets)
    assert all(0 < query.duration_ns <= raw.duration_ns for query in raw.queries)
    assert {query.call_path[0].function for query in raw.queries} == {"test_a_unit_with_everything"}


def _values(sql: str, parameters: Any, database: str = "sqlite") -> tuple[object, ...]:
    unit = UnitOfWork("test", "test")
    hit = unit.record(sql, parameters, 0, Connection("default", database))
    assert hit is not None
    return _parameters(hit)


@pytest.mark.parametrize(
    ("sql", "parameters", "values"),
    [
        ("SELECT 1", None, (1,)),
        ("SELECT ?", (5,), (5,)),
        ("SELECT ?, 'a', ?, 2", (5, 6), (5, "a", 6, 2)),
        ("SELECT 'a', ?, ?, 'b'", (None, 6), ("a", None, 6, "b")),
        ("SELECT 'a', :x", {"x": None}, ("a", None)),
        ("SELECT 'a', ?", (), ("a",)),
        ("SELECT 'a'", (1, 2), ("a", 1, 2)),
        ("SELECT id FROM book WHERE id IN (1, ?, 3)", (2,), (1, 2, 3)),
        ("SELECT ?, 'a'", ("x" * 300,), (("str", 300, "x" * 64, "x" * 64), "a")),
    ],
)
def test_literals_and_bound_values_in_the_statements_order(
    sql: str, parameters: Any, values: tuple[object, ...]
) -> None:
    assert _values(sql, parameters) == values


def test_quoting_is_the_databases() -> None:
    assert _values('SELECT "a", ?', (1,), "mysql") == ("a", 1)
    assert _values('SELECT "a", ?', (1,), "sqlite") == (1,)


def test_parameters_leave_as_keyed_hashes() -> None:
    with Recording("test", "profile", explicit=True) as recording:
        execute("SELECT ?, ?", (1, "secret"))
        execute("SELECT ?, ?", (1, "other"))
        execute("SELECT now()")
    assert recording.unit is not None
    first, second, third = snapshot(recording.unit).queries
    hasher = ParameterHasher(project_secret())
    assert first.parameter_hashes == (hasher.hash((1,)), hasher.hash(("secret",)))
    assert first.parameter_hashes[0] == second.parameter_hashes[0]
    assert first.parameters_hash != second.parameters_hash
    assert (third.parameter_hashes, third.parameters_hash) == ((), None)
    assert "secret" not in repr(first._replace(call_path=()))


def test_queries_are_told_in_the_order_they_started() -> None:
    unit = UnitOfWork("test", "test")
    connection = Connection("default", "sqlite")
    for started, sql in ((300, "SELECT a"), (100, "SELECT b"), (200, "SELECT c")):
        unit.record(sql, None, unit.started_ns + started, connection)
    queries = snapshot(unit).queries
    assert [(query.statement[-1].lower(), query.offset_ns) for query in queries] == [("b", 100), ("c", 200), ("a", 300)]


def test_evidence_given_with_the_query_goes_before_the_sites() -> None:
    evidence = OrmEvidence("orm", lazy_load=True, relation="Order.customer")
    unit = UnitOfWork("test", "test")
    connection = Connection("default", "sqlite")
    for orm in (evidence, None):
        unit.record("SELECT 1", None, 0, connection, 1, None, orm)
    assert [query.orm for query in snapshot(unit).queries] == [evidence, None]


def test_a_unit_that_is_still_running_can_be_read() -> None:
    with Recording("test", "profile", explicit=True) as recording:
        execute("SELECT 1")
        assert recording.unit is not None
        first = snapshot(recording.unit)
        execute("SELECT 2")
        second = snapshot(recording.unit)
    assert [len(raw.queries) for raw in (first, second)] == [1, 2]
    assert isinstance(first.queries[0], RawQuery)
