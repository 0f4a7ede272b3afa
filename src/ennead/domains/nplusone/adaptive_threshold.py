"""From which confidence on a finding is shown, as users' verdicts say: slowly, within bounds, and never for good.

Three levels. A pattern has its own verdicts; the signature of its evidence has one vote of each judged pattern; all
signatures together say how severe the users are. A level's posterior is shrunk to the one above, and the first prior is
the confidence that the rules or the model gave: verdicts outweigh weak evidence and not strong evidence.

What keeps it honest:

- a verdict on a pattern counts at once for that pattern, and only in bounded steps of the threshold for any other;
- at the threshold's lower bound nothing is hidden but what was judged itself;
- a pattern has one vote, however often it was clicked; a later verdict counts twice as much as the one before it;
- a day has a bounded number of votes, a signature too, and a bounded number of steps;
- what the evidence makes sure is never hidden by verdicts on other findings, and verdicts that contradict it again and
  again are not generalised at all: sure findings are the control questions;
- a step needs useful verdicts, not complaints alone, and must not hide what was called useful;
- a share of what is hidden is shown nevertheless, and told as such, so that it goes on being measured.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import exp, log
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
_SIGNATURE_STRENGTHS = (10.0, 15.0, 22.5, 34.0, 50.0)
_MOST_VOTES_OF_SIGNATURE = 20.0
_MOST_VOTES_OF_DAY = 25.0
_GLOBAL_STRENGTH = 50.0
_MOST_GLOBAL_SHIFT = 0.25
_OWN_STRENGTH = 1.0
_LEAST_CERTAIN, _MOST_CERTAIN = 0.02, 0.98
_CONTROL_PRIOR = BetaPosterior.of_prior(0.9, 5.0)
_UNTRUSTED, _TRUSTED = 0.5, 0.75

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
    most_hidden_useful: float = 0.3
    """Share of useful ones among what a step would hide; wrong verdicts make it more than 0."""
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
    (30, 61)
    """

    judged: Mapping[str, JudgedPattern]
    _shifts: Mapping[str, float] = field(default_factory=dict)
    _global_shift: float = 0.0
    trust: float = 1.0
    """0 to 1: how far verdicts say something of other findings; less if they contradict what is sure."""

    @classmethod
    def of(cls, judged: Iterable[JudgedPattern], *, without: str | None = None) -> Posteriors:
        """Weigh verdicts; ``without`` leaves one pattern out, to see what the others say of it."""
        known = {each.pattern: each for each in judged}
        votes = _votes_by_signature([each for each in known.values() if each.pattern != without])
        everything = [vote for members in votes.values() for vote in members]
        trust = _trust(everything)
        global_shift = max(-_MOST_GLOBAL_SHIFT, min(_shift(everything, _GLOBAL_STRENGTH), _MOST_GLOBAL_SHIFT)) * trust
        strength = fitted_strength((_member(members) for members in votes.values()), _SIGNATURE_STRENGTHS)
        shifts = {signature: _shift(members, strength) * trust for signature, members in votes.items()}
        return cls(known, shifts, global_shift, trust)

    def confidence(self, pattern: str, signature: str, confidence: float) -> float:
        """0-100: how likely the finding is worth reporting."""
        share = self._from_others(signature, confidence)
        own = self.judged.get(pattern)
        if own is None:
            return 100.0 * share
        return 100.0 * BetaPosterior.of_prior(share, _OWN_STRENGTH).with_votes(*own.weights).mean

    def generalised(self, signature: str, confidence: float) -> float:
        """0-100, from the verdicts on other findings alone, and never below the threshold's lower bound."""
        if confidence >= SURE:
            return confidence
        return max(100.0 * self._from_others(signature, confidence), min(confidence, LOWEST))

    def _from_others(self, signature: str, confidence: float) -> float:
        shift = self._shifts.get(signature, 0.0) + self._global_shift
        return _share(_odds(_certainty(confidence)) + shift)


class _Vote(NamedTuple):
    """What one judged pattern says to the levels above."""

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
        votes[each.signature].append(_Vote(_certainty(each.confidence), each.share, min(of_day, of_signature)))
    return votes


def _trust(votes: Iterable[_Vote]) -> float:
    """Whether what is sure is called useful, too: 1 if it mostly is, 0 if it mostly is not."""
    control = [vote for vote in votes if 100.0 * vote.prior >= SURE]
    agreeing = sum(vote.share for vote in control)
    agreement = _CONTROL_PRIOR.with_votes(agreeing, len(control) - agreeing).mean
    return max(0.0, min((agreement - _UNTRUSTED) / (_TRUSTED - _UNTRUSTED), 1.0))


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
    if confidence < LOWEST or posteriors.generalised(signature, confidence) >= threshold:
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
    scored = [(_score_without_itself(judged, each), each.share) for each in judged]
    grid = [LOWEST + STEP * number for number in range(round((HIGHEST - LOWEST) / STEP) + 1)]
    possible = {level: _precision(scored, level, policy) for level in grid if _spares_useful(scored, level, policy)}
    aim = next((level for level, (_, bound) in possible.items() if bound >= policy.target_precision), None)
    if aim is None:
        aim = max(possible, key=lambda level: (possible[level][1], -level))
    if aim == threshold:
        return None
    after = threshold + max(-STEP, min(aim - threshold, STEP))
    return Step(threshold, after, len(judged), *_precision(scored, after, policy))


def _score_without_itself(judged: Sequence[JudgedPattern], each: JudgedPattern) -> float:
    return Posteriors.of(judged, without=each.pattern).generalised(each.signature, each.confidence)


def _precision(scored: Sequence[tuple[float, float]], level: float, policy: ThresholdPolicy) -> tuple[float, float]:
    """Of what stays, and its lower credible bound with Jeffreys' prior."""
    kept = [share for score, share in scored if score >= level]
    useful = sum(kept)
    posterior = BetaPosterior(0.5 + useful, 0.5 + len(kept) - useful)
    return (useful / len(kept) if kept else 0.0), posterior.lower_bound(policy.credibility)


def _spares_useful(scored: Sequence[tuple[float, float]], level: float, policy: ThresholdPolicy) -> bool:
    hidden = [share for score, share in scored if score < level]
    useful = sum(share for _, share in scored)
    is_noise = sum(hidden) <= policy.most_hidden_useful * len(hidden)
    return is_noise and sum(hidden) <= policy.most_lost_useful * useful
