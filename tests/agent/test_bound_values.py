"""What is kept of bound values: copies of what may change, and the ends of what is long."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from ennead.agent.bound_values import LONGEST_VALUE, MAX_VALUES, bound_values, copied, kept_value, shortened
from ennead.agent.unit_of_work import Connection, UnitOfWork


class Pair(NamedTuple):
    """A tuple of a driver's or a user's."""

    first: int
    second: int


def _recorded(sql: str, parameters: Any) -> Any:
    unit = UnitOfWork("test", "test")
    hit = unit.record(sql, parameters, 0, Connection("default", "sqlite"))
    assert hit is not None
    return hit


@pytest.mark.parametrize("sql", ["SELECT ?", "INSERT INTO book VALUES (?)"])
def test_what_the_host_changes_afterwards_is_kept_as_it_was(sql: str) -> None:
    values: list[object] = [1]
    named: dict[str, object] = {"id": 1}
    hits = [_recorded(sql, values), _recorded(sql, named)]
    values[0] = named["id"] = 2
    assert [bound_values(hit.parameters) for hit in hits] == [(1,), (1,)]


def test_tuples_are_kept_without_a_copy_where_nothing_is_written() -> None:
    values = (1, "a")
    assert _recorded("SELECT ?, ?", values).parameters is values


def test_long_values_of_writing_statements_are_not_kept() -> None:
    blob, text = b"a" * 10_000 + b"z", "short"
    (kept, short), named = (
        _recorded("INSERT INTO file VALUES (?, ?)", (blob, text)).parameters,
        _recorded("UPDATE file SET content = :content", {"content": bytearray(blob)}).parameters,
    )
    assert kept == ("bytes", 10_001, b"a" * 64, b"a" * 63 + b"z")
    assert short == "short"
    assert named == {"content": ("bytearray", 10_001, b"a" * 64, b"a" * 63 + b"z")}


def test_a_generator_of_rows_is_not_consumed() -> None:
    rows = ((number,) for number in range(3))
    assert _recorded("INSERT INTO book VALUES (?)", rows).parameters is rows
    assert list(rows) == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1, 1),
        (None, None),
        ("x" * LONGEST_VALUE, "x" * LONGEST_VALUE),
        ("x" * (LONGEST_VALUE + 1), ("str", LONGEST_VALUE + 1, "x" * 64, "x" * 64)),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abc"), ("memoryview", 3)),
    ],
)
def test_kept_values(value: object, kept: object) -> None:
    assert kept_value(value) == kept


def test_long_values_that_differ_in_between_or_in_length_may_agree_and_others_do_not() -> None:
    one, other = "x" * 1_000, "x" * 1_001
    assert kept_value(one) != kept_value(other)
    assert kept_value("a" + one) != kept_value(one + "a")


def test_containers_are_bounded() -> None:
    many = list(range(MAX_VALUES * 2))
    assert copied(many) == tuple(many[:MAX_VALUES])
    assert shortened(many) == tuple(many[:MAX_VALUES])


@pytest.mark.parametrize(
    ("parameters", "values"),
    [
        (None, ()),
        ((), ()),
        ((1, None, "a"), (1, None, "a")),
        ([1, 2], (1, 2)),
        (Pair(1, 2), (1, 2)),
        ({"a": 1, "b": None}, (1, None)),
        (MappingProxyType({"a": 1}), (1,)),
        (iter([1]), ("list_iterator",)),
    ],
    ids=["none", "empty", "tuple", "list", "named", "dict", "mapping", "iterator"],
)
def test_bound_values(parameters: object, values: tuple[object, ...]) -> None:
    assert bound_values(parameters) == values
