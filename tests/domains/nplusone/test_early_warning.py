"""Early warning: what is told at the n-th query, what the rules let pass, and what only a model can know yet."""

from __future__ import annotations

from ennead.domains.nplusone.early_warning import EarlyWarning, early_story_of
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.levels import LEVELS
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.query_stream import POSITION_OF, SIZES
from ennead.domains.nplusone.sequence_model import ShippedSequenceModel
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.finding import Finding
from ennead.learners.repetition import RepetitionRule
from tests.domains.nplusone.traces import ACCESS, ORIGIN, Trace, joined_orders, lazy_orders, look_ups

SHIPPED = ShippedSequenceModel(RepetitionRule(SIZES[0], 0, POSITION_OF["distinct"]), dict.fromkeys(LEVELS, 0.5))
NEVER = ShippedSequenceModel(SHIPPED.model, dict.fromkeys(LEVELS, 0.999))


def told(
    context: QueryExecutionContext, at: int, model: ShippedSequenceModel = SHIPPED, **settings: object
) -> list[tuple[int, str]]:
    return [(finding.query_count, finding.decided_by) for finding in findings(context, at, model, **settings)]


def findings(
    context: QueryExecutionContext, at: int, model: ShippedSequenceModel | None = SHIPPED, **settings: object
) -> tuple[Finding, ...]:
    chosen = NPlusOneSettings(**settings)  # type: ignore[arg-type]
    found = NPlusOneDetectionEngine(chosen).find_by_rules(context)
    return EarlyWarning(at, chosen, model).of(context, (*found.shown, *found.suppressed), found.vetoed)


def test_what_the_rules_cannot_know_yet_is_predicted() -> None:
    context = look_ups(2).context()
    assert told(context, 2) == [(2, "ml")]
    assert told(context, 2, NEVER) == []


def test_what_the_rules_know_is_theirs() -> None:
    assert told(lazy_orders(3).context(), 2) == [(3, "rules")]


def test_nothing_is_told_before_the_nth_query() -> None:
    assert told(lazy_orders(3).context(), 4) == []
    assert told(look_ups(2).context(), 3) == []
    assert told(lazy_orders(4).context(), 4) == [(4, "rules")]


def test_a_single_query_is_never_told() -> None:
    assert told(lazy_orders(1).context(), 1) == []
    assert told(joined_orders().context(), 1) == []


def test_a_prediction_has_the_id_that_the_rules_will_give() -> None:
    (early,) = findings(look_ups(2).context(), 2)
    (late,) = findings(look_ups(5).context(), 2)
    assert (early.decided_by, late.decided_by) == ("ml", "rules")
    assert early.id == late.id
    assert early.call_site == late.call_site == ACCESS
    assert early.origin == ORIGIN


def test_what_the_rules_veto_stays_vetoed() -> None:
    trace = Trace()
    for offset in range(0, 40, 10):
        trace.run("SELECT id FROM shop_order ORDER BY id LIMIT 10 OFFSET ?", offset, rows=10)
    assert told(trace.context(), 2) == []


def test_few_keys_for_many_rows_are_what_a_loop_begins_with() -> None:
    trace = Trace()
    origin = trace.run("SELECT id, customer_id FROM shop_order", at=ORIGIN, rows=50)
    for number in range(3):
        sql = "SELECT id, name FROM shop_customer WHERE id = ?"
        trace.run(sql, number, rows=1, supplied_by=((origin, 1, 0),))
    assert told(trace.context(), 2, NEVER) == []
    assert told(trace.context(), 2) == [(3, "ml")]


def test_the_same_question_again_is_no_prediction() -> None:
    trace = Trace()
    for _ in range(4):
        trace.run("SELECT id FROM shop_order WHERE id = ?", 1, rows=1)
    assert [kind for _, kind in told(trace.context(), 2) if kind == "ml"] == []


def test_writes_are_not_predicted() -> None:
    trace = Trace()
    for number in range(2):
        trace.run("UPDATE shop_order SET seen = 1 WHERE id = ?", number)
    assert told(trace.context(), 2) == []


def test_what_is_suppressed_stays_suppressed() -> None:
    (finding,) = findings(look_ups(2).context(), 2, ignore=("shop/views.py",))
    assert finding.suppressed is not None


def test_the_story_says_what_is_predicted() -> None:
    predicted, known = findings(look_ups(2).context(), 2), findings(lazy_orders(3).context(), 2)
    assert f"{predicted[0].id} is predicted: 50% by the repetition model" in early_story_of(predicted)
    assert "predicted" not in early_story_of(known)


def test_the_shipped_model_sees_a_loop_begin() -> None:
    trace = Trace()
    origin = trace.run("SELECT id FROM shop_order", at=ORIGIN, rows=5)
    for number in range(2):
        trace.run("SELECT a FROM shop_line WHERE order_id = ?", number, supplied_by=((origin, 0, 0),))
    (finding,) = findings(trace.context(), 2, None)
    assert (finding.decided_by, finding.query_count) == ("ml", 2)


def test_the_shipped_model_lets_different_queries_be() -> None:
    trace = Trace()
    for number in range(12):
        trace.run(f"SELECT name FROM t{number} WHERE id = ?", number, rows=1)
    assert findings(trace.context(), 2, None) == ()
