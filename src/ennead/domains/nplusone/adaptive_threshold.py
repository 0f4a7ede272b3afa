"""From which confidence on a finding is shown, as users' verdicts say: slowly, within bounds, and never for good.

Three levels. A pattern has its own verdicts; the signature of its evidence has one vote of each judged pattern; all
signatures together say how severe the users are. A level's posterior is shrunk to the one above, and the first prior is
the confidence that the rules or the model gave: verdicts outweigh weak evidence and not strong evidence.

What keeps it honest:

- a verdict on a pattern counts at once for that pattern, and only in bounded steps of the threshold for any other;
- at the threshold's lower bound nothing is hidden but what was judged itself;
- nothing else is hidden at all unless the verdicts on its signature call it noise, by an upper credible bound, and more
  than they call everything so: people speak up when they are annoyed;
- a pattern has one vote, however often it was clicked; a later verdict counts twice as much as the one before it;
- a day has a bounded number of votes, a signature too, and a bounded number of steps;
- what the evidence makes sure is never hidden by verdicts on other findings, and verdicts that contradict it again and
  again, or turn the order of confidence round, are not generalised at all: sure findings are the control questions;
- a step needs useful verdicts, not complaints alone, and must not hide what was called useful;
- a share of what is hidden is shown nevertheless, and told as such, so that it goes on being measured.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import exp, log
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from ennead.kernel.sampling import keeps
from ennead.learners.beta_posterior import BetaPosterior, fitted_strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

LOWEST = 50.0
HIGHEST = 80.0
STEP = 2.5
SURE = 85.0
"""Confidence from which on the verdicts on other findings hide nothing."""
NOISE = 0.35
"""Share of useful ones below which verdicts call a signature noise; wrong verdicts make it more than 0."""
_SIGNATURE_CREDIBILITY = 0.9
_SIGNATURE_STRENGTHS = (5.0, 7.0, 10.0, 15.0, 22.5, 34.0, 50.0)
_MOST_VOTES_OF_SIGNATURE = 20.0
_MOST_VOTES_OF_DAY = 25.0
_GLOBAL_STRENGTH = 5.0
_MOST_COMMON_SHIFT = 0.25
_OWN_STRENGTH = 1.0
_LEAST_CERTAIN, _MOST_CERTAIN = 0.02, 0.98
_CONTROL_PRIOR = BetaPosterior.of_prior(0.9, 5.0)
_CONTROL_BOUNDS = (0.5, 0.75)
"""Share of sure findings called useful: below the first verdicts are not generalised, above the second wholly."""
_CONCORDANCE_BOUNDS = (0.35, 0.5)
_NEUTRAL_PAIRS = 50.0

Showing = Literal["shown", "useful", "explored", "noise", "wontfix", "below"]
"""Why a finding is shown (the first three) or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPattern:
    """A pattern with verdicts."""

    pattern: str
    signature: str
    confidence: float
    """0-100, as rules or model gave it."""
    votes: tuple[bool, ...]
    """Whether it is worth reporting; the oldest first. What is right and will not be repaired is."""
    day: date
    """Of the last verdict."""
    wontfix: bool = False
    """The last verdict says that it will not be repaired: a rule of the user's, not a label."""

    @property
    def weights(self) -> tuple[float, float]:
        """Votes for and against: the last one counts 1, each one before it half of the next; less than 2 in all."""
        told = [0.0, 0.0]
        for age, useful in enumerate(reversed(self.votes)):
            told[not useful] += 0.5**age
        return told[0], told[1]

    @property
    def share(self) -> float:
        """The votes for it, 0 to 1."""
        votes_for, votes_against = self.weights
        return votes_for / (votes_for + votes_against)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdPolicy:
    """What the threshold aims at."""

    target_precision: float = 0.9
    """Share of the shown findings that are worth it."""
    credibility: float = 0.8
    """With this probability it is reached: the lower credible bound counts, so few verdicts move little."""
    exploration_ratio: float = 0.1
    """Share of the patterns below the threshold that are shown nevertheless."""
    least_judged: int = 10
    """Patterns with verdicts before the first step, and new ones before a step after an undo."""
    least_useful: int = 5
    """Of them called useful."""
    most_hidden_useful: float = 0.35
    """Share of useful ones among what a step would hide, by the upper credible bound; wrong verdicts raise it."""
    most_lost_useful: float = 0.1
    """Share of all useful ones that a step would hide."""
    most_steps_a_day: int = 2


class Step(NamedTuple):
    """A move of the threshold, with what it rests on."""

    before: float
    after: float
    judged_count: int
    precision: float
    """Of the judged patterns that stay."""
    lower_bound: float
    """Of that precision."""


@dataclass(frozen=True)
class Posteriors:
    """What the verdicts say of any finding.

    Parameters
    ----------
    judged
        By pattern.

    Examples
    --------
    >>> from datetime import date
    >>> noise = JudgedPattern(pattern="p", signature="s", confidence=66, votes=(False,), day=date(2026, 11, 2))
    >>> known = Posteriors.of([noise])
    >>> round(known.confidence("p", "s", 66.0)), round(known.confidence("other", "s", 66.0))
    (30, 60)
    """

    judged: Mapping[str, JudgedPattern]
    _votes: Mapping[str, Sequence[_Vote]] = field(default_factory=dict, repr=False)
    _strength: float = _SIGNATURE_STRENGTHS[0]
    _shifts: Mapping[str, float] = field(default_factory=dict)
    severity: float = 0.0
    """Log-odds between what all verdicts say and what the findings' confidence promised; negative of complaints."""
    trust: float = 1.0
    """0 to 1: how far verdicts say something of other findings; less if they contradict what is sure."""

    @classmethod
    def of(cls, judged: Iterable[JudgedPattern]) -> Posteriors:
        """Weigh verdicts."""
        known = {each.pattern: each for each in judged}
        votes = _votes_by_signature(list(known.values()))
        everything = [vote for members in votes.values() for vote in members]
        trust, severity = _trust(everything), _shift(everything, _GLOBAL_STRENGTH)
        members = (_member(_moved(each, severity)) for each in votes.values())
        strength = fitted_strength(members, _SIGNATURE_STRENGTHS)
        shifts = {signature: _sure_shift(_moved(each, severity), strength) * trust for signature, each in votes.items()}
        return cls(known, votes, strength, shifts, severity, trust)

    def without(self, pattern: str) -> float:
        """What the others say of a judged pattern: 0-100, as :meth:`standing` without its own vote."""
        each = self.judged[pattern]
        others = [vote for vote in self._votes[each.signature] if vote.pattern != pattern]
        shifts = {
            **self._shifts,
            each.signature: _sure_shift(_moved(others, self.severity), self._strength) * self.trust,
        }
        return replace(self, _shifts=shifts).standing(each.signature, each.confidence)

    def confidence(self, pattern: str, signature: str, confidence: float) -> float:
        """0-100: how likely the finding is worth reporting."""
        share = self._from_others(signature, confidence)
        own = self.judged.get(pattern)
        if own is None:
            return 100.0 * share
        return 100.0 * BetaPosterior.of_prior(share, _OWN_STRENGTH).with_votes(*own.weights).mean

    def standing(self, signature: str, confidence: float) -> float:
        """What the verdicts on other findings leave of one: 100, or what the threshold is held against.

        Only what they call noise, by the upper credible bound, stands between the threshold's own bounds: the more so,
        the lower.
        """
        share = self._from_others(signature, confidence)
        if confidence >= SURE or share >= NOISE:
            return 100.0
        return LOWEST + (HIGHEST - LOWEST) * share / NOISE

    def _from_others(self, signature: str, confidence: float) -> float:
        common = max(-_MOST_COMMON_SHIFT, min(self.severity, _MOST_COMMON_SHIFT)) * self.trust
        shift = self._shifts.get(signature, 0.0) + common
        return _share(_odds(_certainty(confidence)) + shift)


class _Vote(NamedTuple):
    """What one judged pattern says to the levels above."""

    pattern: str
    prior: float
    share: float
    weight: float


def _votes_by_signature(judged: Sequence[JudgedPattern]) -> dict[str, list[_Vote]]:
    days = Counter(each.day for each in judged)
    sizes = Counter(each.signature for each in judged)
    votes: defaultdict[str, list[_Vote]] = defaultdict(list)
    for each in judged:
        of_day = min(1.0, _MOST_VOTES_OF_DAY / days[each.day])
        of_signature = min(1.0, _MOST_VOTES_OF_SIGNATURE / sizes[each.signature])
        votes[each.signature].append(
            _Vote(each.pattern, _certainty(each.confidence), each.share, min(of_day, of_signature))
        )
    return votes


def _trust(votes: Sequence[_Vote]) -> float:
    """1, or less: where what is sure is mostly called noise, or what is likelier is called noise rather than useful."""
    control = [vote for vote in votes if 100.0 * vote.prior >= SURE]
    agreeing = sum(vote.share for vote in control)
    agreement = _CONTROL_PRIOR.with_votes(agreeing, len(control) - agreeing).mean
    return min(_between(agreement, *_CONTROL_BOUNDS), _between(_concordance(votes), *_CONCORDANCE_BOUNDS))


def _between(value: float, low: float, high: float) -> float:
    return max(0.0, min((value - low) / (high - low), 1.0))


def _concordance(votes: Sequence[_Vote]) -> float:
    """How often what is called useful had the greater confidence of two; ties are half, and so is nothing at all."""
    by_prior = attrgetter("prior")
    right, noise_below = _NEUTRAL_PAIRS / 2, 0.0
    for _, equal in groupby(sorted(votes, key=by_prior), by_prior):
        shares = [vote.share for vote in equal]
        useful, noise = sum(shares), len(shares) - sum(shares)
        right += useful * (noise_below + noise / 2)
        noise_below += noise
    return right / (_NEUTRAL_PAIRS + sum(vote.share for vote in votes) * noise_below)


def _member(votes: Sequence[_Vote]) -> tuple[float, float, float]:
    """Mean of the priors, votes for, votes against."""
    votes_for = sum(vote.share * vote.weight for vote in votes)
    total = sum(vote.weight for vote in votes)
    return sum(vote.prior * vote.weight for vote in votes) / total, votes_for, total - votes_for


def _shift(votes: Sequence[_Vote], strength: float) -> float:
    """From prior to posterior, in log-odds."""
    if not votes:
        return 0.0
    prior, votes_for, votes_against = _member(votes)
    return _odds(BetaPosterior.of_prior(prior, strength).with_votes(votes_for, votes_against).mean) - _odds(prior)


def _sure_shift(votes: Sequence[_Vote], strength: float) -> float:
    """The same, and downwards only as far as the upper credible bound goes: a few complaints may be chance."""
    if not votes:
        return 0.0
    prior, votes_for, votes_against = _member(votes)
    posterior = BetaPosterior.of_prior(prior, strength).with_votes(votes_for, votes_against)
    most = posterior.quantile(_SIGNATURE_CREDIBILITY)
    return _odds(max(posterior.mean, min(most, prior))) - _odds(prior)


def _moved(votes: Sequence[_Vote], severity: float) -> list[_Vote]:
    """The votes of a signature beside those of all: who complains of everything says nothing of this one."""
    return [vote._replace(prior=_certainty(100.0 * _share(_odds(vote.prior) + severity))) for vote in votes]


def _certainty(confidence: float) -> float:
    return max(_LEAST_CERTAIN, min(confidence / 100.0, _MOST_CERTAIN))


def _odds(share: float) -> float:
    return log(share / (1.0 - share))


def _share(odds: float) -> float:
    return 1.0 / (1.0 + exp(-odds))


# ---------------------------------------------------------------------------------------------- showing


def showing(
    posteriors: Posteriors, threshold: float, policy: ThresholdPolicy, pattern: str, signature: str, confidence: float
) -> Showing:
    """Whether a finding is shown, and why.

    Parameters
    ----------
    posteriors
        What the verdicts say.
    threshold
        The one in force, :data:`LOWEST` to :data:`HIGHEST`.
    policy
        Has the exploration slice.
    pattern, signature, confidence
        The finding's.
    """
    own = posteriors.judged.get(pattern)
    if own is not None:
        if own.wontfix:
            return "wontfix"
        return "useful" if own.share >= 0.5 else "noise"  # noqa: PLR2004 -- as many votes for it as against it
    if confidence < LOWEST or posteriors.standing(signature, confidence) >= threshold:
        return "shown"
    return "explored" if keeps(pattern, policy.exploration_ratio) else "below"


# ---------------------------------------------------------------------------------------------- the threshold


def next_step(
    judged: Sequence[JudgedPattern], threshold: float, policy: ThresholdPolicy, *, steps_today: int = 0
) -> Step | None:
    """The next step towards the lowest threshold that reaches the target precision; ``None`` if it stays.

    Where no threshold reaches it, the one with the best lower bound is taken. Judged patterns are held against the
    threshold without their own verdicts, as one that was not judged would be.

    Parameters
    ----------
    judged
        All patterns with verdicts.
    threshold
        The one in force.
    policy
        Target and limits.
    steps_today
        Made already.
    """
    useful = sum(each.share for each in judged)
    if steps_today >= policy.most_steps_a_day or len(judged) < policy.least_judged or useful < policy.least_useful:
        return None
    posteriors = Posteriors.of(judged)
    scored = _scored(posteriors, judged)
    grid = [LOWEST + STEP * number for number in range(round((HIGHEST - LOWEST) / STEP) + 1)]
    severity = posteriors.severity
    possible = {
        level: _precision(scored, level, policy, severity)
        for level in grid
        if _spares_useful(scored, level, policy, severity)
    }
    aim = next((level for level, (_, bound) in possible.items() if bound >= policy.target_precision), None)
    if aim is None:
        aim = max(possible, key=lambda level: (possible[level][1], -level))
    if aim == threshold:
        return None
    after = threshold + max(-STEP, min(aim - threshold, STEP))
    return Step(threshold, after, len(judged), *_precision(scored, after, policy, severity))


def _scored(posteriors: Posteriors, judged: Sequence[JudgedPattern]) -> list[tuple[float, float]]:
    """Standing and share of each; like ones stand alike, so each kind is weighed once."""
    known: dict[tuple[str, float, float], float] = {}
    for each in judged:
        kind = (each.signature, each.confidence, each.share)
        if kind not in known:
            known[kind] = posteriors.without(each.pattern)
    return [(known[each.signature, each.confidence, each.share], each.share) for each in judged]


def _precision(
    scored: Sequence[tuple[float, float]], level: float, policy: ThresholdPolicy, severity: float
) -> tuple[float, float]:
    """Of what stays, and its lower credible bound."""
    kept = [share for score, share in scored if score >= level]
    mean = _as_if_all_spoke(sum(kept) / len(kept), severity) if kept else 0.0
    return mean, _as_if_all_spoke(_jeffreys(kept).lower_bound(policy.credibility), severity)


def _spares_useful(
    scored: Sequence[tuple[float, float]], level: float, policy: ThresholdPolicy, severity: float
) -> bool:
    hidden = [share for score, share in scored if score < level]
    if not hidden:
        return True
    most = _as_if_all_spoke(_jeffreys(hidden).quantile(policy.credibility), severity)
    useful = sum(share for _, share in scored)
    return most <= policy.most_hidden_useful and sum(hidden) <= policy.most_lost_useful * useful


def _jeffreys(shares: Sequence[float]) -> BetaPosterior:
    """The posterior of votes under Jeffreys' prior."""
    useful = sum(shares)
    return BetaPosterior(0.5 + useful, 0.5 + len(shares) - useful)


def _as_if_all_spoke(share: float, severity: float) -> float:
    """A share of useful ones without what is common to all verdicts: people speak up when they are annoyed."""
    if severity >= 0.0 or share <= 0.0 or share >= 1.0:
        return share
    return _share(_odds(share) - severity)
