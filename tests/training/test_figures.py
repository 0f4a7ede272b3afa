"""Figures of deciders: what a threshold does, ranking, calibration."""

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.training.figures import Scored, brier_score, calibration_error, figures_of, rank_quality

SCORED = [Scored(90.0, label=True), Scored(70.0, label=False), Scored(20.0, label=False), Scored(10.0, label=True)]
GROUPS = st.lists(st.tuples(st.floats(0, 100), st.booleans()).map(lambda pair: Scored(*pair)), min_size=1)


def test_whole_figures() -> None:
    found = figures_of(SCORED, 60.0)
    point = found.point
    assert (point.precision, point.recall, point.false_positive_rate) == (0.5, 0.5, 0.5)
    assert (found.count, found.error_count, found.error_ratio) == (4, 2, 0.5)
    assert found.average_precision == pytest.approx(0.75)
    assert found.brier == pytest.approx((0.01 + 0.49 + 0.04 + 0.81) / 4)


def test_nothing_flagged_has_no_precision() -> None:
    found = figures_of([Scored(0.0, label=True), Scored(0.0, label=False)], 50.0)
    assert isnan(found.point.precision)
    assert (found.point.recall, found.point.false_positive_rate) == (0.0, 0.0)


def test_without_an_n_plus_one_nothing_can_be_ranked() -> None:
    assert isnan(figures_of([Scored(10.0, label=False)], 50.0).average_precision)


def test_nothing_has_no_figures() -> None:
    assert isnan(calibration_error([]))
    assert isnan(brier_score([]))


@pytest.mark.parametrize(("confidence", "error"), [(75.0, 0.0), (95.0, 0.2), (25.0, 0.5)])
def test_calibration_error_is_the_distance_from_the_share(confidence: float, error: float) -> None:
    scored = [Scored(confidence, label) for label in (True, True, True, False)]
    assert calibration_error(scored) == pytest.approx(error)


def test_certainty_stands_in_the_last_bin() -> None:
    assert calibration_error([Scored(100.0, label=True), Scored(95.0, label=True)]) == pytest.approx(0.025)


@given(GROUPS)
def test_figures_are_within_their_range(scored: list[Scored]) -> None:
    found = figures_of(scored, 60.0)
    for value in (found.error_ratio, found.calibration_error, found.brier):
        assert 0.0 <= value <= 1.0


@given(GROUPS)
def test_ranking_backwards_is_one_less(scored: list[Scored]) -> None:
    area, backwards = rank_quality(scored), rank_quality([(-each.confidence, each.label) for each in scored])
    assert (isnan(area) and isnan(backwards)) or area + backwards == pytest.approx(1.0)


def test_equal_scores_rank_like_chance() -> None:
    assert rank_quality([(1.0, True), (1.0, False), (1.0, False)]) == 0.5
