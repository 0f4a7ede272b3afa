"""Advice for SQLAlchemy's ORM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.domains.nplusone.relation_paths import relation_path
from ennead.domains.nplusone.source_edits import add_options
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence


def sqlalchemy_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Recommendations for one group of SQLAlchemy queries, the best first."""
    orm = evidence.group.orm
    if orm is None:
        return ()
    if orm.kind == "deferred":
        return (_deferred(evidence, orm),)
    if orm.lazy_load and orm.relation:
        return (_relation(evidence, orm),)
    return (_lookup(evidence, orm),)


def _relation(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    owners, _, place = relation_path(evidence, qualified=True)
    loader = "joinedload" if orm.cardinality == "one" and len(owners) == 1 else "selectinload"
    option = f"{loader}({owners[0]})" + "".join(f".selectinload({name})" for name in owners[1:])
    text = f"Let the query that loads the {orm.owner or 'parent'} rows fetch {owners[-1]} with them."
    if len(owners) > 1:
        text += " One chained option covers all levels: loading them one by one would leave a query per row."
    path = ".".join(name.rsplit(".", 1)[-1] for name in owners)
    return _advice_at(place, f"Load {path} eagerly", text, option)


def _deferred(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    if orm.method == "refresh":
        text = (
            "The objects were expired (by commit() or expire()), and each one is loaded again on its own. Read what "
            "you need before the commit, use Session(expire_on_commit=False), or load them again with one query."
        )
        place = evidence.origin.site if evidence.origin else evidence.loop_site
        return Recommendation("Do not let every object refresh itself", text, None, place=place)
    column = orm.relation or "the column"
    text = f"{column} is deferred and loaded for each row on its own: undefer it in the query that loads the rows."
    return _advice(evidence, f"Load {column} with the rows", text, f"undefer({column})")


def _lookup(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    group = evidence.group
    target = orm.target or (orm.models[0] if orm.models else None)
    column = group.set_columns[0] if len(group.set_columns) == 1 else None
    place = evidence.loop_site or (evidence.origin.site if evidence.origin else None)
    if target is None:
        text = (
            "Collect the values before the loop, ask for all of them with one IN query (or GROUP BY), and look them up."
        )
        return Recommendation("Ask once for all values", text, None, place=place)
    wanted = f".where({target}.{column}.in_(keys))"
    if orm.kind == "aggregate":
        text = "Compute the figures for all items with one query grouped by what varies, and look them up."
        code = f"select({target}.{column}, func.count()){wanted}.group_by({target}.{column})"
        return Recommendation(f"Aggregate {target} once", text, code if column else None, place=place)
    if group.takes_first_of_each:
        text = (
            "Only the first row for each item is used, and fetching all of them may be much. Rank them in a subquery "
            "with a window function, and select those of place 1."
        )
        ranked = f"func.row_number().over(partition_by={target}.{column}, order_by=...)"
        code = f"ranked = select({target}, {ranked}.label('place')){wanted}.subquery()"
        return Recommendation(f"Rank the {target} rows once", text, code if column else None, place=place)
    text = f"Collect the keys before the loop, fetch the {target} rows with one query, look each up in a dictionary."
    by_key = _set_of(target, column, orm.method) if column else None
    return Recommendation(f"Fetch the {target} rows as one set", text, by_key, place=place)


def _set_of(target: str, column: str, method: str | None) -> str:
    """Code that fetches the rows of all keys."""
    rows = f"session.scalars(select({target}).where({target}.{column}.in_(keys)))"
    if method == "get" or column == "id":
        return f"by_key = {{item.{column}: item for item in {rows}}}"
    return f"for item in {rows}:\n    by_key[item.{column}].append(item)  # by_key = defaultdict(list)"


def _advice(evidence: Evidence, title: str, text: str, option: str) -> Recommendation:
    return _advice_at(evidence.origin.site if evidence.origin else None, title, text, option)


def _advice_at(place: CallSite | None, title: str, text: str, option: str) -> Recommendation:
    return Recommendation(title, text, add_options(place, option), place=place)
