"""Advice for a Django collection of which a part, a figure or one row is asked for: no plain prefetch is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.collection_access import CollectionAccess
from ennead.domains.nplusone.django_origin import DjangoOrigin
from ennead.domains.nplusone.model_names import field_of, model_of, query_name_of, target_of
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from ennead.domains.nplusone.lookup_statement import Aggregate
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.records import OrmEvidence

_SINGLE_OF_MANY = frozenset({"first", "last", "latest", "earliest"})
_NARROWING = frozenset(
    {"all", "filter", "exclude", "order_by", "distinct", "reverse", "select_related", "only", "defer"}
)
_FIELDS_ONLY = frozenset({"values", "values_list"})
_ITERATING = frozenset({"iterator", "aiterator"})
_NO_PREFETCH = (
    "A prefetch would not help a filtered .exists(), and loads all rows for one bit. Ask with the query of the rows"
)
Recommendations = tuple[Recommendation, ...]


def collection_advice(evidence: Evidence, orm: OrmEvidence) -> Recommendations:
    """Advice for one group of queries on a collection that loads less than all of its rows."""
    asked = CollectionAccess(evidence, orm)
    if orm.method == "count":
        return _count(asked)
    if orm.method == "exists":
        return _exists(asked)
    if orm.method == "aggregate":
        return _aggregate(asked)
    if orm.method in _SINGLE_OF_MANY or evidence.group.roles.has_limit:
        return _first(asked)
    return _part(asked)


def _needs(names: str) -> str:
    return f" (needs: from django.db.models import {names})"


# ------------------------------------------------------------------------------------------------ annotations


def _count(asked: CollectionAccess) -> Recommendations:
    name = query_name_of(asked.orm)
    alias, title = f"{name}_count", f"Annotate the count of {asked.field}"
    text = (
        f"Count in the query that loads the {model_of(asked.orm.owner)} rows, and read {asked.row}.{alias} where it "
        "says "
        f"{asked.written}"
    )
    if asked.filters is None:
        text += (
            f': .annotate({alias}=Count("{name}", filter=Q(...), distinct=True)) with the same conditions, each with '
            f"{name}__ in front."
        )
        return _words(asked, title, text)
    text += _needs("Count, Q" if asked.filters else "Count") + "."
    counted = _joined("Count", name, asked, distinct=True)
    return _annotated(asked, title, text, alias, counted, f"{asked.row}.{alias}")


def _exists(asked: CollectionAccess) -> Recommendations:
    target, name, link = target_of(asked.orm), query_name_of(asked.orm), asked.link
    alias, title = f"has_{name}", f"Annotate whether {asked.field} exist"
    if link is None and asked.filters is not None:
        return _counted_instead(asked, title, f"{name}_count")
    text = f"{_NO_PREFETCH}, and read {asked.row}.{alias} where it says {asked.written}"
    if asked.filters is None:
        rows = f'{target}.objects.filter({link or "<foreign key>"}=OuterRef("pk"), ...)'
        return _words(asked, title, f"{text}: .annotate({alias}=Exists({rows})) with the same conditions.")
    text += _needs("Exists, OuterRef") + "."
    return _annotated(asked, title, text, alias, f"Exists({_rows_of(asked, link or '')})", f"{asked.row}.{alias}")


def _counted_instead(asked: CollectionAccess, title: str, alias: str) -> Recommendations:
    """Where no foreign key leads from the target to the owner."""
    instead = f"({asked.row}.{alias} > 0)"
    text = f"{_NO_PREFETCH}, with a count, and read {instead} where it says {asked.written}"
    text += _needs("Count, Q" if asked.filters else "Count") + "."
    return _annotated(
        asked, title, text, alias, _joined("Count", query_name_of(asked.orm), asked, distinct=True), instead
    )


def _aggregate(asked: CollectionAccess) -> Recommendations:
    aggregate, name, link = asked.lookup.aggregate if asked.lookup else None, query_name_of(asked.orm), asked.link
    is_joined = aggregate is not None and aggregate.function in ("max", "min")
    if aggregate is None or aggregate.column is None or asked.filters is None or not (is_joined or link):
        text = (
            f"Aggregate for all rows at once: a query on {target_of(asked.orm)} with .values({link or '<foreign key>'})"
            ".annotate(...), the same aggregate and the same conditions, looked up by key where it says "
            f"{asked.written}. "
            "Beside a second collection, a joined sum would be multiplied."
        )
        return _words(asked, f"Aggregate the {asked.field} once", text)
    alias, title = f"{name}_{aggregate.function}", f"Annotate the {aggregate.function} of {asked.field}"
    text = (
        f"Let the query that loads the {model_of(asked.orm.owner)} rows do it, and read {asked.row}.{alias} where it "
        "says "
        f"{asked.written}"
    )
    function = aggregate.function.capitalize()
    if is_joined:
        text += _needs(function + (", Q" if asked.filters else "")) + "."
        value = _joined(function, f"{name}__{aggregate.column}", asked, distinct=False)
    else:
        text += f". In a subquery, because a joined {aggregate.function} is multiplied beside a second collection"
        text += _needs(f"OuterRef, Subquery, {function}") + "."
        value = _subquery(asked, link or "", aggregate)
    return _annotated(asked, title, text, alias, value, _read_aggregate(asked, aggregate, alias))


def _read_aggregate(asked: CollectionAccess, aggregate: Aggregate, alias: str) -> str | None:
    """``.aggregate()`` returns a dictionary, of which the line may take the value."""
    value = f"{asked.row}.{alias}"
    if asked.chain is None or not asked.chain.calls:
        return None
    if asked.chain.is_sliced:
        return value
    names = [name for name, _, _ in asked.chain.calls[-1].keywords]
    return f'{{"{names[0] if names else f"{aggregate.column}__{aggregate.function}"}": {value}}}'


def _rows_of(asked: CollectionAccess, link: str) -> str:
    filters = (asked.filters or {}).items()
    conditions = ", ".join([f'{link}=OuterRef("pk")', *(f"{name}={value}" for name, value in filters)])
    return f"{target_of(asked.orm)}.objects.filter({conditions})"


def _subquery(asked: CollectionAccess, link: str, aggregate: Aggregate) -> str:
    distinct = ", distinct=True" if aggregate.distinct else ""
    value = f'{aggregate.function.capitalize()}("{aggregate.column}"{distinct})'
    return f'Subquery({_rows_of(asked, link)}.order_by().values("{link}").annotate(value={value}).values("value"))'


def _joined(function: str, what: str, asked: CollectionAccess, *, distinct: bool) -> str:
    """``Count("lines", filter=Q(lines__sent=True), distinct=True)``."""
    name = query_name_of(asked.orm)
    condition = ", ".join(f"{name}__{key}={value}" for key, value in (asked.filters or {}).items())
    parts = [f'"{what}"', *([f"filter=Q({condition})"] if condition else []), *(["distinct=True"] if distinct else [])]
    return f"{function}({', '.join(parts)})"


def _annotated(
    asked: CollectionAccess, title: str, text: str, alias: str, value: str, instead: str | None
) -> Recommendations:
    """At the query of the owner's rows; where a relation brought those, at the prefetch of that relation."""
    steps, owner = asked.found.paths[0][:-1], model_of(asked.orm.owner)
    annotation = f".annotate({alias}={value})"
    if not steps:
        query = DjangoOrigin(asked.found).query
        if query is not None and _filters_by(query.calls, query_name_of(asked.orm)):
            text += (
                " The query filters by that collection, and an annotation behind it counts what is left: put it in "
                "front."
            )
            return _words(asked, title, f"{text} {annotation}")
        return _placed(asked, title, text, annotation, instead, alias)
    if any(step.eager for step in steps):
        text += f" The {owner} rows come from a prefetch: give it queryset={owner}.objects{annotation}."
        return _words(asked, title, text)
    path = "__".join(map(field_of, steps))
    call = f'.prefetch_related(Prefetch("{path}", queryset={owner}.objects{annotation}))'
    return _placed(asked, title, f"{text} The {owner} rows come with it, for all at once.", call, instead, alias)


def _filters_by(calls: Mapping[str, ast.Call], name: str) -> bool:
    """Whether a query set filters by the relation, as far as is seen."""
    filters = [call for method, call in calls.items() if method in ("filter", "exclude")]
    words = {(keyword.arg or "**").split("__")[0] for call in filters for keyword in call.keywords}
    return bool({name, "**"} & words) or any(call.args for call in filters)


# ------------------------------------------------------------------------------------------------ prefetches


def _first(asked: CollectionAccess) -> Recommendations:
    """The first rows of each, cut by the prefetch itself."""
    field, target, chain = asked.field, target_of(asked.orm), asked.chain
    alias, title = f"first_{field}", f"Prefetch the first of the {field}"
    is_single = asked.orm.method in _SINGLE_OF_MANY
    count = 1 if is_single else chain.taken if chain else None
    order = asked.lookup.order if asked.lookup else None
    text = (
        f"A plain prefetch would load all {field}, and what is asked for here would query again. A prefetch that is "
        "cut to "
        f"the first rows of each {model_of(asked.orm.owner)} takes one query more"
    )
    if not count or not order or asked.filters is None or asked.own_conditions > 1:
        rows = f"{target}.objects.filter(...).order_by(...)[:n]"
        text += (
            f': Prefetch("{field}", queryset={rows}, to_attr="{alias}") with the same conditions and order. If one '
            "column is enough, annotate it with Subquery(...[:1])."
        )
        return _words(asked, title, text)
    instead = f"next(iter({asked.row}.{alias}), None)" if is_single else f"{asked.row}.{alias}"
    if chain is not None and chain.is_item:
        instead += "[0]"
    text += f"; read {instead} where it says {asked.written}{_needs('Prefetch')}."
    conditions = ", ".join(f"{name}={value}" for name, value in asked.filters.items())
    rows = f"{target}.objects{f'.filter({conditions})' if conditions else ''}.order_by({_quoted(order)})[:{count}]"
    return _prefetched(asked, title, text, rows, alias, instead, in_template=f"{alias}.0")


def _part(asked: CollectionAccess) -> Recommendations:
    """A filtered or sorted collection, prefetched under a name of its own."""
    field, target = asked.field, target_of(asked.orm)
    alias, title = f"{field}_wanted", f"Prefetch the {field} that are used"
    text = (
        f"What the loop asks for is no plain .{field}.all(), so a plain prefetch of {field} would not be used. "
        "Prefetch "
        f"that query set under a name of its own, and read {asked.row}.{alias} where it says {asked.written}"
    )
    narrowing = _narrowing(asked)
    if narrowing is None:
        call = f'Prefetch("{field}", queryset={target}.objects.filter(...), to_attr="{alias}")'
        text += f": {call} with the same conditions and order; or prefetch all {field} and pick in Python."
        return _words(asked, title, text)
    takes_fields = asked.chain is not None and any(call.name in _FIELDS_ONLY for call in asked.chain.calls)
    text += _needs("Prefetch") + "." + (" Take the fields from the objects." if takes_fields else "")
    instead = None if takes_fields else f"{asked.row}.{alias}"
    return _prefetched(asked, title, text, f"{target}.objects{narrowing}", alias, instead, in_template=alias)


def _narrowing(asked: CollectionAccess) -> str | None:
    """The calls that make the part, as the user wrote them, where they mean the same at the origin."""
    chain, lookup = asked.chain, asked.lookup
    if chain is not None and chain.calls and not chain.is_sliced:
        calls = [call for call in chain.calls if call.name not in _FIELDS_ONLY | _ITERATING]
        if calls and all(call.name in _NARROWING and call.is_constant for call in calls):
            return "".join(f".{call.text}" for call in calls)
    is_whole = asked.filters == {} and lookup is not None and not lookup.selected.upper().startswith("DISTINCT")
    return f".order_by({_quoted(lookup.order)})" if is_whole and lookup is not None and lookup.order else None


def _quoted(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _prefetched(
    asked: CollectionAccess, title: str, text: str, rows: str, alias: str, instead: str | None, *, in_template: str
) -> Recommendations:
    path = "__".join(map(field_of, asked.found.paths[0]))
    call = f'.prefetch_related(Prefetch("{path}", queryset={rows}, to_attr="{alias}"))'
    return _placed(asked, title, text, call, instead, in_template)


# ------------------------------------------------------------------------------------------------ places


def _placed(
    asked: CollectionAccess, title: str, text: str, call: str, instead: str | None, in_template: str
) -> Recommendations:
    advice = DjangoOrigin(asked.found).advice(title, text + asked.caution, call)
    return asked.with_reading(advice, instead, in_template.partition(".")[0], in_template)


def _words(asked: CollectionAccess, title: str, text: str) -> Recommendations:
    return (Recommendation(title, text, None, place=asked.found.place),)
