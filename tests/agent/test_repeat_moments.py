"""At which repeats it is looked, and how often at most."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ennead.agent.repeat_moments import RepeatMoments


def looks(moments: RepeatMoments, path: object, count: int, unit: Any = None) -> list[int]:
    hit: Any = SimpleNamespace(site=SimpleNamespace(path=path))
    return [number for number in range(1, count + 1) if moments.is_now(unit, hit)]


def test_it_looks_at_the_first_repeats_and_then_more_rarely() -> None:
    assert looks(RepeatMoments(), "a", 200) == [2, 3, 4, 6, 12, 48, 192]


def test_it_does_not_look_before_it_is_asked_to() -> None:
    assert looks(RepeatMoments(5), "a", 13) == [5, 6, 12]


def test_places_and_units_are_counted_apart() -> None:
    moments = RepeatMoments(3)
    assert looks(moments, "a", 2) == looks(moments, "b", 2) == looks(moments, "a", 2, "another unit") == []
    assert looks(moments, "a", 1) == [1]


def test_the_number_of_looks_is_bounded_until_it_begins_again() -> None:
    moments = RepeatMoments()
    assert sum(len(looks(moments, place, 2)) for place in range(60)) == 50
    moments.begin()
    assert looks(moments, 0, 2) == [2]
