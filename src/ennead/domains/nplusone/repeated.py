"""Identical queries: the same statement with the same parameters, again and again."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.groups import is_housekeeping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.domains.nplusone.observation import QueryExecutionContext

_SIGNIFICANT_PAUSE = 20.0
_SHORTEST_POLL_MS = 50.0


_Key = tuple[int, str, str | None, str, tuple[str, ...]]
"""Unit, fingerprint, parameters, connection, tables."""


class RepeatedQuery(NamedTuple):
    """Positions of identical executions in the context's queries."""

    indexes: tuple[int, ...]


def repeated_queries(context: QueryExecutionContext, taken: set[int], minimum: int) -> Iterator[RepeatedQuery]:
    """Identical reads that nothing can have changed in between.

    Silent: polls (long pauses between), reads with a write to one of their tables in between, locking reads, reads of
    no table.

    Parameters
    ----------
    context
        The unit of work.
    taken
        Positions that another finding tells of already.
    minimum
        Executions that are worth telling of.
    """
    runs: dict[_Key, list[int]] = {}
    ended: list[list[int]] = []
    for index, query in enumerate(context.queries):
        if query.is_write:
            ended.extend(_end_runs(runs, set(query.tables)))
        elif (
            query.is_read and query.tables and query.error is None and not is_housekeeping(query) and index not in taken
        ):
            key = (query.unit, query.statement_fingerprint, query.parameters_hash, query.connection, query.tables)
            runs.setdefault(key, []).append(index)
    for indexes in (*ended, *runs.values()):
        if len(indexes) >= minimum and not _is_poll(context, indexes) and not _locks(context, indexes[0]):
            yield RepeatedQuery(tuple(indexes))


def _end_runs(runs: dict[_Key, list[int]], tables: set[str]) -> Iterator[list[int]]:
    """Take out the runs of reads from tables that have just been written."""
    for key in [key for key in runs if tables & set(key[4])]:
        yield runs.pop(key)


def _is_poll(context: QueryExecutionContext, indexes: list[int]) -> bool:
    """Whether it waits between the executions much longer than they take."""
    queries = [context.queries[index] for index in indexes]
    pauses = [later.offset_ms - (earlier.offset_ms + earlier.duration_ms) for earlier, later in pairwise(queries)]
    busy = sum(query.duration_ms for query in queries) / len(queries)
    return min(pauses, default=0.0) > max(_SIGNIFICANT_PAUSE * busy, _SHORTEST_POLL_MS)


def _locks(context: QueryExecutionContext, index: int) -> bool:
    statement = context.queries[index].statement.upper()
    return "FOR UPDATE" in statement or "SKIP LOCKED" in statement
