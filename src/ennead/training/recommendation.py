"""The threshold to set: the one that finds most without more false alarms than were allowed, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import floor, inf, isnan
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from ennead.training.curve import CurvePoint, Tally, curve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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

    Whole numbers, and the one that is preferred: finer ones would follow these labels' chance. Of several with the same
    recall the one with fewer false alarms is taken, then the one nearest to ``preferred``: nothing is changed without a
    reason.

    Examples
    --------
    >>> from ennead.training.curve import tally
    >>> found = recommend(curve(tally([(90.0, True), (70.0, True), (30.0, False)])), Targets())
    >>> found.threshold, found.point.recall, found.equivalent
    (60.0, 1.0, Interval(low=30.0, high=70.0))
    """
    if isnan(points[0].recall):
        return None
    candidates = list(_candidates(points, preferred))

    def finds(point: CurvePoint) -> tuple[float, ...]:
        return point.recall, -point.false_positives, -abs(point.threshold - preferred)

    best = max(filter(targets.are_met, candidates), key=finds, default=None)
    if best is not None:
        return Recommendation(best.threshold, best, _reach(points, best))
    nearest = min(candidates, key=lambda point: (_missing(point, targets), *(-each for each in finds(point))))
    return Recommendation(None, nearest, _reach(points, nearest))


def _candidates(points: Sequence[CurvePoint], preferred: float) -> Iterator[CurvePoint]:
    """Each point at the threshold of its reach that is nearest to the preferred one, if one fits."""
    yield points[0]
    for before, point in pairwise(points):
        low, high = float(floor(before.threshold) + 1), float(floor(point.threshold))
        if before.threshold < preferred <= point.threshold:
            yield point._replace(threshold=preferred)
        elif low <= high:
            yield point._replace(threshold=min(max(low, preferred), high))


def _missing(point: CurvePoint, targets: Targets) -> float:
    """By how much it misses the targets."""
    if not point.flagged_count:
        return inf
    alarms = 0.0 if isnan(point.false_positive_rate) else point.false_positive_rate - targets.false_positive_rate
    return max(targets.precision - point.precision, 0.0) + max(alarms, 0.0)


def _reach(points: Sequence[CurvePoint], found: CurvePoint) -> Interval:
    """The thresholds that do the same."""
    same = [place for place, point in enumerate(points) if point[1:] == found[1:]]
    return Interval(points[same[0] - 1].threshold if same[0] else 0.0, points[same[-1]].threshold)


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
    by_application = {name: _floored(tallies) for name, tallies in by_application.items()}
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


def _floored(tallies: Sequence[Tally]) -> list[Tally]:
    """Whole confidences: to a threshold that is a whole number they are the same, and they are few."""
    counts: dict[float, Tally] = {}
    for each in tallies:
        key = each.confidence if isnan(each.confidence) else float(floor(each.confidence))
        known = counts.get(_key(key), Tally(key, 0, 0))
        counts[_key(key)] = Tally(
            key, known.positive_count + each.positive_count, known.negative_count + each.negative_count
        )
    return list(counts.values())


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
