"""What one walk over Tortoise's frames found out about a query, and the ORM evidence made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.sources.django.build_sites import built_elsewhere
from ennead.sources.tortoise.marks import mark_of

if TYPE_CHECKING:
    from ennead.agent.call_path import Walk
    from ennead.kernel.records import OrmKind
    from ennead.sources.tortoise.marks import Mark
    from ennead.sources.tortoise.relations import Relation

_READS = {
    "QuerySet": None,
    "CountQuery": "count",
    "ExistsQuery": "exists",
    "ContainsQuery": "contains",
    "ValuesQuery": "values",
    "ValuesListQuery": "values_list",
    "RawSQLQuery": "raw",
}
_AGGREGATES = frozenset({"count", "exists", "contains"})


class Facts:
    """What the inspectors have seen so far, from the driver outwards."""

    __slots__ = ("is_eager", "method", "query", "relation", "written")

    def __init__(self) -> None:
        self.query: Any = None
        self.written: Any = None
        """The model whose row is written."""
        self.method: str | None = None
        self.relation: Relation | None = None
        """Of a prefetch."""
        self.is_eager = False


def conclude(walk: Walk, facts: Facts) -> None:
    """Give the walk its evidence."""
    query = facts.query
    model = facts.written if query is None else query.model
    if model is None and facts.relation is None:
        return
    mark = mark_of(query) if query is not None else None
    is_read = facts.relation is not None or (query is not None and type(query).__name__ in _READS)
    relation = facts.relation or (mark.relation if mark else None)
    is_lazy = is_read and relation is not None and not facts.is_eager
    method = facts.method or (_operation_of(query, mark) if query is not None and facts.relation is None else None)
    target = relation.target if relation else model.__name__
    walk.add_evidence(
        library="tortoise",
        lazy_load=is_lazy,
        kind=_kind(method, relation) if is_read else None,
        relation=f"{relation.owner}.{relation.name}" if relation else None,
        owner=relation.owner if relation else None,
        target=target,
        cardinality=relation.cardinality if relation else None,
        models=tuple(dict.fromkeys((target, *_joined_models(query)))),
        method=method,
        eager=facts.is_eager,
    )
    if mark is not None and mark.built is not None and facts.relation is None:
        walk.add_evidence(built_at=built_elsewhere(mark.built, walk))


def _kind(method: str | None, relation: Relation | None) -> OrmKind:
    if method in _AGGREGATES:
        return "aggregate"
    return "lookup" if relation is None else "relation"


def _joined_models(query: Any) -> tuple[str, ...]:
    """Labels of the models that ``select_related()`` loads along."""
    return tuple(model.__name__ for model, *_ in getattr(query, "_select_related_idx", ())[1:])


def _operation_of(query: Any, mark: Mark | None) -> str | None:
    """The operation, told from the query set; ``None`` for one that loads all rows, or a whole relation."""
    name = type(query).__name__
    if name != "QuerySet":
        return _READS.get(name) or name.removesuffix("Query").lower()
    relation = mark.relation if mark is not None else None
    if relation is not None and relation.cardinality == "one":
        return None
    if query._single:
        return "get" if query._raise_does_not_exist else "first"
    if query._limit is not None or query._offset is not None:
        return "slice"
    if relation is not None and len(query._q_objects) > 1:
        return "filter"
    if relation is not None and query._distinct:
        return "distinct"
    return "order_by" if relation is not None and query._orderings else None
