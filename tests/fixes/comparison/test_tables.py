from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.fixes.comparison.notes import Notes
from ennead.fixes.comparison.tables import compare_tables
from ennead.fixes.trace import ReplayTrace, TableContent

Row = tuple[str | None, ...]
ROWS: list[Row] = [("1", "new", "10:00"), ("2", "paid", "11:00")]


def trace(rows: list[Row], columns: tuple[str, ...] = ("id", "state", "changed_at")) -> ReplayTrace:
    content = TableContent(columns=columns, rows=tuple(rows))
    return ReplayTrace(size=0, exit_code=0, stdout="", tables={"default.orders": content})


def compared(originals: list[list[Row]], patched: list[Row]) -> Notes:
    notes = Notes()
    compare_tables([trace(rows) for rows in originals], trace(patched), notes)
    return notes


def test_the_same_rows_in_any_order_agree() -> None:
    notes = compared([[*ROWS], [*ROWS]], ROWS[::-1])
    assert (list(notes.compared), notes.differences, notes.unstable) == (["rows of every table"], {}, {})


@pytest.mark.parametrize(
    "patched",
    [
        ROWS[:1],
        [*ROWS, ROWS[0]],
        [ROWS[0], ROWS[0]],
        [ROWS[0], ("2", "open", "11:00")],
        [ROWS[0], ("2", None, "11:00")],
    ],
    ids=["lost", "doubled", "overwritten", "other value", "null"],
)
def test_other_rows_are_told(patched: list[Row]) -> None:
    assert len(compared([[*ROWS], [*ROWS]], patched).differences) == 1


def test_a_table_that_is_new_or_missing_is_told() -> None:
    with_table, without = trace([*ROWS]), replace(trace([]), tables={})
    for originals, patched, word in ((with_table, without, "missing"), (without, with_table, "new")):
        notes = Notes()
        compare_tables([originals, originals], patched, notes)
        assert list(notes.differences) == [f"the table default.orders is {word}"]


def test_a_column_that_varies_is_left_out_only_in_the_rows_in_which_it_does() -> None:
    originals: list[list[Row]] = [[ROWS[0], ("2", "paid", "11:01")], [ROWS[0], ("2", "paid", "11:02")]]
    notes = compared(originals, [ROWS[0], ("2", "paid", "11:59")])
    assert notes.differences == {}
    assert list(notes.not_compared) == [
        "column default.orders.changed_at: two runs of the original write different values, in some rows"
    ]
    assert compared(originals, [("1", "new", "11:59"), ("2", "paid", "11:59")]).differences
    assert compared(originals, [ROWS[0], ("2", "paid", None)]).differences
    assert compared(originals, [ROWS[0], ("2", "paid", "never")]).differences


def test_originals_that_leave_other_rows_say_nothing() -> None:
    assert compared([ROWS[:1], [*ROWS]], [*ROWS]).unstable


def test_rows_that_are_generated_as_a_whole_are_counted() -> None:
    originals: list[list[Row]] = [[("1", "a", "x")], [("2", "b", "y")]]
    notes = compared(originals, [("3", "c", "z")])
    assert not notes.unstable
    assert not notes.differences
    assert [name.split(":")[0] for name in notes.not_compared] == ["rows of default.orders"]
    assert compared(originals, []).differences


def test_no_database_is_told() -> None:
    notes = Notes()
    empty = replace(trace([]), tables={})
    compare_tables([empty, empty], empty, notes)
    assert list(notes.not_compared) == ["rows of the tables: no database of the work could be read"]


CELLS = st.sampled_from(["a", "b", None])
CONTENT = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5)


@given(CONTENT, CONTENT)
def test_where_the_originals_agree_every_difference_shows(original: list[Row], patched: list[Row]) -> None:
    notes = compared([original, original], patched)
    agrees = sorted(original, key=repr) == sorted(patched, key=repr)
    assert (not notes.differences) == agrees
    assert notes.unstable == {}
