"""Paired figures."""

import pytest

from bench.overhead.spread import Spread, differences, ratios, spread


def test_a_slow_round_slows_both_sides_and_leaves_the_ratio() -> None:
    assert ratios([11.0, 110.0, 11.0, 1_100.0], [10.0, 100.0, 10.0, 1_000.0]) == Spread(1.1, 1.1, 1.1)


def test_differences_are_told_in_the_asked_for_unit() -> None:
    assert differences([3_000, 5_000, 9_000], [1_000, 2_000, 4_000], 1_000.0).median == 3.0


def test_one_value_has_no_scatter() -> None:
    assert spread([2.5]) == Spread(2.5, 2.5, 2.5)


def test_sides_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        ratios([1.0], [1.0, 2.0])
