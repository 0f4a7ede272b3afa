"""What one walk over Django's frames found out about a query, and the ORM evidence made of it.

The frames are seen from the cursor outwards, up to the first place of the user's. Innermost wins for what was loaded
(a prefetch inside a lazy load is the prefetch's), outermost for the operation that the user called: ``first()`` calls
``__iter__`` of a slice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.sources.django.build_sites import build_site_of, built_elsewhere
from ennead.sources.django.relations import Relation, label_of, of_query_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.agent.call_path import Walk
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmKind

_NOTE = "django"
_AGGREGATES = frozenset({"count", "exists", "aggregate", "contains"})
_WRITERS = frozenset({"SQLInsertCompiler", "SQLUpdateCompiler", "SQLDeleteCompiler"})
_WRITING_METHODS = frozenset(
    {"add", "bulk_create", "bulk_update", "clear", "create", "delete", "remove", "save", "set", "update"}
)
_CHECKING_METHODS = frozenset({"explain", "validate", "validate_constraints", "validate_unique"})
GENERIC_FOREIGN_KEY = "GenericForeignKey"


class Facts:
    """What the inspectors have seen so far."""

    __slots__ = (
        "compiler",
        "content_type",
        "deferred",
        "descriptor",
        "eager",
        "manager",
        "method",
        "query_set",
        "raw_model",
        "relation",
    )

    def __init__(self) -> None:
        self.compiler: Any = None
        self.query_set: Any = None
        self.raw_model: Any = None
        self.method: str | None = None
        self.relation: Relation | None = None
        self.descriptor = False
        self.manager = False
        self.deferred: tuple[str, str] | None = None
        """Owner's label and field's name."""
        self.eager = False
        self.content_type = False

    @property
    def model(self) -> Any:
        """The model that the query is on."""
        if self.compiler is not None:
            return self.compiler.query.model
        return self.raw_model

    @property
    def loads_known(self) -> bool:
        """Whether a frame further in has said already what is loaded and why."""
        return self.relation is not None or self.deferred is not None or self.eager or self.content_type


def facts_of(walk: Walk) -> Facts | None:
    """The walk's facts; ``None`` beyond the first place of the user's: what is further out only called that place."""
    if walk.steps:
        return None
    facts: Facts | None = walk.notes.get(_NOTE)
    if facts is None:
        facts = walk.notes[_NOTE] = Facts()
        walk.endings.append(_conclude)
    return facts


def facts_about(walk: Walk, instance: Any) -> Facts | None:
    """The facts if the query loads something of ``instance``.

    The user may have overridden a step in between, ``get()`` of the query set or ``refresh_from_db()`` of the model.
    Then a place of the user's is further in, but the query set says whose load it is.
    """
    facts = facts_of(walk)
    if facts is not None:
        return facts
    known: Facts | None = walk.notes.get(_NOTE)
    hints = getattr(known.query_set, "_hints", {}) if known is not None else {}
    return known if hints.get("instance") is instance else None


def _conclude(walk: Walk) -> None:
    facts: Facts = walk.notes[_NOTE]
    if facts.model is None:
        return
    relation = _relation(facts)
    method = facts.method or _shape(facts, relation)
    reads = not _is_write(facts)
    loads = reads and method not in _WRITING_METHODS and not facts.eager
    walk.add_evidence(
        library="django",
        lazy_load=loads and (relation is not None or facts.deferred is not None),
        kind=_kind(facts, method, relation) if reads else None,
        models=tuple(dict.fromkeys(_models(facts))),
        method=method,
        eager=facts.eager,
        built_at=_built_at(walk, facts),
        **_relation_fields(facts, relation),
    )


def _relation(facts: Facts) -> Relation | None:
    if facts.relation is not None or facts.content_type or facts.deferred is not None or facts.eager:
        return facts.relation
    return of_query_set(facts.query_set) if facts.query_set is not None else None


def _relation_fields(facts: Facts, relation: Relation | None) -> dict[str, Any]:
    if facts.deferred is not None:
        owner, name = facts.deferred
        return {"relation": f"{owner}.{name}", "owner": owner}
    if relation is None:
        return {"target": label_of(facts.model)}
    return {
        "relation": relation.label,
        "owner": relation.owner,
        "target": relation.target or label_of(facts.model),
        "cardinality": relation.cardinality,
    }


def _kind(facts: Facts, method: str | None, relation: Relation | None) -> OrmKind | None:
    if facts.deferred is not None:
        return "deferred"
    if facts.raw_model is not None or method in _WRITING_METHODS or method in _CHECKING_METHODS:
        return None
    if method in _AGGREGATES:
        return "aggregate"
    return "lookup" if relation is None else "relation"


def _is_write(facts: Facts) -> bool:
    return facts.compiler is not None and getattr(facts.compiler.query, "compiler", "") in _WRITERS


def _models(facts: Facts) -> Iterator[str]:
    """Labels of the model and of those joined to it by ``select_related``."""
    info = getattr(facts.compiler, "klass_info", None)
    if not info:
        yield label_of(facts.model)
        return
    waiting = [info]
    for part in waiting:
        yield label_of(part["model"])
        waiting.extend(part.get("related_klass_infos", ()))


def _shape(facts: Facts, relation: Relation | None) -> str | None:
    """The operation of an iteration, told from the query set iterated over: what a prefetch could not answer first."""
    if facts.raw_model is not None:
        return "raw"
    if facts.eager:
        return "prefetch_related"
    query_set = facts.query_set
    if query_set is None or facts.descriptor:
        return None
    query = query_set._query
    if query.is_sliced:
        return "slice"
    if _is_filtered(query, relation):
        return "filter"
    if query.order_by or query.extra_order_by:
        return "order_by"
    if query.distinct:
        return "distinct"
    return _rows(query_set)


def _is_filtered(query: Any, relation: Relation | None) -> bool:
    where = query.where
    if relation is None or where.connector != "AND" or where.negated:
        return bool(where.children)
    return len(where.children) > relation.position + 1


def _rows(query_set: Any) -> str:
    iterable = query_set._iterable_class.__name__
    if "ValuesList" in iterable:
        return "values_list"
    return "values" if iterable == "ValuesIterable" else "all"


def _built_at(walk: Walk, facts: Facts) -> CallSite | None:
    """Where the query set was begun; ``None`` on the access's own line, and inside a call that is still running."""
    query = getattr(facts.query_set, "_query", None) or getattr(facts.compiler, "query", None)
    build_site = build_site_of(query) if query is not None and not facts.eager else None
    return None if build_site is None else built_elsewhere(build_site, walk)
