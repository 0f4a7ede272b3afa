"""A cached property without a lock."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ennead.kernel.cached import cached_property


@dataclass(frozen=True)
class Counted:
    asked: tuple[int, ...]

    @cached_property
    def total(self) -> list[int]:
        """The sum."""
        return [sum(self.asked)]


def test_it_is_found_out_once_also_where_nothing_can_be_set() -> None:
    counted = Counted((1, 2))
    assert counted.total == [3]
    assert counted.total is counted.total


def test_another_object_finds_out_for_itself() -> None:
    counted = Counted((1, 2))
    assert counted.total == [3]
    assert replace(counted, asked=(4,)).total == [4]


def test_the_class_has_the_property_and_its_docstring() -> None:
    assert Counted.total.__doc__ == "The sum."
