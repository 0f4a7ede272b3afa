"""The figures of a tuning as strokes and texts, whatever draws them: SVG in a page, or pixels.

Coordinates are pixels of a figure, y downwards. A threshold lies between 0 and 100, a figure between 0 and 100 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ennead.training.curve import CurvePoint
    from ennead.training.tuning import TunedDecider, Tuning

Role = Literal["precision", "recall", "alarms", "rules", "model", "chosen", "axis", "grid", "text"]
Anchor = Literal["start", "middle", "end"]
WIDTH, HEIGHT = 640, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 116, 40, 48
_TICKS = (0, 20, 40, 60, 80, 100)
_LABEL_GAP = 15
"""Between two labels at the right, so that neither covers the other."""


class Stroke(NamedTuple):
    """A line through points."""

    role: Role
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


class Caption(NamedTuple):
    """A text; ``y`` is its baseline."""

    role: Role
    x: float
    y: float
    text: str
    anchor: Anchor = "start"


@dataclass(frozen=True, slots=True)
class Figure:
    """One drawing."""

    title: str
    description: str
    """What it shows, for those who cannot see it."""
    strokes: tuple[Stroke, ...]
    captions: tuple[Caption, ...]


class Series(NamedTuple):
    """One line over the thresholds."""

    role: Role
    name: str
    of: Callable[[CurvePoint], float]


SERIES = (
    Series("recall", "recall", lambda point: point.recall),
    Series("precision", "precision", lambda point: point.precision),
    Series("alarms", "false positives", lambda point: point.false_positive_rate),
)


def figures(tuning: Tuning) -> tuple[Figure, ...]:
    """Each decider over the thresholds, then all of them as precision over recall."""
    return (*(_over_thresholds(each) for each in tuning.deciders), _precision_over_recall(tuning.deciders))


def _over_thresholds(tuned: TunedDecider) -> Figure:
    strokes = [Stroke(each.role, line) for each in SERIES for line in _steps(tuned.points, each.of)]
    found = tuned.recommendation
    captions: list[Caption] = []
    if found is not None and found.threshold is not None:
        x = _x(found.threshold)
        strokes.append(Stroke("chosen", ((x, _y(0)), (x, _y(100))), dashed=True))
        captions.append(Caption("chosen", x, _TOP - 6, f"{found.threshold:g}", "middle"))
    captions += _names_at_the_right(tuned.points)
    return Figure(
        f"{tuned.decider} over the thresholds",
        f"Recall, precision and false-positive rate of the {tuned.decider} at every threshold from 0 to 100.",
        (*_grid(), *strokes),
        (*_ticks("threshold (confidence)", "%"), *captions),
    )


def _steps(
    points: Sequence[CurvePoint], of: Callable[[CurvePoint], float]
) -> Iterator[tuple[tuple[float, float], ...]]:
    """The line as steps, broken where it divides by nothing: a point holds up to its own threshold."""
    line: list[tuple[float, float]] = []
    for before, point in pairwise((points[0], *points)):
        if isnan(of(point)):
            if len(line) > 1:
                yield tuple(line)
            line = []
        else:
            y = _y(100 * of(point))
            line += [(_x(before.threshold), y), (_x(point.threshold), y)]
    if len(line) > 1:
        yield tuple(line)


def _names_at_the_right(points: Sequence[CurvePoint]) -> Iterator[Caption]:
    """Each line's name where the line ends, moved up where two end together."""
    ends = []
    for each in SERIES:
        last = next((each.of(point) for point in reversed(points) if not isnan(each.of(point))), None)
        if last is not None:
            ends.append((_y(100 * last), each))
    below = float(HEIGHT)
    for y, each in sorted(ends, key=lambda end: -end[0]):
        below = min(y + 4, below - _LABEL_GAP)
        yield Caption(each.role, WIDTH - _RIGHT + 8, below, each.name)


def _precision_over_recall(deciders: Sequence[TunedDecider]) -> Figure:
    strokes: list[Stroke] = []
    captions: list[Caption] = []
    for place, tuned in enumerate(deciders):
        role: Role = tuned.decider
        strokes.append(Stroke(role, tuple(_precision_steps(tuned.points))))
        captions.append(Caption(role, WIDTH - _RIGHT + 8, _TOP + 4 + _LABEL_GAP * place, tuned.decider))
        found = tuned.recommendation
        if found is not None and found.threshold is not None:
            strokes.append(Stroke(role, _cross(_x(100 * found.point.recall), _y(100 * found.point.precision))))
    return Figure(
        "precision over recall",
        "Precision over recall of each decider; a cross is the recommended threshold.",
        (*_grid(), *strokes),
        (*_ticks("recall (%)", "%"), *captions),
    )


def _precision_steps(points: Sequence[CurvePoint]) -> Iterator[tuple[float, float]]:
    """As the average precision sums it: no threshold lies between two points, so nothing is drawn between them."""
    told = [point for point in points if point.flagged_count and not isnan(point.recall)]
    for place, point in enumerate(told, 1):
        stricter = told[place].recall if place < len(told) else 0.0
        yield _x(100 * point.recall), _y(100 * point.precision)
        yield _x(100 * stricter), _y(100 * point.precision)


def _cross(x: float, y: float) -> tuple[tuple[float, float], ...]:
    return ((x - 6, y - 6), (x + 6, y + 6), (x, y), (x - 6, y + 6), (x + 6, y - 6))


def _grid() -> Iterator[Stroke]:
    for tick in _TICKS:
        yield Stroke("grid" if tick else "axis", ((_x(0), _y(tick)), (_x(100), _y(tick))))
    yield Stroke("axis", ((_x(0), _y(0)), (_x(0), _y(100))))


def _ticks(below: str, unit: str) -> Iterator[Caption]:
    for tick in _TICKS:
        yield Caption("text", _x(0) - 8, _y(tick) + 4, f"{tick} {unit}", "end")
        yield Caption("text", _x(tick), _y(0) + 18, str(tick), "middle")
    yield Caption("text", _x(50), HEIGHT - 8, below, "middle")


def _x(share: float) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * share / 100, 1)


def _y(share: float) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share / 100, 1)
