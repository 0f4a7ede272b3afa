"""The table, and the page around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from bench.adaptive.patterns import FALSE_OF_PROJECT, SEED, SENTRY_PRECISION, UNITS, Pattern
from bench.adaptive.simulation import Shown

_HEAD = (
    "| findings | who judges | verdicts | false positives before | after | fewer | of these by the threshold "
    "| recall | recall of what was not judged | threshold |"
)
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


def results(lines: Sequence[Line], corpus: Sequence[Pattern], generated: Sequence[Pattern], simulations: int) -> str:
    """RESULTS.md."""
    return f"""# What verdicts change

`python -m bench.adaptive`: {simulations} simulations of each sort; the mean, and from the least to the most of them.
A false positive is a labelled group (one for each unit of work and data size) that is reported and no N+1; a verdict
is given on a pattern, which is all groups at one place.

- **corpus**: what the rules find in the applications and scenarios of `bench/ml/corpus` with full evidence and on SQL,
  and Sentry's rule on bare spans (confidence {SENTRY_PRECISION:.0f}): {_counts(corpus)}.
- **generated**: what the rules find on SQL in {UNITS:,} generated units of work (seed {SEED}): {_counts(generated)}.
- **generated, two idioms**: of the same, a project that repeats itself: {FALSE_OF_PROJECT} false positives of two
  look-alikes, drawn anew for each simulation, and twice as many N+1s.

Honest people call 18 % of what is true noise and 12 % of what is false useful; one in ten of the true ones is
`wontfix`. They give five verdicts a day on what is shown. One speaks up when one is annoyed, nobody knows how much
more often: so there are people who judge a false positive as often as any other finding, five times, twenty times.

{table(lines)}

*Recall* leaves out what is `wontfix`; what it loses is what was called noise by mistake or by malice, finding by
finding: that is hidden at once, told as a number, and taken back with `ennead verdict --undo`. *Recall of what was not
judged* is what verdicts on other findings cost. *Of these by the threshold* are false positives that nobody judged.
"""


def _counts(patterns: Sequence[Pattern]) -> str:
    groups = sum(each.false_count for each in patterns)
    places = sum(not each.truth for each in patterns)
    return f"{groups:,} false positives at {places:,} of {len(patterns):,} places"
