"""The threshold to set: the one that finds most without more false alarms than were allowed, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from math import isnan
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from ennead.training.curve import CurvePoint, Tally, curve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DEFAULT_THRESHOLD = 60.0
_RESAMPLES = 200
_FEWEST_RESAMPLES = 40
_MOST_DRAWS = 400_000
"""Draws of all resamples together: they bound the time that a large corpus takes."""
_FEWEST_CLUSTERS = 5
"""Below it resampling applications says nothing, and groups are resampled."""
_TAIL = 0.025
"""On either side of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What a threshold has to keep to."""

    precision: float = 0.9
    """At least; 0 to 1."""
    false_positive_rate: float = 0.05
    """Below; 0 to 1."""

    def are_met(self, point: CurvePoint) -> bool:
        """Whether a point keeps to them; one without negatives has no false alarms to be measured."""
        return point.precision >= self.precision and not point.false_positive_rate >= self.false_positive_rate


class Interval(NamedTuple):
    """Where 95 % of the resamples lie."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A threshold, or why there is none."""

    threshold: float | None
    """``None``: no threshold meets the targets."""
    point: CurvePoint
    """What it does; without a threshold, the point that comes nearest."""
    equivalent: Interval
    """Any threshold above ``low`` up to ``high`` does the same on these labels."""
    interval: Interval | None = None
    """Of the threshold, by resampling; ``None`` where too few resamples have one."""
    met_share: float = 0.0
    """Share of the resamples in which some threshold meets the targets."""
    resampled: str = "groups"
    """``applications`` or ``groups``."""


def recommend(
    points: Sequence[CurvePoint], targets: Targets, preferred: float = DEFAULT_THRESHOLD
) -> Recommendation | None:
    """The threshold of the highest recall among those that meet the targets; ``None`` without positives.

    Of thresholds that do the same, the one nearest to ``preferred`` is taken: nothing is changed without a reason.
    Of several with the same recall, the one with fewer false alarms.

    Examples
    --------
    >>> from ennead.training.curve import tally
    >>> found = recommend(curve(tally([(90.0, True), (70.0, True), (30.0, False)])), Targets())
    >>> found.threshold, found.point.recall, found.equivalent
    (60.0, 1.0, Interval(low=30.0, high=70.0))
    """
    if isnan(points[0].recall):
        return None
    position = _best(points, targets)
    if position is None:
        return Recommendation(None, *_nearest(points, targets))
    reach = _reach(points, position)
    threshold = _within(reach, preferred)
    return Recommendation(threshold, points[position]._replace(threshold=threshold), reach)


def _best(points: Sequence[CurvePoint], targets: Targets) -> int | None:
    met = [position for position, point in enumerate(points) if targets.are_met(point)]
    return max(met, key=lambda position: (points[position].recall, -points[position].false_positives), default=None)


def _nearest(points: Sequence[CurvePoint], targets: Targets) -> tuple[CurvePoint, Interval]:
    """What misses the targets by least, and finds most then."""

    def missing(point: CurvePoint) -> tuple[float, float]:
        alarms = 0.0 if isnan(point.false_positive_rate) else point.false_positive_rate - targets.false_positive_rate
        return max(targets.precision - point.precision, 0.0) + max(alarms, 0.0), -point.recall

    flagging = [position for position, point in enumerate(points) if point.flagged_count]
    position = min(flagging, key=lambda position: missing(points[position]), default=0)
    return points[position], _reach(points, position)


def _reach(points: Sequence[CurvePoint], position: int) -> Interval:
    same = [each for each in range(len(points)) if points[each][1:] == points[position][1:]]
    return Interval(points[same[0] - 1].threshold if same[0] else 0.0, points[same[-1]].threshold)


def _within(reach: Interval, preferred: float) -> float:
    """The preferred threshold if it does the same, else the nearest one: a whole number where one fits."""
    if reach.low < preferred <= reach.high or preferred == reach.low == 0.0:
        return preferred
    if preferred > reach.high:
        whole = float(int(reach.high))
        return whole if whole > reach.low else reach.high
    whole = float(int(reach.low) + 1)
    return min(whole, reach.high)


# ---------------------------------------------------------------------------------------------- how sure it is


def with_interval(
    found: Recommendation,
    by_application: Mapping[str, Sequence[Tally]],
    targets: Targets,
    preferred: float = DEFAULT_THRESHOLD,
    seed: int = 0,
) -> Recommendation:
    """The recommendation with how far it would move on other labels of the same kind.

    Applications are resampled where there are five of them: groups of one application resemble each other.
    """
    clustered = len(by_application) >= _FEWEST_CLUSTERS
    draw = _draw_applications(by_application) if clustered else _draw_groups(by_application)
    size = sum(each.positive_count + each.negative_count for tallies in by_application.values() for each in tallies)
    count = max(_FEWEST_RESAMPLES, min(_RESAMPLES, _MOST_DRAWS // max(size, 1)))
    random = Random(seed)  # the same labels give the same answer
    drawn = [recommend(curve(draw(random)), targets, preferred) for _ in range(count)]
    thresholds = sorted(each.threshold for each in drawn if each is not None and each.threshold is not None)
    interval = _middle(thresholds) if found.threshold is not None and len(thresholds) > count / 2 else None
    resampled = "applications" if clustered else "groups"
    return replace(found, interval=interval, met_share=len(thresholds) / count, resampled=resampled)


def _middle(thresholds: Sequence[float]) -> Interval:
    outside = int(_TAIL * len(thresholds))
    return Interval(thresholds[outside], thresholds[-1 - outside])


def _draw_applications(by_application: Mapping[str, Sequence[Tally]]) -> Callable[[Random], list[Tally]]:
    confidences = _confidences(by_application)
    rows = [_counts(tallies, confidences) for tallies in by_application.values()]

    def draw(random: Random) -> list[Tally]:
        chosen = random.choices(rows, k=len(rows))
        return [
            Tally(confidence, sum(row[place][0] for row in chosen), sum(row[place][1] for row in chosen))
            for place, confidence in enumerate(confidences)
        ]

    return draw


def _draw_groups(by_application: Mapping[str, Sequence[Tally]]) -> Callable[[Random], list[Tally]]:
    confidences = _confidences(by_application)
    rows = [_counts(tallies, confidences) for tallies in by_application.values()]
    weights = [sum(row[place][side] for row in rows) for place in range(len(confidences)) for side in (0, 1)]
    cumulative = list(accumulate(weights))

    def draw(random: Random) -> list[Tally]:
        counts = [0] * len(weights)
        for place in random.choices(range(len(weights)), cum_weights=cumulative, k=cumulative[-1]):
            counts[place] += 1
        return [Tally(each, *counts[2 * place : 2 * place + 2]) for place, each in enumerate(confidences)]

    return draw


def _confidences(by_application: Mapping[str, Sequence[Tally]]) -> list[float]:
    found = {each.confidence for tallies in by_application.values() for each in tallies}
    told = sorted(each for each in found if not isnan(each))
    return told if len(told) == len(found) else [*told, float("nan")]


def _counts(tallies: Sequence[Tally], confidences: Sequence[float]) -> list[tuple[int, int]]:
    known = {_key(each.confidence): (each.positive_count, each.negative_count) for each in tallies}
    return [known.get(_key(confidence), (0, 0)) for confidence in confidences]


def _key(confidence: float) -> float:
    return -1.0 if isnan(confidence) else confidence
