"""The table, and the page around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from bench.adaptive.generalising import Rule
from bench.adaptive.patterns import FALSE_OF_PROJECT, SEED, SENTRY_PRECISION, UNITS, Pattern
from bench.adaptive.simulation import Shown

_HEAD = (
    "| findings | who judges | verdicts | false positives before | after | fewer | of these by the threshold "
    "| recall | recall of what was not judged | threshold |"
)
GOAL = 0.2
_RULE = "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"


@dataclass
class Line:
    """The simulations of one sort."""

    population: str
    people: str
    verdicts: int
    before: list[int] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    thresholds: list[float] = field(default_factory=list)

    def add(self, before: int, shown: Shown, threshold: float) -> None:
        self.before.append(before)
        self.shown.append(shown)
        self.thresholds.append(threshold)

    @property
    def fewer(self) -> list[float]:
        return [1 - shown.false_positives / before for before, shown in zip(self.before, self.shown, strict=True)]

    def __str__(self) -> str:
        cells = (
            self.population,
            self.people,
            f"{self.verdicts}",
            f"{fmean(self.before):.0f}",
            f"{fmean(each.false_positives for each in self.shown):.0f}",
            _spread(self.fewer, "{:.0%}"),
            f"{fmean(each.hidden_by_threshold for each in self.shown):.0f}",
            _spread([each.recall for each in self.shown], "{:.3f}"),
            _spread([each.unjudged_recall for each in self.shown], "{:.3f}"),
            _spread(self.thresholds, "{:.1f}"),
        )
        return f"| {' | '.join(cells)} |"


def _spread(values: Sequence[float], form: str) -> str:
    """Mean, and from the least to the most of the simulations."""
    least, most = form.format(min(values)), form.format(max(values))
    return form.format(fmean(values)) + (f" ({least} to {most})" if least != most else "")


def table(lines: Iterable[Line]) -> str:
    return "\n".join([_HEAD, _RULE, *map(str, lines)])


@dataclass(frozen=True)
class Populations:
    """What people were asked about."""

    shipped: Sequence[Pattern]
    unseen: Sequence[Pattern]
    by_model: Sequence[Pattern]
    corpus: Sequence[Pattern]
    generated: Sequence[Pattern]


def results(
    first: Sequence[Line], others: Sequence[Line], rules: Sequence[Rule], populations: Populations, simulations: int
) -> str:
    """RESULTS.md."""
    return f"""# What verdicts change

`python -m bench.adaptive`: {simulations} simulations of each sort, ten times as many of honest people who
give 50 verdicts in the proposed order; the mean, and from the least to the most of them.
A false positive is a labelled group (one for each unit of work and data size) that is reported and no N+1; a verdict
is given on a pattern, which is all groups at one place.

Honest people call 18 % of what is true noise and 12 % of what is false useful; one in ten of the true ones is
`wontfix`. They give five verdicts a day. Who follows **the proposed order** (`ennead verdict` without a finding) is
asked about what is most doubtful first and passes over one in five. Nobody knows in which order people judge who choose
for themselves: **whatever is shown** is blind, and one speaks up when one is annoyed, so others judge a false positive
five or twenty times as often as any other finding.

## The goal

False positives down by 20 % at equal recall after 50 verdicts, on 200 false positives or more.
{_verdict_on_goal(first)}

## With the models that ship

- **as it ships**: the applications and scenario suites of `bench/ml/corpus`, reported by whoever decides at each level:
  the rules with full evidence and on SQL, the model on bare spans if it is the one that decides there.
  {_counts(populations.shipped)}.
- **as it ships, unseen applications**: of the same, those that no shipped model has learnt from:
  {_counts(populations.unseen)}. That is less than 200; it is the population that resembles a new user's most.
- **decided by the model**: of the first, the levels at which the model decides: {_counts(populations.by_model)}.

The order sees the probability of a model that never saw the application: of the evaluation applications the one that
ships, of the training applications and scenario suites one of the same training without them. (The calibration is the
shipped one, three numbers fitted on the same scores. Many scenarios of one suite have a twin in the other, so for the
suites the probabilities are somewhat too good.) The weights of the order were chosen on these populations among
about ten of its kind, between which the result differed by one to four points.

{table(first)}

## By what the rules say

- **corpus**: what the rules find with full evidence and on SQL, and Sentry's rule on bare spans (confidence
  {SENTRY_PRECISION:.0f}): {_counts(populations.corpus)}.
- **generated**: what the rules find on SQL in {UNITS:,} generated units of work (seed {SEED}):
  {_counts(populations.generated)}.
- **generated, two idioms**: of the same, a project that repeats itself: {FALSE_OF_PROJECT} false positives of two
  look-alikes, drawn anew for each simulation, and twice as many N+1s.

{table(others)}

*Recall* leaves out what is `wontfix`; what it loses is what was called noise by mistake or by malice, finding by
finding: that is hidden at once, told as a number, and taken back with `ennead verdict --undo`. *Recall of what was not
judged* is what verdicts on other findings cost. *Of these by the threshold* are false positives that nobody judged.

## Hiding more than was judged

After 50 verdicts in the proposed order on the unseen applications, what other rules would have hidden of what nobody
judged. They are not built in: none hides enough of what is false for what it costs.

{rules_table(rules)}
"""


def rules_table(rules: Sequence[Rule]) -> str:
    head = ("| who judges | rule | false positives hidden | N+1s hidden | recall of what was not judged |",)
    return "\n".join([*head, "|---|---|---:|---:|---:|", *map(str, rules)])


def _verdict_on_goal(lines: Sequence[Line]) -> str:
    """In words, from the numbers."""
    asked = next(each for each in lines if each.people == "honest, the proposed order")
    blind = next(each for each in lines if each.people == "honest, whatever is shown")
    is_met = fmean(asked.fewer) >= GOAL
    return (
        f"With the proposed order it is {'met on average' if is_met else 'not met'}: "
        f"{_spread(asked.fewer, '{:.0%}')} fewer, at a\n"
        f"recall of {fmean(each.recall for each in asked.shown):.3f}, where judging whatever is shown has "
        f"{_spread(blind.fewer, '{:.0%}')} at {fmean(each.recall for each in blind.shown):.3f}.\n"
        f"{sum(each >= GOAL for each in asked.fewer)} of {len(asked.fewer)} simulations reached it. "
        "The recall that is lost are the findings that were called noise by mistake.\n"
        f"Who judges whatever is shown {'reaches it, too' if fmean(blind.fewer) >= GOAL else 'does not reach it'}."
    )


def _counts(patterns: Sequence[Pattern]) -> str:
    groups = sum(each.false_count for each in patterns)
    places = sum(not each.truth for each in patterns)
    return f"{groups:,} false positives at {places:,} of {len(patterns):,} places"
