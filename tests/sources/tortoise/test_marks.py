"""Marks of query sets are kept for a while, and for the query set that they were made for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ennead.sources.tortoise import marks
from ennead.sources.tortoise.marks import Mark, mark_of


class Thing:
    """Stands for a query set."""


@pytest.fixture(autouse=True)
def no_marks() -> Iterator[None]:
    marks.forget_marks()
    yield
    marks.forget_marks()


def test_a_clone_takes_over_the_mark() -> None:
    made, clone = Thing(), Thing()
    mark = Mark(None, None)
    marks._set_mark(made, mark)
    marks.copy_mark(made, clone)
    assert mark_of(clone) is mark
    marks.copy_mark(Thing(), made)
    assert mark_of(made) is mark
    assert mark_of(Thing()) is None


def test_marks_are_bounded_and_the_oldest_go_first() -> None:
    made: list[Any] = [Thing() for _ in range(marks.MAX_MARKS + 3)]
    for thing in made:
        marks._set_mark(thing, Mark(None, None))
    assert len(marks._marks) == marks.MAX_MARKS
    assert [mark_of(thing) is None for thing in made[:4]] == [True, True, True, False]
