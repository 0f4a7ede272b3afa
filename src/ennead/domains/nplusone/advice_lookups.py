"""Advice for queries written out in a loop, in the words of any library that has models: Peewee, Tortoise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from ennead.domains.nplusone.advice_trees import tree_by_hand
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import model_of
from ennead.domains.nplusone.relation_paths import feeds_itself
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.lookup_statement import Aggregate, LookupStatement
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

_ONE_ROW = frozenset({"get", "get_by_id", "get_or_none"})
_FIRST_ROW = frozenset({"first", "peek", "slice", "latest", "earliest", "last"})


class Phrases(Protocol):
    """How a library asks for all values at once; each phrase is an expression, with the values in ``keys``."""

    def all_rows(self, model: str, order: tuple[str, ...]) -> str:
        """All rows of a model; a ``-`` in front of columns that descend."""

    def rows(self, model: str, key: str, order: tuple[str, ...]) -> str:
        """The rows whose ``key`` is among the values."""

    def known_keys(self, model: str, key: str) -> str:
        """Those of the values that are there, as a set."""

    def figures(self, model: str, key: str, aggregate: Aggregate) -> str:
        """A dictionary from each value to the figure of its rows."""


class _Asked(NamedTuple):
    """One look-up, as far as its statement tells."""

    model: str
    place: CallSite | None
    lookup: LookupStatement | None
    key: str | None
    """Column of the model's table that is compared with the varying value, and with nothing else beside it."""
    condition: str | None
    """The comparison with the varying value, as it is in the statement."""


def lookup_advice(evidence: Evidence, orm: OrmEvidence, phrases: Phrases) -> Recommendation:
    """The advice for one group of queries that load no whole relation."""
    asked = _asked(evidence, orm)
    lookup = asked.lookup
    if feeds_itself(evidence):
        return tree_by_hand(evidence, asked.model, asked.key, phrases.all_rows(asked.model, ()))
    if orm.method == "exists" or (lookup is not None and lookup.is_exists):
        return _exists(asked, phrases)
    if orm.kind == "aggregate" or (lookup is not None and lookup.is_aggregate):
        return _aggregate(asked, phrases)
    if not evidence.group.set_columns and evidence.group.distinct_count > 1:
        return _beside_each(asked)
    if orm.method in _FIRST_ROW or (lookup is not None and lookup.is_limited and orm.method not in _ONE_ROW):
        return _first(asked)
    return _rows(asked, orm, phrases)


def eager_in_loop_advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """An eager load that runs for one object at a time, because its query does."""
    text = (
        f"The eager load of {orm.relation} runs with each query of the loop, for one {orm.owner} at a time. Select the "
        f"{orm.owner} rows with one query before the loop, with the same eager load, and look them up in a dictionary."
    )
    return Recommendation(f"Load {orm.relation} for all objects at once", text, None, place=evidence.loop_site)


def _asked(evidence: Evidence, orm: OrmEvidence) -> _Asked:
    group = evidence.group
    lookup, columns = read_lookup(group.first.statement), group.set_columns
    is_only = lookup is not None and len(columns) == 1 and len(lookup.conditions) == 1 and lookup.owns(columns[0])
    place = evidence.loop_site
    if place is None or place.language != "python":
        place = evidence.origin.site if evidence.origin else place
    condition = lookup.key_condition(columns[0]) if lookup is not None and len(columns) == 1 else None
    model = orm.target or (orm.models[0] if orm.models else None)
    return _Asked(model_of(model), place, lookup, columns[0] if is_only and model else None, condition)


def _rows(asked: _Asked, orm: OrmEvidence, phrases: Phrases) -> Recommendation:
    title = f"Fetch the {asked.model} rows as one set"
    text = (
        f"Collect the values of the loop first, fetch the {asked.model} rows with one query before it, and look them "
        "up in a dictionary."
    )
    if asked.key is None or asked.lookup is None or asked.lookup.order is None:
        text += (
            f" Ask with an IN list for what varies, on the table it belongs to{_owner_words(asked)}, and keep the "
            "joins and the other conditions."
        )
        return Recommendation(title, text, None, place=asked.place)
    rows = phrases.rows(asked.model, asked.key, asked.lookup.order)
    if orm.method in _ONE_ROW:
        return Recommendation(title, text, f"by_key = {{item.{asked.key}: item for item in {rows}}}", place=asked.place)
    text += " Several rows may share a value, so each has a list."
    code = (
        f"by_key = defaultdict(list)  # from collections\nfor item in {rows}:\n    "
        f"by_key[item.{asked.key}].append(item)"
    )
    return Recommendation(title, text, code, place=asked.place)


def _owner_words(asked: _Asked) -> str:
    """Which column of which table, where the statement says it."""
    return f" ({asked.condition})" if asked.condition else ""


def _aggregate(asked: _Asked, phrases: Phrases) -> Recommendation:
    text = (
        "Compute the figures for all items with one query before the loop, grouped by what varies, and look them up; "
        "an item without rows has no entry."
    )
    aggregate = asked.lookup.aggregate if asked.lookup else None
    if aggregate is None or asked.key is None:
        text += (
            f" Group by the column that varies, on the table it belongs to{_owner_words(asked)}; keep the joins, the "
            "other conditions and the same aggregate."
        )
        return Recommendation(f"Aggregate {asked.model} once", text, None, place=asked.place)
    code = f"figures = {phrases.figures(asked.model, asked.key, aggregate)}"
    return Recommendation(f"Aggregate {asked.model} once", text, code, place=asked.place)


def _exists(asked: _Asked, phrases: Phrases) -> Recommendation:
    text = "Ask once which of the values are there, and look each one up in that set; keep the other conditions."
    code = f"known = {phrases.known_keys(asked.model, asked.key)}" if asked.key else None
    return Recommendation(f"Ask for the {asked.model} rows that exist once", text, code, place=asked.place)


def _first(asked: _Asked) -> Recommendation:
    text = (
        "Only the first rows for each value are used, and all of them may be many: let one query number the rows of "
        "each value with a window function (row_number) and keep the first. Keep the order and the other conditions."
    )
    return Recommendation(f"Rank the {asked.model} rows once", text, None, place=asked.place)


def _beside_each(asked: _Asked) -> Recommendation:
    text = (
        f"For each value one {asked.model} row beside it is wanted, the next or the last before it; an IN list "
        "cannot ask for that. Read the rows once in their order and go through both in step (bisect helps), or let one "
        "query tell with a lateral join, lag() or lead()."
    )
    return Recommendation(f"Read the {asked.model} rows in order once", text, None, place=asked.place)
