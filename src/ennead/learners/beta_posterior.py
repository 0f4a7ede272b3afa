"""Shares learnt from few votes: Beta posteriors, shrunk to the level above, with a bound that one can rely on.

A pattern with two votes knows little of itself, the rule that found it more, all rules together most. Each level is
the prior of the one below: its share is the mean of the prior, and how alike its members are the strength, estimated
from the votes themselves by the marginal likelihood of the beta-binomial distribution (empirical Bayes).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isfinite, lgamma, log, log1p
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STRENGTHS = (2.0, 3.0, 4.5, 6.75, 10.0, 15.0, 22.5, 34.0, 50.0)
"""Candidates for the strength of a prior, in votes."""
_MOST_TERMS = 500
_CLOSE = 1e-15
_TINY = 1e-300
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class BetaPosterior:
    """What is known of a share: a Beta distribution.

    Parameters
    ----------
    alpha, beta
        Above 0; votes for and against, those of the prior included. Votes may be fractions.

    Examples
    --------
    >>> known = BetaPosterior.of_prior(0.8, 10).with_votes(3, 1)
    >>> known.mean, round(known.lower_bound(0.9), 4)
    (0.7857142857142857, 0.6402)
    """

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        if not (isfinite(self.alpha) and isfinite(self.beta) and self.alpha > 0 and self.beta > 0):
            message = f"alpha and beta must be above 0, got {self.alpha} and {self.beta}"
            raise ValueError(message)

    @classmethod
    def of_prior(cls, mean: float, strength: float) -> BetaPosterior:
        """A prior with a mean (between 0 and 1, the bounds excluded) that counts as so many votes."""
        return cls(mean * strength, (1.0 - mean) * strength)

    @property
    def mean(self) -> float:
        """The expected share."""
        return self.alpha / (self.alpha + self.beta)

    def with_votes(self, votes_for: float, votes_against: float) -> BetaPosterior:
        """After further votes, of at least 0 each."""
        return BetaPosterior(self.alpha + votes_for, self.beta + votes_against)

    def quantile(self, probability: float) -> float:
        """The share that is not exceeded with this probability; by bisection of :func:`incomplete_beta`."""
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if incomplete_beta(self.alpha, self.beta, middle) < probability:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def lower_bound(self, credibility: float) -> float:
        """The one-sided credible bound: the share is above it with probability ``credibility``."""
        return self.quantile(1.0 - credibility)


def incomplete_beta(alpha: float, beta: float, x: float) -> float:
    """The regularised incomplete beta function I_x(alpha, beta): the distribution function of the Beta distribution.

    Its continued fraction (DLMF 8.17.22, https://dlmf.nist.gov/8.17#v) by the modified algorithm of Lentz, on the side
    of the mean where it converges quickly (8.17.4).

    Examples
    --------
    >>> incomplete_beta(1, 1, 0.25), round(incomplete_beta(2, 3, 0.5), 12)
    (0.25, 0.6875)
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    front = exp(lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta) + alpha * log(x) + beta * log1p(-x))
    if x < (alpha + 1.0) / (alpha + beta + 2.0):
        return min(front * _fraction(alpha, beta, x) / alpha, 1.0)
    return max(1.0 - front * _fraction(beta, alpha, 1.0 - x) / beta, 0.0)


def _fraction(alpha: float, beta: float, x: float) -> float:
    """The continued fraction, from its first level on."""
    numerator, denominator = 1.0, 1.0 / _apart_from_zero(1.0 - (alpha + beta) * x / (alpha + 1.0))
    value = denominator
    for term in range(1, _MOST_TERMS):
        for coefficient in _coefficients(alpha, beta, x, term):
            denominator = 1.0 / _apart_from_zero(1.0 + coefficient * denominator)
            numerator = _apart_from_zero(1.0 + coefficient / numerator)
            value *= denominator * numerator
        if abs(denominator * numerator - 1.0) < _CLOSE:
            break
    return value


def _coefficients(alpha: float, beta: float, x: float, term: int) -> tuple[float, float]:
    """The even and the odd coefficient of one level."""
    double = 2 * term
    even = term * (beta - term) * x / ((alpha + double - 1) * (alpha + double))
    odd = -(alpha + term) * (alpha + beta + term) * x / ((alpha + double) * (alpha + double + 1))
    return even, odd


def _apart_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def fitted_strength(members: Iterable[tuple[float, float, float]], strengths: Sequence[float] = STRENGTHS) -> float:
    """How many votes a prior counts for, as its members' votes tell: where they agree with it, many.

    Parameters
    ----------
    members
        Of each the mean of its prior (between 0 and 1, the bounds excluded), its votes for and its votes against.
    strengths
        Candidates; of equally likely ones the first.

    Examples
    --------
    >>> alike = [(0.75, 8, 2), (0.75, 7, 3), (0.75, 8, 2)]
    >>> apart = [(0.65, 10, 0), (0.65, 0, 10), (0.65, 10, 0)]
    >>> fitted_strength(alike), fitted_strength(apart)
    (50.0, 2.0)
    """
    voted = [member for member in members if member[1] + member[2] > 0]
    best, best_likelihood = strengths[0], -inf
    for strength in strengths:
        likelihood = sum(_log_marginal(BetaPosterior.of_prior(mean, strength), *votes) for mean, *votes in voted)
        if likelihood > best_likelihood:
            best, best_likelihood = strength, likelihood
    return best


def _log_marginal(prior: BetaPosterior, votes_for: float, votes_against: float) -> float:
    """Log-likelihood of the votes in their order, under shares spread as the prior says."""
    return _log_beta(prior.with_votes(votes_for, votes_against)) - _log_beta(prior)


def _log_beta(of: BetaPosterior) -> float:
    return lgamma(of.alpha) + lgamma(of.beta) - lgamma(of.alpha + of.beta)
