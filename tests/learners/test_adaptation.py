from __future__ import annotations

import json
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.learners.adaptation import Adaptation, log_odds, logistic
from ennead.learners.model_form import FormError

NUMBERS = st.floats(-5, 5)
NAMED = st.dictionaries(st.sampled_from(["log_count", "has_limit", "is_write"]), st.tuples(NUMBERS, NUMBERS))


def adaptation(shift: float, slope: float, named: dict[str, tuple[float, float]]) -> Adaptation:
    weights = {name: weight for name, (weight, _) in named.items()}
    return Adaptation(shift, slope, weights, {name: mean for name, (_, mean) in named.items()}, 60)


@given(NUMBERS, st.floats(0, 5), NAMED)
def test_what_is_written_is_read(shift: float, slope: float, named: dict[str, tuple[float, float]]) -> None:
    made = adaptation(shift, slope, named)
    assert Adaptation.from_json(json.loads(json.dumps(made.to_json()))) == made


@given(NUMBERS, st.floats(0, 5), NAMED, st.floats(0, 1), st.floats(0, 1))
def test_the_order_of_two_groups_of_equal_features_stays(
    shift: float, slope: float, named: dict[str, tuple[float, float]], one: float, other: float
) -> None:
    made = adaptation(shift, slope, named)
    low, high = sorted((one, other))
    told = [made.probability(each, {"log_count": 2.0}) for each in (low, high)]
    assert 0.0 <= told[0] <= told[1] <= 1.0


@given(st.floats(0, 1))
def test_the_identity_changes_nothing(probability: float) -> None:
    assert Adaptation().probability(probability, {"log_count": 3.0}) == probability


def test_a_missing_feature_moves_nothing() -> None:
    made = Adaptation(0.0, 1.0, {"log_count": 2.0}, {"log_count": 1.0})
    assert made.probability(0.5, {"log_count": 2.0}) == pytest.approx(0.8808, abs=1e-4)
    for missing in ({}, {"log_count": nan}, {"other": 9.0}):
        assert made.probability(0.5, missing) == pytest.approx(0.5)


@given(st.floats(0.001, 0.999))
def test_log_odds_and_back(probability: float) -> None:
    assert logistic(log_odds(probability)) == pytest.approx(probability)


def test_large_margins_do_not_overflow() -> None:
    assert (logistic(1e6), logistic(-1e6)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"form": 2}, "its form is 2"),
        ({"slope": -0.1}, "must not be negative"),
        ({"verdict_count": -1}, "must not be negative"),
        ({"shift": "1"}, "shift must be a finite number"),
        ({"shift": 1e9}, "shift must be within 1e"),
        ({"weights": {"log_count": 1.0}}, "the same features"),
        ({"weights": {str(number): 1.0 for number in range(101)}}, "101 entries, at most 100"),
        ({"weights": [1.0]}, "weights must be an object"),
    ],
)
def test_what_is_no_adaptation_is_told(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(FormError, match=told):
        Adaptation.from_json({**Adaptation().to_json(), **changed})
