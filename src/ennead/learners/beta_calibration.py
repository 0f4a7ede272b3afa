"""Beta calibration: from a classifier's scores to probabilities by three numbers.

A score ``s`` within 0 to 1 becomes ``1 / (1 + exp(-(a * ln(s) - b * ln(1 - s) + c)))``, with ``a`` and ``b`` of at
least 0, so that the order of scores stays. With ``a = b = 1`` and ``c = 0`` nothing changes.

The form, version 1: ``{"form": 1, "a": 0.9, "b": 1.2, "c": -0.3}``.

Source: Kull, Silva Filho, Flach, *Beyond sigmoids: How to obtain well-calibrated probabilities from binary classifiers
with beta calibration* (Electronic Journal of Statistics 11, 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, fsum, log, log1p
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import FormError, a_mapping, a_number, the_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORM = 1
_EDGE = 1e-12
"""Scores are kept this far from 0 and 1, where the logarithms end."""
_RIDGE = 1e-3
"""Pulls towards the identity as strongly as a thousandth of a label: perfect separation must not lead to infinity."""
_MOST_STEPS = 100
_SMALL_STEP = 1e-10
_IDENTITY = (1.0, 1.0, 0.0)
_Numbers = tuple[float, float, float]
_Row = tuple[_Numbers, float, float]
"""The two logarithms and 1; the label; the weight."""


@dataclass(frozen=True, slots=True)
class BetaCalibration:
    """Three numbers that make a probability of a score.

    Examples
    --------
    >>> scores = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9]
    >>> calibration = BetaCalibration.fit(scores, [False, False, False, True, False, True, False, True])
    >>> [round(calibration.probability(score), 2) for score in (0.1, 0.5, 0.9)]
    [0.03, 0.39, 0.71]
    >>> BetaCalibration(1.0, 1.0, 0.0).probability(0.25)
    0.25
    """

    a: float
    """Of the logarithm of the score; at least 0."""
    b: float
    """Of the logarithm of what lacks to 1; at least 0."""
    c: float

    @classmethod
    def fit(
        cls, scores: Sequence[float], labels: Sequence[bool], weights: Sequence[float] | None = None
    ) -> BetaCalibration:
        """The numbers of the highest likelihood with ``a`` and ``b`` of at least 0.

        Parameters
        ----------
        scores
            0 to 1.
        labels
            The truth about each.
        weights
            Of each label; by default all the same.

        Raises
        ------
        ValueError
            There are no labels, or not as many as scores.
        """
        if not scores:
            message = "without labels there is nothing to calibrate on"
            raise ValueError(message)
        rows = [
            (_logs(score), float(label), weight)
            for score, label, weight in zip(scores, labels, weights or [1.0] * len(scores), strict=True)
        ]
        both = _fit(rows, (True, True))
        if both[0] >= 0.0 and both[1] >= 0.0:
            return cls(*both)
        edges = [_fit(rows, free) for free in ((False, True), (True, False), (False, False))]
        return cls(*min((edge for edge in edges if edge[0] >= 0.0 and edge[1] >= 0.0), key=lambda it: _loss(rows, it)))

    @classmethod
    def from_json(cls, data: object) -> BetaCalibration:
        """Read and check the form described above.

        Raises
        ------
        EnneadError
            It is something else; one line says what.
        """
        try:
            return cls._read(data)
        except FormError as error:
            message = f"not a beta calibration: {error}"
            raise EnneadError(message) from error

    @classmethod
    def _read(cls, data: object) -> BetaCalibration:
        model = a_mapping(data, "a calibration")
        the_form(model, FORM)
        a, b, c = (a_number(model.get(name), name) for name in "abc")
        if a < 0.0 or b < 0.0:
            message = f"a and b must be at least 0, got {a!r} and {b!r}"
            raise FormError(message)
        return cls(a, b, c)

    def to_json(self) -> dict[str, float]:
        """The form described above."""
        return {"form": FORM, "a": self.a, "b": self.b, "c": self.c}

    def probability(self, score: float) -> float:
        """Calibrated probability, 0 to 1; never falls where the score rises."""
        rising, falling, _ = _logs(score)
        return _logistic(self.a * rising + self.b * falling + self.c)


def _logs(score: float) -> _Numbers:
    inside = min(max(score, _EDGE), 1.0 - _EDGE)
    return log(inside), -log1p(-inside), 1.0


def _logistic(margin: float) -> float:
    if margin >= 0.0:
        return 1.0 / (1.0 + exp(-margin))
    grown = exp(margin)
    return grown / (1.0 + grown)


def _fit(rows: Sequence[_Row], free: tuple[bool, bool]) -> _Numbers:
    """Newton's method on the numbers that are free; the others are 0. A step that does not help is halved."""
    numbers = (float(free[0]), float(free[1]), 0.0)
    moves = (*free, True)
    loss = _loss(rows, numbers)
    for _ in range(_MOST_STEPS):
        step = _newton_step(rows, numbers, moves)
        while True:
            trial = (numbers[0] - step[0], numbers[1] - step[1], numbers[2] - step[2])
            lower = _loss(rows, trial)
            if lower <= loss or max(map(abs, step)) < _SMALL_STEP:
                break
            step = (step[0] / 2.0, step[1] / 2.0, step[2] / 2.0)
        if lower <= loss:
            numbers, loss = trial, lower
        if max(map(abs, step)) < _SMALL_STEP:
            break
    return numbers


def _loss(rows: Iterable[_Row], numbers: _Numbers) -> float:
    """Negative log-likelihood, and the pull towards the identity."""
    a, b, c = numbers
    pull = fsum((number - ideal) ** 2 for number, ideal in zip(numbers, _IDENTITY, strict=True)) * _RIDGE / 2.0
    return pull + fsum(
        weight * (_softplus(margin) - label * margin)
        for (rising, falling, _), label, weight in rows
        for margin in (a * rising + b * falling + c,)
    )


def _softplus(margin: float) -> float:
    return max(margin, 0.0) + log1p(exp(-abs(margin)))


def _newton_step(rows: Iterable[_Row], numbers: _Numbers, moves: Sequence[bool]) -> _Numbers:
    gradient = [_RIDGE * (number - ideal) for number, ideal in zip(numbers, _IDENTITY, strict=True)]
    curvature = [[_RIDGE * (row == column) for column in range(3)] for row in range(3)]
    for logs, label, weight in rows:
        probability = _logistic(sum(number * value for number, value in zip(numbers, logs, strict=True)))
        slope, bend = weight * (probability - label), weight * probability * (1.0 - probability)
        for row in range(3):
            gradient[row] += slope * logs[row]
            for column in range(3):
                curvature[row][column] += bend * logs[row] * logs[column]
    for held in range(3):
        if not moves[held]:
            gradient[held] = 0.0
            curvature[held] = [float(held == column) for column in range(3)]
            for row in range(3):
                curvature[row][held] = float(row == held)
    return _solve(curvature, gradient)


def _solve(matrix: list[list[float]], right: list[float]) -> _Numbers:
    """Gaussian elimination of three equations; the matrix is positive definite."""
    for pivot in range(3):
        for row in range(pivot + 1, 3):
            factor = matrix[row][pivot] / matrix[pivot][pivot]
            right[row] -= factor * right[pivot]
            matrix[row] = [value - factor * above for value, above in zip(matrix[row], matrix[pivot], strict=True)]
    third = right[2] / matrix[2][2]
    second = (right[1] - matrix[1][2] * third) / matrix[1][1]
    first = (right[0] - matrix[0][1] * second - matrix[0][2] * third) / matrix[0][0]
    return first, second, third
