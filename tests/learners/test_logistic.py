"""Logistic regression: by hand, monotone, and refusal of everything that is no model."""

from math import exp, inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.learners.logistic import LogisticRegression

MODEL: dict[str, Any] = {
    "form": 1,
    "features": ["one", "two"],
    "mean": [2.0, -1.0],
    "scale": [0.5, 4.0],
    "weights": [1.5, -2.0],
    "missing_weights": [-1.0, 0.5],
    "intercept": 0.25,
}
NUMBERS = st.floats(-1e6, 1e6)


def test_a_row_of_means_is_the_intercept() -> None:
    model = LogisticRegression.from_json(MODEL)

    assert model.raw({"one": 2.0, "two": -1.0}) == 0.25
    assert model.probability({"one": 2.0, "two": -1.0}) == pytest.approx(1 / (1 + exp(-0.25)))


def test_a_step_of_one_deviation_adds_its_weight() -> None:
    assert LogisticRegression.from_json(MODEL).raw({"one": 2.5, "two": 3.0}) == 0.25 + 1.5 - 2.0


def test_what_is_missing_counts_as_the_mean_and_adds_its_own_weight() -> None:
    model = LogisticRegression.from_json(MODEL)

    assert model.raw({"one": nan, "two": -1.0}) == model.raw({"two": -1.0}) == 0.25 - 1.0


def test_missing_weights_may_be_left_out() -> None:
    data = {key: value for key, value in MODEL.items() if key != "missing_weights"}

    assert LogisticRegression.from_json(data).raw({}) == 0.25


@given(NUMBERS, NUMBERS, NUMBERS)
def test_it_rises_with_a_positive_weight_and_falls_with_a_negative_one(low: float, high: float, other: float) -> None:
    model = LogisticRegression.from_json(MODEL)
    low, high = sorted((low, high))

    assert model.probability({"one": low, "two": other}) <= model.probability({"one": high, "two": other})
    assert model.probability({"one": other, "two": low}) >= model.probability({"one": other, "two": high})


@given(st.floats(allow_nan=True, allow_infinity=False), st.floats(allow_nan=True, allow_infinity=False))
def test_probabilities_are_within_0_and_1(one: float, two: float) -> None:
    assert 0.0 <= LogisticRegression.from_json(MODEL).probability({"one": one, "two": two}) <= 1.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"form": "1"}, "form must be a whole number, got '1'"),
        ({"form": 9}, "its form is 9, this version reads form 1"),
        ({"features": ["one", ""]}, "each of features must be a text, got ''"),
        ({"mean": [1.0]}, "mean has 1 numbers for 2 features"),
        ({"scale": [1.0, 0.0]}, "every scale must be above 0"),
        ({"weights": [1.0, inf]}, "weights must be a finite number, got inf"),
        ({"weights": None}, "weights must be a list, got NoneType"),
        ({"intercept": "x"}, "intercept must be a finite number, got 'x'"),
    ],
)
def test_what_is_no_model_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(EnneadError) as refused:
        LogisticRegression.from_json(MODEL | change)

    assert str(refused.value) == f"not a model of logistic regression: {reason}"


def test_a_list_is_no_model() -> None:
    with pytest.raises(EnneadError, match="a model must be an object, got list"):
        LogisticRegression.from_json([MODEL])
