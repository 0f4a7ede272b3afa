"""Advice for Django's ORM: which access needs which, and relations that are loaded whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.domains.nplusone.advice_django_collections import collection_advice
from ennead.domains.nplusone.advice_django_lookups import lookup_advice, prefetch_advice
from ennead.domains.nplusone.advice_trees import django_tree
from ennead.domains.nplusone.collection_access import CollectionAccess
from ennead.domains.nplusone.django_origin import DjangoOrigin
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import field_of, model_of
from ennead.domains.nplusone.relation_paths import relation_paths, walks_a_tree
from ennead.domains.nplusone.source_edits import query_in
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.relation_paths import RelationPaths
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.records import OrmEvidence

_WHOLE_COLLECTION = frozenset({"all", "contains", "iterator", "values", "values_list", None})
_FLAT = re.compile(r"""['"]([a-z]\w*?)['"], flat=True""")
_ASKING_MORE = {"contains": 1, "iterator": 0}
"""Methods that tell nothing of filters before them, with the number of conditions that they add themselves."""
_QUERIES_AGAIN = frozenset({"iterator", "values", "values_list"})


def django_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Recommendations for one group of Django queries, the best first."""
    orm = evidence.group.orm
    if orm is None:
        return ()
    if orm.kind == "deferred":
        return (_deferred(evidence, orm),)
    if orm.eager and orm.relation:
        return (prefetch_advice(evidence, orm),)
    if orm.relation is None or not (orm.lazy_load or orm.kind in ("relation", "aggregate")):
        return (lookup_advice(evidence, orm),)
    if walks_a_tree(evidence):
        return (django_tree(evidence, orm),)
    if orm.cardinality == "one":
        return (_whole(evidence, orm),)
    if _loads_all_rows(evidence.group, orm):
        access = CollectionAccess(evidence, orm)
        return access.with_reading(_whole(evidence, orm), _items(access), f".{field_of(orm)}.all()", "")
    return collection_advice(evidence, orm)


def _items(access: CollectionAccess) -> str | None:
    """One field of each row, taken from prefetched objects: ``.values_list()`` would query again."""
    calls = [call for call in access.chain.calls if call.name != "all"] if access.chain else []
    if access.chain is None or access.chain.is_sliced or len(calls) != 1 or calls[0].name != "values_list":
        return None
    column = _FLAT.fullmatch(calls[0].arguments)
    return f"[item.{column[1]} for item in {access.row}.{access.field}.all()]" if column else None


def _loads_all_rows(group: QueryGroup, orm: OrmEvidence) -> bool:
    """Whether nothing but the relation's own condition asks for its rows; a generic relation's has two parts."""
    if orm.method not in _WHOLE_COLLECTION or (group.roles.has_limit and orm.method != "contains"):
        return False
    lookup = read_lookup(group.first.statement)
    if lookup is None or orm.method not in _ASKING_MORE:
        return orm.method not in _ASKING_MORE
    own = 1 + any("type_id = ?" in condition for condition in lookup.conditions)
    return len(lookup.conditions) <= own + _ASKING_MORE[orm.method]


def _whole(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """One eager load for the whole tree of relations that this one is a part of."""
    found = relation_paths(evidence)
    origin = DjangoOrigin(found)
    prefix = origin.prefix or ""
    names = [prefix + "__".join(map(field_of, path)) for path in found.paths]
    title = f"Load {' and '.join(names)} eagerly"
    if any(_is_generic(step) for path in found.paths for step in path[:-1]):
        text = (
            "A generic relation leads to rows of several models. Prefetch it with GenericPrefetch (Django 5), giving a "
            "query set for each model that loads what is read from its rows."
        )
        return Recommendation(title, text, None, place=found.place)
    generic = any(_is_generic(path[-1]) for path in found.paths)
    joins = found.single and not generic and origin.can_join
    arguments = ", ".join(f'"{name}"' for name in names)
    call = f".{'select_related' if joins else 'prefetch_related'}({arguments})"
    is_root = origin.orm is not None and origin.prefix is not None
    why = _why(
        model_of(origin.orm.target) if is_root and origin.orm else origin.owner, names, generic=generic, joins=joins
    )
    if any(len(path) > 1 for path in found.paths):
        why += " One path covers all levels: loading them one by one would leave a query per row."
    return origin.advice(title, why + _beside(orm, found), call)


def _is_generic(step: OrmEvidence) -> bool:
    return step.method == "GenericForeignKey" or step.target is None


def _why(owner: str, names: list[str], *, generic: bool, joins: bool) -> str:
    paths = " and ".join(names)
    if generic:
        return "A generic relation cannot be joined; prefetching loads one set per content type for all rows."
    if joins:
        return f"Let the query that loads the {owner} rows join {paths}."
    return f"Load {paths} for all {owner} rows at once, with one query for each level."


def _beside(orm: OrmEvidence, found: RelationPaths) -> str:
    """What has to change where the relation is read, or what to mind."""
    field, text = field_of(orm), ""
    if orm.method in _QUERIES_AGAIN:
        text += (
            f" Then read it with .{field}.all() and take the fields from the objects: .{orm.method}() would query "
            "again."
        )
    elif orm.cardinality == "many" and orm.method != "contains":
        text += f" Read it with .{field}.all(), and sort or filter that list in Python: .filter() would query again."
    root = found.root
    if root is not None and root.count > 1 and not (root.orm is not None and root.orm.eager):
        text += " That query runs once per item itself: look at it first."
    return text


def _deferred(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    field, place = field_of(orm), evidence.origin.site if evidence.origin else None
    text = (
        f"The query that loads the {model_of(orm.owner)} rows leaves {field} out (.only() or .defer()), and reading it "
        "queries again for each row. Add it to .only(), or take it out of .defer()."
    )
    return Recommendation(f"Load {field} with the rows", text, _undeferred(evidence, orm), place=place)


def _undeferred(evidence: Evidence, orm: OrmEvidence) -> str | None:
    """The origin's line with the column among those of ``.only()``, or not among those of ``.defer()``."""
    query = query_in(evidence.origin.site if evidence.origin else None, model_of(orm.owner))
    if query is None:
        return None
    field, named, left_out = field_of(orm), query.constants("only"), query.constants("defer")
    if named and "defer" not in query.calls:
        return query.with_arguments("only", [*named, field])
    if left_out and field in left_out and "only" not in query.calls:
        return query.with_arguments("defer", [name for name in left_out if name != field])
    return None
