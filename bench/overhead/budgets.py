"""The budgets of the design beside what was measured."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench.overhead.call_sites import FIRST, KNOWN, SECOND, SiteCost
from bench.overhead.case import IN_UNIT, OUTSIDE, SAMPLED_OUT
from bench.overhead.pairing import Comparison
from bench.overhead.spread import Spread

KNOWN_SITE = 3.0
FIRST_HITS = 15.0
LAZY_LOAD_RATIO = {"Django, foreign key": 1.05, "SQLAlchemy, lazy load": 1.10}
OUTSIDE_UNIT = 0.2


class Check(NamedTuple):
    """One budget and one measured value."""

    what: str
    budget: float
    measured: Spread

    @property
    def verdict(self) -> str:
        """Kept, missed, or too close to call: the budget lies between the quartiles."""
        kept = self.measured.median <= self.budget
        unsure = self.measured.low <= self.budget <= self.measured.high
        return ("kept" if kept else "MISSED") + (", within the spread" if unsure else "")


def checks(comparisons: Sequence[Comparison], sites: Sequence[SiteCost]) -> Iterator[Check]:
    """Every budget on every case that it is about."""
    for row in comparisons:
        for case, ratio in LAZY_LOAD_RATIO.items():
            if row.case.startswith(case) and row.variant == IN_UNIT:
                yield Check(f"{row.case}: ratio to bare", ratio, row.cpu)
        # Beside a query of 200 µs a fifth of a microsecond cannot be seen.
        if "SELECT 1" in row.case and row.variant in (OUTSIDE, SAMPLED_OUT) and row.above_hook is not None:
            yield Check(f"{row.case}, {row.variant}: µs a query", OUTSIDE_UNIT, row.above_hook)
        if "SELECT 1" in row.case and row.variant == IN_UNIT and row.above_hook is not None:
            yield Check(f"{row.case}, known site: µs a query", KNOWN_SITE, row.above_hook)
    for site in sites:
        for name, budget in ((KNOWN, KNOWN_SITE), (FIRST, FIRST_HITS), (SECOND, FIRST_HITS)):
            yield Check(f"{site.what}, {name}: µs a query", budget, site.costs[name])
