"""A correction of a model's probability for one project: a shift and a slope of its log-odds, and a few features.

The probability ``p`` of a group becomes ``logistic(shift + slope * log-odds(p) + sum of weight * (feature - mean))``;
a feature that is missing moves nothing. With shift 0, slope 1 and no weights nothing changes.

The form, version 1::

    {"form": 1, "shift": -0.4, "slope": 1.1, "verdict_count": 60,
     "weights": {"log_count": 0.2}, "means": {"log_count": 2.1}}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, isnan, log, log1p
from typing import TYPE_CHECKING, Any

from ennead.learners.model_form import FormError, a_mapping, a_number, a_text, a_whole_number, the_form

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = 1
EDGE = 1e-4
"""Probabilities are kept this far from 0 and 1: what is sure stays open to correction."""
_MOST_WEIGHTS = 100
_LARGEST = 1e6


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A correction of a model's log-odds.

    Examples
    --------
    >>> Adaptation().probability(0.25, {})
    0.25
    >>> round(Adaptation(shift=-1.0).probability(0.5, {}), 3)
    0.269
    >>> Adaptation.from_json(Adaptation(shift=-1.0).to_json()).shift
    -1.0
    """

    shift: float = 0.0
    slope: float = 1.0
    weights: Mapping[str, float] = field(default_factory=dict)
    """Of the feature's distance from its mean over the verdicts."""
    means: Mapping[str, float] = field(default_factory=dict)
    verdict_count: int = 0

    @classmethod
    def from_json(cls, data: object) -> Adaptation:
        """Read and check the form described above.

        Raises
        ------
        FormError
            It is something else, out of range, or turns the model's order around.
        """
        form = a_mapping(data, "an adaptation")
        the_form(form, FORM)
        slope, count = _bounded(form.get("slope"), "slope"), a_whole_number(form.get("verdict_count"), "verdict_count")
        if slope < 0 or count < 0:
            message = f"slope and verdict_count must not be negative, got {slope:g} and {count}"
            raise FormError(message)
        weights, means = _numbers(form.get("weights", {}), "weights"), _numbers(form.get("means", {}), "means")
        if weights.keys() != means.keys():
            message = "weights and means must have the same features"
            raise FormError(message)
        return cls(_bounded(form.get("shift"), "shift"), slope, weights, means, count)

    def to_json(self) -> dict[str, Any]:
        """The form described above."""
        return {
            "form": FORM,
            "shift": self.shift,
            "slope": self.slope,
            "weights": dict(self.weights),
            "means": dict(self.means),
            "verdict_count": self.verdict_count,
        }

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return self.shift == 0.0 and self.slope == 1.0 and not any(self.weights.values())

    def probability(self, probability: float, features: Mapping[str, float]) -> float:
        """The corrected probability."""
        if self.is_identity:
            return probability
        moved = sum(
            weight * (features[name] - self.means[name])
            for name, weight in self.weights.items()
            if name in features and not isnan(features[name])
        )
        return logistic(self.shift + self.slope * log_odds(probability) + moved)


def log_odds(probability: float) -> float:
    """Of a probability that is kept off 0 and 1."""
    inside = min(max(probability, EDGE), 1.0 - EDGE)
    return log(inside) - log1p(-inside)


def logistic(margin: float) -> float:
    """The probability of log-odds, whatever their size."""
    if margin >= 0.0:
        return 1.0 / (1.0 + exp(-margin))
    grown = exp(margin)
    return grown / (1.0 + grown)


def _numbers(value: object, what: str) -> dict[str, float]:
    entries = a_mapping(value, what)
    if len(entries) > _MOST_WEIGHTS:
        message = f"{what} has {len(entries)} entries, at most {_MOST_WEIGHTS} are read"
        raise FormError(message)
    return {a_text(name, f"each of {what}"): _bounded(number, what) for name, number in entries.items()}


def _bounded(value: object, what: str) -> float:
    number = a_number(value, what)
    if abs(number) > _LARGEST:
        message = f"{what} must be within {_LARGEST:g}, got {number:g}"
        raise FormError(message)
    return number
