"""Provenance: which earlier query's rows a parameter's value came out of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.agent.provenance import MAX_SUPPLIERS, supplied_by
from ennead.agent.unit_of_work import Connection, Hit, UnitOfWork
from ennead.kernel.records import Supply

_CONNECTION = Connection("default", "sqlite")
KEY = UUID("6fa459ea-ee8a-3ca4-894e-db77e160355e")


def _supplies(*queries: tuple[str, Sequence[Any], tuple[object, ...]]) -> list[tuple[tuple[int, int, int], ...]]:
    """Of queries given as (statement, rows, parameters), the (query, column, parameter) of each."""
    unit = UnitOfWork("test", "test", provenance=True)
    hits: list[Hit] = []
    for sql, rows, _ in queries:
        hit = unit.record(sql, None, 0, _CONNECTION)
        assert hit is not None
        hit.capture_rows(rows)
        hits.append(hit)
    supplies = supplied_by(hits, [parameters for _, _, parameters in queries])
    return [tuple((supply.query, supply.column, supply.parameter) for supply in found) for found in supplies]


def _supplied(fetched: object, bound: object) -> bool:
    return bool(_supplies(("a", [(fetched,)], ()), ("b", [], (bound,)))[1])


def test_names_query_column_and_parameter() -> None:
    assert _supplies(
        ("books", [("Emma", 11), ("Watt", 12)], ()),
        ("author", [], (11,)),
        ("author", [], ("x", 12)),
        ("author", [], (13,)),
    ) == [(), ((0, 1, 0),), ((0, 1, 1),), ()]


def test_the_nearest_comes_first() -> None:
    assert _supplies(("a", [(7, 7)], ()), ("b", [(7,)], (7,)), ("c", [], (7,))) == [
        (),
        ((0, 0, 0), (0, 1, 0)),
        ((1, 0, 0), (0, 0, 0), (0, 1, 0)),
    ]


def test_of_one_statement_the_latest_execution_supplies() -> None:
    assert _supplies(("a", [(7,)], ()), ("a", [(7,)], ()), ("b", [], (7,)))[2] == ((1, 0, 0),)


def test_a_query_does_not_supply_itself_or_what_came_before() -> None:
    assert _supplies(("a", [(1,)], (1,)), ("b", [(2,)], (2,))) == [(), ()]


@pytest.mark.parametrize(
    ("fetched", "bound"),
    [
        (KEY, KEY),
        (KEY, str(KEY)),
        (KEY, KEY.hex),
        (KEY.hex, str(KEY).upper()),
        ("ABC-1", "abc1"),
        (b"ab", b"ab"),
        (2, "2"),
        (Decimal("2.50"), "2.5"),
    ],
    ids=["same", "text", "hex", "case", "dashes", "bytes", "number", "decimal"],
)
def test_forms_of_one_value_agree(fetched: object, bound: object) -> None:
    assert _supplied(fetched, bound)


@pytest.mark.parametrize(
    "value", [None, True, "", "x" * 100, object()], ids=["null", "true", "empty", "long", "object"]
)
def test_values_that_say_nothing(value: object) -> None:
    assert not _supplied(value, value)


@pytest.mark.parametrize(
    "row", [(1, 2), [1, 2], {"a": 1, "b": 2}, iter((1, 2))], ids=["tuple", "list", "dict", "iterable"]
)
def test_rows_of_any_shape(row: Any) -> None:
    assert _supplies(("a", [row], ()), ("b", [], (2,)))[1] == ((0, 1, 0),)


@pytest.mark.parametrize("row", [None, 5, "text", b"bytes"], ids=str)
def test_rows_that_are_none(row: Any) -> None:
    assert _supplies(("a", [row], ()), ("b", [], (5, "t")))[1] == ()


_ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3)


@given(st.lists(st.tuples(st.sampled_from("ab"), _ROWS, st.tuples(st.integers(0, 3))), max_size=12))
def test_agrees_with_looking_at_every_row(
    queries: list[tuple[str, list[tuple[int, int]], tuple[int]]],
) -> None:
    expected = []
    for index, (_, _, (value,)) in enumerate(queries):
        latest: dict[tuple[str, int], int] = {}
        for number, (sql, rows, _) in enumerate(queries[:index]):
            for column in (0, 1):
                if any(row[column] == value for row in rows):
                    latest[sql, column] = number
        found = sorted((-number, column) for (_, column), number in latest.items())
        expected.append(tuple((-number, column, 0) for number, column in found))
    assert _supplies(*queries) == expected


def test_takes_linear_time_where_all_values_agree() -> None:
    queries = [(f"SELECT {number}", [(1, number)], (1,)) for number in range(5_000)]
    started = time.thread_time()
    supplies = _supplies(*queries)
    assert time.thread_time() - started < 5
    assert len(supplies[-1]) == MAX_SUPPLIERS


def test_supplies_have_names() -> None:
    unit = UnitOfWork("test", "test", provenance=True)
    hits = [unit.record(sql, None, 0, _CONNECTION) for sql in ("a", "b")]
    assert hits[0] is not None
    assert hits[1] is not None
    hits[0].capture_rows([(1,)])
    assert supplied_by([hits[0], hits[1]], [(), (1,)]) == [(), (Supply(0, 0, 0),)]


def test_a_supply_is_made_once_for_all_turns_of_a_loop() -> None:
    unit = UnitOfWork("test", "test", provenance=True)
    hits = [hit for sql in ("a", "b", "b") if (hit := unit.record(sql, None, 0, _CONNECTION)) is not None]
    hits[0].capture_rows([(1,)])
    _, (first,), (second,) = supplied_by(hits, [(), (1,), (1,)])
    assert first is second
