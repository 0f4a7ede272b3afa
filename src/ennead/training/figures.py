"""How good a decider is on labelled groups: what its threshold does, how it ranks, how true its numbers are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from ennead.training.curve import HIGHEST, CurvePoint, at_threshold, average_precision, curve, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BINS = 10


class Scored(NamedTuple):
    """What a decider says of one labelled group."""

    confidence: float
    """0 to 100; 0 where it says nothing."""
    label: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Over some labelled groups; ``nan`` for what divides by nothing."""

    point: CurvePoint
    """What the threshold does."""
    average_precision: float
    """Area under precision over recall (AUPRC)."""
    calibration_error: float
    """Expected calibration error over ten bins of equal width."""
    brier: float
    """Mean squared distance of probability and truth."""

    @property
    def count(self) -> int:
        """Groups."""
        point = self.point
        return point.flagged_count + point.false_negatives + point.true_negatives

    @property
    def error_count(self) -> int:
        """Wrong answers of both kinds."""
        return self.point.false_positives + self.point.false_negatives

    @property
    def error_ratio(self) -> float:
        """Share of wrong answers."""
        return self.error_count / self.count if self.count else nan


def figures_of(scored: Iterable[Scored], threshold: float) -> Figures:
    """Figures at a threshold of 0 to 100.

    Examples
    --------
    >>> found = figures_of([Scored(90.0, True), Scored(70.0, False), Scored(20.0, False), Scored(10.0, True)], 60.0)
    >>> found.point.precision, found.point.recall, found.point.false_positive_rate, found.error_count
    (0.5, 0.5, 0.5, 2)
    >>> round(found.calibration_error, 3), round(found.brier, 3)
    (0.475, 0.338)
    """
    everything = list(scored)
    points = curve(tally((each.confidence, each.label) for each in everything))
    return Figures(
        at_threshold(points, threshold),
        average_precision(points) if any(each.label for each in everything) else nan,
        calibration_error(everything),
        brier_score(everything),
    )


def calibration_error(scored: Sequence[Scored]) -> float:
    """Mean distance, over the groups, between a bin's mean probability and its share of N+1s.

    Source: Naeini, Cooper, Hauskrecht, *Obtaining Well Calibrated Probabilities Using Bayesian Binning* (AAAI 2015).
    """
    bins: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for confidence, label in scored:
        found = bins[min(int(confidence / HIGHEST * _BINS), _BINS - 1)]
        found[0] += confidence / HIGHEST
        found[1] += label
    return sum(abs(told - true) for told, true in bins.values()) / len(scored) if scored else nan


def brier_score(scored: Sequence[Scored]) -> float:
    """Mean squared distance of probability and truth; ``nan`` of nothing."""
    if not scored:
        return nan
    return sum((confidence / HIGHEST - label) ** 2 for confidence, label in scored) / len(scored)


def rank_quality(scored: Iterable[tuple[float, bool]]) -> float:
    """Area under the ROC curve: the chance that a random N+1 has a higher score than a random other group.

    Scores of any scale; equal ones count half. ``nan`` if one label is missing.

    Examples
    --------
    >>> rank_quality([(0.9, True), (0.4, True), (0.4, False), (0.1, False)])
    0.875
    """
    tallies: defaultdict[float, list[int]] = defaultdict(lambda: [0, 0])
    for score, label in scored:
        tallies[score][label] += 1
    above = below = wins = 0.0
    for score in sorted(tallies):
        negatives, positives = tallies[score]
        wins += positives * (below + negatives / 2.0)
        below += negatives
        above += positives
    return wins / (above * below) if above and below else nan
