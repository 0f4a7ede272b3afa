"""The three input levels: how much is known of a query, and contexts with less of it.

``full`` is what the agent records. ``sql`` is what a database's log has: statements and parameters, but neither call
sites nor the ORM's evidence, provenance or row counts. ``spans`` is what plain OpenTelemetry has: statements and times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord

Level = Literal["full", "sql", "spans"]
LEVELS: tuple[Level, ...] = get_args(Level)
_MADE = "_level"
"""What a context remembers of it, as a cached property would."""


def level_of(context: QueryExecutionContext) -> Level:
    """The richest kind of evidence that any query of the context has; an empty context has the poorest.

    Examples
    --------
    >>> from ennead.domains.nplusone.examples import example_contexts
    >>> context = example_contexts()[0]
    >>> [level_of(reduce_to(context, level)) for level in LEVELS]
    ['full', 'sql', 'spans']
    """
    level: Level | None = vars(context).get(_MADE)
    if level is None:
        level = vars(context)[_MADE] = _find_level(context.queries)
    return level


def _find_level(queries: Iterable[QueryRecord]) -> Level:
    if any(query.call_path or query.orm for query in queries):
        return "full"
    return "sql" if any(query.parameters_hash is not None for query in queries) else "spans"


def reduce_to(context: QueryExecutionContext, level: Level) -> QueryExecutionContext:
    """The context as it would have been recorded at a poorer level; the order and the times of the queries stay."""
    if level == "full":
        return context
    reduce = _without_places if level == "sql" else _without_parameters
    return replace(context, queries=tuple(map(reduce, context.queries)), entry=None, handler=None, inside=())


def _without_places(query: QueryRecord) -> QueryRecord:
    return query._replace(
        call_path=(), relation=None, lazy_load=False, orm=None, supplied_by=(), row_count=None, unit=0
    )


def _without_parameters(query: QueryRecord) -> QueryRecord:
    return _without_places(query)._replace(
        parameters_hash=None, parameter_hashes=(), list_sizes=(), transaction=None, batch_size=1
    )
