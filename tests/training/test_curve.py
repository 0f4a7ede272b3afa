from __future__ import annotations

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.training.curve import CurvePoint, at_threshold, average_precision, curve, tally

CONFIDENCES = st.one_of(st.sampled_from([0.0, 50.0, 60.0, 99.9, 100.0, nan]), st.floats(0, 100))
LABELLED = st.lists(st.tuples(CONFIDENCES, st.booleans()), max_size=40)


def counted(labelled: list[tuple[float, bool]], threshold: float) -> CurvePoint:
    """The definition, group by group."""
    flagged = [label for confidence, label in labelled if confidence >= threshold]
    silent = [label for confidence, label in labelled if not confidence >= threshold]
    return CurvePoint(threshold, sum(flagged), flagged.count(False), sum(silent), silent.count(False))


@given(LABELLED, st.one_of(st.sampled_from([0.0, 50.0, 60.0, 80.0, 100.0]), st.floats(0, 100)))
def test_a_threshold_does_what_the_definition_says(labelled: list[tuple[float, bool]], threshold: float) -> None:
    assert at_threshold(curve(tally(labelled)), threshold) == counted(labelled, threshold)


@given(LABELLED)
def test_the_curve_goes_from_0_to_100_and_flags_less_and_less(labelled: list[tuple[float, bool]]) -> None:
    points = curve(tally(labelled))
    thresholds = [point.threshold for point in points]
    assert (thresholds[0], thresholds[-1]) == (0.0, 100.0)
    assert thresholds == sorted(set(thresholds))
    assert [point.flagged_count for point in points] == sorted((p.flagged_count for p in points), reverse=True)
    assert {sum(point[1:]) for point in points} == {len(labelled)}


def steps(labelled: list[tuple[float, bool]]) -> float:
    """Average precision, group by group: the mean precision at the N+1s, those of one confidence together."""
    positives = [confidence for confidence, label in labelled if label]
    at_each = [counted(labelled, confidence).precision for confidence in positives if not isnan(confidence)]
    return sum(at_each) / len(positives) if positives else nan


@given(LABELLED)
def test_average_precision_is_the_mean_precision_at_the_positives(labelled: list[tuple[float, bool]]) -> None:
    assert average_precision(curve(tally(labelled))) == pytest.approx(steps(labelled), nan_ok=True)


def test_ties_are_flagged_together() -> None:
    (_, tied, _) = curve(tally([(60.0, True), (60.0, False), (60.0, False)]))
    assert (tied.true_positives, tied.false_positives) == (1, 2)
    assert tied.precision == pytest.approx(1 / 3)
    assert at_threshold(curve(tally([(60.0, True)])), 60.000001).flagged_count == 0


def test_what_divides_by_nothing_is_nan() -> None:
    no_positives, no_negatives = curve(tally([(70.0, False)])), curve(tally([(70.0, True)]))
    assert all(isnan(point.recall) for point in no_positives)
    assert isnan(average_precision(no_positives))
    assert all(isnan(point.false_positive_rate) for point in no_negatives)
    assert isnan(no_negatives[-1].precision)
    assert [isnan(point.precision) for point in curve(())] == [True, True]


def test_nobody_flags_what_nothing_was_said_of() -> None:
    point = at_threshold(curve(tally([(nan, True), (nan, False), (10.0, True)])), 0.0)
    assert point == CurvePoint(0.0, 1, 0, 1, 1)


@pytest.mark.parametrize("confidence", [-0.1, 100.1, float("inf")])
def test_a_confidence_is_from_0_to_100(confidence: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 100"):
        tally([(confidence, True)])


def test_json_has_no_nan() -> None:
    assert curve(tally([(70.0, True)]))[-1].to_dict() == {
        "threshold": 100.0,
        "true_positives": 0,
        "false_positives": 0,
        "false_negatives": 1,
        "true_negatives": 0,
        "precision": None,
        "recall": 0.0,
        "false_positive_rate": None,
    }
