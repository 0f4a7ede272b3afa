"""Whether a difference between two deciders is more than chance, with the application as the unit of everything.

Groups of one application resemble each other, so they are not drawn one by one: applications are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import nan
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FEW = 10
"""Below so many applications a test only describes."""
_MOST_EXACT = 14
_DRAWS = 10_000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Comparison:
    """Paired differences of two deciders over applications."""

    mean: float
    low: float
    """Lower end of the 95 % bootstrap interval of the mean."""
    high: float
    p_value: float
    """Two-sided: how often a mean as far from 0 comes about if the signs of the differences are chance."""
    count: int

    @property
    def is_descriptive(self) -> bool:
        """Whether there are too few applications for a test."""
        return self.count < FEW


def compare(differences: Sequence[float], seed: int = 1) -> Comparison:
    """Permutation test by sign flips, all of them where there are few, and a bootstrap interval.

    Source: Good, *Permutation, Parametric and Bootstrap Tests of Hypotheses* (2005), 3.2 (one sample, symmetric about
    0) and 1.4 (percentiles of the bootstrap).

    Examples
    --------
    >>> found = compare([0.25, 0.5, 0.25, 0.125])
    >>> found.mean, found.p_value, found.is_descriptive
    (0.28125, 0.125, True)
    """
    if not differences:
        return Comparison(nan, nan, nan, nan, 0)
    low, high = bootstrap(differences, seed)
    return Comparison(fmean(differences), low, high, _p_value(differences, seed), len(differences))


def bootstrap(values: Sequence[float], seed: int = 1) -> tuple[float, float]:
    """Percentile interval of the mean, values drawn with replacement."""
    chance = Random(seed)
    means = sorted(fmean(chance.choices(values, k=len(values))) for _ in range(_DRAWS // 5))
    cut = (1.0 - _LEVEL) / 2.0
    return means[int(cut * len(means))], means[min(int((1.0 - cut) * len(means)), len(means) - 1)]


def _p_value(differences: Sequence[float], seed: int) -> float:
    observed = abs(fmean(differences)) - 1e-12
    if len(differences) <= _MOST_EXACT:
        flips: Iterable[tuple[float, ...]] = product((1.0, -1.0), repeat=len(differences))
        extreme = [_flipped(differences, signs) >= observed for signs in flips]
        return sum(extreme) / len(extreme)
    drawn = [_flipped(differences, signs) >= observed for signs in _random_signs(len(differences), Random(seed))]
    return (1 + sum(drawn)) / (1 + len(drawn))


def _flipped(differences: Sequence[float], signs: Sequence[float]) -> float:
    return abs(fmean(sign * value for sign, value in zip(signs, differences, strict=True)))


def _random_signs(count: int, chance: Random) -> Iterator[tuple[float, ...]]:
    return (tuple(chance.choice((1.0, -1.0)) for _ in range(count)) for _ in range(_DRAWS))
