"""Days on which people read a report and judge some of what it shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import NamedTuple

from bench.adaptive.patterns import Pattern
from bench.adaptive.users import User
from ennead.domains.nplusone.adaptive_threshold import (
    LOWEST,
    JudgedPattern,
    Posteriors,
    ThresholdPolicy,
    next_step,
    showing,
)
from ennead.domains.nplusone.verdict_order import in_order

SHOWN = ("shown", "useful", "explored")
_FIRST_DAY = date(2026, 11, 2)


class Shown(NamedTuple):
    """What a report has left, in groups: one for each unit of work and data size."""

    false_positives: int
    hidden_by_threshold: int
    """False positives that nobody judged."""
    true_positives: int
    positives: int
    """Those that are left alone on purpose are none of them."""
    unjudged_true_positives: int
    unjudged_positives: int

    @property
    def recall(self) -> float:
        return self.true_positives / self.positives if self.positives else 1.0

    @property
    def unjudged_recall(self) -> float:
        """Of what verdicts on other findings could have hidden."""
        return self.unjudged_true_positives / self.unjudged_positives if self.unjudged_positives else 1.0


@dataclass
class Project:
    """The patterns of a project, and what was said of them."""

    patterns: Sequence[Pattern]
    policy: ThresholdPolicy = field(default_factory=ThresholdPolicy)
    threshold: float = LOWEST
    said: dict[str, list[tuple[str, date]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._by_name = {pattern.name: pattern for pattern in self.patterns}

    def say(self, pattern: Pattern, verdict: str, day: date) -> None:
        self.said[pattern.name].append((verdict, day))

    def judged(self) -> list[JudgedPattern]:
        return [
            JudgedPattern(
                pattern=name,
                signature=self._by_name[name].signature,
                confidence=self._by_name[name].confidence,
                votes=tuple(verdict != "noise" for verdict, _ in told),
                day=told[-1][1],
                wontfix=told[-1][0] == "wontfix",
            )
            for name, told in self.said.items()
        ]

    def end_of_day(self) -> None:
        """The threshold follows, by as many steps as a day has."""
        for made in range(self.policy.most_steps_a_day):
            step = next_step(self.judged(), self.threshold, self.policy, steps_today=made)
            if step is None:
                return
            self.threshold = step.after

    def shown(self) -> list[Pattern]:
        posteriors = Posteriors.of(self.judged())
        return [
            each
            for each in self.patterns
            if showing(posteriors, self.threshold, self.policy, each.name, each.signature, each.confidence) in SHOWN
        ]

    def outcome(self) -> Shown:
        left_alone = {name for name, told in self.said.items() if told[-1][0] == "wontfix"}
        shown = {each.name for each in self.shown()}
        wanted = [each for each in self.patterns if each.name not in left_alone]
        unjudged = [each for each in self.patterns if each.name not in self.said]
        return Shown(
            sum(each.false_count for each in self.patterns if each.name in shown),
            sum(each.false_count for each in unjudged if each.name not in shown),
            sum(each.true_count for each in wanted if each.name in shown),
            sum(each.true_count for each in wanted),
            sum(each.true_count for each in unjudged if each.name in shown),
            sum(each.true_count for each in unjudged),
        )


def live(
    project: Project,
    user: User,
    random: Random,
    *,
    verdicts: int,
    a_day: int,
    drawn_again: bool = False,
    attention: float = 1.0,
    skipping: float | None = None,
) -> None:
    """Give so many verdicts, so many a day, on findings drawn from those that are shown.

    Parameters
    ----------
    drawn_again
        Judge what was judged before, too: people who change their minds.
    attention
        How much likelier what is false is judged than what is true: people speak up when they are annoyed.
    skipping
        Share of the findings that are passed over, by people who judge in the order that is proposed; a finding is
        proposed again on the next day. ``None``: they look at whatever they like.
    """
    for number in range(0, verdicts, a_day):
        day = _FIRST_DAY + timedelta(days=number // a_day)
        shown = [each for each in project.shown() if drawn_again or each.name not in project.said]
        wanted = min(a_day, verdicts - number, len(shown))
        drawn = (
            _drawn(shown, wanted, attention, random)
            if skipping is None
            else _proposed(project, shown, wanted, skipping, random)
        )
        for pattern in drawn:
            project.say(pattern, user.judge(pattern, random), day)
        project.end_of_day()


def _drawn(shown: Sequence[Pattern], count: int, attention: float, random: Random) -> list[Pattern]:
    """Without repeats, by weight: the largest of random numbers to the power of one over the weight."""
    keyed = [(random.random() ** (1.0 if each.truth else 1.0 / attention), each) for each in shown]
    return [each for _, each in sorted(keyed, key=lambda pair: -pair[0])[:count]]


def _proposed(project: Project, shown: Sequence[Pattern], count: int, skipping: float, random: Random) -> list[Pattern]:
    """The first ones in the product's order that are not skipped."""
    by_name = {each.name: each for each in shown}
    order = in_order((each.unjudged for each in shown), Counter(each.signature for each in project.judged()))
    taken = (by_name[each.pattern] for each in order if random.random() >= skipping)
    return list(islice(taken, count))
