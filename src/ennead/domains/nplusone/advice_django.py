"""Advice for Django's ORM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.relation_paths import relation_path
from ennead.domains.nplusone.source_edits import append_to_query
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

_WHOLE_COLLECTION = frozenset({"all", "__iter__", "iter", "values", "values_list", None})
_QUERIES_AGAIN = frozenset({"values", "values_list"})
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


def _advice(evidence: Evidence, title: str, text: str, call: str) -> Recommendation:
    return _advice_at(evidence.origin.site if evidence.origin else None, title, text, call)


def _advice_at(place: CallSite | None, title: str, text: str, call: str) -> Recommendation:
    return Recommendation(title, text, append_to_query(place, call), place=place)


def _one(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    names, single, place = relation_path(evidence)
    path = "__".join(names)
    if orm.target is None or "GenericForeignKey" in (orm.method or ""):
        text = "A generic relation cannot be joined; prefetching loads one set per content type for all rows."
        return _advice_at(place, f"Prefetch {path}", text, f'.prefetch_related("{path}")')
    call = f'.select_related("{path}")' if single else f'.prefetch_related("{path}")'
    text = f"Let the query that loads the {_owner(orm)} rows fetch {path} with them."
    if len(names) > 1:
        text += " One path covers all levels: loading them one by one would leave a query per row."
    return _advice_at(place, f"Load {path} eagerly", text, call)


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
    if orm.method in _SINGLE_OF_MANY:
        return _one_of_many(evidence, orm)
    if evidence.group.roles.has_limit:
        return _first_of_many(evidence, orm)
    if orm.method in _WHOLE_COLLECTION:
        return _whole_collection(evidence, orm)
    narrowing = orm.method if orm.method in ("order_by", "distinct") else "filter"
    text = (
        f"The relation is asked for with .{narrowing}() in the loop, so a plain prefetch of {field} would not be used. "
        "Prefetch that query set under a name of its own and read the list in the loop."
    )
    wanted = f"{target}.objects.{narrowing}(...)"
    call = f'.prefetch_related(Prefetch("{field}", queryset={wanted}, to_attr="{field}_wanted"))'
    return _advice(evidence, f"Prefetch the {field} that are used", text, call)


def _whole_collection(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    names, _, place = relation_path(evidence)
    path = "__".join(names)
    text = f"One more query loads {path} for all rows; read it with .all() and filter or sort in Python."
    if orm.method in _QUERIES_AGAIN:
        text += f" .{orm.method}() would query again: take the fields from the objects."
    return _advice_at(place, f"Prefetch {path}", text, f'.prefetch_related("{path}")')


def _first_of_many(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    field, target = _field(orm), _target(orm)
    text = (
        f"Only the first {field} are used for each {_owner(orm)}: a plain prefetch would load them all. Since Django "
        "4.2 a prefetch may be cut to the first n for each row; read it from the name of its own."
    )
    wanted = f"{target}.objects.order_by(...)[:n]"
    call = f'.prefetch_related(Prefetch("{field}", queryset={wanted}, to_attr="first_{field}"))'
    return _advice(evidence, f"Prefetch the first {field}", text, call)


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
    target, group = _target(orm), evidence.group
    place = evidence.loop_site or (evidence.origin.site if evidence.origin else None)
    column = group.set_columns[0] if len(group.set_columns) == 1 else None
    if orm.kind == "aggregate" or orm.method in ("count", "exists", "aggregate"):
        text = "Compute the figures for all items with one query: group by what varies, and look them up."
        code = f'counts = dict({target}.objects.values_list("{column}").annotate(Count("pk")))'
        return Recommendation(f"Aggregate {target} once", text, code if column else None, place=place)
    if orm.method in _SINGLE_OF_MANY or group.takes_first_of_each:
        text = (
            "Only the first row for each item is used, and fetching all of them may be much. Rank them in one query "
            "with a window function and keep the first of each (Django 4.2 can filter by it)."
        )
        ranked = f'Window(RowNumber(), partition_by="{column}", order_by=...)'
        code = f"{target}.objects.filter({column}__in=keys).annotate(place={ranked}).filter(place=1)"
        return Recommendation(f"Rank the {target} rows once", text, code if column else None, place=place)
    text = f"Collect the values before the loop, fetch the {target} rows with one query, look each up in a dictionary."
    by_key = _set_of(target, column, orm.method) if column else None
    return Recommendation(f"Fetch the {target} rows as one set", text, by_key, place=place)


def _set_of(target: str, column: str, method: str | None) -> str:
    """Code that fetches the rows of all keys."""
    if column in ("id", "pk"):
        return f"by_key = {target}.objects.in_bulk(keys)"
    rows = f"{target}.objects.filter({column}__in=keys)"
    if method == "get":
        return f"by_key = {{item.{column}: item for item in {rows}}}"
    return f"for item in {rows}:\n    by_key[item.{column}].append(item)  # by_key = defaultdict(list)"
