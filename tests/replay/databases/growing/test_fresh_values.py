"""New values are new, fit their column, and look like those that are there."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.replay.databases.growing.fresh_values import FreshValues, NoValueLeftError, shifted, with_suffix
from ennead.replay.databases.growing.schema import Column


def fresh(kind: Any, *values: Any, max_length: int | None = None, name: str = "x") -> FreshValues:
    return FreshValues(Column(name=name, kind=kind, max_length=max_length), values, 0)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("integer", [3, 9], 10),
        ("number", [Decimal("1.50"), Decimal("2.25")], Decimal("3.25")),
        ("date", [date(2026, 1, 1), date(2026, 3, 31)], date(2026, 4, 1)),
        ("date", ["2026-01-01 08:15:00", "2026-03-31 09:00:00"], "2026-04-01 08:15:00"),
        ("text", ["ann@example.org"], "ann-1@example.org"),
        ("text", ["blue-shoe", "blue-shoe-1"], "blue-shoe-2"),
        ("text", ["Blue Shoe"], "Blue Shoe 1"),
        ("text", ["BLUE_SHOE"], "BLUE_SHOE_1"),
        ("text", ["00041", "00007"], "00042"),
        ("text", ["/shop/", "/"], "/shop-1/"),
        ("text", ["BLUE-1", "blue-1-1"], "BLUE-1-2"),
        ("other", [b"a"], b"a-1"),
        ("text", [None, "a"], None),
    ],
)
def test_after(kind: Any, values: list[Any], expected: Any) -> None:
    assert fresh(kind, *values).after(values[0], 1) == expected


def test_short_codes_are_counted_on() -> None:
    values = fresh("text", "de", "df", max_length=2)
    assert [values.after("de", number) for number in (1, 2)] == ["dg", "dh"]


def test_steps_of_a_path_keep_their_width() -> None:
    values = fresh("text", "0001", "00010009", "0001000A", name="path")
    assert values.after("00010009", 1) == "0001000B"
    assert values.after("0001", 1) == "0002"


def test_uuids_keep_their_form() -> None:
    given_one = uuid.uuid4()
    made = fresh("uuid", given_one).after(given_one, 1)
    assert made.version == 4
    assert made != given_one
    assert re.fullmatch(r"[0-9a-f]{32}", fresh("text", given_one.hex).after(given_one.hex, 1))
    assert uuid.UUID(fresh("text", str(given_one)).after(str(given_one), 1)).version == 4


@pytest.mark.parametrize(("kind", "values"), [("boolean", [True]), ("text", ["+"]), ("other", [object()])])
def test_a_column_without_room_is_told(kind: Any, values: list[Any]) -> None:
    with pytest.raises(NoValueLeftError, match="there is no other value for the unique column x"):
        fresh(kind, *values, max_length=1).after(values[0], 1)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, unique_by=str.casefold), st.integers(12, 20))
def test_texts_are_new_and_fit(values: list[str], max_length: int) -> None:
    made = fresh("text", *values, max_length=max_length)
    found = list(values)
    for number in (1, 2):
        for value in values:
            try:
                found.append(made.after(value, number))
            except NoValueLeftError:
                continue
    assert len({text.casefold() for text in found}) == len(found)
    assert all(0 < len(text) <= max_length for text in found)


@given(st.text(min_size=1), st.integers(1, 999), st.integers(1, 30))
def test_suffixes_fit(value: str, number: int, max_length: int) -> None:
    made = with_suffix(value, number, max_length)
    assert made is None or (len(made) <= max_length and str(number) in made)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 3, 1, 10), datetime(2026, 2, 28, 10)),  # noqa: DTZ001 -- without a zone, as drivers give it
        ("2026-03-01", "2026-02-28"),
        ("soon", "soon"),
        (date.min, date.min),
        (None, None),
    ],
)
def test_shifted(value: Any, expected: Any) -> None:
    assert shifted(value, -1) == expected
