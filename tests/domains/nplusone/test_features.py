"""Named numbers of contexts and groups: every feature by hand, with the twin where it is low."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

import pytest
from hypothesis import given

from ennead.domains.nplusone.features import CONTEXT_FEATURES, GROUP_FEATURES, QueryFeatureExtractor
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.kernel.features import FeatureExtractor, FeatureSpec
from tests.domains.nplusone.test_observation import CONTEXTS
from tests.domains.nplusone.traces import ACCESS, CALLER, ORIGIN, Trace, joined_orders, lazy_orders, look_ups

EXTRACTOR = QueryFeatureExtractor()
REQUIRED = [
    "query_frequency",
    "query_repetition_rate",
    "avg_query_execution_time",
    "timing_pattern_regularity",
    "avg_query_complexity",
    "avg_join_count",
    "loop_execution_detected",
    "query_similarity_score",
]


def _of(context: QueryExecutionContext, name: str) -> float:
    return EXTRACTOR.extract(context)[name]


def _statements(*statements: str, ms: float = 1.0) -> Trace:
    trace = Trace()
    for statement in statements:
        trace.run(statement, ms=ms)
    return trace


def _spread(gaps_ms: Sequence[float]) -> Trace:
    trace = Trace()
    for number, gap_ms in enumerate(gaps_ms):
        trace.run("SELECT a FROM t WHERE id = ?", number, gap_ms=gap_ms, ms=0.0)
    return trace


# ------------------------------------------------------------------------------------------------ the vector


def test_is_an_extractor_of_the_kernel() -> None:
    assert isinstance(EXTRACTOR, FeatureExtractor)


def test_has_the_eight_features_of_the_specification_in_order() -> None:
    assert [spec.name for spec in EXTRACTOR.specs] == REQUIRED
    assert list(EXTRACTOR.extract(lazy_orders().context())) == REQUIRED


def test_an_empty_context_gives_zeros() -> None:
    assert EXTRACTOR.extract(Trace().context()) == dict.fromkeys(REQUIRED, 0.0)


@given(CONTEXTS)
def test_every_context_gives_finite_numbers_within_range(context: QueryExecutionContext) -> None:
    vector = EXTRACTOR.extract(context)
    for spec in CONTEXT_FEATURES:
        assert spec.low <= vector[spec.name] <= spec.high
        assert vector[spec.name] < inf


@pytest.mark.parametrize("spec", CONTEXT_FEATURES, ids=lambda spec: spec.name)
def test_no_feature_is_constant(spec: FeatureSpec) -> None:
    traces = (lazy_orders(), look_ups(9, ms=2.0), joined_orders(), _spread([1.0, 2.0, 8.0]))
    assert len({EXTRACTOR.extract(trace.context())[spec.name] for trace in traces}) > 1


# ------------------------------------------------------------------------------------------------ of a context


def test_query_frequency_is_queries_by_seconds_of_the_unit_of_work() -> None:
    context = replace(_statements(*["SELECT a FROM t"] * 10).context(), duration_ms=2_000.0)
    assert _of(context, "query_frequency") == pytest.approx(5.0)


def test_query_frequency_takes_the_database_time_where_the_unit_says_less() -> None:
    context = replace(_statements(*["SELECT a FROM t"] * 10, ms=50.0).context(), duration_ms=0.0)
    assert _of(context, "query_frequency") == pytest.approx(20.0)


def test_query_frequency_is_finite_for_no_time_at_all() -> None:
    context = replace(_statements("SELECT a FROM t", ms=0.0).context(), duration_ms=0.0)
    assert _of(context, "query_frequency") == pytest.approx(1_000_000.0)


@pytest.mark.parametrize(
    ("statements", "rate"),
    [
        (["SELECT a FROM t"], 0.0),
        (["SELECT a FROM t", "SELECT b FROM t"], 0.0),
        (["SELECT a FROM t WHERE id = 1", "SELECT a FROM t WHERE id = 2"], 0.5),
        (["SELECT a FROM t"] * 3 + ["SELECT b FROM t"], 0.5),
        (["SELECT a FROM t"] * 4, 0.75),
    ],
)
def test_query_repetition_rate_is_the_share_that_ran_before(statements: list[str], rate: float) -> None:
    assert _of(_statements(*statements).context(), "query_repetition_rate") == rate


def test_avg_query_execution_time_is_a_mean() -> None:
    trace = Trace()
    trace.run("SELECT a FROM t", ms=1.0)
    trace.run("SELECT b FROM t", ms=4.0)
    assert _of(trace.context(), "avg_query_execution_time") == pytest.approx(2.5)


def test_timing_is_regular_where_the_gaps_are_equal() -> None:
    assert _of(_spread([1.0, 5.0, 5.0, 5.0]).context(), "timing_pattern_regularity") == pytest.approx(0.0)


def test_timing_is_irregular_by_the_coefficient_of_variation() -> None:
    context = _spread([1.0, 2.0, 2.0, 8.0]).context()
    assert _of(context, "timing_pattern_regularity") == pytest.approx(8.0**0.5 / 4.0)


@pytest.mark.parametrize("gaps_ms", [[1.0], [1.0, 5.0], [0.0, 0.0, 0.0]], ids=["one", "two", "all at once"])
def test_timing_of_too_few_gaps_is_zero(gaps_ms: list[float]) -> None:
    assert _of(_spread(gaps_ms).context(), "timing_pattern_regularity") == 0.0


def test_avg_query_complexity_comes_from_the_syntax_tree() -> None:
    plain = "SELECT a FROM t"
    in_a_string = "SELECT 'JOIN WHERE (SELECT COUNT(*))' FROM t"
    joined = "SELECT a FROM t JOIN u ON u.t_id = t.id WHERE t.b = 1"
    values = [_of(_statements(sql).context(), "avg_query_complexity") for sql in (plain, in_a_string, joined)]
    assert values == [1.0, 1.0, 6.0]


def test_avg_query_complexity_is_a_mean_over_queries() -> None:
    context = _statements("SELECT a FROM t", "SELECT a FROM t", "SELECT a FROM t WHERE b = 1").context()
    assert _of(context, "avg_query_complexity") == pytest.approx(4.0 / 3.0)


def test_avg_query_complexity_of_what_cannot_be_parsed_is_zero() -> None:
    assert _of(_statements("FROBNICATE (((").context(), "avg_query_complexity") == 0.0


def test_avg_join_count_is_a_mean_over_queries() -> None:
    context = _statements("SELECT a FROM t JOIN u USING (id) LEFT JOIN v USING (id)", "SELECT a FROM t").context()
    assert _of(context, "avg_join_count") == 1.0


@pytest.mark.parametrize(
    ("context", "detected"),
    [
        (lazy_orders(3).context(), 1.0),
        (lazy_orders(2).context(), 0.0),
        (_statements(*["SELECT a FROM t WHERE id = 1"] * 5).context(), 0.0),
        (joined_orders().context(), 0.0),
    ],
    ids=["three", "two", "the same parameters", "one query"],
)
def test_loop_execution_detected_needs_three_distinct_parameters(
    context: QueryExecutionContext, detected: float
) -> None:
    assert _of(context, "loop_execution_detected") == detected


def test_loop_execution_detected_needs_one_place() -> None:
    trace = Trace()
    for number, place in enumerate((ORIGIN, ACCESS, CALLER)):
        trace.run("SELECT a FROM t WHERE id = ?", number, at=place)
    assert _of(trace.context(), "loop_execution_detected") == 0.0


@pytest.mark.parametrize(
    ("statements", "score"),
    [
        (["SELECT a FROM t"], 0.0),
        (["SELECT a FROM t", "SELECT b FROM t"], 0.0),
        (["SELECT a FROM t"] * 4, 1.0),
        (["SELECT a FROM t"] * 3 + ["SELECT b FROM t"], 0.5),
    ],
)
def test_query_similarity_score_is_the_chance_of_a_pair(statements: list[str], score: float) -> None:
    assert _of(_statements(*statements).context(), "query_similarity_score") == pytest.approx(score)


def test_no_feature_knows_the_schema() -> None:
    """Renaming every table and column changes no number."""
    one, other = Trace(), Trace()
    for number in range(4):
        one.run("SELECT name FROM shop_customer WHERE id = ? AND active = 1", number)
        other.run("SELECT label FROM depot_crate WHERE id = ? AND closed = 1", number)
    assert EXTRACTOR.extract(one.context()) == EXTRACTOR.extract(other.context())


def test_the_same_context_gives_the_same_vector() -> None:
    context = lazy_orders().context()
    assert EXTRACTOR.extract(context) == QueryFeatureExtractor().extract(context)


def test_a_group_has_the_features_that_are_specified() -> None:
    group = max(lazy_orders().groups(), key=lambda group: group.count)
    assert list(EXTRACTOR.extract_group(group)) == [spec.name for spec in EXTRACTOR.group_specs]
    assert [spec.name for spec in EXTRACTOR.group_specs] == [spec.name for spec in GROUP_FEATURES]
