"""From a context, and from each repeated group in it, to named numbers.

Schema-agnostic: no table names, no SQL text, no literals. ``nan`` says that the evidence is missing.
"""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from ennead.domains.nplusone.group_features import GROUP_FEATURES, features_of
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.sequence_features import variation_of_gaps
from ennead.domains.nplusone.statement_tree import shape_of
from ennead.kernel.features import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext

__all__ = ["CONTEXT_FEATURES", "GROUP_FEATURES", "QueryFeatureExtractor"]
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
            "timing_pattern_regularity": variation_of_gaps([query.offset_ms for query in queries]),
            "avg_query_complexity": sum(shape.complexity * times for shape, times in shapes) / count,
            "avg_join_count": sum(shape.join_count * times for shape, times in shapes) / count,
            "loop_execution_detected": float(_has_loop(observation)),
            "query_similarity_score": _collision_chance(list(statements.values()), count),
        }

    def extract_group(self, group: QueryGroup) -> Mapping[str, float]:
        """One number, or ``nan`` for missing evidence, for each of :attr:`group_specs`."""
        return features_of(group)


def _has_loop(context: QueryExecutionContext) -> bool:
    return any(
        group.count >= _MIN_LOOP_REPEATS and group.distinct_count >= _MIN_LOOP_REPEATS
        for group in group_queries(context)
    )


def _collision_chance(counts: Sequence[int], total: int) -> float:
    if total < 2:  # noqa: PLR2004 -- nothing to compare with
        return 0.0
    return sum(count * (count - 1) for count in counts) / (total * (total - 1))
