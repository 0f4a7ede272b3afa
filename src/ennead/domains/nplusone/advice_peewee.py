"""Advice for Peewee: foreign keys and back-references that are loaded one by one, and look-ups in loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.advice_lookups import eager_in_loop_advice, lookup_advice
from ennead.domains.nplusone.advice_trees import model_tree
from ennead.domains.nplusone.model_names import field_of, model_of
from ennead.domains.nplusone.relation_paths import relation_paths, walks_a_tree
from ennead.domains.nplusone.select_edits import append_to_select, extend_select
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.domains.nplusone.lookup_statement import Aggregate
    from ennead.domains.nplusone.relation_paths import RelationPaths
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.records import OrmEvidence


def peewee_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Recommendations for one group of Peewee queries, the best first."""
    orm = evidence.group.orm
    return () if orm is None else (_advice(evidence, orm),)


def _advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    if orm.eager and orm.relation:
        return eager_in_loop_advice(evidence, orm)
    if not (orm.lazy_load and orm.relation and orm.method is None):
        return lookup_advice(evidence, orm, PeeweePhrases())
    if walks_a_tree(evidence):
        return model_tree(evidence, orm, PeeweePhrases().all_rows)
    return _relation(evidence)


# ------------------------------------------------------------------------------------------------ relations


def _relation(evidence: Evidence) -> Recommendation:
    """One change of the query of the rows for the whole tree of relations that this one is a part of."""
    found = relation_paths(evidence)
    names = " and ".join(".".join(map(field_of, path)) for path in found.paths)
    owner = model_of(found.owner)
    steps = list({step.relation: step for path in found.paths for step in path}.values())
    models = [owner, *(model_of(step.target) for step in steps)]
    if len(set(models)) < len(models):
        return _met_twice(found, names, owner)
    return _join(found, names, owner, steps) if found.single else _prefetch(evidence, found, names, owner, steps)


def _join(found: RelationPaths, names: str, owner: str, steps: Sequence[OrmEvidence]) -> Recommendation:
    """One row each: a join, and its columns in the select list, without which Peewee would not use it."""
    targets = ", ".join(model_of(step.target) for step in steps)
    joins = "".join(
        f".join_from({model_of(step.owner)}, {model_of(step.target)}, JOIN.LEFT_OUTER, on={step.relation})"
        for step in steps
    )
    text = (
        f"Let the query that loads the {owner} rows join and select {targets}: a join alone would leave the query per "
        "row. The outer join keeps the rows that lead to none."
    )
    if not _starts_here(found):
        return Recommendation(f"Join {names}", text + _elsewhere(owner), f"{owner}.select({owner}, {targets}){joins}")
    code = extend_select(found.place, owner, targets, joins) or f"{owner}.select({owner}, {targets}){joins}"
    return Recommendation(f"Join {names}", text, code, place=found.place)


def _prefetch(
    evidence: Evidence, found: RelationPaths, names: str, owner: str, steps: Sequence[OrmEvidence]
) -> Recommendation:
    """Several rows each: one query more for each relation, and Peewee puts them together."""
    between = {group.orm.relation for group in evidence.groups if group.orm and len(group.first.tables) > 1}
    parts: list[str] = []
    for step in steps:
        if step.cardinality == "many" and step.relation in between:
            parts.append(f"{step.relation}.get_through_model()")
        parts.append(model_of(step.target))
    call = f".prefetch({', '.join(parts)})"
    text = (
        f"Load {names} of all rows with one query for each relation. prefetch() runs at once and returns a list, so it "
        "is the last call; a model stands for all of its rows, and a query in its place selects or sorts them."
    )
    if not _starts_here(found):
        return Recommendation(f"Prefetch {names}", text + _elsewhere(owner), call)
    code = append_to_select(found.place, owner, call) or call
    return Recommendation(f"Prefetch {names}", text, code, place=found.place)


def _met_twice(found: RelationPaths, names: str, owner: str) -> Recommendation:
    text = (
        f"The path {names} meets a model twice, so each further one needs a name of its own: Model.alias() in the join "
        f"of the query that loads the {owner} rows, or in prefetch(). Newer releases of Peewee have with_related(), "
        "which names relations in place of models."
    )
    return Recommendation(f"Load {names} with the rows", text, None, place=found.place)


def _starts_here(found: RelationPaths) -> bool:
    return found.root is None or found.starts_at_root


def _elsewhere(owner: str) -> str:
    return f" It belongs on the query that selects {owner}, or behind the join that brings those rows."


# ------------------------------------------------------------------------------------------------ look-ups


class PeeweePhrases:
    """See :class:`~ennead.domains.nplusone.advice_lookups.Phrases`."""

    def all_rows(self, model: str, order: tuple[str, ...]) -> str:
        """All rows of a model."""
        return f"{model}.select(){_sorted_by(model, order)}"

    def rows(self, model: str, key: str, order: tuple[str, ...]) -> str:
        """The rows whose ``key`` is among the values."""
        return f"{model}.select().where({model}.{key}.in_(keys)){_sorted_by(model, order)}"

    def known_keys(self, model: str, key: str) -> str:
        """Those of the values that are there."""
        column = f"{model}.{key}"
        return f"{{key for (key,) in {model}.select({column}).where({column}.in_(keys)).tuples()}}"

    def figures(self, model: str, key: str, aggregate: Aggregate) -> str:
        """A dictionary from each value to the figure of its rows."""
        column, counted = f"{model}.{key}", f"{model}.{aggregate.column or key}"
        figure = f"fn.{aggregate.function.upper()}({counted}{'.distinct()' if aggregate.distinct else ''})"
        return f"dict({model}.select({column}, {figure}).where({column}.in_(keys)).group_by({column}).tuples())"


def _sorted_by(model: str, order: tuple[str, ...]) -> str:
    terms = [f"{model}.{column.lstrip('-')}{'.desc()' if column.startswith('-') else ''}" for column in order]
    return f".order_by({', '.join(terms)})" if terms else ""
