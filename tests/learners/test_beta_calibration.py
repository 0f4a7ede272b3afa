"""Beta calibration: it finds the numbers that made the labels, keeps the order, and leaves good probabilities alone."""

from math import exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.learners.beta_calibration import BetaCalibration

SCORES = st.floats(0.0, 1.0)
LABELLED = st.lists(st.tuples(SCORES, st.booleans()), min_size=1, max_size=25)


def drawn(true: BetaCalibration, count: int = 3_000) -> tuple[list[float], list[bool]]:
    random = Random(5)
    scores = [random.random() for _ in range(count)]
    return scores, [random.random() < true.probability(score) for score in scores]


def log_loss(calibration: BetaCalibration, scores: list[float], labels: list[bool]) -> float:
    said = [calibration.probability(score) for score in scores]
    return -sum(log(one if label else 1.0 - one) for one, label in zip(said, labels, strict=True))


def fitted(pairs: list[tuple[float, bool]]) -> BetaCalibration:
    return BetaCalibration.fit([score for score, _ in pairs], [label for _, label in pairs])


@pytest.mark.parametrize("true", [BetaCalibration(1.0, 1.0, 0.0), BetaCalibration(2.0, 0.5, -0.7)])
def test_the_numbers_that_made_the_labels_are_found(true: BetaCalibration) -> None:
    found = BetaCalibration.fit(*drawn(true))

    assert (found.a, found.b, found.c) == pytest.approx((true.a, true.b, true.c), abs=0.25)


def test_no_numbers_nearby_fit_better() -> None:
    scores, labels = drawn(BetaCalibration(2.0, 0.5, -0.7), 300)
    found = BetaCalibration.fit(scores, labels)
    least = log_loss(found, scores, labels)

    for a, b, c in ((0.1, 0, 0), (-0.1, 0, 0), (0, 0.1, 0), (0, -0.1, 0), (0, 0, 0.1), (0, 0, -0.1)):
        assert log_loss(BetaCalibration(found.a + a, found.b + b, found.c + c), scores, labels) > least


def test_the_identity_changes_nothing() -> None:
    assert [BetaCalibration(1.0, 1.0, 0.0).probability(score) for score in (0.01, 0.5, 0.9)] == pytest.approx(
        [0.01, 0.5, 0.9]
    )


def test_the_formula_is_that_of_the_paper() -> None:
    score, calibration = 0.3, BetaCalibration(0.7, 1.9, 0.4)

    assert calibration.probability(score) == pytest.approx(
        1 / (1 + 1 / (exp(0.4) * score**0.7 / (1 - score) ** 1.9)), rel=1e-12
    )


def test_labels_against_the_scores_lose_the_order_but_do_not_turn_it_round() -> None:
    found = fitted([(number / 20, number < 10) for number in range(1, 20)])

    assert (found.a, found.b) == (0.0, 0.0)
    assert found.probability(0.1) == found.probability(0.9) == pytest.approx(9 / 19, abs=0.01)


def test_one_number_alone_may_be_held_at_0() -> None:
    found = fitted([(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, True), (0.001, False)])

    assert found.a > 0.0
    assert found.b == 0.0


def test_perfect_separation_stays_finite() -> None:
    found = fitted([(0.1, False), (0.2, False), (0.8, True), (0.9, True)])

    assert 0.0 < found.probability(0.1) < 0.1
    assert 0.9 < found.probability(0.9) < 1.0


def test_weights_are_repeats() -> None:
    pairs = [(0.2, False), (0.4, True), (0.6, False), (0.9, True)]
    repeated = fitted([pairs[0]] * 3 + pairs[1:])
    weighted = BetaCalibration.fit(
        [score for score, _ in pairs], [label for _, label in pairs], weights=[3.0, 1.0, 1.0, 1.0]
    )

    assert (weighted.a, weighted.b, weighted.c) == pytest.approx((repeated.a, repeated.b, repeated.c))


@given(LABELLED, SCORES, SCORES)
def test_the_order_stays_and_probabilities_are_within_0_and_1(
    pairs: list[tuple[float, bool]], one: float, other: float
) -> None:
    found = fitted(pairs)
    low, high = sorted((one, other))

    assert found.a >= 0.0
    assert found.b >= 0.0
    assert 0.0 <= found.probability(low) <= found.probability(high) + 1e-12 <= 1.0 + 1e-12


@given(LABELLED)
def test_the_order_of_the_labels_does_not_matter(pairs: list[tuple[float, bool]]) -> None:
    assert fitted(pairs).probability(0.4) == pytest.approx(fitted(pairs[::-1]).probability(0.4), abs=1e-4)


def test_nothing_cannot_be_calibrated_on() -> None:
    with pytest.raises(ValueError, match="nothing to calibrate on"):
        BetaCalibration.fit([], [])
    with pytest.raises(ValueError, match="shorter"):
        BetaCalibration.fit([0.5, 0.6], [True])


def test_json_brings_it_back() -> None:
    calibration = BetaCalibration(0.5, 1.5, -2.0)

    assert BetaCalibration.from_json(calibration.to_json()) == calibration


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (3, "a calibration must be an object, got int"),
        ({"form": 2}, "its form is 2, this version reads form 1"),
        ({"form": 1, "a": -0.1, "b": 1, "c": 0}, "a and b must be at least 0, got -0.1 and 1.0"),
        ({"form": 1, "a": 1, "b": 1}, "c must be a finite number, got None"),
    ],
)
def test_what_is_no_calibration_is_refused(data: object, reason: str) -> None:
    with pytest.raises(EnneadError) as refused:
        BetaCalibration.from_json(data)

    assert str(refused.value) == f"not a beta calibration: {reason}"
