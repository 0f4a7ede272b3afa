"""Queries as small numbers: what each factor says, and that nothing of the schema is in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ennead.domains.nplusone.levels import reduce_to
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.query_stream import FACTORS, NEW, POSITION_OF, SIZES, stream_of
from tests.domains.nplusone.traces import LINES, ORIGIN, Trace, joined_orders, lazy_orders, look_ups, site


def told(context: QueryExecutionContext, name: str) -> list[int]:
    return [step[POSITION_OF[name]] for step in stream_of(context).steps]


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        ("rank", [NEW, NEW, 0, 0, 0, 0]),
        ("operation", [0, 0, 0, 0, 0, 0]),
        ("times", [0, 0, 1, 2, 3, 4]),
        ("distinct", [0, 0, 1, 2, 3, 4]),
        ("parameters", [0, 1, 4, 4, 4, 4]),
        ("place", [1, 1, 1, 1, 1, 1]),
        ("orm", [1, 2, 2, 2, 2, 2]),
        ("parents", [0, 3, 3, 3, 3, 3]),
        ("progress", [0, 1, 1, 1, 1, 2]),
        ("rows", [0, 0, 2, 2, 2, 2]),
        ("shape", [0, 1, 1, 1, 1, 1]),
        ("source", [1, 3, 3, 3, 3, 3]),
        ("lead", [0, 0, 2, 1, 1, 1]),
        ("number", [0, 1, 1, 1, 1, 1]),
    ],
)
def test_a_loop_of_lazy_loads(factor: str, expected: list[int]) -> None:
    assert told(lazy_orders(5).context(), factor) == expected


def test_every_factor_is_told_of_in_the_test_above() -> None:
    assert len(FACTORS) == 14
    assert tuple(POSITION_OF) == tuple(factor.name for factor in FACTORS)


def test_less_evidence_is_unknown_and_not_negative() -> None:
    context = lazy_orders(3).context()
    spans = reduce_to(context, "spans")
    assert told(spans, "rank") == told(context, "rank")
    for factor in ("parameters", "place", "orm", "parents", "progress", "rows", "source"):
        assert set(told(spans, factor)) == {0}, factor


def test_identical_parameters_are_no_new_ones() -> None:
    trace = Trace()
    for value in (1, 1, 2, 1):
        trace.run("SELECT name FROM customer WHERE id = ?", value)
    assert told(trace.context(), "parameters") == [1, 2, 4, 3]
    assert told(trace.context(), "distinct") == [0, 0, 1, 1]


def test_ranks_count_the_groups_between() -> None:
    trace = Trace()
    for sql in ("SELECT 1 FROM a", "SELECT 1 FROM b", "SELECT 1 FROM c", "SELECT 1 FROM a", "SELECT 1 FROM b"):
        trace.run(sql)
    assert told(trace.context(), "rank") == [NEW, NEW, NEW, 2, 2]
    many = Trace()
    for number in (*range(12), 0):
        many.run(f"SELECT 1 FROM t{number}")
    assert told(many.context(), "rank")[-1] == 7


def test_one_statement_at_two_places_is_two_groups() -> None:
    trace = Trace()
    trace.run("SELECT name FROM customer WHERE id = ?", 1)
    trace.run("SELECT name FROM customer WHERE id = ?", 2, at=site("shop/other.py:7 total"))
    assert told(trace.context(), "rank") == [NEW, NEW]
    assert told(trace.context(), "place") == [1, 2]


@pytest.mark.parametrize(
    ("sql", "shape"),
    [
        ("SELECT a FROM t WHERE name = ?", 0),
        ("SELECT a FROM t WHERE id = ?", 1),
        ("SELECT a FROM t WHERE owner_id = ? LIMIT 1", 2),
        ("SELECT a FROM t WHERE id > ? LIMIT 10", 3),
        ("SELECT a FROM t WHERE day >= ?", 3),
        ("SELECT a FROM t WHERE id IN (?, ?)", 4),
    ],
)
def test_shapes(sql: str, shape: int) -> None:
    trace = Trace()
    trace.run(sql, *range(sql.count("?")))
    assert told(trace.context(), "shape") == [shape]


def test_eager_loads_are_told_apart_from_lazy_ones() -> None:
    trace = Trace()
    trace.run("SELECT a FROM line WHERE order_id = ?", 1, orm=replace(LINES, lazy_load=False, eager=True))
    trace.run("SELECT a FROM line WHERE order_id = ?", 1, orm=LINES)
    assert told(trace.context(), "orm") == [3, 2]


def test_control_and_failures_are_no_steps() -> None:
    trace = Trace()
    trace.run("BEGIN")
    trace.run("SELECT 1 FROM a")
    trace.run("SELECT 1 FROM b", error="OperationalError")
    trace.run("INSERT INTO a VALUES (1)")
    stream = stream_of(trace.context())
    assert stream.indexes == (1, 3)
    assert told(trace.context(), "operation") == [0, 1]


def test_rows_are_those_of_the_time_before_so_that_it_can_be_asked_while_work_goes_on() -> None:
    trace = look_ups(2)
    before = stream_of(trace.context()).steps
    trace.run("SELECT id, name FROM shop_customer WHERE id = ?", 9, rows=None)
    unfetched = stream_of(trace.context()).steps[-1]
    again = look_ups(2)
    again.run("SELECT id, name FROM shop_customer WHERE id = ?", 9, rows=1)
    assert stream_of(again.context()).steps[-1] == unfetched
    assert stream_of(again.context()).steps[:-1] == before


def test_numbers_stay_below_the_sizes() -> None:
    trace = lazy_orders(40)
    for number in range(80):
        trace.run(f"SELECT 1 FROM t{number}", at=ORIGIN, rows=50)
    for context in (trace.context(), joined_orders().context(), Trace().context()):
        for step in stream_of(context).steps:
            assert all(0 <= number < size for number, size in zip(step, SIZES, strict=True))


def test_names_change_nothing() -> None:
    def renamed(table: str, column: str) -> QueryExecutionContext:
        trace = Trace()
        trace.run(f"SELECT id FROM {table}", at=ORIGIN, rows=3)
        for number in range(3):
            trace.run(f"SELECT {column} FROM {table}_x WHERE id = ?", number, rows=1)
        return trace.context()

    assert stream_of(renamed("orders", "name")).steps == stream_of(renamed("zq", "w")).steps
