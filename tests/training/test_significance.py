"""Differences over applications: an exact test where there are few, an interval, and the word for too few."""

from math import isnan

import pytest

from ennead.training.significance import FEW, bootstrap, compare


def test_all_signs_alike_are_the_least_likely() -> None:
    assert compare([0.1] * 6).p_value == pytest.approx(2 / 2**6)


def test_differences_that_cancel_are_chance() -> None:
    found = compare([0.2, -0.2, 0.1, -0.1])
    assert (found.mean, found.p_value) == (0.0, 1.0)


def test_many_applications_are_drawn_and_not_enumerated() -> None:
    found = compare([0.1 + number / 100 for number in range(20)])
    assert 0 < found.p_value < 0.001
    assert not found.is_descriptive


@pytest.mark.parametrize(("count", "descriptive"), [(FEW - 1, True), (FEW, False)])
def test_few_applications_only_describe(count: int, descriptive: bool) -> None:  # noqa: FBT001
    assert compare([0.1] * count).is_descriptive is descriptive


def test_the_interval_holds_the_mean_and_is_repeatable() -> None:
    values = [0.0, 0.1, 0.4, -0.1, 0.3]
    low, high = bootstrap(values)
    assert low < sum(values) / len(values) < high
    assert bootstrap(values) == (low, high)


def test_nothing_cannot_be_compared() -> None:
    found = compare([])
    assert isnan(found.mean)
    assert found.count == 0
