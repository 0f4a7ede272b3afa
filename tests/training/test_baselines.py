"""What the baselines say of a group."""

from dataclasses import replace

from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
from ennead.training.baselines import Baselines, sentry_loops

CONTEXT = example_contexts()[0]
ORIGIN, *LOADS = CONTEXT.queries


def _positions(*queries: QueryRecord) -> list[list[int]]:
    timed = [query._replace(offset_ms=2.0 * place) for place, query in enumerate(queries)]
    return [list(loop) for loop in sentry_loops(timed)]


def test_the_rules_tell_of_lazy_loads_in_a_loop() -> None:
    confidence, veto = Baselines(CONTEXT).rules(group_queries(CONTEXT)[1])

    assert (confidence > 80, veto) == (True, "")


def test_the_rules_name_the_look_alike() -> None:
    paged = [
        query._replace(statement="SELECT id FROM shop_customer LIMIT ? OFFSET ?", parameter_hashes=("l", f"o{place}"))
        for place, query in enumerate(query._replace(orm=None, lazy_load=False) for query in LOADS)
    ]
    context = replace(CONTEXT, queries=(ORIGIN, *paged))

    assert Baselines(context).rules(group_queries(context)[1]) == (0.0, "pages")


def test_the_rules_say_nothing_of_what_ran_once() -> None:
    assert Baselines(CONTEXT).rules(group_queries(CONTEXT)[0]) == (0.0, "")


def test_a_look_alike_is_named_though_nothing_is_known_to_vary() -> None:
    eager = replace(LOADS[0].orm, eager=True, lazy_load=False) if LOADS[0].orm else None
    loads = [query._replace(orm=eager, lazy_load=False, parameters_hash=None, parameter_hashes=()) for query in LOADS]
    context = replace(CONTEXT, queries=(ORIGIN, *loads))

    assert Baselines(context).rules(group_queries(context)[1]) == (0.0, "eager-load")


def test_each_baseline_has_a_confidence() -> None:
    origin, loads = group_queries(CONTEXT)
    baselines = Baselines(CONTEXT)

    assert baselines.confidences(origin) == {"statistical": 0.0, "clustering": 0.0, "sentry": 0.0}
    told = baselines.confidences(loads)
    assert told["clustering"] == 80.0
    assert told["sentry"] == 100.0


def test_an_empty_context_has_no_loops() -> None:
    context = QueryExecutionContext("empty", None, None, CONTEXT.started_at, 1.0, ())

    assert list(sentry_loops(context.queries)) == []


def test_sentry_asks_for_five_equal_queries_after_another_one() -> None:
    assert _positions(ORIGIN, *LOADS) == [[1, 2, 3, 4, 5]]
    assert _positions(ORIGIN, *LOADS[:4]) == []
    assert _positions(*LOADS) == []


def test_sentry_sees_no_loop_in_interleaved_or_overlapping_queries() -> None:
    assert _positions(*(query for load in LOADS for query in (ORIGIN, load))) == []
    assert _positions(ORIGIN, *(load._replace(duration_ms=3.0) for load in LOADS)) == []


def test_sentry_sees_no_loop_over_the_border_of_a_unit_of_work() -> None:
    assert _positions(ORIGIN._replace(unit=1), *LOADS) == []
