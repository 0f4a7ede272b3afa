"""Advice for SQLAlchemy queries written out in a loop, and for eager loads that run with each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ennead.domains.nplusone.access_chain import calls_of, executed
from ennead.domains.nplusone.advice_trees import sorted_by, tree_by_hand
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import model_of
from ennead.domains.nplusone.relation_paths import feeds_itself, path_to
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.lookup_statement import LookupStatement
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

_ONE_ROW = frozenset({"one", "one_or_none", "scalar_one", "scalar_one_or_none"})
_FIRST_ROW = frozenset({"first", "scalar", "limit"})


class _Asked(NamedTuple):
    """One look-up, as far as its statement and its line tell."""

    model: str
    access: CallSite | None
    place: CallSite | None
    lookup: LookupStatement | None
    key: str | None
    """Column of the model's table that is compared with the varying value, and with nothing else beside it."""
    condition: str | None
    """The comparison with the varying value, as it is in the statement."""
    calls: frozenset[str]

    @property
    def column(self) -> str:
        return f"{self.model}.{self.key}"

    @property
    def wanted(self) -> str:
        return f".where({self.column}.in_(keys))"

    def run(self, method: str, statement: str) -> str:
        return executed(self.access, self.place, method, statement)


def lookup_advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """The advice for one group of queries that is no relation's."""
    asked = _asked(evidence, evidence.group, orm)
    lookup = asked.lookup
    if feeds_itself(evidence):
        rows = asked.run("scalars", f"select({asked.model})")
        return tree_by_hand(evidence, asked.model, asked.key, rows if orm.target else None)
    if lookup is not None and lookup.is_exists:
        return _exists(asked)
    if orm.kind == "aggregate" or (lookup is not None and lookup.is_aggregate):
        return _aggregate(asked)
    if not evidence.group.set_columns and evidence.group.distinct_count > 1:
        return _beside_each(asked)
    if lookup is not None and lookup.is_limited and lookup.order != ():
        return _first(asked)
    return _rows(asked, orm)


def eager_lookup_advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """An eager load that runs for one object at a time, because its query does."""
    path = path_to(evidence)
    option = "".join(
        f"{'.' if number else ''}selectinload({step.relation})" for number, step in enumerate(path.paths[0])
    )
    title = f"Load {orm.relation} for all objects at once"
    text = (
        f"The eager load runs with each query of the loop, for one {orm.owner} at a time. Select the {orm.owner} "
        "rows with "
        "one query before the loop, with the same option, and look them up."
    )
    root = path.root
    asked = (
        _asked(evidence, root, root.orm) if root is not None and root.orm is not None and path.starts_at_root else None
    )
    if asked is None or asked.key is None:
        return Recommendation(title, text, None, place=evidence.loop_site)
    rows = asked.run("scalars", f"select({asked.model}){asked.wanted}.options({option})")
    return Recommendation(
        title, text, f"by_key = {{item.{asked.key}: item for item in {rows}}}", place=evidence.loop_site
    )


def _asked(evidence: Evidence, group: QueryGroup, orm: OrmEvidence) -> _Asked:
    lookup, columns = read_lookup(group.first.statement), group.set_columns
    is_only = lookup is not None and len(columns) == 1 and len(lookup.conditions) == 1 and lookup.owns(columns[0])
    model = orm.target or (orm.models[0] if orm.models else None)
    access = group.call_path[0] if group.call_path else None
    place = evidence.loop_site
    if place is None or place.language != "python":
        place = evidence.origin.site if evidence.origin else place
    condition = lookup.key_condition(columns[0]) if lookup is not None and len(columns) == 1 else None
    key = columns[0] if is_only and model else None
    return _Asked(model_of(model), access, place, lookup, key, condition, calls_of(access))


def _rows(asked: _Asked, orm: OrmEvidence) -> Recommendation:
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
    rows = asked.run("scalars", f"select({asked.model}){asked.wanted}{sorted_by(asked.model, asked.lookup.order)}")
    if orm.method == "get":
        text += (
            " As long as that dictionary is kept, session.get() and merge() find them in the session without a query."
        )
    if orm.method == "get" or asked.key == "id" or asked.calls & _ONE_ROW:
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


def _aggregate(asked: _Asked) -> Recommendation:
    title = f"Aggregate {asked.model} once"
    text = (
        "Compute the figures for all items with one query before the loop, grouped by what varies, and look them up; "
        "an item without rows has no entry."
    )
    aggregate = asked.lookup.aggregate if asked.lookup else None
    if aggregate is None or asked.key is None:
        return Recommendation(
            title,
            f"{text} Group by the column that varies, on the table it belongs to{_owner_words(asked)}; keep the "
            "joins, the other conditions and the same aggregate.",
            None,
            place=asked.place,
        )
    column = f"{asked.model}.{aggregate.column}" if aggregate.column else ""
    value = f"func.{aggregate.function}({column}{'.distinct()' if aggregate.distinct else ''})"
    statement = f"select({asked.column}, {value}){asked.wanted}.group_by({asked.column})"
    return Recommendation(
        title, text, f"figures = dict({asked.run('execute', statement)}.tuples().all())", place=asked.place
    )


def _exists(asked: _Asked) -> Recommendation:
    text = "Ask once which of the values are there, and look each one up in that set; keep the other conditions."
    code = f"known = set({asked.run('scalars', f'select({asked.column}){asked.wanted}')})" if asked.key else None
    return Recommendation(f"Ask for the {asked.model} rows that exist once", text, code, place=asked.place)


def _first(asked: _Asked) -> Recommendation:
    title = f"Rank the {asked.model} rows once"
    text = (
        "Only the first row for each value is used, and all of them may be many: let one query number the rows of each "
        "value (row_number) and keep the first."
    )
    order = asked.lookup.order if asked.lookup else None
    if asked.key is None or not order or not asked.calls & (_FIRST_ROW | _ONE_ROW):
        return Recommendation(title, f"{text} Keep the order and the other conditions.", None, place=asked.place)
    ordered = sorted_by(asked.model, order).removeprefix(".order_by(").removesuffix(")")
    ordered = f"({ordered})" if len(order) > 1 else ordered
    place = f'func.row_number().over(partition_by={asked.column}, order_by={ordered}).label("place")'
    rows = asked.run("scalars", "select(first).where(ranked.c.place == 1)")
    code = (
        f"ranked = select({asked.model}, {place}){asked.wanted}.subquery()\n"
        f"first = aliased({asked.model}, ranked)\n"
        f"by_key = {{item.{asked.key}: item for item in {rows}}}"
    )
    return Recommendation(title, f"{text} (from sqlalchemy.orm import aliased)", code, place=asked.place)


def _beside_each(asked: _Asked) -> Recommendation:
    text = (
        f"For each value one {asked.model} row beside it is wanted, the next or the last before it; an IN list "
        "cannot ask "
        "for that. Read the rows once in their order and go through both in step (bisect helps), or let one query tell "
        "with a lateral join, lag() or lead()."
    )
    return Recommendation(f"Read the {asked.model} rows in order once", text, None, place=asked.place)
