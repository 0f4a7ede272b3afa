"""Patches come and go without a trace, whoever else wraps the same method in between."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest

from ennead.agent.patching import Patch, PatchSet


class Base:
    def greet(self) -> str:
        return "hello"

    @classmethod
    def name(cls) -> str:
        return cls.__name__


def _loud(original: Callable[..., str], patch: Patch) -> Callable[..., str]:
    @wraps(original)
    def wrapper(self: object) -> str:
        text = original(self)
        return f"{text}!" if patch.active else text

    return wrapper


def _foreign(owner: Any, mark: str) -> Callable[[], None]:
    """Another library wraps the method; returns how it takes its wrapper away again."""
    original = owner.greet

    @wraps(original)
    def wrapper(self: object) -> str:
        return mark + str(original(self))

    owner.greet = wrapper

    def restore() -> None:
        owner.greet = original

    return restore


@pytest.fixture
def owner() -> type[Base]:
    class Owner(Base):
        def greet(self) -> str:
            return "good day"

    return Owner


def test_applies_and_undoes(owner: type[Base]) -> None:
    own = vars(owner)["greet"]
    patch = Patch(owner, "greet", _loud)
    for _ in range(2):
        patch.apply()
        patch.apply()
        assert owner().greet() == "good day!"
        patch.undo()
        patch.undo()
        assert vars(owner)["greet"] is own


def test_an_inherited_method_is_inherited_again() -> None:
    class Child(Base):
        pass

    patch = Patch(Child, "greet", _loud)
    patch.apply()
    assert Child().greet() == "hello!"
    assert Base().greet() == "hello"
    patch.undo()
    assert "greet" not in vars(Child)


def test_a_class_method_stays_one(owner: type[Base]) -> None:
    own = vars(Base)["name"]
    patch = Patch(Base, "name", lambda original, _patch: classmethod(lambda _cls: original().upper()))
    patch.apply()
    assert owner.name() == "BASE"
    patch.undo()
    assert vars(Base)["name"] is own


def test_somebody_elses_wrapper_survives(owner: type[Base]) -> None:
    patch = Patch(owner, "greet", _loud)
    patch.apply()
    _foreign(owner, "> ")
    assert owner().greet() == "> good day!"
    patch.undo()
    assert owner().greet() == "> good day"
    patch.apply()
    assert owner().greet() == "> good day!"


def test_after_somebody_else_has_left(owner: type[Base]) -> None:
    own = vars(owner)["greet"]
    patch = Patch(owner, "greet", _loud)
    patch.apply()
    restore = _foreign(owner, "> ")
    patch.undo()
    restore()
    assert owner().greet() == "good day"
    patch.apply()
    assert owner().greet() == "good day!"
    patch.undo()
    assert owner().greet() == "good day"
    assert vars(owner)["greet"] is own


def test_somebody_who_was_there_before_keeps_working(owner: type[Base]) -> None:
    restore = _foreign(owner, "> ")
    patch = Patch(owner, "greet", _loud)
    patch.apply()
    assert owner().greet() == "> good day!"
    restore()  # throws our wrapper away without knowing it
    assert owner().greet() == "good day"
    patch.undo()
    assert owner().greet() == "good day"


def test_a_set_is_undone_the_last_first(owner: type[Base]) -> None:
    own = vars(owner)["greet"]
    patches = PatchSet()
    assert not patches
    patches.add(owner, "greet", _loud)
    patches.add(owner, "greet", lambda original, _patch: lambda self: f"({original(self)})")
    assert patches
    assert owner().greet() == "(good day!)"
    patches.undo()
    patches.undo()
    assert not patches
    assert vars(owner)["greet"] is own


def test_coming_and_going_below_somebody_elses_wrapper_does_not_pile_up(owner: type[Base]) -> None:
    patches = PatchSet()
    patches.add(owner, "greet", _loud)
    _foreign(owner, "> ")
    for _ in range(3):
        patches.undo()
        assert owner().greet() == "> good day"
        patches.add(owner, "greet", _loud)
        assert owner().greet() == "> good day!"
