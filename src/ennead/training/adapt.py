"""From a shipped model to one that knows a project: a correction of its log-odds, learnt from a few verdicts.

The correction is a logistic regression on the model's own log-odds and on a handful of features, shrunk towards doing
nothing: without verdicts it is the identity, and each verdict may move it a little. What moved is kept only if it
predicts verdicts that it did not see better than the model alone does; else the model stays as it is.

Nothing but the standard library is needed: this runs where the user's verdicts are.

Source: Platt scaling with a prior at the identity; for shrinkage see Chelba, Acero, *Adaptation of Maximum Entropy
Capitalizer* (EMNLP 2004), which penalises the distance from the model that was trained elsewhere.
"""

from __future__ import annotations

from math import inf, isnan, log, log1p, sqrt
from operator import itemgetter
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from ennead.learners.adaptation import EDGE, Adaptation, log_odds, logistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CORRECTED = (
    "log_count",
    "by_primary_key",
    "is_aggregate",
    "is_ordered",
    "has_limit",
    "list_count",
    "range_count",
    "same_as_previous_ratio",
    "table_read_before",
)
"""Features whose meaning may differ from project to project."""
_SPREADS = (1.0, 0.5)
"""Standard deviations, before any verdict, of the shift and of the slope."""
_FEATURE_SPREAD = 0.4
_FOLDS = 10
_FEWEST = 8
"""Call sites with a verdict below which nothing can be checked, so nothing is changed."""
_FEWEST_FOR_FEATURES = 20
_STANDARD_ERRORS = 1.5
"""By how many a correction must be better than the model alone, to be sure enough that it is."""
_BETTER = 0.02
"""By how much more, in nats a call site, it must predict unseen verdicts better."""
_MOST_STEPS = 60
_LONGEST_STEP = 0.5
"""Newton's method overshoots where the curve is flat."""
_SMALL_STEP = 1e-8


class Verdict(NamedTuple):
    """What the shipped model said of a group, and what a person said."""

    probability: float
    features: Mapping[str, float]
    is_n_plus_one: bool
    site: str = ""
    """Verdicts on one call site stay together when the correction is checked; empty: on one of its own."""


def adapt(verdicts: Sequence[Verdict]) -> Adaptation:
    """The correction that the verdicts speak for; the identity where they do not.

    Three corrections are tried: a shift, a shift and a slope, and both with features. The one that predicts verdicts
    best that it did not see is taken, if it does so clearly better than the model alone and keeps the model's order.

    Examples
    --------
    >>> adapt([]).is_identity
    True
    >>> noise = [Verdict(0.9, {}, False)] * 30 + [Verdict(0.99, {}, True)] * 10
    >>> round(adapt(noise).probability(0.9, {}), 1)
    0.2
    """
    sites = _sites(verdicts)
    if len(sites) < _FEWEST:
        return Adaptation()
    candidates: list[tuple[Sequence[str], bool]] = [((), False), ((), True)]
    if len(sites) >= _FEWEST_FOR_FEATURES:
        candidates.append(([name for name in CORRECTED if any(name in each.features for each in verdicts)], True))
    gains = sorted(((_gain(sites, *candidate), candidate) for candidate in candidates), key=itemgetter(0), reverse=True)
    sure = (_fit(verdicts, *candidate) for gain, candidate in gains if gain > _BETTER)
    return next((found for found in sure if found.slope >= 0.0), Adaptation())


def _sites(verdicts: Sequence[Verdict]) -> list[list[Verdict]]:
    """The verdicts of each call site."""
    sites: dict[object, list[Verdict]] = {}
    for number, verdict in enumerate(verdicts):
        sites.setdefault(verdict.site or number, []).append(verdict)
    return list(sites.values())


def _gain(sites: Sequence[Sequence[Verdict]], names: Sequence[str], with_slope: bool) -> float:  # noqa: FBT001
    """How much better sites are predicted that were left out, a tenth at a time: the mean, less its standard error."""
    gains: list[float] = []
    for fold in range(min(_FOLDS, len(sites))):
        kept = [each for number, site in enumerate(sites) if number % _FOLDS != fold for each in site]
        correction = _fit(kept, names, with_slope)
        gains += [_loss(Adaptation(), site) - _loss(correction, site) for site in sites[fold::_FOLDS]]
    mean = fmean(gains)
    spread = sum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1)
    return mean - _STANDARD_ERRORS * sqrt(spread / len(gains))


def _loss(adaptation: Adaptation, verdicts: Sequence[Verdict]) -> float:
    total = 0.0
    for probability, features, truth, _ in verdicts:
        told = min(max(adaptation.probability(probability, features), EDGE), 1.0 - EDGE)
        total -= log(told) if truth else log1p(-told)
    return total / len(verdicts)


def _fit(verdicts: Sequence[Verdict], names: Sequence[str], with_slope: bool) -> Adaptation:  # noqa: FBT001
    """The most probable numbers; what is not fitted stays where it does nothing."""
    means = {name: _mean(verdicts, name) for name in names}
    rows = [_row(each, means) for each in verdicts]
    start = [0.0, 1.0, *[0.0] * len(names)]
    spreads = [_SPREADS[0], _SPREADS[1] if with_slope else 0.0, *[_FEATURE_SPREAD] * len(names)]
    truths = [float(each.is_n_plus_one) for each in verdicts]
    found = _newton(rows, truths, start, [1.0 / spread**2 if spread else inf for spread in spreads])
    return Adaptation(found[0], found[1], dict(zip(names, found[2:], strict=True)), means, len(verdicts))


def _mean(verdicts: Sequence[Verdict], name: str) -> float:
    values = [each.features[name] for each in verdicts if name in each.features and not isnan(each.features[name])]
    return sum(values) / len(values) if values else 0.0


def _row(verdict: Verdict, means: Mapping[str, float]) -> list[float]:
    values = (verdict.features.get(name, mean) for name, mean in means.items())
    distances = (value - mean for value, mean in zip(values, means.values(), strict=True))
    return [1.0, log_odds(verdict.probability), *(0.0 if isnan(value) else value for value in distances)]


def _newton(
    rows: Sequence[Sequence[float]], truths: Sequence[float], start: Sequence[float], pulls: Sequence[float]
) -> list[float]:
    """Newton's method on the log-likelihood and the pulls towards the start; an endless pull holds a number there."""
    found = list(start)
    free = [number for number, pull in enumerate(pulls) if pull < inf]
    for _ in range(_MOST_STEPS):
        gradient = [pulls[at] * (found[at] - start[at]) for at in free]
        curvature = [[pulls[at] * (at == other) for other in free] for at in free]
        for row, truth in zip(rows, truths, strict=True):
            told = logistic(sum(number * value for number, value in zip(found, row, strict=True)))
            bend = told * (1.0 - told)
            values = [row[at] for at in free]
            for here, value in enumerate(values):
                gradient[here] += (told - truth) * value
                for there in range(here + 1):
                    curvature[here][there] += bend * value * values[there]
        step = _solve(curvature, gradient)
        longest = max(map(abs, step))
        for here, at in enumerate(free):
            found[at] -= step[here] * min(_LONGEST_STEP / max(longest, _SMALL_STEP), 1.0)
        if longest < _SMALL_STEP:
            break
    return found


def _solve(lower: list[list[float]], right: Sequence[float]) -> list[float]:
    """Cholesky's method; the matrix is positive definite, and only what is on and below its diagonal is read."""
    size = len(right)
    for row in range(size):
        for column in range(row + 1):
            rest = lower[row][column] - sum(lower[row][at] * lower[column][at] for at in range(column))
            lower[row][column] = rest**0.5 if row == column else rest / lower[column][column]
    forward = [0.0] * size
    for row in range(size):
        forward[row] = (right[row] - sum(lower[row][at] * forward[at] for at in range(row))) / lower[row][row]
    solved = [0.0] * size
    for row in reversed(range(size)):
        rest = forward[row] - sum(lower[at][row] * solved[at] for at in range(row + 1, size))
        solved[row] = rest / lower[row][row]
    return solved
