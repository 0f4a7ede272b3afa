"""Advice for Django queries written out in a loop, and for prefetches that run once per object."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.access_chain import chain_from
from ennead.domains.nplusone.advice_trees import tree_by_hand
from ennead.domains.nplusone.django_origin import DjangoOrigin
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import field_of, model_of, target_of
from ennead.domains.nplusone.relation_paths import feeds_itself, path_to
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.lookup_statement import LookupStatement
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

_FIRST = frozenset({"first", "last", "latest", "earliest"})
_ASKING = frozenset({"get", "filter"})
_LISTS = "by_key = defaultdict(list)  # from collections\nfor item in {rows}:\n    by_key[item.{key}].append(item)"


class _Asked(NamedTuple):
    """One look-up, as far as its statement and its line tell."""

    target: str
    place: CallSite | None
    lookup: LookupStatement | None
    key: str | None
    """Attribute of the target that is compared with the varying value."""
    conditions: str | None
    """Arguments of ``filter()`` for all values at once; ``None`` if some conditions cannot be carried over."""

    @property
    def order(self) -> tuple[str, ...]:
        """Columns that the rows are sorted by."""
        return (self.lookup.order or ()) if self.lookup else ()

    @property
    def rows(self) -> str:
        """The query set of all rows, in the order of each."""
        order = f".order_by({_quoted(self.order)})" if self.order else ""
        return f"{self.target}.objects.filter({self.conditions}){order}"


def lookup_advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """The advice for one group of queries that is no relation's."""
    asked = _asked(evidence, orm)
    if feeds_itself(evidence):
        return tree_by_hand(evidence, asked.target, asked.key, f"{asked.target}.objects.all()")
    if orm.method == "get_next_or_previous":
        text = (
            f"The row before or after each one: read the {asked.target} rows once in their order and go through them "
            "in pairs (itertools.pairwise), or let the query tell with Lag or Lead."
        )
        return Recommendation(f"Read the {asked.target} rows in order once", text, None, place=asked.place)
    if orm.method == "refresh_from_db":
        text = (
            "Each refresh_from_db() asks for one object. Read all of them again with one query before the loop, and "
            "use the fresh objects."
        )
        return Recommendation(
            f"Read the {asked.target} rows again at once",
            text,
            f"fresh = {asked.target}.objects.in_bulk(keys)",
            place=asked.place,
        )
    if orm.method in ("exists", "count", "aggregate") or orm.kind == "aggregate":
        return _figures(evidence, orm, asked)
    if not evidence.group.set_columns:
        return _beside_each(asked)
    if orm.method in _FIRST or (asked.lookup is not None and asked.lookup.is_limited and orm.method != "get"):
        return _first(orm, asked)
    text = (
        f"Collect the values of the loop first, fetch the {asked.target} rows with one query before it, and look "
        "them up in a dictionary."
    )
    code, note = _set_of(asked, orm.method)
    return Recommendation(f"Fetch the {asked.target} rows as one set", text + note, code, place=asked.place)


def prefetch_advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """A prefetch that runs for one object at a time: once for all of them."""
    found = path_to(evidence)
    field = field_of(orm)
    path = "__".join(map(field_of, found.paths[0]))
    title = f"Prefetch {field} for all objects at once"
    root = found.root
    if root is not None and root.orm is not None and root.count > 1:
        asked = _asked_of(evidence, root.orm, evidence.loop_site, root.first.statement, root.set_columns)
        text = (
            f"The prefetch runs with each query of the loop. Fetch the {asked.target} rows with one query before the "
            "loop, and prefetch with it."
        )
        code = (
            f'by_key = {asked.target}.objects.prefetch_related("{path}").in_bulk(keys)' if _is_primary(asked) else None
        )
        return Recommendation(title, text, code, place=evidence.loop_site)
    text = (
        f"Prefetch with the query that loads the {model_of(found.owner)} rows and take prefetch_related_objects() "
        "out of "
        f'the loop; or call it once with the whole list: prefetch_related_objects(rows, "{path}").'
    )
    return DjangoOrigin(found).advice(title, text, f'.prefetch_related("{path}")')


def _asked(evidence: Evidence, orm: OrmEvidence) -> _Asked:
    place = evidence.loop_site
    if place is None or place.language != "python":
        place = evidence.origin.site if evidence.origin else place
    return _asked_of(evidence, orm, place, evidence.group.first.statement, evidence.group.set_columns)


def _asked_of(
    evidence: Evidence, orm: OrmEvidence, place: CallSite | None, statement: str, columns: tuple[str, ...]
) -> _Asked:
    lookup = read_lookup(statement)
    key = columns[0] if len(columns) == 1 and lookup is not None and lookup.owns(columns[0]) else None
    target = target_of(orm)
    conditions = _conditions(evidence, target, lookup, key) if lookup is not None and key is not None else None
    return _Asked(target, place, lookup, key, conditions)


def _conditions(evidence: Evidence, target: str, lookup: LookupStatement, key: str) -> str | None:
    """``number__in=keys``, with the further conditions of the user's line if all of them are constants."""
    if len(lookup.conditions) == 1:
        return f"{key}__in=keys"
    access = evidence.group.call_path[0] if evidence.group.call_path else None
    chain = chain_from(access, "objects")
    calls = (
        [call for call in chain.calls if call.name in _ASKING] if chain is not None and chain.owner == target else []
    )
    keywords = [keyword for call in calls for keyword in call.keywords]
    others = [f"{name}={text}" for name, text, is_constant in keywords if is_constant]
    varying = [name for name, _, is_constant in keywords if not is_constant]
    is_key = len(varying) == 1 and (varying[0] in (key, "pk") or f"{varying[0]}_id" == key)
    if not is_key or len(keywords) != len(lookup.conditions) or not all(call.keywords for call in calls):
        return None
    return ", ".join([f"{key}__in=keys", *others])


def _is_primary(asked: _Asked) -> bool:
    return asked.key == "id" and asked.lookup is not None and len(asked.lookup.conditions) == 1


def _quoted(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _set_of(asked: _Asked, method: str | None) -> tuple[str | None, str]:
    """Code that fetches the rows of all keys, and what to say of it."""
    if _is_primary(asked):
        return f"by_key = {asked.target}.objects.in_bulk(keys)", ""
    if asked.key is None or asked.conditions is None or asked.lookup is None or asked.lookup.order is None:
        key = asked.key or "<what varies>"
        note = (
            f" Ask for them with an IN list, {asked.target}.objects.filter({key}__in=keys), and keep the other "
            "conditions"
        )
        return None, f"{note} and the order."
    if method == "get":
        return f"by_key = {{item.{asked.key}: item for item in {asked.rows}}}", ""
    note = " Several rows may share a value, so each has a list"
    note += ", in the order it is read in now." if asked.order else "."
    return _LISTS.format(rows=asked.rows, key=asked.key), note


def _figures(evidence: Evidence, orm: OrmEvidence, asked: _Asked) -> Recommendation:
    target, lookup, key = asked.target, asked.lookup, asked.key
    if orm.method == "exists":
        text = "Ask once which of the values are there, and look each one up in that set."
        text += "" if asked.conditions else " Keep the other conditions."
        code = f'known = set({target}.objects.filter({asked.conditions}).values_list("{key}", flat=True))'
        return Recommendation(
            f"Ask for the {target} rows that exist once", text, code if asked.conditions else None, place=asked.place
        )
    title = f"Aggregate {target} once"
    text = (
        "Compute the figures for all items with one query before the loop, grouped by what varies, and look them up; "
        "an item without rows has no entry."
    )
    aggregate = lookup.aggregate if lookup else None
    if orm.method == "count" and (aggregate is None or aggregate.distinct):
        aggregate = None
    if aggregate is None or asked.conditions is None:
        return Recommendation(
            title,
            f"{text} Group by {_columns_words(evidence)}, and keep the other conditions and the same aggregate.",
            None,
            place=asked.place,
        )
    function, column = aggregate.function.capitalize(), aggregate.column or "pk"
    distinct = ", distinct=True" if aggregate.distinct else ""
    rows = f'{target}.objects.filter({asked.conditions}).values_list("{key}")'
    code = f'figures = dict({rows}.annotate({function}("{column}"{distinct})))'
    return Recommendation(title, f"{text} (from django.db.models import {function})", code, place=asked.place)


def _columns_words(evidence: Evidence) -> str:
    return " and ".join(evidence.group.set_columns) or "what varies"


def _first(orm: OrmEvidence, asked: _Asked) -> Recommendation:
    title = f"Rank the {asked.target} rows once"
    text = (
        "Only the first row for each value is used, and all of them may be many: let one query number the rows of each "
        "value and keep the first."
    )
    is_one = orm.method in _FIRST
    if asked.conditions is None or not asked.order or not is_one:
        return Recommendation(
            title,
            f"{text} Window(RowNumber(), partition_by=<what varies>, order_by=<the same order>) does, filtered by "
            "its value; keep the other conditions.",
            None,
            place=asked.place,
        )
    order = _quoted(asked.order) if len(asked.order) == 1 else f"[{_quoted(asked.order)}]"
    numbered = f'.annotate(place=Window(RowNumber(), partition_by="{asked.key}", order_by={order})).filter(place=1)'
    code = (
        f"by_key = {{item.{asked.key}: item for item in {asked.target}.objects.filter({asked.conditions}){numbered}}}"
    )
    text += " (from django.db.models import Window; from django.db.models.functions import RowNumber)"
    return Recommendation(title, text, code, place=asked.place)


def _beside_each(asked: _Asked) -> Recommendation:
    text = (
        f"For each value one {asked.target} row beside it is wanted, the next or the last before it; an IN list cannot "
        "ask for that. Read the rows once in their order and go through both in step (bisect helps), or let one query "
        "tell with a correlated Subquery, Lag or Lead."
    )
    return Recommendation(f"Read the {asked.target} rows in order once", text, None, place=asked.place)
