"""What happens to records between the database and a detector: evidence goes missing, texts and traces are cut."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ennead.training.generator.stage import Played

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord

_SHORTEST = 4
_CUT_AT = 60


def worn(random: Random, played: Played) -> Played:
    """The same unit of work with some of its evidence missing; the truth about a query stays what it was."""
    for share, wear in ((0.15, _cut_end), (0.07, _cut_beginning), (0.05, _sampled)):
        if random.random() < share:
            played = _only(played, wear(random, len(played.context.queries)))
    for share, change in _CHANGES:
        if random.random() < share:
            played = played._replace(context=_changed(played.context, change))
    return played


def _cut_end(random: Random, count: int) -> Iterable[int]:
    """A buffer was full, or the work ended early."""
    return range(random.randint(min(_SHORTEST, count), count))


def _cut_beginning(random: Random, count: int) -> Iterable[int]:
    """Recording began in the middle."""
    return range(random.randint(0, max(count - _SHORTEST, 0)), count)


def _sampled(random: Random, count: int) -> Iterable[int]:
    """Spans were dropped here and there."""
    share = random.uniform(0.5, 0.95)
    return [index for index in range(count) if random.random() < share] or range(count)


def _only(played: Played, kept: Iterable[int]) -> Played:
    """The queries at these positions; provenance follows them."""
    numbers = {index: number for number, index in enumerate(kept)}
    queries = tuple(_renumbered(played.context.queries[index], numbers) for index in numbers)
    truth = frozenset(numbers[index] for index in played.n_plus_one if index in numbers)
    return Played(replace(played.context, queries=queries), truth)


def _renumbered(query: QueryRecord, numbers: dict[int, int]) -> QueryRecord:
    supplies = (supply._replace(query=numbers[supply.query]) for supply in query.supplied_by if supply.query in numbers)
    return query._replace(supplied_by=tuple(supplies))


def _changed(context: QueryExecutionContext, change: Callable[[QueryRecord], QueryRecord]) -> QueryExecutionContext:
    return replace(context, queries=tuple(map(change, context.queries)))


def _without_places(query: QueryRecord) -> QueryRecord:
    return query._replace(call_path=())


def _without_orm(query: QueryRecord) -> QueryRecord:
    return query._replace(orm=None, relation=None, lazy_load=False)


def _without_provenance(query: QueryRecord) -> QueryRecord:
    return query._replace(supplied_by=())


def _without_row_counts(query: QueryRecord) -> QueryRecord:
    return query._replace(row_count=None)


def _in_whole_milliseconds(query: QueryRecord) -> QueryRecord:
    return query._replace(offset_ms=float(int(query.offset_ms)), duration_ms=float(int(query.duration_ms)))


def _without_columns(query: QueryRecord) -> QueryRecord:
    """Some exporters shorten the list of columns."""
    return _told_as(query, re.sub(r"(?i)^select .*? from ", "SELECT ... FROM ", query.statement))


def _cut_short(query: QueryRecord) -> QueryRecord:
    """Others cut the text."""
    return _told_as(query, query.statement if len(query.statement) <= _CUT_AT else query.statement[:_CUT_AT] + "...")


def _as_summary(query: QueryRecord) -> QueryRecord:
    """Others tell operation and table only."""
    return _told_as(query, f"{query.operation.upper()} {' '.join(query.tables)}".strip())


def _told_as(query: QueryRecord, statement: str) -> QueryRecord:
    """What is not told is not told apart: the text is the fingerprint."""
    return query._replace(statement=statement, statement_fingerprint=statement)


_CHANGES: tuple[tuple[float, Callable[[QueryRecord], QueryRecord]], ...] = (
    (0.1, _without_places),
    (0.15, _without_orm),
    (0.2, _without_provenance),
    (0.1, _without_row_counts),
    (0.15, _in_whole_milliseconds),
    (0.04, _without_columns),
    (0.03, _cut_short),
    (0.03, _as_summary),
)
"""Each with its probability."""
