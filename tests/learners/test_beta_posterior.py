"""Beta posteriors: quantiles as SciPy 1.17 computes them, and what shrinkage must do."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.learners.beta_posterior import STRENGTHS, BetaPosterior, fitted_strength, incomplete_beta

SHAPES = st.floats(0.05, 400)
SHARES = st.floats(0.001, 0.999)


@pytest.mark.parametrize(
    ("alpha", "beta", "x", "expected"),
    [
        (0.5, 0.5, 0.1, 0.20483276469913345),
        (2, 3, 0.5, 0.6875),
        (8.5, 2.5, 0.7, 0.2549915514560285),
        (50.5, 7.5, 0.8, 0.06608770325543256),
        (300, 30, 0.9, 0.271038265412072),
        (0.02, 1.98, 0.001, 0.8881366395462337),
        (1200.5, 40.5, 0.97, 0.6866755743005245),
        (3, 4, 0.0, 0.0),
        (3, 4, 1.0, 1.0),
    ],
)
def test_incomplete_beta_is_that_of_scipy(alpha: float, beta: float, x: float, expected: float) -> None:
    assert incomplete_beta(alpha, beta, x) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("alpha", "beta", "probability", "expected"),
    [
        (0.5, 0.5, 0.2, 0.09549150281252627),
        (8.5, 2.5, 0.2, 0.6729488935063903),
        (50.5, 7.5, 0.05, 0.7921708948694823),
        (11, 3, 0.1, 0.6402237953576133),
        (1.9, 0.1, 0.5, 0.9995982619400112),
        (300, 30, 0.025, 0.8758622520206691),
    ],
)
def test_quantile_is_that_of_scipy(alpha: float, beta: float, probability: float, expected: float) -> None:
    assert BetaPosterior(alpha, beta).quantile(probability) == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 20), st.integers(1, 20), SHARES)
def test_whole_numbers_give_the_binomial_tail(alpha: int, beta: int, x: float) -> None:
    trials = alpha + beta - 1
    tail = sum(comb(trials, hits) * x**hits * (1 - x) ** (trials - hits) for hits in range(alpha, trials + 1))
    assert incomplete_beta(alpha, beta, x) == pytest.approx(tail, abs=1e-10)


@given(SHAPES, SHAPES, SHARES)
def test_both_sides_make_one(alpha: float, beta: float, x: float) -> None:
    assert incomplete_beta(alpha, beta, x) + incomplete_beta(beta, alpha, 1 - x) == pytest.approx(1, abs=1e-9)


@given(SHAPES, SHAPES, SHARES, SHARES)
def test_it_never_falls(alpha: float, beta: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert incomplete_beta(alpha, beta, low) <= incomplete_beta(alpha, beta, high) + 1e-12


@given(st.floats(0.1, 0.9), st.floats(0, 50), st.floats(0, 50))
def test_a_posterior_lies_between_its_prior_and_its_votes(mean: float, votes_for: float, votes_against: float) -> None:
    posterior = BetaPosterior.of_prior(mean, 8).with_votes(votes_for, votes_against)
    total = votes_for + votes_against
    share = votes_for / total if total > 1e-9 else mean
    assert min(mean, share) - 1e-6 <= posterior.mean <= max(mean, share) + 1e-6


def test_more_votes_of_one_share_raise_the_lower_bound() -> None:
    bounds = [BetaPosterior(0.5 + 9 * size, 0.5 + size).lower_bound(0.8) for size in (1, 3, 10, 100)]
    assert bounds == sorted(bounds)
    assert bounds[0] < 0.85 < bounds[-1] < 0.9


def test_members_that_differ_make_a_weak_prior() -> None:
    alike = [(0.7, 7.0, 3.0), (0.7, 14.0, 6.0), (0.7, 7.0, 3.0)]
    apart = [(0.7, 10.0, 0.0), (0.7, 0.0, 6.0), (0.7, 10.0, 0.0)]
    assert fitted_strength(alike) == STRENGTHS[-1]
    assert fitted_strength(apart) == STRENGTHS[0]


def test_no_votes_say_nothing_of_the_strength() -> None:
    assert fitted_strength([]) == fitted_strength([(0.5, 0.0, 0.0)]) == STRENGTHS[0]


@pytest.mark.parametrize(("alpha", "beta"), [(0, 1), (1, -1), (float("nan"), 1), (1, float("inf"))])
def test_no_such_distribution(alpha: float, beta: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        BetaPosterior(alpha, beta)
