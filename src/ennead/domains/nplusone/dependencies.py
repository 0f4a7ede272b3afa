"""Dependencies between the statements of one unit of work: whose rows feed which, and which runs after which.

Two witnesses say whose rows feed a statement. *Provenance* saw the values: a varying parameter came out of the other's
rows. *Order* only looked on: of the results of several rows before the statement began, the latest one with as many
rows as the statement ran times, or else the latest one. It needs no parameters and may be wrong.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ennead.domains.nplusone.groups import group_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.observation import QueryExecutionContext

_MANY_ROWS = 2
_MOST = 0.5
"""Share of the executions that one group has to have fed."""


class Dependency(NamedTuple):
    """What one statement, at one call path, depends on. Groups are told by their numbers in order of appearance."""

    group: int
    statement_fingerprint: str
    query_count: int
    """Executions."""
    fed_by: int | None
    """The group whose rows its parameters come from; ``None`` where there is none, or nobody knows."""
    fed_ratio: float | None
    """Share of the executions that it fed; ``None`` without provenance."""
    witness: Literal["provenance", "order"] | None
    """Who says so."""
    follows: int | None
    """The group that most often ran directly before it; itself, where it only repeats."""
    follows_ratio: float
    """Share of the executions of which that is so."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return self._asdict()


def dependencies_of(context: QueryExecutionContext) -> tuple[Dependency, ...]:
    """One row for each group of a context, in order of appearance.

    Examples
    --------
    >>> from ennead.domains.nplusone.examples import example_contexts
    >>> orders, customers = dependencies_of(example_contexts()[0])
    >>> customers.fed_by, customers.witness, customers.follows, customers.follows_ratio
    (0, 'order', 1, 0.8)
    """
    groups = group_queries(context)
    before = _predecessors(groups)
    return tuple(_dependency(group, groups, before) for group in groups)


class Feeder(NamedTuple):
    """Whose rows feed a group, and who says so."""

    group: QueryGroup
    ratio: float | None
    """Share of the executions that it fed; ``None`` without provenance."""
    witness: Literal["provenance", "order"]

    def to_dict(self) -> dict[str, Any]:
        """JSON values, with the statement and its place in place of the group."""
        site = self.group.call_path[0] if self.group.call_path else None
        return {
            "statement": self.group.first.statement,
            "statement_fingerprint": self.group.first.statement_fingerprint,
            "call_site": site.to_dict() if site else None,
            "ratio": self.ratio,
            "witness": self.witness,
        }


def feeder_of(group: QueryGroup, groups: Sequence[QueryGroup]) -> Feeder | None:
    """Whose rows feed one group; ``None`` where there is none, or nobody knows."""
    if group.context.has_provenance:
        ratio, number = max(
            ((group.supplied_ratio(other), -other.number) for other in groups if other.number != group.number),
            default=(0.0, 0),
        )
        return Feeder(groups[-number], ratio, "provenance") if ratio >= _MOST else None
    number_by_order = fed_by_order(group, groups)
    return Feeder(groups[number_by_order], None, "order") if number_by_order is not None else None


def fed_by_order(group: QueryGroup, groups: Sequence[QueryGroup]) -> int | None:
    """Whose rows feed a group, as far as order and numbers of rows tell.

    Of the results of several rows that were there when the group began, the latest one with as many rows as the group
    has executions; else the latest one of all.
    """
    if group.count < _MANY_ROWS:
        return None
    rows = [
        (index, other.number, query.row_count or 0)
        for other in groups
        if other.number != group.number and other.first.is_read
        for index, query in zip(other.indexes, other.queries, strict=True)
        if index < group.indexes[0] and (query.row_count or 0) >= _MANY_ROWS
    ]
    as_many = [each for each in rows if each[2] == group.count]
    return max(as_many or rows)[1] if rows else None


def _dependency(group: QueryGroup, groups: Sequence[QueryGroup], before: dict[int, int]) -> Dependency:
    feeder = feeder_of(group, groups)
    leads = Counter(before[index] for index in group.indexes if index in before)
    follows, times = leads.most_common(1)[0] if leads else (None, 0)
    return Dependency(
        group.number,
        group.first.statement_fingerprint,
        group.count,
        feeder.group.number if feeder else None,
        feeder.ratio if feeder else None,
        feeder.witness if feeder else None,
        follows,
        times / group.count,
    )


def _predecessors(groups: Sequence[QueryGroup]) -> dict[int, int]:
    """For each query that is in a group, the group of the one before it."""
    numbers = {index: group.number for group in groups for index in group.indexes}
    indexes = sorted(numbers)
    return {index: numbers[previous] for previous, index in pairwise(indexes)}
