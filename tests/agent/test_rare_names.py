"""Rare routes are recorded however small the share is, and their table stays small."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ennead.agent.rare_names import MAX_NAMES, RareNames, family_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(steps=st.lists(st.tuples(st.sampled_from(["a", "b"]), st.floats(0, 50)), max_size=40))
def test_of_each_name_one_is_due_in_each_period(steps: list[tuple[str, float]]) -> None:
    clock = Clock()
    rare = RareNames(clock)
    last: dict[str, float] = {}
    for name, pause in steps:
        clock.now += pause
        due = rare.is_due(name, 60.0)
        assert due is (name not in last or clock.now - last[name] >= 60.0)
        if due:
            last[name] = clock.now


def test_what_is_recorded_anyway_is_not_rare() -> None:
    clock = Clock()
    rare = RareNames(clock)
    rare.note("GET /")
    clock.now = 59.0
    assert not rare.is_due("GET /", 60.0)
    clock.now = 60.0
    assert rare.is_due("GET /", 60.0)


def test_more_names_than_there_is_room_for_are_left_to_chance_until_old_ones_are_forgotten() -> None:
    clock = Clock()
    rare = RareNames(clock)
    names = ["x" * length for length in range(1, MAX_NAMES + 2)]
    assert sum(rare.is_due(name, 60.0) for name in names) == MAX_NAMES
    rare.note(names[-1])
    assert not rare.is_due(names[-1], 60.0)
    clock.now = 61.0
    assert rare.is_due(names[-1], 60.0)


def test_objects_of_one_route_are_one_family() -> None:
    assert family_of("GET /orders/7/") == family_of("GET /orders/8f3e-11/") != family_of("POST /orders/7/")
