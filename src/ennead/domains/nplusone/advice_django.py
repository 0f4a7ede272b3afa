"""Advice for Django's ORM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.relation_paths import relation_path
from ennead.domains.nplusone.source_edits import append_to_query
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.records import OrmEvidence

_WHOLE_COLLECTION = frozenset({"all", "__iter__", "iter", "values", "values_list", None})
_SINGLE_OF_MANY = frozenset({"first", "last", "latest", "earliest"})


def django_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Recommendations for one group of Django queries, the best first."""
    orm = evidence.group.orm
    if orm is None:
        return ()
    if orm.kind == "deferred":
        return (_deferred(evidence, orm),)
    if orm.relation is None or not (orm.lazy_load or orm.kind in ("relation", "aggregate")):
        return (_lookup(evidence, orm),)
    if orm.cardinality == "one":
        return (_one(evidence, orm),)
    return (_many(evidence, orm),)


def _field(orm: OrmEvidence) -> str:
    return (orm.relation or "").rsplit(".", 1)[-1]


def _owner(orm: OrmEvidence) -> str:
    return (orm.owner or "the model").rsplit(".", 1)[-1]


def _target(orm: OrmEvidence) -> str:
    return (orm.target or (orm.models[0] if orm.models else "the model")).rsplit(".", 1)[-1]


def _advice(evidence: Evidence, title: str, text: str, call: str | None) -> Recommendation:
    place = evidence.origin.site if evidence.origin else None
    code = append_to_query(place, call) if call else None
    return Recommendation(title, text, code, place=place)


def _one(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    names, complete = relation_path(evidence)
    path = "__".join(names)
    if orm.target is None or "GenericForeignKey" in (orm.method or ""):
        text = "A generic relation cannot be joined; prefetching loads one set per content type for all rows."
        return _advice(evidence, f"Prefetch {path}", text, f'.prefetch_related("{path}")')
    call = f'.select_related("{path}")' if complete else f'.prefetch_related("{path}")'
    text = f"Let the query that loads the {_owner(orm)} rows fetch {path} with them."
    if len(names) > 1:
        text += " One path covers all levels: loading them one by one would leave a query per row."
    return _advice(evidence, f"Load {path} eagerly", text, call)


def _many(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    field, target = _field(orm), _target(orm)
    if orm.method in ("count", "acount"):
        text = f"Count in the query that loads the {_owner(orm)} rows and read the annotation instead of .count()."
        return _advice(
            evidence,
            f"Annotate the count of {field}",
            text,
            f'.annotate({field}_count=Count("{field}", distinct=True))',
        )
    if orm.method in ("exists", "aexists"):
        text = (
            f"Ask for all rows at once with an Exists subquery and read the annotation; prefetching {field} would not "
            "help, because .exists() on a filtered relation queries again."
        )
        call = f'.annotate(has_{field}=Exists({target}.objects.filter(<link>=OuterRef("pk"))))'
        return _advice(evidence, f"Annotate whether {field} exist", text, call)
    if orm.method in ("aggregate", "aaggregate"):
        text = f"Aggregate in the query that loads the {_owner(orm)} rows: .annotate() with the same Sum, Avg, Max."
        return _advice(
            evidence, f"Annotate the aggregate of {field}", text, f'.annotate({field}_total=Sum("{field}__<column>"))'
        )
    if orm.method in _SINGLE_OF_MANY or evidence.group.roles.has_limit:
        return _one_of_many(evidence, orm)
    if orm.method in _WHOLE_COLLECTION:
        names, _ = relation_path(evidence)
        path = "__".join(names)
        text = (
            f"One more query loads {path} for all {_owner(orm)} rows; read it with .all() and filter or sort in Python."
        )
        return _advice(evidence, f"Prefetch {path}", text, f'.prefetch_related("{path}")')
    text = (
        f"The relation is filtered in the loop, so a plain prefetch of {field} would not be used. Prefetch the "
        "filtered query set under a name of its own and read that list in the loop."
    )
    call = f'.prefetch_related(Prefetch("{field}", queryset={target}.objects.filter(...), to_attr="{field}_wanted"))'
    return _advice(evidence, f"Prefetch the filtered {field}", text, call)


def _one_of_many(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    field = _field(orm)
    text = (
        f"Only one of the {field} is used for each {_owner(orm)}: a prefetch would load them all and .first() would "
        "still query. If one column is enough, annotate it with a Subquery(... [:1]) in the query that loads the rows; "
        "otherwise fetch the wanted keys in one query and the objects with in_bulk()."
    )
    wanted = f'{_target(orm)}.objects.filter(<link>=OuterRef("pk")).order_by(...).values("<column>")[:1]'
    call = f".annotate(latest_{field}=Subquery({wanted}))"
    return _advice(evidence, f"Annotate the one of {field} that is used", text, call)


def _deferred(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    text = (
        f"The query that loads the rows leaves {_field(orm)} out (.only() or .defer()), and reading it queries again "
        "for each row. Add it to .only(), or take it out of .defer()."
    )
    return Recommendation(
        f"Load {_field(orm)} with the rows", text, None, place=evidence.origin.site if evidence.origin else None
    )


def _lookup(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    target = _target(orm)
    column = next(iter(evidence.group.varying_columns), "pk")
    place = evidence.loop_site or (evidence.origin.site if evidence.origin else None)
    if orm.kind == "aggregate" or orm.method in ("count", "exists", "aggregate"):
        text = "Compute the figures for all items with one query: group by the column that varies, and look them up."
        code = f'counts = dict({target}.objects.values_list("{column}").annotate(Count("pk")))'
        return Recommendation(f"Aggregate {target} once", text, code, place=place)
    text = f"Collect the values before the loop, fetch the {target} rows with one query, look each up in a dictionary."
    code = (
        f"by_key = {target}.objects.in_bulk(keys)"
        if column in ("id", "pk")
        else f"by_key = {{item.{column}: item for item in {target}.objects.filter({column}__in=keys)}}"
    )
    return Recommendation(f"Fetch the {target} rows as one set", text, code, place=place)
