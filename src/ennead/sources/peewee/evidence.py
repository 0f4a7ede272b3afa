"""What one walk over Peewee's frames found out about a query, and the ORM evidence made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from peewee import BaseQuery, Field, FieldAlias, Function, ModelSelect, Node

from ennead.sources.django.build_sites import built_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.agent.call_path import Walk
    from ennead.kernel.records import OrmKind
    from ennead.sources.django.build_sites import BuildSite

RELATION, BUILT_AT = "_ennead_relation", "_ennead_built_at"
"""Entries of a query's ``__dict__``, which Peewee copies whenever it extends a query."""
_AGGREGATES = frozenset(
    {"count", "sum", "total", "avg", "min", "max", "group_concat", "string_agg", "array_agg", "stddev", "variance"}
)
_COUNTING = frozenset({"count", "exists"})


class Relation(NamedTuple):
    """One relation between two models, as the rows of ``owner`` call it."""

    owner: str
    name: str
    target: str
    cardinality: Literal["one", "many"]

    @classmethod
    def of_foreign_key(cls, field: Any) -> Relation:
        """From the row that holds the key to the one that it names."""
        return cls(field.model.__name__, field.name, field.rel_model.__name__, "one")

    @classmethod
    def of_back_reference(cls, field: Any) -> Relation:
        """From a row to all those that name it."""
        return cls(field.rel_model.__name__, field.backref, field.model.__name__, "many")

    @classmethod
    def of_many_to_many(cls, accessor: Any) -> Relation:
        """Over a table between."""
        return cls(accessor.model.__name__, accessor.name, accessor.rel_model.__name__, "many")


class RelationMark(NamedTuple):
    """What an accessor's fresh query is: compared with the query that runs, it tells what was added since."""

    accessor: Any
    where: Any
    sources: tuple[Any, ...]

    @classmethod
    def on(cls, query: Any, accessor: Any) -> RelationMark:
        """The mark for a query just made."""
        return cls(accessor, query._where, tuple(query._from_list))

    @property
    def relation(self) -> Relation:
        """The relation that the accessor stands for."""
        if hasattr(self.accessor, "through_model"):
            return Relation.of_many_to_many(self.accessor)
        return Relation.of_back_reference(self.accessor.field)

    def added_to(self, query: Any) -> str | None:
        """The operation that made another query of it; ``None`` if it still loads the whole collection."""
        if query._limit is not None or query._offset is not None:
            return "slice"
        if query._where is not self.where or tuple(query._from_list) != self.sources or query._group_by:
            return "filter"
        if query._simple_distinct or query._distinct:
            return "distinct"
        if query._row_type is not None:
            return "values"
        return "order_by" if query._order_by else None


class Facts:
    """What the inspectors have seen so far, from the database outwards."""

    __slots__ = ("is_eager", "is_lazy", "method", "query", "relation", "statement")

    def __init__(self) -> None:
        self.statement: Any = None
        """The query that was executed."""
        self.query: Any = None
        """The innermost one that has a model: what was executed, or what that counts."""
        self.method: str | None = None
        self.relation: Relation | None = None
        self.is_lazy = False
        self.is_eager = False

    def see_query(self, query: Any) -> None:
        """Take in a query that is executed, or that a method of is running."""
        if not isinstance(query, BaseQuery):
            return
        if self.statement is None:
            self.statement = query
        if self.query is None and hasattr(query, "model"):
            self.query = query


def conclude(walk: Walk, facts: Facts) -> None:
    """Give the walk its evidence."""
    query = facts.query
    if query is None:
        return
    is_read = _is_select(query)
    relation, method = facts.relation, facts.method
    mark: RelationMark | None = query.__dict__.get(RELATION)
    if mark is not None and relation is None:
        relation = mark.relation
        facts.is_lazy = True
        method = method or mark.added_to(query)
    if _selects_aggregates(facts.statement) and method not in _COUNTING:
        method = "aggregate"
    target = query.model.__name__
    walk.add_evidence(
        library="peewee",
        lazy_load=is_read and facts.is_lazy,
        kind=_kind(method, relation) if is_read else None,
        relation=f"{relation.owner}.{relation.name}" if relation else None,
        owner=relation.owner if relation else None,
        target=relation.target if relation else target,
        cardinality=relation.cardinality if relation else None,
        models=tuple(dict.fromkeys((target, *_selected_models(query)))),
        method=method,
        eager=facts.is_eager,
    )
    built: BuildSite | None = query.__dict__.get(BUILT_AT)
    if built is not None and not facts.is_eager:
        walk.add_evidence(built_at=built_elsewhere(built, walk))


def _kind(method: str | None, relation: Relation | None) -> OrmKind:
    if method in _COUNTING or method == "aggregate":
        return "aggregate"
    return "lookup" if relation is None else "relation"


def _selected_models(query: Any) -> Iterator[str]:
    """Labels of the models whose columns a query selects: of those that it joins, too."""
    for column in getattr(query, "_returning", None) or ():
        field = column.unwrap() if isinstance(column, Node) else column
        if isinstance(field, FieldAlias):
            yield field.source.model.__name__
        elif isinstance(field, Field):
            yield field.model.__name__


def _selects_aggregates(query: Any) -> bool:
    columns = getattr(query, "_returning", None) or ()
    if not columns or not _is_select(query):
        return False
    return all(_is_aggregate(column.unwrap() if isinstance(column, Node) else column) for column in columns)


def _is_select(query: object) -> bool:
    return isinstance(query, ModelSelect)


def _is_aggregate(column: Any) -> bool:
    arguments: Any = getattr(column, "arguments", None)
    if arguments is None or not isinstance(column, Function):
        return False
    return str(column.name).lower() in _AGGREGATES or any(map(_is_aggregate, arguments))
