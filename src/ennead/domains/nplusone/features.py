"""From a context, and from each repeated group in it, to named numbers.

Schema-agnostic: no table names, no SQL text, no literals. ``nan`` says that the evidence is missing.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import inf, log1p, nan, sqrt
from typing import TYPE_CHECKING

from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.statement_tree import shape_of
from ennead.kernel.features import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext

_MIN_LOOP_REPEATS = 3

CONTEXT_FEATURES: tuple[FeatureSpec, ...] = (
    FeatureSpec("query_frequency", "1/s", 0, inf, "Queries per second of the unit of work."),
    FeatureSpec("query_repetition_rate", "ratio", 0, 1, "Share of the queries whose statement ran before in the unit."),
    FeatureSpec("avg_query_execution_time", "ms", 0, inf, "Mean duration of a query."),
    FeatureSpec("timing_pattern_regularity", "ratio", 0, inf, "Coefficient of variation of the gaps between starts."),
    FeatureSpec("avg_query_complexity", "score", 0, inf, "Mean complexity of the statements' syntax trees."),
    FeatureSpec("avg_join_count", "count", 0, inf, "Mean number of joins a query."),
    FeatureSpec(
        "loop_execution_detected", "0/1", 0, 1, "A statement ran three times with distinct parameters at one place."
    ),
    FeatureSpec("query_similarity_score", "ratio", 0, 1, "Chance that two queries of the unit share their statement."),
)

GROUP_FEATURES: tuple[FeatureSpec, ...] = (
    FeatureSpec("log_count", "log", 0, inf, "log(1 + executions)."),
    FeatureSpec("distinct_parameter_ratio", "ratio", 0, 1, "Distinct parameter sets by executions."),
    FeatureSpec("share_of_queries", "ratio", 0, 1, "Executions by queries of the context."),
    FeatureSpec("share_of_database_time", "ratio", 0, 1, "Duration by database time of the context."),
    FeatureSpec("gap_regularity", "ratio", 0, inf, "Coefficient of variation of the gaps between starts."),
    FeatureSpec("adjacency", "ratio", 0, 1, "Share of executions that directly follow another one of the group."),
    FeatureSpec("burst_density", "ratio", 0, 1, "Time in the group's queries by time from its first to its last."),
    FeatureSpec("mean_rows", "count", 0, inf, "Mean rows fetched."),
    FeatureSpec("lazy_load_ratio", "ratio", 0, 1, "Share of lazy loads; nan without an ORM's evidence."),
    FeatureSpec("varies_by_key", "0/1", 0, 1, "An equality with a key-like column varies."),
    FeatureSpec("varies_by_page", "0/1", 0, 1, "LIMIT, OFFSET or a range varies and nothing else."),
    FeatureSpec("largest_list", "count", 0, inf, "Elements of the longest IN list."),
    FeatureSpec("has_limit", "0/1", 0, 1, "The statement has a LIMIT."),
    FeatureSpec("join_count", "count", 0, inf, "Joins of the statement."),
    FeatureSpec("complexity", "score", 0, inf, "Complexity of the statement's syntax tree."),
    FeatureSpec("is_write", "0/1", 0, 1, "It inserts, updates or deletes."),
    FeatureSpec("supplied_ratio", "ratio", 0, 1, "Share with a parameter out of earlier rows; nan without provenance."),
    FeatureSpec("call_path_depth", "count", 0, inf, "User frames of the call path; nan without call paths."),
    FeatureSpec("failed_ratio", "ratio", 0, 1, "Share of executions that failed."),
)


class QueryFeatureExtractor:
    """Named numeric features of a context: a :class:`~ennead.kernel.features.FeatureExtractor`.

    Pure: the same context gives the same vector. Statements are parsed once per distinct text and remembered.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from ennead.domains.nplusone.observation import QueryExecutionContext
    >>> empty = QueryExecutionContext("empty", None, None, datetime(2026, 1, 1, tzinfo=UTC), 1.0, ())
    >>> QueryFeatureExtractor().extract(empty)["query_frequency"]
    0.0
    """

    @property
    def specs(self) -> Sequence[FeatureSpec]:
        """The features of a context, in order."""
        return CONTEXT_FEATURES

    @property
    def group_specs(self) -> Sequence[FeatureSpec]:
        """The features of a repeated group, in order."""
        return GROUP_FEATURES

    def extract(self, observation: QueryExecutionContext, /) -> Mapping[str, float]:
        """One finite number for each of :attr:`specs`; an empty context gives zeros."""
        queries = observation.queries
        count = len(queries)
        if count == 0:
            return {spec.name: 0.0 for spec in CONTEXT_FEATURES}
        texts = Counter((query.statement, query.database) for query in queries)
        shapes = [(shape_of(*text), times) for text, times in texts.items()]
        statements = Counter(query.statement_fingerprint for query in queries)
        seconds = max(observation.duration_ms, observation.database_ms, 1e-3) / 1000.0
        return {
            "query_frequency": count / seconds,
            "query_repetition_rate": (count - len(statements)) / count,
            "avg_query_execution_time": observation.database_ms / count,
            "timing_pattern_regularity": _variation([query.offset_ms for query in queries]),
            "avg_query_complexity": sum(shape.complexity * times for shape, times in shapes) / count,
            "avg_join_count": sum(shape.join_count * times for shape, times in shapes) / count,
            "loop_execution_detected": float(_has_loop(observation)),
            "query_similarity_score": _collision_chance(list(statements.values()), count),
        }

    def extract_group(self, group: QueryGroup) -> Mapping[str, float]:
        """One number, or ``nan`` for missing evidence, for each of :attr:`group_specs`."""
        context, queries = group.context, group.queries
        shape = shape_of(group.first.statement, group.first.database)
        rows = [query.row_count for query in queries if query.row_count is not None]
        first, last = queries[0], queries[-1]
        span = last.offset_ms + last.duration_ms - first.offset_ms
        varying = set(group.varying)
        return {
            "log_count": log1p(group.count),
            "distinct_parameter_ratio": group.distinct_count / group.count,
            "share_of_queries": group.count / len(context.queries),
            "share_of_database_time": group.duration_ms / context.database_ms if context.database_ms else 0.0,
            "gap_regularity": _variation([query.offset_ms for query in queries]),
            "adjacency": _adjacency(group.indexes),
            "burst_density": min(group.duration_ms / span, 1.0) if span > 0 else 1.0,
            "mean_rows": sum(rows) / len(rows) if rows else nan,
            "lazy_load_ratio": group.lazy_load_count / group.count if group.orm else nan,
            "varies_by_key": float(group.varies_by_key),
            "varies_by_page": float(bool(varying) and not varying - {"page", "range"}),
            "largest_list": float(group.largest_list),
            "has_limit": float(group.roles.has_limit),
            "join_count": float(shape.join_count),
            "complexity": shape.complexity,
            "is_write": float(first.is_write),
            "supplied_ratio": _supplied_ratio(group),
            "call_path_depth": float(len(group.call_path)) if group.call_path else nan,
            "failed_ratio": group.failed_count / (group.count + group.failed_count),
        }


def _variation(offsets_ms: Sequence[float]) -> float:
    """Coefficient of variation of the gaps; 0 for fewer than two gaps or gaps of no length."""
    gaps = [later - earlier for earlier, later in pairwise(offsets_ms)]
    mean = sum(gaps) / len(gaps) if gaps else 0.0
    if len(gaps) < 2 or mean <= 0:  # noqa: PLR2004 -- one gap does not vary
        return 0.0
    return sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) / mean


def _has_loop(context: QueryExecutionContext) -> bool:
    return any(
        group.count >= _MIN_LOOP_REPEATS and group.distinct_count >= _MIN_LOOP_REPEATS
        for group in group_queries(context)
    )


def _collision_chance(counts: Sequence[int], total: int) -> float:
    if total < 2:  # noqa: PLR2004 -- nothing to compare with
        return 0.0
    return sum(count * (count - 1) for count in counts) / (total * (total - 1))


def _adjacency(indexes: Sequence[int]) -> float:
    follows = sum(later == earlier + 1 for earlier, later in pairwise(indexes))
    return follows / (len(indexes) - 1) if len(indexes) > 1 else 0.0


def _supplied_ratio(group: QueryGroup) -> float:
    if not group.context.has_provenance:
        return nan
    return sum(map(bool, group.supplies)) / group.count
