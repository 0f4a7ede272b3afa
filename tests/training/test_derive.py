"""From contexts to examples: labels, levels, sites, and duplicates merged."""

from dataclasses import replace
from math import isnan

from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.groups import QueryGroup, group_queries
from ennead.domains.nplusone.levels import LEVELS
from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
from ennead.kernel.call_site import CallSite
from ennead.training.derive import Truth, Unit, candidates, examples_of, merge_duplicates, site_of
from ennead.training.examples import Example

CONTEXT = example_contexts()[0]
UNIT = Unit("shop", "shop 1.0", "order list", 12)
N_PLUS_ONE, NONE = Truth(is_n_plus_one=True, source="read"), Truth(is_n_plus_one=False, source="growth")


def _moved(query: QueryRecord, line: int, offset_ms: float) -> QueryRecord:
    path = (CallSite("shop/views.py", line, f"view_{line}", module="shop.views"),)
    return query._replace(call_path=path, offset_ms=offset_ms)


def _of_two_paths() -> QueryExecutionContext:
    """The five lazy loads, and two of the same statement from another line."""
    load = CONTEXT.queries[1]
    more = [_moved(load, 40, 90.0 + number)._replace(parameters_hash=f"m{number}") for number in range(2)]
    return replace(CONTEXT, queries=(*CONTEXT.queries, *more))


def test_a_repeated_read_is_an_example_at_each_level() -> None:
    examples = list(examples_of(CONTEXT, lambda group: N_PLUS_ONE, UNIT))

    assert [example.level for example in examples] == list(LEVELS)
    assert {(e.application, e.release, e.unit, e.rows) for e in examples} == {("shop", "shop 1.0", "order list", 12)}
    assert all(example.label and example.source == "read" for example in examples)
    full, sql, spans = examples
    assert full.baselines["rules"] > 50
    assert full.baselines["sentry"] == sql.baselines["sentry"] == spans.baselines["sentry"] == 100
    assert not isnan(full.features["call_path_depth"])
    assert isnan(sql.features["call_path_depth"])


def test_what_ran_once_and_what_writes_is_no_candidate() -> None:
    write = CONTEXT.queries[1]._replace(operation="update", statement_fingerprint="w")
    context = replace(CONTEXT, queries=(CONTEXT.queries[0], write, write, write))

    assert list(candidates(context)) == []
    assert list(candidates(CONTEXT)) == [group_queries(CONTEXT)[1]]


def test_a_group_whose_truth_nobody_knows_is_left_out() -> None:
    assert list(examples_of(CONTEXT, lambda group: None, UNIT)) == []


def test_with_less_evidence_the_paths_are_one_group_that_is_an_n_plus_one_if_one_of_them_is() -> None:
    context = _of_two_paths()

    def truth(group: QueryGroup) -> Truth:
        return N_PLUS_ONE if group.count == 5 else NONE

    labels = [(e.level, e.label) for e in examples_of(context, truth, UNIT)]

    assert labels == [("full", True), ("full", False), ("sql", True), ("spans", True)]


def test_with_less_evidence_an_unknown_path_beside_a_known_negative_leaves_the_group_out() -> None:
    context = _of_two_paths()

    def truth(group: QueryGroup) -> Truth | None:
        return NONE if group.count == 5 else None

    assert [(e.level, e.label) for e in examples_of(context, truth, UNIT)] == [("full", False)]


def test_a_site_is_the_same_after_lines_moved_and_another_in_another_function_or_application() -> None:
    def site(line: int, function: str, application: str = "shop") -> str:
        path = (CallSite("shop/views.py", line, function, module="shop.views"),)
        queries = tuple(query._replace(call_path=path) for query in CONTEXT.queries[1:])
        return site_of(application, group_queries(replace(CONTEXT, queries=queries))[0])

    assert site(10, "view") == site(99, "view")
    assert len({site(10, "view"), site(10, "other"), site(10, "view", "bank")}) == 3
    assert "shop" not in site(10, "view")


def _example(unit: str, release: str = "1", label: bool = True, rows: int = 12) -> Example:  # noqa: FBT001, FBT002
    (example,) = examples_of(CONTEXT, lambda group: N_PLUS_ONE, Unit("shop", release, unit, rows), ["full"])
    return replace(example, label=label)


def test_of_one_site_three_examples_stay_from_different_units_and_releases() -> None:
    examples = [_example("a"), _example("a"), _example("a", "2"), _example("b"), _example("c", "2"), _example("c")]

    merged = merge_duplicates(examples)

    assert {example.unit for example in merged} == {"a", "b", "c"}
    assert {example.release for example in merged} == {"1", "2"}
    assert merge_duplicates(examples, at_most=9) == examples


def test_of_other_labels_and_sizes_nothing_is_merged() -> None:
    examples = [_example("a"), _example("a", label=False), _example("a", rows=3)]

    assert merge_duplicates(examples, at_most=1) == examples
