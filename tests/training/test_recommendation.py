from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.training.curve import Tally, at_threshold, curve, tally
from ennead.training.recommendation import Interval, Recommendation, Targets, recommend, with_interval

CONFIDENCES = st.one_of(st.sampled_from([0.0, 50.0, 60.0, 99.9, 100.0, nan]), st.floats(0, 100))
LABELLED = st.lists(st.tuples(CONFIDENCES, st.booleans()), max_size=30)
TARGETS = st.builds(Targets, st.sampled_from([0.5, 0.9, 1.0]), st.sampled_from([0.01, 0.05, 0.5]))


def recommended(labelled: list[tuple[float, bool]], targets: Targets, preferred: float = 60.0) -> Recommendation:
    found = recommend(curve(tally(labelled)), targets, preferred)
    assert found is not None
    return found


@given(LABELLED.filter(lambda labelled: any(label for _, label in labelled)), TARGETS)
def test_no_threshold_that_meets_the_targets_finds_more(labelled: list[tuple[float, bool]], targets: Targets) -> None:
    points = curve(tally(labelled))
    found = recommended(labelled, targets)
    met = [point for point in (at_threshold(points, each) for each in range(101)) if targets.are_met(point)]
    if found.threshold is None:
        assert met == []
        return
    here = at_threshold(points, found.threshold)
    assert targets.are_met(here)
    assert here == found.point
    assert here.recall == max(point.recall for point in met)
    for same in (found.equivalent.high, (found.equivalent.low + found.equivalent.high) / 2):
        if same > found.equivalent.low:
            assert at_threshold(points, same)[1:] == here[1:]


def test_the_threshold_in_force_stays_where_it_does_as_well_as_any() -> None:
    labelled = [(90.0, True), (70.0, True), (30.0, False)]
    assert recommended(labelled, Targets(), 60.0).threshold == 60.0
    assert recommended(labelled, Targets(), 20.0).threshold == 31.0
    assert recommended(labelled, Targets(), 80.0).threshold == 70.0
    assert recommended(labelled, Targets(), 62.5).threshold == 62.5


def test_a_threshold_is_a_whole_number() -> None:
    labelled = [(90.4, True), (70.2, True), (70.1, False)]
    assert recommended(labelled, Targets()).threshold == 71.0


def test_false_alarms_are_allowed_below_the_rate_only() -> None:
    labelled = [(90.0, True)] * 95 + [(50.0, True)] * 5 + [(50.0, False)] * 5 + [(10.0, False)] * 95
    assert recommended(labelled, Targets(0.9, 0.05)).point.recall == 0.95
    assert recommended(labelled, Targets(0.9, 0.051)).point.recall == 1.0
    assert recommended(labelled, Targets(0.96, 0.051)).point.recall == 0.95


def test_without_a_threshold_that_meets_the_targets_the_nearest_is_told() -> None:
    labelled = [(90.0, False), (80.0, True), (80.0, True), (20.0, False)]
    found = recommended(labelled, Targets())
    assert found.threshold is None
    assert found.point.threshold == 60.0
    assert found.point.precision == pytest.approx(2 / 3)


def test_without_positives_nothing_is_recommended() -> None:
    assert recommend(curve(tally([(80.0, False)])), Targets()) is None
    assert recommend(curve(()), Targets()) is None


def test_without_negatives_the_precision_decides() -> None:
    assert recommended([(80.0, True), (61.0, True)], Targets()).threshold == 60.0


def test_groups_are_resampled_where_applications_are_few() -> None:
    labelled = [(80.0, True)] * 30 + [(40.0, False)] * 70
    found = with_interval(recommended(labelled, Targets()), {"one": tally(labelled)}, Targets())
    assert (found.threshold, found.interval, found.met_share) == (60.0, Interval(60.0, 60.0), 1.0)
    assert found.resampled == "groups"


def test_applications_that_disagree_make_the_interval_wide() -> None:
    alike = {name: tally([(80.0, True)] * 10 + [(40.0, False)] * 10) for name in "abcdef"}
    odd = {**alike, "f": tally([(99.0, True)] * 10 + [(90.0, False)] * 10)}
    found = {
        name: with_interval(recommended(_all(those), Targets()), those, Targets())
        for name, those in (("alike", alike), ("odd", odd))
    }
    assert found["alike"].interval == Interval(60.0, 60.0)
    assert found["alike"].resampled == found["odd"].resampled == "applications"
    interval = found["odd"].interval
    assert interval is not None
    assert interval.low == 60.0
    assert interval.high > 90.0


def test_the_same_labels_give_the_same_answer() -> None:
    labelled = [(float(each), each % 3 > 0) for each in range(30, 90)] + [(nan, True), (5.0, False)]
    targets = Targets(0.6, 0.9)
    once, twice = (with_interval(recommended(labelled, targets), {"one": tally(labelled)}, targets) for _ in range(2))
    assert once == twice
    assert once.interval is not None


def _all(by_application: Mapping[str, Sequence[Tally]]) -> list[tuple[float, bool]]:
    return [
        (confidence, label)
        for tallies in by_application.values()
        for confidence, positives, negatives in tallies
        for label in [True] * positives + [False] * negatives
    ]
