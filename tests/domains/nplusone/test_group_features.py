"""Named numbers of groups: the form, the parameters, and what only the agent sees, with the twin where it is low."""

from dataclasses import replace
from math import inf, isnan, log1p
from pathlib import Path

import pytest
from hypothesis import given

from ennead.domains.nplusone.group_features import GROUP_FEATURES, features_of
from ennead.domains.nplusone.groups import QueryGroup, group_queries
from ennead.domains.nplusone.levels import Level, reduce_to
from ennead.domains.nplusone.observation import QueryExecutionContext
from tests.domains.nplusone.scenes import read_scenes
from tests.domains.nplusone.test_observation import CONTEXTS
from tests.domains.nplusone.traces import ACCESS, CALLER, CUSTOMER, Trace, lazy_orders

NAMES = [spec.name for spec in GROUP_FEATURES]
PARAMETERS = {
    "distinct_parameter_ratio", "top_parameter_share", "same_as_previous_ratio", "shared_parameter_ratio",
    "interleaved_distinct_ratio", "varies_by_key", "varies_by_page", "varies_by_list", "varying_ratio", "largest_list",
}  # fmt: skip
AGENT = {
    "mean_rows", "single_row_ratio", "last_differs", "log_earlier_rows", "rows_match", "lazy_load_ratio", "is_relation",
    "is_eager", "is_to_one", "supplied_ratio", "origin_supplied_ratio", "origin_rows", "chain_ratio", "call_path_depth",
    "loop_over_rows", "loop_over_steps", "loop_over_constants", "loop_asks",
}  # fmt: skip


def _repeats(trace: Trace) -> QueryGroup:
    """The largest group."""
    return max(trace.groups(), key=lambda group: group.count)


def _of(trace: Trace, name: str) -> float:
    return features_of(_repeats(trace))[name]


def _each(sql: str, *values: object) -> Trace:
    trace = Trace()
    for value in values:
        trace.run(sql, value)
    return trace


def _missing(context: QueryExecutionContext) -> set[str]:
    group = max(group_queries(context), key=lambda group: group.count)
    return {name for name, value in features_of(group).items() if isnan(value)}


# ------------------------------------------------------------------------------------------------ the vector


@given(CONTEXTS)
def test_every_group_gives_numbers_within_range_or_nan(context: QueryExecutionContext) -> None:
    for group in group_queries(context):
        vector = features_of(group)
        assert list(vector) == NAMES
        for spec in GROUP_FEATURES:
            value = vector[spec.name]
            assert isnan(value) or (spec.low <= value <= spec.high and value < inf), spec.name


def test_no_feature_is_constant_over_the_scenes(tmp_path: Path) -> None:
    contexts = [scene.context(tmp_path / scene.name) for scene in read_scenes()]
    vectors = [features_of(group) for context in contexts for group in group_queries(context)]
    values = {name: {vector[name] for vector in vectors} for name in NAMES}
    in_other_tests = {"log_mean_duration", "duration_variation", "control_between_ratio"}
    assert {name for name, found in values.items() if len(found) == 1} == in_other_tests


def test_a_group_of_lazy_loads_feature_by_feature() -> None:
    vector = features_of(_repeats(lazy_orders(4, ms=2.0, at=(ACCESS, CALLER))))
    told = {name: value for name, value in vector.items() if value != 0.0}
    assert told == pytest.approx(
        {
            "log_count": log1p(4),
            "share_of_queries": 0.8,
            "share_of_database_time": 8.0 / 9.0,
            "adjacency": 1.0,
            "burst_density": 8.0 / 11.0,
            "log_query_count": log1p(5),
            "first_position": 0.2,
            "extent": 0.8,
            "same_predecessor_ratio": 1.0,
            "count_to_largest": 1.0,
            "connection_count": 1.0,
            "place_count": log1p(1),
            "log_mean_duration": log1p(2_000),
            "log_median_pause": log1p(1_000),
            "related_read_before": 1.0,
            "related_list_before": 1.0,
            "complexity": 2.0,
            "statement_size": vector["statement_size"],
            "by_primary_key": 1.0,
            "key_equality_count": 1.0,
            "distinct_parameter_ratio": 1.0,
            "top_parameter_share": 0.25,
            "varies_by_key": 1.0,
            "varying_ratio": 1.0,
            "mean_rows": 1.0,
            "single_row_ratio": 1.0,
            "log_earlier_rows": log1p(4),
            "rows_match": 1.0,
            "lazy_load_ratio": 1.0,
            "is_relation": 1.0,
            "is_to_one": 1.0,
            "supplied_ratio": 1.0,
            "origin_supplied_ratio": 1.0,
            "origin_rows": log1p(4),
            "call_path_depth": 2.0,
        }
    )


@pytest.mark.parametrize(("level", "missing"), [("full", set()), ("sql", AGENT), ("spans", AGENT | PARAMETERS)])
def test_what_was_not_recorded_is_nan_and_not_zero(level: Level, missing: set[str]) -> None:
    assert _missing(reduce_to(lazy_orders().context(), level)) == missing


def test_a_statement_without_placeholders_has_no_parameters_that_could_be_missing() -> None:
    trace = Trace()
    for _ in range(3):
        trace.run("SELECT a FROM t")
    context = reduce_to(trace.context(), "spans")
    assert _missing(context) == AGENT


def test_no_feature_knows_the_schema() -> None:
    """Renaming every table and column, keys aside, changes no number."""
    vectors = []
    for sql in (
        "SELECT name FROM shop_customer WHERE id = ? AND active = 1",
        "SELECT x FROM crate WHERE id = ? AND y = 1",
    ):
        vector = features_of(_repeats(_each(sql, *range(4))))
        vectors.append({name: None if isnan(value) else value for name, value in vector.items()})
    assert vectors[0] == vectors[1]


# ------------------------------------------------------------------------------------------------ the statement


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT a FROM t WHERE id = ?", {"by_primary_key": 1.0, "key_equality_count": 1.0}),
        ("SELECT a FROM t WHERE owner_id = ?", {"by_primary_key": 0.0, "key_equality_count": 1.0}),
        ("SELECT a FROM t WHERE name = ?", {"key_equality_count": 0.0, "other_equality_count": 1.0}),
        ("SELECT a FROM t WHERE id IN (?)", {"list_count": 1.0, "key_equality_count": 0.0}),
        ("SELECT a FROM t WHERE b > ?", {"range_count": 1.0, "is_ordered": 0.0}),
        ("SELECT a FROM t WHERE b = ? ORDER BY a", {"is_ordered": 1.0, "is_aggregate": 0.0}),
        ("SELECT COUNT(*) FROM t WHERE b = ?", {"is_aggregate": 1.0, "is_write": 0.0}),
        ("SELECT a FROM t WHERE b = ? FOR UPDATE", {"locks_rows": 1.0, "has_limit": 0.0}),
        ("SELECT a FROM t WHERE b = ? LIMIT 1", {"locks_rows": 0.0, "has_limit": 1.0}),
        ("UPDATE t SET a = ?", {"is_write": 1.0, "by_primary_key": 0.0}),
    ],
)
def test_the_form_of_a_statement(sql: str, told: dict[str, float]) -> None:
    vector = features_of(_repeats(_each(sql, 1, 2, 3)))
    assert {name: vector[name] for name in told} == told


# ------------------------------------------------------------------------------------------------ the parameters


@pytest.mark.parametrize(
    ("values", "distinct", "top", "same"),
    [((1, 2, 3, 4), 1.0, 0.25, 0.0), ((1, 1, 2, 2), 0.5, 0.5, 2 / 3), ((7, 7, 7, 7), 0.25, 1.0, 1.0)],
)
def test_how_parameters_repeat(values: tuple[int, ...], distinct: float, top: float, same: float) -> None:
    vector = features_of(_repeats(_each("SELECT a FROM t WHERE id = ?", *values)))
    names = ("distinct_parameter_ratio", "top_parameter_share", "same_as_previous_ratio")
    assert [vector[name] for name in names] == pytest.approx([distinct, top, same])


@pytest.mark.parametrize(("other", "shared"), [(0, 1.0), (100, 0.0)])
def test_neighbours_in_a_loop_ask_about_the_same_row(other: int, shared: float) -> None:
    trace = Trace()
    for number in range(1, 5):
        trace.run("SELECT b FROM u WHERE t_id = ?", number + other)
        trace.run("SELECT a FROM t WHERE id = ?", number)
    assert features_of(trace.groups()[1])["shared_parameter_ratio"] == shared


def test_a_loop_asks_the_same_again_where_others_of_its_body_vary() -> None:
    trace = Trace()
    for number in range(4):
        trace.run("SELECT a FROM t WHERE id = ?", 7)
        trace.run("SELECT b FROM u WHERE id = ?", number)
    told = [features_of(group)["interleaved_distinct_ratio"] for group in trace.groups()]
    assert told == [1.0, 0.25]


@pytest.mark.parametrize(
    ("sql", "values", "by_page"),
    [
        ("SELECT a FROM t ORDER BY id LIMIT 10 OFFSET ?", (0, 10, 20), 1.0),
        ("SELECT a FROM t WHERE id > ? LIMIT 10", (0, 10, 20), 1.0),
        ("SELECT a FROM t WHERE id = ? LIMIT 10", (0, 10, 20), 0.0),
        ("SELECT a FROM t WHERE id = ? LIMIT 10", (10, 10, 10), 0.0),
    ],
)
def test_varies_by_page_and_nothing_else(sql: str, values: tuple[int, ...], by_page: float) -> None:
    assert _of(_each(sql, *values), "varies_by_page") == by_page


def test_lists_vary_and_the_largest_counts() -> None:
    trace = Trace()
    for sql in ("SELECT a FROM t WHERE id IN (1, 2)", "SELECT a FROM t WHERE id IN (1, 2, 3, 4)"):
        trace.run(sql)
    assert (_of(trace, "largest_list"), _of(trace, "varies_by_list")) == (4.0, 1.0)
    assert _of(_each("SELECT a FROM t WHERE id = ?", 1, 2), "varies_by_list") == 0.0


def test_half_of_the_placeholders_vary() -> None:
    trace = Trace()
    for number in range(3):
        trace.run("SELECT a FROM t WHERE id = ? AND b > ?", number, 7)
    assert _of(trace, "varying_ratio") == 0.5


# ------------------------------------------------------------------------------------------------ rows, ORM, places


def _answers(*rows: int) -> Trace:
    trace = Trace()
    trace.run("SELECT id FROM u", rows=8)
    for number, count in enumerate(rows):
        trace.run("SELECT a FROM t WHERE id = ?", number, rows=count)
    return trace


@pytest.mark.parametrize(
    ("rows", "mean", "single", "differs"),
    [
        ((1, 1, 1, 1), 1.0, 1.0, 0.0),
        ((1, 1, 1, 0), 0.75, 1.0, 1.0),
        ((0, 0, 4), 4 / 3, 2 / 3, 1.0),
        ((0, 5, 0), 5 / 3, 2 / 3, 0.0),
    ],
)
def test_what_the_executions_fetched(rows: tuple[int, ...], mean: float, single: float, differs: float) -> None:
    vector = features_of(_repeats(_answers(*rows)))
    found = [vector[name] for name in ("mean_rows", "single_row_ratio", "last_differs")]
    assert found == pytest.approx([mean, single, differs])


def test_executions_as_many_as_earlier_rows_match() -> None:
    assert _of(_answers(*[1] * 8), "rows_match") == 1.0
    assert _of(_answers(*[1] * 4), "rows_match") == 0.5


def test_lazy_load_ratio_is_zero_where_the_orm_says_no() -> None:
    trace = Trace()
    for number in range(3):
        trace.run("SELECT a FROM t WHERE id = ?", number, orm=replace(CUSTOMER, lazy_load=False))
    assert _of(trace, "lazy_load_ratio") == 0.0


def test_no_provenance_in_this_group_is_zero_where_others_have_some() -> None:
    trace = lazy_orders(3)
    for number in range(4):
        trace.run("SELECT a FROM t WHERE id = ?", number)
    vector = features_of(_repeats(trace))
    assert (vector["supplied_ratio"], vector["chain_ratio"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("scene", "rows", "steps", "constants", "asks"),
    [("lazy_loads", 1.0, 0.0, 0.0, 0.0), ("fixed_list", 0.0, 0.0, 1.0, 0.0), ("search", 1.0, 0.0, 0.0, 1.0)],
)
def test_the_loop_in_the_source(
    scene: str, rows: float, steps: float, constants: float, asks: float, tmp_path: Path
) -> None:
    context = next(each for each in read_scenes() if each.name == scene).context(tmp_path)
    vector = features_of(max(group_queries(context), key=lambda group: group.count))
    names = ("loop_over_rows", "loop_over_steps", "loop_over_constants", "loop_asks")
    assert [vector[name] for name in names] == [rows, steps, constants, asks]
