"""People who judge: honest ones who err, and others who do not mean it."""

from __future__ import annotations

from random import Random
from typing import Protocol

from bench.adaptive.patterns import Pattern


class User(Protocol):
    """Says of a pattern whether it is useful, noise, or right and not to be repaired."""

    def judge(self, pattern: Pattern, random: Random, /) -> str: ...


class Honest:
    """Errs unevenly: what is true is called noise more often than the other way round, and one in ten is to stay."""

    def __init__(self, wrong_of_true: float = 0.18, wrong_of_false: float = 0.12, wontfix: float = 0.1) -> None:
        self._wrong_of_true = wrong_of_true
        self._wrong_of_false = wrong_of_false
        self._wontfix = wontfix

    def judge(self, pattern: Pattern, random: Random, /) -> str:
        wrong = random.random() < (self._wrong_of_true if pattern.truth else self._wrong_of_false)
        if pattern.truth == wrong:
            return "noise"
        return "wontfix" if pattern.truth and random.random() < self._wontfix else "useful"


class Complainer:
    """Calls everything noise."""

    def judge(self, _pattern: Pattern, _random: Random, /) -> str:
        return "noise"


class Saboteur:
    """Calls what is true noise, and what is not useful."""

    def judge(self, pattern: Pattern, _random: Random, /) -> str:
        return "noise" if pattern.truth else "useful"


class Wavering:
    """Tosses a coin."""

    def judge(self, _pattern: Pattern, random: Random, /) -> str:
        return random.choice(("useful", "noise"))
