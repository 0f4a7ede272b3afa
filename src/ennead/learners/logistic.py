"""Logistic regression over standardised features, with a weight for each feature that is missing.

The form, version 1::

    {"form": 1,
     "features": ["log_count", "adjacency"],        names, in the order of the lists
     "mean": [2.1, 0.8], "scale": [0.9, 0.3],       of the training rows where the feature is there; scale above 0
     "weights": [1.4, 0.2],                         of (value - mean) / scale
     "missing_weights": [0.0, -0.7],                added where the value is missing; zeros where it is left out
     "intercept": -0.5}

A missing value counts as the mean, so that it adds nothing but its missing weight.

Source: Hastie, Tibshirani, Friedman, *The Elements of Statistical Learning* (2009), 4.4; missing indicators: 9.6.
"""

from __future__ import annotations

from math import exp, nan
from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.learners.model_form import FormError, a_list, a_mapping, a_number, different_names, the_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORM = 1
_LONGEST_MARGIN = 700.0
"""``exp`` overflows a little above it."""


class LogisticRegression:
    """A weighted sum of standardised features, and its logistic function.

    Parameters
    ----------
    features
        Names.
    terms
        Mean, scale, weight and missing weight of each feature.
    intercept
        Log-odds of a row of means.

    Examples
    --------
    >>> model = LogisticRegression.from_json({"form": 1, "features": ["log_count"], "mean": [2.0], "scale": [0.5],
    ...     "weights": [1.5], "missing_weights": [-1.0], "intercept": 0.25})
    >>> model.raw({"log_count": 3.0}), model.raw({})
    (3.25, -0.75)
    >>> round(model.probability({"log_count": 3.0}), 4)
    0.9627
    """

    __slots__ = ("_terms", "features", "intercept")

    def __init__(
        self, features: tuple[str, ...], terms: tuple[tuple[float, float, float, float], ...], intercept: float
    ) -> None:
        self.features = features
        self.intercept = intercept
        self._terms = terms

    @classmethod
    def from_json(cls, data: object) -> LogisticRegression:
        """Read and check the form described above.

        Raises
        ------
        EnneadError
            It is something else; one line says what.
        """
        try:
            return cls._read(data)
        except FormError as error:
            message = f"not a model of logistic regression: {error}"
            raise EnneadError(message) from error

    @classmethod
    def _read(cls, data: object) -> LogisticRegression:
        model = a_mapping(data, "a model")
        the_form(model, FORM)
        features = different_names(model.get("features"), "features")
        columns = [_column(model, key, len(features)) for key in ("mean", "scale", "weights", "missing_weights")]
        if not all(scale > 0.0 for scale in columns[1]):
            message = "every scale must be above 0"
            raise FormError(message)
        return cls(features, tuple(zip(*columns, strict=True)), a_number(model.get("intercept"), "intercept"))

    def raw(self, features: Mapping[str, float]) -> float:
        """The log-odds. A feature without a value is missing."""
        total = self.intercept
        for name, (mean, scale, weight, missing_weight) in zip(self.features, self._terms, strict=True):
            value = features.get(name, nan)
            total += (value - mean) / scale * weight if value == value else missing_weight  # noqa: PLR0124 -- not nan
        return total

    def probability(self, features: Mapping[str, float]) -> float:
        """The logistic function of :meth:`raw`; not calibrated."""
        return self.to_probability(self.raw(features))

    def to_probability(self, raw: float) -> float:
        """The logistic function."""
        return 1.0 / (1.0 + exp(-raw)) if -raw < _LONGEST_MARGIN else 0.0


def _column(model: Mapping[str, object], key: str, length: int) -> Sequence[float]:
    default = [0.0] * length if key == "missing_weights" else None
    numbers = [a_number(value, key) for value in a_list(model.get(key, default), key)]
    if len(numbers) != length:
        message = f"{key} has {len(numbers)} numbers for {length} features"
        raise FormError(message)
    return numbers
