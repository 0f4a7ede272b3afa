"""A project's verdicts correct the shipped model, and never against what they themselves say."""

from math import nan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.training.adapt import Verdict, adapt

PROBABILITIES = st.floats(0.0, 1.0)


def _verdicts(count: int, share: float, probability: float = 0.9, **features: float) -> list[Verdict]:
    """So many verdicts, of which a share says that it is one."""
    return [Verdict(probability, features, number < share * count) for number in range(count)]


def _shuffled(*groups: list[Verdict]) -> list[Verdict]:
    together = [verdict for group in groups for verdict in group]
    Random(1).shuffle(together)
    return together


@given(PROBABILITIES)
def test_without_verdicts_nothing_changes(probability: float) -> None:
    assert adapt([]).probability(probability, {"log_count": 2.0}) == probability


@pytest.mark.parametrize("count", [1, 3, 7])
def test_too_few_verdicts_to_check_change_nothing(count: int) -> None:
    assert adapt(_verdicts(count, 0.0)).is_identity


def test_verdicts_that_agree_with_the_model_change_nothing() -> None:
    verdicts = _shuffled(_verdicts(40, 0.9, 0.9), _verdicts(40, 0.1, 0.1))
    assert adapt(verdicts).is_identity


def test_a_project_full_of_false_alarms_is_told_less() -> None:
    correction = adapt(_shuffled(_verdicts(40, 0.2, 0.9)))
    assert correction.probability(0.9, {}) < 0.5
    assert correction.verdict_count == 40


def test_the_order_of_probabilities_stays() -> None:
    correction = adapt(_shuffled(_verdicts(30, 0.1, 0.8), _verdicts(30, 0.6, 0.95)))
    told = [correction.probability(probability / 20, {}) for probability in range(21)]
    assert told == sorted(told)


def test_a_feature_tells_false_alarms_apart() -> None:
    verdicts = _shuffled(_verdicts(60, 0.0, 0.9, has_limit=1.0), _verdicts(60, 1.0, 0.9, has_limit=0.0))
    correction = adapt(verdicts)
    assert correction.probability(0.9, {"has_limit": 1.0}) < 0.5 < correction.probability(0.9, {"has_limit": 0.0})


def test_missing_features_move_nothing() -> None:
    verdicts = _shuffled(_verdicts(60, 0.0, 0.9, has_limit=1.0), _verdicts(60, 1.0, 0.9, has_limit=0.0))
    correction = adapt(verdicts)
    assert correction.probability(0.9, {"has_limit": nan}) == correction.probability(0.9, {})


@given(st.lists(st.tuples(PROBABILITIES, st.booleans()), max_size=40))
def test_any_verdicts_give_a_probability(told: list[tuple[float, bool]]) -> None:
    correction = adapt([Verdict(probability, {}, truth) for probability, truth in told])
    assert 0.0 <= correction.probability(0.5, {}) <= 1.0
    assert correction.slope >= 0.0


def test_many_verdicts_on_one_site_are_one_witness() -> None:
    noise = [verdict._replace(site="the only one") for verdict in _verdicts(40, 0.0)]
    assert adapt(noise).is_identity
    assert not adapt(_verdicts(40, 0.0)).is_identity
