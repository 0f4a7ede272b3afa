"""Identical queries: the same statement with the same parameters, again and again."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.groups import is_housekeeping
from ennead.domains.nplusone.observation import WRITES
from ennead.domains.nplusone.parameter_roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord

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
    no table, reads whose parameters were not recorded.

    Parameters
    ----------
    context
        The unit of work.
    taken
        Positions that another finding tells of already.
    minimum
        Executions that are worth telling of.
    """
    runs = _Runs()
    for index, query in enumerate(context.queries):
        if query.operation in WRITES:
            runs.end(query.tables)
        elif index not in taken and _may_repeat(query):
            key = (query.unit, query.statement_fingerprint, query.parameters_hash, query.connection, query.tables)
            runs.add(key, index)
    for indexes in runs.all():
        if len(indexes) >= minimum and not _is_poll(context, indexes) and not _locks(context, indexes[0]):
            yield RepeatedQuery(tuple(indexes))


def _may_repeat(query: QueryRecord) -> bool:
    if not query.is_read or not query.tables or query.error is not None or is_housekeeping(query):
        return False
    return query.parameters_hash is not None or not roles_of(query.statement).roles


class _Runs:
    """Identical reads, each run until one of its tables is written."""

    def __init__(self) -> None:
        self._going: dict[_Key, list[int]] = {}
        self._ended: list[list[int]] = []
        self._readers: dict[str, list[_Key]] = {}
        """Keys of the runs that read a table."""

    def add(self, key: _Key, index: int) -> None:
        run = self._going.get(key)
        if run is not None:
            run.append(index)
            return
        self._going[key] = [index]
        for table in key[4]:
            self._readers.setdefault(table, []).append(key)

    def end(self, tables: Iterable[str]) -> None:
        for table in tables:
            for key in self._readers.pop(table, ()):
                run = self._going.pop(key, None)
                if run is not None:
                    self._ended.append(run)

    def all(self) -> Iterator[list[int]]:
        yield from self._ended
        yield from self._going.values()


def _is_poll(context: QueryExecutionContext, indexes: list[int]) -> bool:
    """Whether it waits between the executions much longer than they take."""
    queries = [context.queries[index] for index in indexes]
    pauses = [later.offset_ms - (earlier.offset_ms + earlier.duration_ms) for earlier, later in pairwise(queries)]
    busy = sum(query.duration_ms for query in queries) / len(queries)
    return min(pauses, default=0.0) > max(_SIGNIFICANT_PAUSE * busy, _SHORTEST_POLL_MS)


def _locks(context: QueryExecutionContext, index: int) -> bool:
    statement = context.queries[index].statement.upper()
    return "FOR UPDATE" in statement or "SKIP LOCKED" in statement
