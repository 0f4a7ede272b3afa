"""Rules and model in one answer: beside each other, or the model deciding, and look-alikes staying look-alikes."""

from math import inf
from typing import Any

import pytest

from ennead.domains.nplusone.combining import combine
from ennead.domains.nplusone.findings import Decided, RuleFindings, decide_groups, tell
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.judging import Judged
from ennead.domains.nplusone.levels import reduce_to
from ennead.domains.nplusone.look_alikes import LookAlike
from ennead.domains.nplusone.model import Judgement
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.deadline import Deadline, DeadlineExceededError
from ennead.kernel.finding import Finding
from ennead.learners.venn_abers import Interval
from tests.domains.nplusone.traces import ACCESS, ORIGIN, Trace, joined_orders, lazy_orders, look_ups, site

SETTINGS = NPlusOneSettings()


def decided(context: QueryExecutionContext, settings: NPlusOneSettings = SETTINGS) -> Decided:
    return decide_groups(context, settings, context.project_root, Deadline(inf))


def judged(context: QueryExecutionContext, probability: float, *, decides: bool, **fields: Any) -> Judged:
    numbers = [group.number for group in group_queries(context) if group.count > 1 and group.first.is_read]
    judgement = Judgement(1.5, probability, fields.pop("interval", None))
    return Judged("stump 1", "full", decides, dict.fromkeys(numbers, judgement), **fields)


def answer(
    trace: Trace | QueryExecutionContext,
    probability: float,
    *,
    decides: bool,
    settings: NPlusOneSettings = SETTINGS,
    **fields: Any,
) -> RuleFindings:
    context = trace.context() if isinstance(trace, Trace) else trace
    said = judged(context, probability, decides=decides, **fields)
    combined = combine(context, decided(context, settings), said, settings, Deadline(inf))
    return tell(context, combined, settings, context.project_root)


def only(found: RuleFindings) -> Finding:
    (finding,) = found.shown
    return finding


def pages() -> Trace:
    trace = Trace()
    for offset in range(0, 50, 10):
        trace.run("SELECT name FROM shop_customer LIMIT 10 OFFSET ?", offset, at=ACCESS, rows=10)
    return trace


def two_look_ups() -> Trace:
    """Too few for the rules."""
    return look_ups(2)


# ------------------------------------------------------------------------------------------------ beside the rules


@pytest.mark.parametrize(
    ("probability", "decided_by"), [(0.97, "both"), (0.6, "both"), (0.59, "rules"), (0.0, "rules")]
)
def test_beside_the_rules_the_model_agrees_or_not_and_changes_nothing(probability: float, decided_by: str) -> None:
    alone = only(tell(lazy_orders().context(), decided(lazy_orders().context()), SETTINGS, "."))
    finding = only(answer(lazy_orders(), probability, decides=False))

    assert finding.decided_by == decided_by
    assert (finding.id, finding.confidence, finding.severity) == (alone.id, alone.confidence, alone.severity)
    assert (finding.evidence["model"], finding.evidence["model_probability"]) == ("stump 1", probability)


def test_beside_the_rules_the_model_finds_nothing_alone() -> None:
    assert answer(two_look_ups(), 1.0, decides=False).shown == ()


def test_beside_the_rules_the_threshold_is_that_of_the_settings() -> None:
    settings = NPlusOneSettings(ml_confidence_threshold=80.0)

    assert only(answer(lazy_orders(), 0.79, decides=False, settings=settings)).decided_by == "rules"


def test_an_interval_is_told_with_the_probability() -> None:
    finding = only(answer(lazy_orders(), 0.9, decides=False, interval=Interval(0.812345, 0.95)))

    assert finding.evidence["model_interval"] == [0.8123, 0.95]
    assert "rules_confidence" not in finding.evidence


def test_what_was_not_judged_is_told_as_before() -> None:
    context = lazy_orders().context()
    before = decided(context)

    for decides in (True, False):
        assert combine(context, before, Judged("m", "full", decides), SETTINGS, Deadline(inf)) == before


# ------------------------------------------------------------------------------------------------ the model decides


def test_what_both_report_has_the_models_confidence() -> None:
    finding = only(answer(lazy_orders(), 0.9, decides=True))

    assert (finding.decided_by, finding.confidence) == ("both", 90.0)
    assert finding.evidence["rules_confidence"] > 90.0


def test_what_the_model_rejects_is_kept_apart_under_its_name() -> None:
    found = answer(lazy_orders(), 0.03, decides=True)

    assert found.shown == ()
    ((evidence, decision),) = found.vetoed
    assert (decision.veto, decision.confidence) == ("model", 3.0)
    assert LookAlike.of(evidence, decision).reason == (
        "model: the learnt model gives it 3 %, less than NPLUSONE_ML_CONFIDENCE_THRESHOLD asks for"
    )


def test_what_only_the_model_recognises_is_found_with_the_same_story() -> None:
    finding = only(answer(two_look_ups(), 0.75, decides=True))

    assert (finding.decided_by, finding.code, finding.kind, finding.confidence) == ("ml", "n-plus-one", "raw-sql", 75.0)
    assert finding.query_count == 2
    assert finding.evidence["reasons"] == ["the learnt model recognises it"]
    assert finding.recommendations
    assert finding.id.startswith("f1:")


def test_below_the_threshold_the_model_finds_nothing() -> None:
    assert answer(two_look_ups(), 0.599, decides=True) == RuleFindings((), (), ())


@pytest.mark.parametrize("decides", [True, False])
def test_a_look_alike_stays_one_however_sure_the_model_is(*, decides: bool) -> None:
    found = answer(pages(), 1.0, decides=decides)

    assert found.shown == ()
    assert [decision.veto for _, decision in found.vetoed] == ["pages"]


def test_a_look_alike_too_small_for_the_rules_is_one_for_the_model_too() -> None:
    trace = Trace()
    for start in (0, 3):
        values = tuple(range(start, start + 3))
        trace.run("SELECT name FROM shop_customer WHERE id IN (?, ?, ?)", *values, at=site("shop/sync.py:4"), rows=3)
    found = answer(trace, 1.0, decides=True)

    assert decided(trace.context()) == Decided()
    assert found.shown == ()
    assert [(decision.veto, decision.decided_by) for _, decision in found.vetoed] == [("batches", "ml")]


def test_spans_without_parameters_are_not_taken_for_queries_that_do_not_vary() -> None:
    spans = reduce_to(look_ups(6).context(), "spans")

    assert decided(spans).reported == ()
    assert only(answer(spans, 0.8, decides=True)).decided_by == "ml"


def test_what_the_rules_are_not_sure_of_is_the_models_if_it_is() -> None:
    settings = NPlusOneSettings(min_confidence=99.5)

    assert only(answer(lazy_orders(), 0.7, decides=True, settings=settings)).decided_by == "ml"
    unsure = answer(lazy_orders(), 0.4, decides=True, settings=settings)
    assert [(decision.veto, decision.decided_by) for _, decision in unsure.vetoed] == [(None, "rules")]


def test_the_query_that_fed_it_is_not_reported_and_a_clean_page_stays_clean() -> None:
    assert answer(joined_orders(), 1.0, decides=True) == RuleFindings((), (), ())


def test_writes_are_the_rules_business() -> None:
    trace = Trace()
    for number in range(4):
        trace.run("INSERT INTO shop_order (id) VALUES (?)", number)
    finding = only(answer(trace, 0.0, decides=True))

    assert (finding.code, finding.decided_by) == ("write-n-plus-one", "rules")
    assert "model" not in finding.evidence


def test_no_query_is_told_of_twice() -> None:
    """Identical queries that the model calls an N+1 are no repeated query as well."""
    trace = Trace()
    for _ in range(4):
        trace.run("SELECT name FROM shop_customer WHERE id = ?", 7, at=ACCESS, rows=1)

    assert [(one.code, one.decided_by) for one in answer(trace, 0.1, decides=True).shown] == [
        ("repeated-query", "rules")
    ]
    assert [(one.code, one.decided_by) for one in answer(trace, 0.9, decides=True).shown] == [("n-plus-one", "ml")]


def test_suppressions_stand_above_the_model() -> None:
    found = answer(two_look_ups(), 0.9, decides=True, settings=NPlusOneSettings(ignore=(f"{ACCESS.file}*",)))

    assert found.shown == ()
    assert [finding.decided_by for finding in found.suppressed] == ["ml"]


def test_the_deadline_is_asked_before_what_only_the_model_reports() -> None:
    context = two_look_ups().context()

    with pytest.raises(DeadlineExceededError):
        combine(context, Decided(), judged(context, 1.0, decides=True), SETTINGS, Deadline(-1.0))


def test_findings_come_in_one_order_whoever_decided() -> None:
    trace = lazy_orders(3)
    for number in range(40):
        trace.run("SELECT x FROM shop_line WHERE line_id = ?", number, at=site("shop/views.py:30"), ms=5.0)
    by_model = answer(trace, 0.9, decides=True)
    by_rules = answer(trace, 0.9, decides=False)

    assert [finding.id for finding in by_model.shown] == [finding.id for finding in by_rules.shown]
    assert ORIGIN in {finding.origin for finding in by_model.shown}
