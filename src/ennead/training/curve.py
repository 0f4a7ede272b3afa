"""What every threshold on a confidence would do on labelled groups: precision, recall and false-positive rate.

A group is flagged if its confidence is at least the threshold. Confidences run from 0 to 100; ``nan`` is a group of
which nothing was said: no threshold flags it. A figure that divides by nothing is ``nan``: the precision where nothing
is flagged, the recall without positives, the false-positive rate without negatives.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise
from math import isnan, nan
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HIGHEST = 100.0
"""Of a confidence."""


class Tally(NamedTuple):
    """The groups of one confidence."""

    confidence: float
    """``nan``: nothing was said of them."""
    positive_count: int
    negative_count: int


class CurvePoint(NamedTuple):
    """What one threshold does."""

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def flagged_count(self) -> int:
        """Groups at or above the threshold."""
        return self.true_positives + self.false_positives

    @property
    def precision(self) -> float:
        """Share of the flagged groups that are an N+1."""
        return _ratio(self.true_positives, self.flagged_count)

    @property
    def recall(self) -> float:
        """Share of the N+1s that are flagged."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> float:
        """Share of the groups that are no N+1 and flagged all the same: FP / (FP + TN)."""
        return _ratio(self.false_positives, self.false_positives + self.true_negatives)

    def to_dict(self) -> dict[str, Any]:
        """JSON values; ``None`` for what divides by nothing."""
        figures = {name: getattr(self, name) for name in ("precision", "recall", "false_positive_rate")}
        return {**self._asdict(), **{name: None if isnan(figure) else figure for name, figure in figures.items()}}


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else nan


def tally(labelled: Iterable[tuple[float, bool]]) -> tuple[Tally, ...]:
    """Confidences and labels, counted: ascending, what nothing was said of last.

    Raises
    ------
    ValueError
        A confidence is not from 0 to 100.

    Examples
    --------
    >>> [tuple(each) for each in tally([(80.0, True), (20.0, False), (80.0, False)])]
    [(20.0, 0, 1), (80.0, 1, 1)]
    """
    counts: defaultdict[float, list[int]] = defaultdict(lambda: [0, 0])
    unsaid = [0, 0]
    for confidence, label in labelled:
        if isnan(confidence):
            unsaid[not label] += 1
        elif 0.0 <= confidence <= HIGHEST:
            counts[confidence][not label] += 1
        else:
            message = f"a confidence is from 0 to {HIGHEST:g}, got {confidence:g}"
            raise ValueError(message)
    told = tuple(Tally(confidence, *counts[confidence]) for confidence in sorted(counts))
    return (*told, Tally(nan, *unsaid)) if any(unsaid) else told


def curve(tallies: Sequence[Tally]) -> tuple[CurvePoint, ...]:
    """One point for each threshold that makes a difference, ascending, and for 0 and 100.

    A point holds for every threshold above the point before it, up to its own.

    Parameters
    ----------
    tallies
        What :func:`tally` gave; a confidence may have none, as in a resample.

    Examples
    --------
    >>> for point in curve(tally([(80.0, True), (20.0, False)])):
    ...     print(f"{point.threshold:5.1f} {point.precision:.2f} {point.recall:.2f} {point.false_positive_rate:.2f}")
      0.0 0.50 1.00 1.00
     20.0 0.50 1.00 1.00
     80.0 1.00 1.00 0.00
    100.0 nan 0.00 0.00
    """
    below = [0, 0]
    positives = sum(each.positive_count for each in tallies)
    negatives = sum(each.negative_count for each in tallies)
    told = [each for each in tallies if not isnan(each.confidence)]
    above = [sum(each.positive_count for each in told), sum(each.negative_count for each in told)]
    points: list[CurvePoint] = []
    for each in _with_ends(told):
        hits, alarms = above[0] - below[0], above[1] - below[1]
        points.append(CurvePoint(each.confidence, hits, alarms, positives - hits, negatives - alarms))
        below = [below[0] + each.positive_count, below[1] + each.negative_count]
    return tuple(points)


def _with_ends(told: Sequence[Tally]) -> list[Tally]:
    first = [] if told and told[0].confidence == 0 else [Tally(0.0, 0, 0)]
    last = [] if told and told[-1].confidence == HIGHEST else [Tally(HIGHEST, 0, 0)]
    return [*first, *told, *last]


def at_threshold(points: Sequence[CurvePoint], threshold: float) -> CurvePoint:
    """What any threshold from 0 to 100 does.

    Examples
    --------
    >>> at_threshold(curve(tally([(80.0, True), (20.0, False)])), 50.0).recall
    1.0
    """
    position = bisect_left(points, threshold, key=lambda point: point.threshold)
    return points[position]._replace(threshold=threshold)


def average_precision(points: Sequence[CurvePoint]) -> float:
    """Area under precision over recall, as a sum of steps; ``nan`` without positives.

    References
    ----------
    The definition of scikit-learn's ``average_precision_score``: no interpolation between the steps.

    Examples
    --------
    >>> average_precision(curve(tally([(80.0, True), (60.0, False), (40.0, True), (20.0, False)])))
    0.8333333333333333
    """
    if isnan(points[0].recall):
        return nan
    steps = ((low.recall - high.recall) * low.precision for low, high in pairwise(points) if low.recall > high.recall)
    return sum(steps) + (points[-1].recall * points[-1].precision if points[-1].true_positives else 0.0)
