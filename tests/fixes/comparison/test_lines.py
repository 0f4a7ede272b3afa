from __future__ import annotations

from ennead.fixes.comparison.edit import Edit
from ennead.fixes.comparison.lines import compare_lines
from ennead.fixes.comparison.notes import Notes
from ennead.fixes.trace import ReplayTrace

BEFORE = "rows = query()\nfor row in rows:\n    use(row.owner)\n"


def trace(counts: dict[int, int]) -> ReplayTrace:
    return ReplayTrace(size=10, exit_code=0, stdout="", line_counts={"app.py": counts} if counts else {})


def compared(after: str, counts: dict[int, int], before: str = BEFORE) -> Notes:
    notes = Notes()
    edit = Edit.between({"app.py": before}, {"app.py": after})
    compare_lines([trace({3: 10}), trace({3: 10})], [trace(counts)], edit, notes)
    return notes


def test_a_line_that_runs_as_often_is_the_same() -> None:
    notes = compared(BEFORE.replace("query()", "query().join()"), {3: 10})
    assert not notes.differences
    assert list(notes.compared) == ["executions of app.py:3"]


def test_a_line_that_has_moved_is_found_again() -> None:
    assert not compared("import y\n" + BEFORE, {4: 10}).differences
    assert compared("import y\n" + BEFORE, {3: 10}).differences


def test_a_line_that_runs_less_often_is_told() -> None:
    assert list(compared(BEFORE.replace("query()", "query()[:5]"), {3: 5}).differences) == [
        "app.py:3 ran 10 times, now 5 times at 10 rows"
    ]


def test_a_line_that_does_not_run_any_more_is_told() -> None:
    assert compared(BEFORE.replace("query()", "[]"), {}).differences


def test_a_line_that_was_rewritten_may_run_as_often_as_it_likes() -> None:
    notes = compared(BEFORE.replace("row.owner", "owners[row.id]"), {3: 1})
    assert not notes.differences
    assert list(notes.not_compared) == ["executions of app.py:3: the change rewrites the line; it still runs"]


def test_a_rewritten_line_that_does_not_run_is_told() -> None:
    assert compared(BEFORE.replace("row.owner", "owners[row.id]"), {}).differences
