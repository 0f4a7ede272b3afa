"""What the order and the times of the queries say of a group: all that is left when a database is only listened to.

Everything is counted over the first :data:`LONGEST` executions of a group, so that a loop of thousands costs no more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import inf, log, log1p, sqrt
from statistics import median
from typing import TYPE_CHECKING

from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.observation import GROUPED_OPERATIONS
from ennead.kernel.features import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext

LONGEST = 200
_ALIKE = 0.8
_MADE = "_sequence_counts"

SEQUENCE_FEATURES: tuple[FeatureSpec, ...] = (
    FeatureSpec("log_count", "log", 0, inf, "log(1 + executions)."),
    FeatureSpec("share_of_queries", "ratio", 0, 1, "Executions by queries of the context."),
    FeatureSpec("share_of_database_time", "ratio", 0, 1, "Duration by database time of the context."),
    FeatureSpec("gap_regularity", "ratio", 0, inf, "Coefficient of variation of the gaps between starts."),
    FeatureSpec("adjacency", "ratio", 0, 1, "Share of executions that directly follow another one of the group."),
    FeatureSpec("burst_density", "ratio", 0, 1, "Time in the group's queries by time from its first to its last."),
    FeatureSpec("failed_ratio", "ratio", 0, 1, "Share of executions that failed."),
    FeatureSpec("log_query_count", "log", 0, inf, "log(1 + queries of the context)."),
    FeatureSpec("first_position", "ratio", 0, 1, "Queries before the first execution by queries of the context."),
    FeatureSpec("extent", "ratio", 0, 1, "Queries from the first to the last execution by queries of the context."),
    FeatureSpec("step_regularity", "ratio", 0, inf, "Coefficient of variation of the steps, in queries."),
    FeatureSpec("log_median_step", "log", 0, inf, "log of the median step from one execution to the next, in queries."),
    FeatureSpec("same_predecessor_ratio", "ratio", 0, 1, "Share of executions after the commonest other statement."),
    FeatureSpec("count_to_largest", "ratio", 0, 1, "Executions by those of the largest group of the context."),
    FeatureSpec("companion_count", "log", 0, inf, "log(1 + other groups with nearly as many executions)."),
    FeatureSpec("connection_count", "count", 1, inf, "Connections on which the statement ran."),
    FeatureSpec("place_count", "log", 0, inf, "log(1 + groups of the same statement)."),
    FeatureSpec("log_mean_duration", "log", 0, inf, "log(1 + mean duration in microseconds)."),
    FeatureSpec("duration_variation", "ratio", 0, inf, "Coefficient of variation of the durations."),
    FeatureSpec("log_median_pause", "log", 0, inf, "log(1 + median time between executions in microseconds)."),
    FeatureSpec("write_between_ratio", "ratio", 0, 1, "Share of the executions with a write before the next one."),
    FeatureSpec("mate_write_ratio", "ratio", 0, 1, "The same, of writes to a table of the group."),
    FeatureSpec("mate_read_ratio", "ratio", 0, 1, "Share with another read of a table of the group before the next."),
    FeatureSpec(
        "control_between_ratio", "ratio", 0, 1, "Share with a statement of transaction control before the next."
    ),
    FeatureSpec("table_read_before", "0/1", 0, 1, "Another statement read a table of the group before its first one."),
)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What all groups of a context are compared with; made once for each context."""

    sizes: tuple[int, ...]
    statements: Counter[str]
    connections: Mapping[str, int]


def sequence_features(group: QueryGroup) -> dict[str, float]:
    """Numbers of :data:`SEQUENCE_FEATURES`, in order; all of them are known at every level of evidence."""
    context, queries, indexes = group.context, group.queries, group.indexes
    counts = _counts_of(context)
    total, fingerprint = len(context.queries), queries[0].statement_fingerprint
    last = queries[-1]
    lasted_ms = last.offset_ms + last.duration_ms - queries[0].offset_ms
    steps = [later - earlier for earlier, later in pairwise(indexes[:LONGEST])]
    near = group.count * _ALIKE
    companions = sum(near <= size and size * _ALIKE <= group.count for size in counts.sizes) - 1
    return {
        "log_count": log1p(group.count),
        "share_of_queries": group.count / total,
        "share_of_database_time": group.duration_ms / context.database_ms if context.database_ms else 0.0,
        "gap_regularity": variation_of_gaps([query.offset_ms for query in queries]),
        "adjacency": steps.count(1) / len(steps) if steps else 0.0,
        "burst_density": min(group.duration_ms / lasted_ms, 1.0) if lasted_ms > 0 else 1.0,
        "failed_ratio": group.failed_count / (group.count + group.failed_count),
        "log_query_count": log1p(total),
        "first_position": indexes[0] / total,
        "extent": (indexes[-1] - indexes[0] + 1) / total,
        "step_regularity": _variation(steps),
        "log_median_step": log(median(steps)) if steps else 0.0,
        "same_predecessor_ratio": _same_predecessor_ratio(group),
        "count_to_largest": group.count / max(counts.sizes),
        "companion_count": log1p(max(companions, 0)),
        "connection_count": float(counts.connections[fingerprint]),
        "place_count": log1p(counts.statements[fingerprint]),
        **_durations(group),
        **_between(group),
    }


def variation_of_gaps(offsets_ms: Sequence[float]) -> float:
    """Coefficient of variation of the gaps; 0 for fewer than two gaps or gaps of no length."""
    return _variation([later - earlier for earlier, later in pairwise(offsets_ms)])


def _variation(values: Sequence[float]) -> float:
    """Standard deviation by mean; 0 for fewer than two values or a mean of nothing."""
    mean = sum(values) / len(values) if values else 0.0
    if len(values) < 2 or mean <= 0:  # noqa: PLR2004 -- one value does not vary
        return 0.0
    return sqrt(sum((value - mean) ** 2 for value in values) / len(values)) / mean


def _counts_of(context: QueryExecutionContext) -> _Counts:
    made: _Counts | None = vars(context).get(_MADE)
    if made is None:
        groups = [(group, group.first) for group in group_queries(context)]
        ways = {(first.statement_fingerprint, first.connection) for _, first in groups}
        made = vars(context)[_MADE] = _Counts(
            tuple(group.count for group, _ in groups),
            Counter(first.statement_fingerprint for _, first in groups),
            Counter(fingerprint for fingerprint, _ in ways),
        )
    return made


def _same_predecessor_ratio(group: QueryGroup) -> float:
    """A loop's body runs the same statement before the repeated one, each time but the first."""
    all_queries = group.context.queries
    before = [all_queries[index - 1].statement_fingerprint for index in group.indexes[1:LONGEST]]
    return max(Counter(before).values()) / len(before) if before else 0.0


def _durations(group: QueryGroup) -> dict[str, float]:
    queries = group.queries[:LONGEST]
    pauses = [later.offset_ms - earlier.offset_ms - earlier.duration_ms for earlier, later in pairwise(queries)]
    return {
        "log_mean_duration": log1p(max(group.duration_ms / group.count, 0.0) * 1e3),
        "duration_variation": _variation([query.duration_ms for query in queries]),
        "log_median_pause": log1p(max(median(pauses), 0.0) * 1e3) if pauses else 0.0,
    }


def _between(group: QueryGroup) -> dict[str, float]:
    """What ran between one execution and the next, and after the last as far as the steps before it were."""
    all_queries, indexes, tables = group.context.queries, group.indexes[:LONGEST], frozenset(group.first.tables)
    longest = max((later - earlier for earlier, later in pairwise(indexes)), default=1)
    ends = (*indexes[1:], min(indexes[-1] + longest, len(all_queries)))
    own = group.first.statement_fingerprint
    writes = mate_writes = mate_reads = controls = 0
    for start, end in zip(indexes, ends, strict=True):
        between = all_queries[start + 1 : min(end, start + LONGEST)]
        written = [query for query in between if query.is_write]
        writes += bool(written)
        mate_writes += any(not tables.isdisjoint(query.tables) for query in written)
        mate_reads += any(
            query.is_read and query.statement_fingerprint != own and not tables.isdisjoint(query.tables)
            for query in between
        )
        controls += any(query.operation not in GROUPED_OPERATIONS for query in between)
    count = len(indexes)
    earlier = all_queries[max(indexes[0] - LONGEST, 0) : indexes[0]]
    return {
        "write_between_ratio": writes / count,
        "mate_write_ratio": mate_writes / count,
        "mate_read_ratio": mate_reads / count,
        "control_between_ratio": controls / count,
        "table_read_before": float(any(query.is_read and not tables.isdisjoint(query.tables) for query in earlier)),
    }
