"""A unit of work's queries as a stream of small numbers, for sequence models.

Schema-agnostic: no table names, no SQL text, no literals, no paths. Each query becomes one step, a number for each of
:data:`FACTORS`; a factor's 0 says that the evidence is missing where it can be. What a step says is known before the
rows of its query are fetched, so that a model may be asked while the unit of work goes on.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.parameter_roles import roles_of

if TYPE_CHECKING:
    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
    from ennead.learners.sequence import Step


class Factor(NamedTuple):
    """One number of a step."""

    name: str
    size: int
    help: str


_TIMES = (1, 2, 3, 4, 6, 12, 24)
_DISTINCT = (1, 2, 3, 4, 8)
_PARENT_ROWS = (3, 9)
_OLDEST_RANK = 7
NEW = 8
"""The symbol of a statement that did not run before in the unit of work."""
_LAST_NUMBER = 63
_MANY_ROWS = 2

FACTORS: tuple[Factor, ...] = (
    Factor("rank", 9, "Groups used since it ran last: 0-6, 7 for more, 8 for never before. The symbol."),
    Factor("operation", 5, "select, insert, update, delete, other."),
    Factor("times", 8, "Executions of the group so far: 1, 2, 3, 4, 5-6, 7-12, 13-24, more."),
    Factor("distinct", 6, "Distinct parameter sets so far (executions where unknown): 1, 2, 3, 4, 5-8, more."),
    Factor("parameters", 5, "unknown or none, first, as the time before, as some time before, new."),
    Factor("place", 3, "unknown, the statement ran only here, elsewhere too."),
    Factor("orm", 4, "unknown, no lazy load, lazy load, part of an eager load."),
    Factor("parents", 5, "Rows of the latest result of several before the group began: unknown, none, 2-3, 4-9, more."),
    Factor("progress", 4, "Executions by these rows: unknown or none, fewer, as many, more."),
    Factor("rows", 4, "Rows of the time before: unknown, 0, 1, several."),
    Factor("shape", 5, "plain, a key is compared, the same with a limit, a limit or range alone, an IN list."),
    Factor("source", 4, "Where parameters came from: unknown, nowhere, one row, one of several rows."),
    Factor("lead", 3, "first time, after the same group as the time before, after another one."),
    Factor("number", _LAST_NUMBER + 1, "Number of the group by its first appearance."),
)
"""What a step is made of, in order."""
SIZES = tuple(factor.size for factor in FACTORS)
POSITION_OF = {factor.name: position for position, factor in enumerate(FACTORS)}
_OPERATIONS = {"select": 0, "insert": 1, "update": 2, "delete": 3}


@dataclass(frozen=True)
class QueryStream:
    """The steps of one context.

    Reading and writing statements are steps; transaction control, schema changes and what failed are not.
    """

    steps: tuple[Step, ...]
    indexes: tuple[int, ...]
    """Position in the context's queries."""
    groups: tuple[QueryGroup, ...]
    """The group that each query belongs to."""


def stream_of(context: QueryExecutionContext) -> QueryStream:
    """Encode a context.

    Examples
    --------
    >>> from ennead.domains.nplusone.examples import example_contexts
    >>> stream = stream_of(example_contexts()[0])
    >>> [step[POSITION_OF["rank"]] for step in stream.steps]
    [8, 8, 0, 0, 0, 0]
    >>> [step[POSITION_OF["progress"]] for step in stream.steps]
    [0, 1, 1, 1, 1, 2]
    """
    found = {index: group for group in group_queries(context) for index in group.indexes}
    indexes = tuple(sorted(found))
    groups = tuple(found[index] for index in indexes)
    encoder = _Encoder(context)
    steps = tuple(encoder.step(context.queries[index], group) for index, group in zip(indexes, groups, strict=True))
    return QueryStream(steps, indexes, groups)


@dataclass
class _Seen:
    """What is known of one group so far."""

    number: int
    parent_rows: int | None
    times: int = 0
    last_parameters: str | None = None
    last_rows: int | None = None
    parameters: set[str] = field(default_factory=set)
    lead: int = -1


class _Encoder:
    """Turns queries into steps, in order."""

    def __init__(self, context: QueryExecutionContext) -> None:
        self._queries = context.queries
        self._has_provenance = context.has_provenance
        self._groups: dict[int, _Seen] = {}
        self._recent: list[int] = []
        """Numbers of groups, the latest first."""
        self._places: dict[str, int] = {}
        """The first group of each statement, or -1 where there are several."""
        self._latest_rows: int | None = None
        """Of the latest result of several rows; 0 if there was none yet, ``None`` if rows are not known."""

    def step(self, query: QueryRecord, group: QueryGroup) -> Step:
        seen = self._groups.get(group.number)
        if seen is None:
            seen = self._groups[group.number] = _Seen(len(self._groups), self._latest_rows)
        rank = self._rank(group.number)
        lead = self._lead(seen)
        seen.times += 1
        parameters = _parameters(seen, query.parameters_hash)
        step = (
            rank,
            _OPERATIONS.get(query.operation, 4),
            bisect_left(_TIMES, seen.times),
            bisect_left(_DISTINCT, len(seen.parameters) or seen.times),
            parameters,
            self._place(query, group),
            _orm(query),
            _parents(seen.parent_rows),
            _progress(seen),
            _rows(seen.last_rows),
            _shape(query),
            self._source(query),
            lead,
            min(seen.number, _LAST_NUMBER),
        )
        seen.last_rows = query.row_count
        self._note(query, group.number)
        return step

    def _rank(self, number: int) -> int:
        return min(self._recent.index(number), _OLDEST_RANK) if number in self._recent else NEW

    def _lead(self, seen: _Seen) -> int:
        before = self._recent[0] if self._recent else -1
        known, seen.lead = seen.lead, before
        if not seen.times:
            return 0
        return 1 if known == before else 2

    def _place(self, query: QueryRecord, group: QueryGroup) -> int:
        if not query.call_path:
            return 0
        first = self._places.setdefault(query.statement_fingerprint, group.number)
        if first != group.number:
            self._places[query.statement_fingerprint] = -1
            return 2
        return 1

    def _source(self, query: QueryRecord) -> int:
        if not self._has_provenance:
            return 0
        rows = [self._queries[supply.query].row_count or 0 for supply in query.supplied_by]
        if not rows:
            return 1
        return 3 if max(rows) >= _MANY_ROWS else 2

    def _note(self, query: QueryRecord, number: int) -> None:
        if number in self._recent:
            self._recent.remove(number)
        self._recent.insert(0, number)
        if query.row_count is None or not query.is_read:
            return
        if query.row_count >= _MANY_ROWS:
            self._latest_rows = query.row_count
        elif self._latest_rows is None:
            self._latest_rows = 0


def _parameters(seen: _Seen, told: str | None) -> int:
    if told is None:
        return 0
    if not seen.parameters:
        kind = 1
    elif told == seen.last_parameters:
        kind = 2
    else:
        kind = 3 if told in seen.parameters else 4
    seen.parameters.add(told)
    seen.last_parameters = told
    return kind


def _orm(query: QueryRecord) -> int:
    if query.orm is None:
        return 0
    if query.orm.eager:
        return 3
    return 2 if query.lazy_load else 1


def _parents(rows: int | None) -> int:
    if rows is None:
        return 0
    return 1 if not rows else 2 + bisect_left(_PARENT_ROWS, rows)


def _progress(seen: _Seen) -> int:
    if not seen.parent_rows:
        return 0
    return 1 + (seen.times >= seen.parent_rows) + (seen.times > seen.parent_rows)


def _rows(count: int | None) -> int:
    return 0 if count is None else 1 + min(count, _MANY_ROWS)


def _shape(query: QueryRecord) -> int:
    roles = roles_of(query.statement)
    if any(role.role == "list" for role in roles.roles):
        return 4
    has_key = any(role.role == "equal" and role.is_key for role in roles.roles)
    if has_key:
        return 2 if roles.has_limit else 1
    pages = roles.has_limit or any(role.role == "range" for role in roles.roles)
    return 3 if pages else 0
