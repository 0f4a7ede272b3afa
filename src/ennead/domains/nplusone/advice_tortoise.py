"""Advice for Tortoise ORM: relations that are awaited one by one, and look-ups in loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.advice_lookups import eager_in_loop_advice, lookup_advice
from ennead.domains.nplusone.advice_trees import model_tree
from ennead.domains.nplusone.model_names import field_of, model_of
from ennead.domains.nplusone.relation_paths import relation_paths, walks_a_tree
from ennead.domains.nplusone.select_edits import append_to_query_of
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.lookup_statement import Aggregate
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.records import OrmEvidence


def tortoise_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Recommendations for one group of Tortoise's queries, the best first."""
    orm = evidence.group.orm
    return () if orm is None else (_advice(evidence, orm),)


def _advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    if orm.eager and orm.relation:
        return eager_in_loop_advice(evidence, orm)
    if not (orm.lazy_load and orm.relation and orm.method is None):
        return lookup_advice(evidence, orm, TortoisePhrases())
    if walks_a_tree(evidence):
        return model_tree(evidence, orm, TortoisePhrases().all_rows)
    return _relation(evidence)


def _relation(evidence: Evidence) -> Recommendation:
    """One call on the query of the rows for the whole tree of relations that this one is a part of."""
    found = relation_paths(evidence)
    owner = model_of(found.owner)
    names = ["__".join(map(field_of, path)) for path in found.paths]
    shown = " and ".join(name.replace("__", ".") for name in names)
    collections = sorted({field_of(step) for path in found.paths for step in path if step.cardinality == "many"})
    text = f"Let the query that loads the {owner} rows load {shown} with them, with one query for each relation."
    if collections:
        text += (
            f" Then read {' and '.join(collections)} with for or async for: an await on a collection, and .all(), "
            "query again whatever was loaded. fetch_related() in the loop goes, too."
        )
    call = f".prefetch_related({', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)})"
    if found.root is not None and not found.starts_at_root:
        text += f" The path starts at {owner}: it belongs on the query that selects {owner}."
        return Recommendation(f"Prefetch {shown}", text, call)
    code = append_to_query_of(found.place, owner, call) or call
    return Recommendation(f"Prefetch {shown}", text, code, place=found.place)


class TortoisePhrases:
    """See :class:`~ennead.domains.nplusone.advice_lookups.Phrases`."""

    def all_rows(self, model: str, order: tuple[str, ...]) -> str:
        """All rows of a model."""
        return f"await {model}.all(){_sorted_by(order)}"

    def rows(self, model: str, key: str, order: tuple[str, ...]) -> str:
        """The rows whose ``key`` is among the values."""
        return f"await {model}.filter({key}__in=keys){_sorted_by(order)}"

    def known_keys(self, model: str, key: str) -> str:
        """Those of the values that are there."""
        return f'set(await {model}.filter({key}__in=keys).values_list("{key}", flat=True))'

    def figures(self, model: str, key: str, aggregate: Aggregate) -> str:
        """A dictionary from each value to the figure of its rows."""
        distinct = ", distinct=True" if aggregate.distinct else ""
        figure = f'{aggregate.function.capitalize()}("{aggregate.column or key}"{distinct})'
        query = f'{model}.filter({key}__in=keys).annotate(figure={figure}).group_by("{key}")'
        return f'dict(await {query}.values_list("{key}", "figure"))'


def _sorted_by(order: tuple[str, ...]) -> str:
    return f".order_by({', '.join(f'{chr(34)}{column}{chr(34)}' for column in order)})" if order else ""
