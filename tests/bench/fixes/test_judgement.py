"""The word for a candidate: each with its twin."""

import pytest

from bench.fixes.comparable import Table
from bench.fixes.judgement import Judgement, Original, Word, judge
from bench.fixes.trial import Shown


def shown(queries: int, value: object = ("a", "b"), cell: str = "new", stamp: str = "9:00") -> Shown:
    parcel: Table = {"columns": ["state", "seen_at"], "rows": [[cell, stamp]]}
    return {
        "queries": queries,
        "value": list(value) if isinstance(value, tuple) else value,
        "tables": {"parcel": parcel},
    }


ORIGINAL = Original.of((shown(7), shown(25)), shown(7))


@pytest.mark.parametrize(
    ("after", "word"),
    [((2, 2), "ok"), ((3, 6), "reduced"), ((7, 25), "no-effect"), ((8, 26), "worse")],
)
def test_equal_results_are_judged_by_their_queries(after: tuple[int, int], word: Word) -> None:
    assert judge(ORIGINAL, (shown(after[0]), shown(after[1]))) == Judgement(word, (7, 25), after)


def test_a_dropped_row_at_the_larger_size_alone_is_a_change() -> None:
    judgement = judge(ORIGINAL, (shown(2), shown(2, value=("a",))))
    assert (judgement.word, judgement.remark) == ("changed", "2 items, now 1")


def test_another_order_is_told_as_such() -> None:
    judgement = judge(ORIGINAL, (shown(2, value=("b", "a")), shown(2)))
    assert (judgement.word, judgement.remark) == ("reordered", "'a', now 'b'")


def test_another_order_says_nothing_where_two_runs_of_the_original_differ_in_it() -> None:
    unsteady = Original.of((shown(7), shown(25)), shown(7, value=("b", "a")))
    assert judge(unsteady, (shown(2, value=("b", "a")), shown(2))).word == "ok"
    assert judge(unsteady, (shown(2, value=("b", "c")), shown(2))).word == "changed"


def test_a_row_that_was_not_written_is_a_change() -> None:
    judgement = judge(ORIGINAL, (shown(2, cell="old"), shown(2)))
    assert judgement.word == "changed"
    assert judgement.remark.startswith("rows of parcel: ")


def test_a_column_in_which_two_runs_of_the_original_differ_is_left_out() -> None:
    ticking = Original.of((shown(7), shown(25)), shown(7, stamp="9:01"))
    assert judge(ticking, (shown(2, stamp="9:02"), shown(2))).word == "ok"
    assert judge(ORIGINAL, (shown(2, stamp="9:02"), shown(2))).word == "changed"


def test_an_error_is_told() -> None:
    assert judge(ORIGINAL, ({"error": "NameError: x"}, {"error": "NameError: x"})) == Judgement(
        "error", (7, 25), remark="NameError: x"
    )
