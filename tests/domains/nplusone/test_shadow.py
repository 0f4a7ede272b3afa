"""Shadow mode: how often a new model agrees with what is in force, and in which direction it does not."""

from math import inf

from ennead.domains.nplusone.combining import combine
from ennead.domains.nplusone.findings import Decided, decide_groups
from ennead.domains.nplusone.judging import Judged, ShadowJudged
from ennead.domains.nplusone.model import Judgement
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.shadow import ShadowCounters, ShadowTally
from ennead.kernel.deadline import Deadline
from tests.domains.nplusone.traces import ACCESS, Trace, lazy_orders, look_ups

YES, NO = Judgement(2.0, 0.9), Judgement(-2.0, 0.1)


def _rules(context: QueryExecutionContext) -> Decided:
    return decide_groups(context, NPlusOneSettings(), ".", Deadline(inf))


def _compared(trace: Trace, said: dict[int, Judgement]) -> ShadowCounters:
    tally = ShadowTally()
    tally.note(ShadowJudged(said, 0.001), _rules(trace.context()), 60.0)
    return tally.counters


def test_both_report_it() -> None:
    counters = _compared(lazy_orders(), {1: YES})
    assert (counters.group_count, counters.agreement_count, counters.agreement_ratio) == (1, 1, 1.0)


def test_neither_reports_it() -> None:
    assert _compared(look_ups(2), {1: NO}).agreement_count == 1


def test_only_what_decides_reports_it() -> None:
    counters = _compared(lazy_orders(), {1: NO})
    assert (counters.only_deciding_count, counters.only_shadow_count, counters.agreement_ratio) == (1, 0, 0.0)


def test_only_the_shadow_would_report_it() -> None:
    counters = _compared(look_ups(2), {1: YES})
    assert (counters.only_deciding_count, counters.only_shadow_count) == (0, 1)


def test_look_alikes_are_not_compared() -> None:
    trace = Trace()
    for offset in range(0, 50, 10):
        trace.run("SELECT name FROM shop_customer LIMIT 10 OFFSET ?", offset, at=ACCESS, rows=10)
    assert _compared(trace, {0: YES}).group_count == 0


def test_what_a_deciding_model_rejects_is_compared() -> None:
    context = lazy_orders().context()
    judged = Judged("m", "full", decides=True, judgements={1: NO})
    combined = combine(context, _rules(context), judged, NPlusOneSettings(), Deadline(inf))
    tally = ShadowTally()
    tally.note(ShadowJudged({1: NO}, 0.0), combined, 60.0)
    assert (tally.counters.group_count, tally.counters.agreement_count) == (1, 1)


def test_units_times_and_failures_add_up() -> None:
    tally, decided = ShadowTally(), _rules(lazy_orders().context())
    tally.note(ShadowJudged({1: YES}, 0.002), decided, 60.0)
    tally.note(ShadowJudged({1: YES}, 0.004), decided, 60.0)
    tally.note(ShadowJudged({}, 0.0, failed=True), decided, 60.0)
    counters = tally.counters
    assert (counters.unit_count, counters.group_count, counters.failure_count) == (3, 2, 1)
    assert round(counters.microseconds_per_group) == 3_000


def test_before_the_first_nothing_is_wrong() -> None:
    assert ShadowTally().counters == ShadowCounters()
    assert (ShadowCounters().agreement_ratio, ShadowCounters().microseconds_per_group) == (1.0, 0.0)
