"""Which statement feeds which, and which runs after which."""

from __future__ import annotations

import json

from ennead.domains.nplusone.dependencies import dependencies_of
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.levels import reduce_to
from ennead.kernel.call_site import CallSite
from tests.domains.nplusone.traces import ORIGIN, Trace, joined_orders, lazy_orders, look_ups


def test_provenance_names_the_statement_that_fed_a_loop() -> None:
    orders, customers = dependencies_of(lazy_orders(4).context())
    assert (orders.fed_by, orders.witness, orders.follows) == (None, None, None)
    assert (customers.fed_by, customers.fed_ratio, customers.witness) == (0, 1.0, "provenance")
    assert (customers.follows, customers.follows_ratio) == (1, 0.75)


def test_where_values_were_watched_and_nothing_fed_a_loop_order_is_not_asked() -> None:
    trace = lazy_orders(2)
    for number in range(2):
        trace.run("SELECT a FROM rate WHERE day = ?", number, at=ORIGIN, rows=1)
    *_, rates = dependencies_of(trace.context())
    assert (rates.fed_by, rates.witness) == (None, None)


def test_without_values_the_result_with_as_many_rows_is_named() -> None:
    trace = Trace()
    trace.run("SELECT id FROM orders", at=ORIGIN, rows=4)
    trace.run("SELECT id FROM colour", at=ORIGIN, rows=9)
    for number in range(4):
        trace.run("SELECT name FROM customer WHERE id = ?", number, rows=1)
    *_, customers = dependencies_of(trace.context())
    assert (customers.fed_by, customers.fed_ratio, customers.witness) == (0, None, "order")


def test_else_the_latest_one_is() -> None:
    trace = Trace()
    trace.run("SELECT id FROM orders", at=ORIGIN, rows=7)
    trace.run("SELECT id FROM colour", at=ORIGIN, rows=9)
    for number in range(4):
        trace.run("SELECT name FROM customer WHERE id = ?", number, rows=1)
    *_, customers = dependencies_of(trace.context())
    assert customers.fed_by == 1


def test_nothing_feeds_a_single_query_or_one_whose_rows_nobody_knows() -> None:
    assert [row.fed_by for row in dependencies_of(joined_orders().context())] == [None]
    assert [row.fed_by for row in dependencies_of(reduce_to(look_ups(3).context(), "spans"))] == [None, None]


def test_by_turns_each_follows_the_other() -> None:
    trace = Trace()
    for number in range(3):
        trace.run("SELECT a FROM one WHERE id = ?", number)
        trace.run("SELECT b FROM two WHERE id = ?", number)
    one, two = dependencies_of(trace.context())
    assert (one.follows, two.follows) == (1, 0)
    assert (one.follows_ratio, two.follows_ratio) == (2 / 3, 1.0)


def test_rows_are_json() -> None:
    told = [row.to_dict() for row in dependencies_of(lazy_orders(2).context())]
    assert json.loads(json.dumps(told)) == told
    assert set(told[0]) == {
        "group",
        "statement_fingerprint",
        "query_count",
        "fed_by",
        "fed_ratio",
        "witness",
        "follows",
        "follows_ratio",
    }


def test_a_finding_tells_whose_rows_feed_it() -> None:
    (found,) = NPlusOneDetectionEngine().find_by_rules(lazy_orders(4).context()).shown
    told = found.evidence["fed_by"]
    assert (told["ratio"], told["witness"]) == (1.0, "provenance")
    assert "FROM" in told["statement"]
    assert CallSite.from_dict(told["call_site"]) == ORIGIN


def test_without_values_a_finding_has_no_ratio() -> None:
    (found,) = NPlusOneDetectionEngine().find_by_rules(look_ups(4).context()).shown
    assert (found.evidence["fed_by"]["ratio"], found.evidence["fed_by"]["witness"]) == (None, "order")


def test_a_finding_that_nothing_feeds_says_so() -> None:
    trace = Trace()
    for number in range(6):
        trace.run("SELECT id, name FROM shop_customer WHERE id = ?", number, rows=1)
    (found,) = NPlusOneDetectionEngine().find_by_rules(trace.context()).shown
    assert found.evidence["fed_by"] is None
