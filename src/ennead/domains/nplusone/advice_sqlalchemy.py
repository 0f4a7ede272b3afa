"""Advice for SQLAlchemy's ORM: relations and columns that are loaded one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ennead.domains.nplusone.access_chain import calls_of, executed
from ennead.domains.nplusone.advice_sqlalchemy_lookups import eager_lookup_advice, lookup_advice
from ennead.domains.nplusone.advice_trees import sqlalchemy_tree
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import model_of
from ennead.domains.nplusone.origins import is_fed_by, origin_of
from ennead.domains.nplusone.relation_paths import relation_paths, walks_a_tree
from ennead.domains.nplusone.source_edits import add_options
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.relation_paths import Path, RelationPaths
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.records import OrmEvidence

_OF_SUBCLASS = re.compile(r"WHERE \? = \S+$")
"""How SQLAlchemy asks for the columns of a subclass whose own table was not selected."""


def sqlalchemy_advice(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Recommendations for one group of SQLAlchemy queries, the best first."""
    orm = evidence.group.orm
    return () if orm is None else (_advice(evidence, orm),)


def _advice(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    if orm.kind == "deferred":
        return _columns(evidence, orm)
    if orm.eager and orm.relation:
        return eager_lookup_advice(evidence, orm)
    if not (orm.lazy_load and orm.relation):
        return lookup_advice(evidence, orm)
    return sqlalchemy_tree(evidence, orm) if walks_a_tree(evidence) else _relation(evidence)


# ------------------------------------------------------------------------------------------------ relations


def _relation(evidence: Evidence) -> Recommendation:
    """One eager load for the whole tree of relations that this one is a part of."""
    found = relation_paths(evidence)
    options = ", ".join(map(_option, found.paths))
    names = [".".join(str(step.relation).rsplit(".", 1)[-1] for step in path) for path in found.paths]
    title = f"Load {' and '.join(names)} eagerly"
    text = (
        f"Let the query that loads the {found.owner or 'parent'} rows load {' and '.join(names)} with them"
        f"{_needs(options)}."
    )
    if any(len(path) > 1 for path in found.paths):
        text += " One chained option covers all levels: loading them one by one would leave a query per row."
    if "refresh" in _calls(evidence):
        text += (
            f" It is .options({options}); and take the refresh() out of the loop, which asks again whatever was loaded."
        )
        return Recommendation(title, text, None, place=found.place)
    return _with_option(found, title, text, options)


def _needs(options: str) -> str:
    names = ", ".join(name for name in ("joinedload", "selectinload", "undefer") if f"{name}(" in options)
    return f" (needs: from sqlalchemy.orm import {names})"


def _option(path: Path) -> str:
    """``selectinload(Order.lines).selectinload(Line.product)``; joins where each step leads to one row."""
    loader = "joinedload" if all(step.cardinality == "one" for step in path) else "selectinload"
    return ".".join(f"{loader}({step.relation})" for step in path)


def _with_option(found: RelationPaths, title: str, text: str, option: str) -> Recommendation:
    if found.root is not None and not found.starts_at_root:
        text += (
            f" The option starts at {found.owner}: it belongs on the query that selects {found.owner}, or behind the "
            "option, the join or the subclass that brings those rows."
        )
        return Recommendation(title, text, f".options({option})", place=None)
    return Recommendation(title, text, add_options(found.place, option, model_of(found.owner)), place=found.place)


# ------------------------------------------------------------------------------------------------ columns


def _columns(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    if orm.method == "refresh" or "refresh" in _calls(evidence):
        return _refreshed(evidence, orm)
    if _is_of_subclass(evidence.group):
        return _subclasses(evidence, orm)
    place = evidence.origin.site if evidence.origin else None
    if orm.relation is None:
        text = (
            f"A deferred expression of {orm.owner} (a column_property, or a group of deferred columns) is loaded for "
            "each "
            "row on its own: undefer() it, or undefer_group() its group, in the query that loads the rows."
        )
        return Recommendation("Load the deferred expression with the rows", text, None, place=place)
    option = f"undefer({orm.relation})"
    text = (
        f"{orm.relation} was left out of the query that loads the rows (deferred, or not named in load_only()) and is "
        f"loaded for each row on its own: undefer it there{_needs(option)}."
    )
    code = add_options(place, option, orm.owner)
    return Recommendation(f"Load {orm.relation} with the rows", text, code, place=place)


def _refreshed(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """Objects whose attributes are asked for again: by ``refresh()``, or because a commit or rollback expired them."""
    model, access = model_of(orm.target), evidence.group.call_path[0] if evidence.group.call_path else None
    place = evidence.loop_site or access
    lookup, columns = read_lookup(evidence.group.first.statement), evidence.group.set_columns
    key = columns[0] if len(columns) == 1 and lookup is not None and lookup.owns(columns[0]) else None
    rows = f"select({model}).where({model}.{key}.in_(keys))"
    if "refresh" in _calls(evidence):
        text = (
            "session.refresh() loads each object again on its own. Select them again with one query before the loop; "
            "populate_existing overwrites what the session has."
        )
        code = f"{executed(access, place, 'scalars', f'{rows}.execution_options(populate_existing=True)')}.all()"
    else:
        text = (
            "The objects were expired by a commit(), rollback() or expire(), and each is loaded again on its own. "
            "Read what "
            "you need before, use Session(expire_on_commit=False), or select them all again with one query before the "
            "loop, with keys that were read before they expired, and keep the list."
        )
        code = f"fresh = {executed(access, place, 'scalars', rows)}.all()"
    return Recommendation(f"Load the {model} rows again at once", text, code if key else None, place=place)


def _is_of_subclass(group: QueryGroup) -> bool:
    return bool(_OF_SUBCLASS.search(group.first.statement.strip()))


def _subclasses(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """Columns of subclasses with a table of their own, of which a query on the base class loads none."""
    origin = evidence.origin
    place = origin.site if origin else None
    base = _base_of(evidence)
    names = _subclasses_of_same_rows(evidence) or [model_of(orm.owner)]
    text = (
        f"The query selects the base class, without the tables of {', '.join(names)}: their columns are loaded "
        "object by "
        "object when they are read. Load them with one more query a subclass (selectin_polymorphic), or join them "
        "(with_polymorphic)."
    )
    title = f"Load the columns of {', '.join(names)} with the rows"
    if base is None:
        return Recommendation(title, text, None, place=place)
    return Recommendation(
        title, text, add_options(place, f"selectin_polymorphic({base}, [{', '.join(names)}])", base), place=place
    )


def _base_of(evidence: Evidence) -> str | None:
    origin = evidence.origin
    feeding = (group.orm for group in evidence.groups if origin is not None and is_fed_by(origin, group))
    models = next((orm.models for orm in feeding if orm is not None), ())
    return models[0] if len(models) == 1 else None


def _subclasses_of_same_rows(evidence: Evidence) -> list[str]:
    """All subclasses whose columns were loaded on the rows of the same query: one option serves them all."""
    names: list[str] = []
    for group in evidence.groups:
        if group.orm is None or group.orm.kind != "deferred" or not _is_of_subclass(group):
            continue
        origin = origin_of(group, evidence.groups)
        if origin is not None and evidence.origin is not None and origin.indexes == evidence.origin.indexes:
            names.append(model_of(group.orm.owner))
    return list(dict.fromkeys(names))


def _calls(evidence: Evidence) -> frozenset[str]:
    return calls_of(evidence.group.call_path[0] if evidence.group.call_path else None)
