"""What the order and the times of the queries say of a group: all that is left when a database is only listened to.

Everything is counted over the first :data:`LONGEST` executions of a group, so that a loop of thousands costs no more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import pairwise
from math import inf, log, log1p, sqrt
from operator import lt, mul
from statistics import median
from typing import TYPE_CHECKING

from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.observation import GROUPED_OPERATIONS, WRITES
from ennead.domains.nplusone.related_reads import offer_of, wanted_of
from ennead.kernel.features import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
    from ennead.domains.nplusone.related_reads import Offer

LONGEST = 100
_ALIKE = 0.8
_TURNS = 20
_MADE, _INTERLEAVED = "_sequence_counts", "_interleaved"
"""What a context and a group remember, as a cached property would."""

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
    FeatureSpec("interleaved_count", "log", 0, inf, "log(1 + other groups that take turns with this one)."),
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
    FeatureSpec(
        "related_read_before", "0/1", 0, 1, "An earlier read may have brought the keys it compares, by their names."
    ),
    FeatureSpec("related_list_before", "0/1", 0, 1, "One that compares no key and has no LIMIT may have."),
)


class _Counts:
    """What all groups of a context are compared with; made once for each context."""

    def __init__(self, context: QueryExecutionContext) -> None:
        groups = [(group, group.first) for group in group_queries(context)]
        self.largest = max(group.count for group, _ in groups)
        self.by_size: defaultdict[int, list[QueryGroup]] = defaultdict(list)
        for group, _ in groups:
            self.by_size[group.count].append(group)
        self.places = Counter(first.statement_fingerprint for _, first in groups)
        ways = {(first.statement_fingerprint, first.connection) for _, first in groups}
        self.connections = Counter(fingerprint for fingerprint, _ in ways)
        operations = [query.operation for query in context.queries]
        self.writes = [index for index, operation in enumerate(operations) if operation in WRITES]
        self.controls = [index for index, operation in enumerate(operations) if operation not in GROUPED_OPERATIONS]
        self.offers = list(_offers(groups))
        self._groups_of: defaultdict[str, list[QueryGroup]] = defaultdict(list)
        for group, first in groups:
            for table in first.tables:
                self._groups_of[table].append(group)

    def mates(self, group: QueryGroup) -> tuple[Sequence[int], Sequence[int]]:
        """Positions of the writes to the group's tables, and of what else reads them."""
        own = group.first.statement_fingerprint
        near = {mate.number: mate for table in group.first.tables for mate in self._groups_of[table]}
        others = [mate for mate in near.values() if mate.first.statement_fingerprint != own]
        writes = [index for mate in others if mate.first.is_write for index in mate.indexes]
        reads = [index for mate in others if mate.first.is_read for index in mate.indexes]
        return sorted(writes), sorted(reads)

    def companions(self, count: int) -> int:
        """Groups with nearly as many executions, the one that asks left out."""
        near = count * _ALIKE
        return sum(len(same) for size, same in self.by_size.items() if near <= size and size * _ALIKE <= count) - 1


def sequence_features(group: QueryGroup) -> dict[str, float]:
    """Numbers of :data:`SEQUENCE_FEATURES`, in order; all of them are known at every level of evidence."""
    context, queries, indexes = group.context, group.queries, group.indexes
    counts = _counts_of(context)
    total, fingerprint = len(context.queries), queries[0].statement_fingerprint
    last = queries[-1]
    lasted_ms = last.offset_ms + last.duration_ms - queries[0].offset_ms
    steps = [later - earlier for earlier, later in pairwise(indexes[:LONGEST])]
    return {
        "log_count": log1p(group.count),
        "share_of_queries": group.count / total,
        "share_of_database_time": group.duration_ms / context.database_ms if context.database_ms else 0.0,
        "gap_regularity": variation_of_gaps([query.offset_ms for query in queries[:LONGEST]]),
        "adjacency": steps.count(1) / len(steps) if steps else 0.0,
        "burst_density": min(group.duration_ms / lasted_ms, 1.0) if lasted_ms > 0 else 1.0,
        "failed_ratio": group.failed_count / (group.count + group.failed_count),
        "log_query_count": log1p(total),
        "first_position": indexes[0] / total,
        "extent": (indexes[-1] - indexes[0] + 1) / total,
        "step_regularity": _variation(steps),
        "log_median_step": log(median(steps)) if steps else 0.0,
        "same_predecessor_ratio": _same_predecessor_ratio(group),
        "count_to_largest": group.count / counts.largest,
        "companion_count": log1p(counts.companions(group.count)),
        "interleaved_count": log1p(len(interleaved(group))),
        "connection_count": float(counts.connections[fingerprint]),
        "place_count": log1p(counts.places[fingerprint]),
        **_durations(group),
        **_between(group),
        **_related(group),
    }


def interleaved(group: QueryGroup) -> Sequence[QueryGroup]:
    """The other groups that ran once between each two executions: one body of a loop; found once for each group."""
    made: Sequence[QueryGroup] | None = vars(group).get(_INTERLEAVED)
    if made is None:
        by_size = _counts_of(group.context).by_size if group.count > 1 else {}
        near = (mate for size in range(group.count - 1, group.count + 2) for mate in by_size.get(size, ()))
        made = [mate for mate in near if mate.number != group.number and mate.count > 1 and _take_turns(mate, group)]
        vars(group)[_INTERLEAVED] = made
    return made


def _take_turns(one: QueryGroup, other: QueryGroup) -> bool:
    first, second = (one, other) if one.indexes[0] < other.indexes[0] else (other, one)
    if first.indexes[1] < second.indexes[0]:
        return False  # most of them: one after the other
    leading, following = first.indexes[:_TURNS], second.indexes[:_TURNS]
    return all(map(lt, leading, following)) and all(map(lt, following, leading[1:]))


def variation_of_gaps(offsets_ms: Sequence[float]) -> float:
    """Coefficient of variation of the gaps; 0 for fewer than two gaps or gaps of no length."""
    return _variation([later - earlier for earlier, later in pairwise(offsets_ms)])


def _variation(values: Sequence[float]) -> float:
    """Standard deviation by mean; 0 for fewer than two values or a mean of nothing."""
    mean = sum(values) / len(values) if values else 0.0
    if len(values) < 2 or mean <= 0:  # noqa: PLR2004 -- one value does not vary
        return 0.0
    away = [value - mean for value in values]
    return sqrt(sum(map(mul, away, away)) / len(values)) / mean


def _counts_of(context: QueryExecutionContext) -> _Counts:
    made: _Counts | None = vars(context).get(_MADE)
    if made is None:
        made = vars(context)[_MADE] = _Counts(context)
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
    indexes, counts = group.indexes[:LONGEST], _counts_of(group.context)
    longest = max((later - earlier for earlier, later in pairwise(indexes)), default=1)
    ends = (*indexes[1:], min(indexes[-1] + longest, len(group.context.queries)))
    mate_writes, mate_reads = counts.mates(group)
    return {
        "write_between_ratio": _share(indexes, ends, counts.writes),
        "mate_write_ratio": _share(indexes, ends, mate_writes),
        "mate_read_ratio": _share(indexes, ends, mate_reads),
        "control_between_ratio": _share(indexes, ends, counts.controls),
        "table_read_before": float(bool(mate_reads) and mate_reads[0] < indexes[0]),
    }


def _related(group: QueryGroup) -> dict[str, float]:
    """Earlier reads that may have brought the keys; a loop's own body is among them from its second turn on."""
    first, end = group.first, group.indexes[min(len(group.indexes), 2) - 1]
    wanted = wanted_of(first.statement, first.tables)
    lists = [
        offer.is_list
        for index, fingerprint, offer in _counts_of(group.context).offers
        if index < end and fingerprint != first.statement_fingerprint and wanted.is_met_by(offer)
    ]
    return {"related_read_before": float(bool(lists)), "related_list_before": float(any(lists))}


def _offers(groups: Iterable[tuple[QueryGroup, QueryRecord]]) -> Iterator[tuple[int, str, Offer]]:
    """What the reads of a context may bring, each statement once, with the position of its first execution."""
    seen: set[str] = set()
    for group, first in groups:
        if first.is_read and first.statement_fingerprint not in seen:
            seen.add(first.statement_fingerprint)
            yield group.indexes[0], first.statement_fingerprint, offer_of(first.statement, first.tables)


def _share(starts: Sequence[int], ends: Sequence[int], positions: Sequence[int]) -> float:
    """Share of the intervals that hold one of the positions, which are ascending."""
    if not positions:
        return 0.0
    beyond = (*positions, inf)
    following = [beyond[bisect_right(positions, start)] for start in starts]
    return float(sum(map(lt, following, ends)) / len(starts))
