"""Inductive Venn-Abers prediction: an interval of probabilities, wide where there are few labels.

The score in question joins the calibration scores once as negative and once as positive; both times an isotonic
regression is fitted, and what the two say of the score are the ends of the interval. Of all that it needs only two step
functions remain, which are made once.

The form, version 1: ``{"form": 1, "scores": [0.1, 0.4, 0.9], "labels": [0, 0, 1]}``.

Source: Vovk, Petej, Fedorova, *Large-scale probabilistic predictors with and without guarantees of validity* (NIPS
2015), algorithms 1 and 2.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import FormError, a_list, a_mapping, a_number, a_whole_number, the_form

if TYPE_CHECKING:
    from collections.abc import Sequence

FORM = 1
_Point = tuple[float, float]
"""Labels so far, and positive ones among them."""


class Interval(NamedTuple):
    """Where the probability lies; both ends within 0 to 1."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The one probability with the least worst log-loss.

        >>> Interval(0.2, 0.6).middle
        0.4285714285714286
        """
        return self.high / (1.0 - self.low + self.high)

    @property
    def width(self) -> float:
        """How little is known."""
        return self.high - self.low


class VennAbers:
    """The interval for any score, from labelled calibration scores.

    Parameters
    ----------
    scores
        Finite numbers; higher means likelier.
    labels
        The truth about each.

    Examples
    --------
    >>> predictor = VennAbers([0.1, 0.2, 0.3, 0.7, 0.8, 0.9], [False, False, True, False, True, True])
    >>> [tuple(round(end, 2) for end in predictor.interval(score)) for score in (0.05, 0.5, 0.95)]
    [(0.0, 0.33), (0.33, 0.67), (0.67, 1.0)]
    """

    __slots__ = ("_high", "_low", "_scores", "label_count")

    def __init__(self, scores: Sequence[float], labels: Sequence[bool]) -> None:
        tally: dict[float, list[int]] = {}
        for score, label in sorted(zip(scores, labels, strict=True)):
            counts = tally.setdefault(score, [0, 0])
            counts[label] += 1
        self.label_count = len(scores)
        self._scores = tuple(tally)
        self._high = (*_highest([(no, yes) for no, yes in tally.values()]), 1.0)
        mirrored = _highest([(yes, no) for no, yes in reversed(tally.values())])
        self._low = (0.0, *(1.0 - end for end in reversed(mirrored)))

    @classmethod
    def from_json(cls, data: object) -> VennAbers:
        """Read and check the form described above.

        Raises
        ------
        EnneadError
            It is something else; one line says what.
        """
        try:
            return cls._read(data)
        except FormError as error:
            message = f"no calibration scores: {error}"
            raise EnneadError(message) from error

    @classmethod
    def _read(cls, data: object) -> VennAbers:
        model = a_mapping(data, "calibration scores")
        the_form(model, FORM)
        scores = [a_number(score, "each of scores") for score in a_list(model.get("scores"), "scores")]
        labels = [a_whole_number(label, "each of labels") for label in a_list(model.get("labels"), "labels")]
        if len(scores) != len(labels) or not set(labels) <= {0, 1}:
            message = f"{len(scores)} scores need as many labels, each 0 or 1"
            raise FormError(message)
        return cls(scores, [label == 1 for label in labels])

    def interval(self, score: float) -> Interval:
        """Lower and upper probability of the score; both never fall where it rises."""
        return Interval(self._low[bisect_right(self._scores, score)], self._high[bisect_left(self._scores, score)])


def _highest(tally: Sequence[tuple[int, int]]) -> list[float]:
    """For each distinct score what isotonic regression says of it with one more positive label there.

    Parameters
    ----------
    tally
        Negative and positive labels of each distinct score, ascending.
    """
    points: list[_Point] = [(0.0, 0.0)]
    for no, yes in tally:
        points.append((points[-1][0] + no + yes, points[-1][1] + yes))
    corners = _lower_corners([(-1.0, -1.0), *points])[::-1]
    found, moved = [], (-1.0, -1.0)
    for before, after in pairwise(points):
        (left, low), (right, high) = corners[-1], corners[-2]
        found.append((high - low) / (right - left))
        moved = (moved[0] + after[0] - before[0], moved[1] + after[1] - before[1])
        if _turn(corners[-1], corners[-2], moved) >= 0.0:
            continue
        corners.pop()
        while len(corners) > 1 and _turn(moved, corners[-1], corners[-2]) <= 0.0:
            corners.pop()
        corners.append(moved)
    return found


def _lower_corners(points: Sequence[_Point]) -> list[_Point]:
    """Corners of the greatest convex minorant, from left to right."""
    corners: list[_Point] = []
    for point in points:
        while len(corners) > 1 and _turn(corners[-2], corners[-1], point) <= 0.0:
            corners.pop()
        corners.append(point)
    return corners


def _turn(first: _Point, second: _Point, third: _Point) -> float:
    """Above 0 where the way over the three points turns left."""
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])
