"""Advice for trees: a relation of a model with itself that is followed step by step, down or up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ennead.domains.nplusone.access_chain import executed
from ennead.domains.nplusone.lookup_statement import read_lookup
from ennead.domains.nplusone.model_names import field_of, target_of
from ennead.kernel.finding import Recommendation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.domains.nplusone.groups import QueryGroup
    from ennead.domains.nplusone.rules import Evidence
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

_DOWN = (
    "{field} is a relation of {model} with itself, and an eager load brings one level of it. Load all nodes with one "
    "query "
    "before the walk and link them by {parent}: read {field}[node.id] in place of node.{field}. If the tree is a small "
    "part of a large table, select the branch with a recursive common table expression."
)
_UP = (
    "{field} is a relation of {model} with itself, walked up step by step: joining it brings one step only. Load all "
    "nodes "
    "with one query before the walk and go up in that dictionary: nodes.get(node.{parent}) in place of "
    "node.{field}."
)


def django_tree(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """All nodes with one query, linked in Python."""
    model, field, order = target_of(orm), field_of(orm), _order(evidence.group)
    place = walk_start(evidence)
    if orm.cardinality == "one":
        code = f"nodes = {model}.objects.in_bulk()"
        return _up(model, field, f"{field}_id", code, place)
    parent = _parent(evidence.group)
    rows = (
        f"{model}.objects.order_by({', '.join(chr(34) + column + chr(34) for column in order)})"
        if order
        else f"{model}.objects.all()"
    )
    return _down(model, field, parent, rows if parent and order is not None else None, place)


def sqlalchemy_tree(evidence: Evidence, orm: OrmEvidence) -> Recommendation:
    """All nodes with one query, linked in Python; SQLAlchemy can also load a level at a time."""
    model, field, order = target_of(orm), field_of(orm), _order(evidence.group)
    place = walk_start(evidence)
    access = evidence.group.call_path[0] if evidence.group.call_path else None
    if orm.cardinality == "one":
        code = f"nodes = {executed(access, place, 'scalars', f'select({model})')}.all()"
        text = (
            f"{field} is a relation of {model} with itself, walked up step by step: an eager load brings a fixed "
            "number of "
            "steps. Load all nodes with one query before the walk and keep the list: the session then has each parent."
        )
        return Recommendation(f"Load the {model} tree at once", text, code, place=place)
    parent = _parent(evidence.group)
    rows = executed(access, place, "scalars", f"select({model}){sorted_by(model, order or ())}")
    advice = _down(model, field, parent, rows if parent and order is not None else None, place)
    text = (
        f"{advice.text} Or load one level a query: selectinload({model}.{field}, recursion_depth=-1) on the query of "
        "the "
        "roots (SQLAlchemy 2)."
    )
    return replace(advice, text=text)


def model_tree(evidence: Evidence, orm: OrmEvidence, all_rows: Callable[[str, tuple[str, ...]], str]) -> Recommendation:
    """All nodes with one query, linked in Python; ``all_rows`` writes the query for a model and an order."""
    model, field, order = target_of(orm), field_of(orm), _order(evidence.group)
    place = walk_start(evidence)
    if orm.cardinality == "one":
        code = f"nodes = {{node.id: node for node in {all_rows(model, ())}}}"
        return _up(model, field, f"{field}_id", code, place)
    parent = _parent(evidence.group)
    return _down(model, field, parent, all_rows(model, order) if parent and order is not None else None, place)


def sorted_by(model: str, order: tuple[str, ...]) -> str:
    """``.order_by(Model.day.desc())`` for the columns of a statement."""
    terms = [f"{model}.{column.lstrip('-')}{'.desc()' if column.startswith('-') else ''}" for column in order]
    return f".order_by({', '.join(terms)})" if terms else ""


def tree_by_hand(evidence: Evidence, model: str, parent: str | None, rows: str | None) -> Recommendation:
    """A tree that is walked with queries written out: the rows of one are what the next one asks for."""
    lookup = read_lookup(evidence.group.first.statement)
    text = (
        f"The {model} rows of one query are what the next one asks for: a tree, walked node by node. Load all nodes "
        "with one "
        "query before the walk and link them by their parent's key; if the tree is a small part of a large table, "
        "select "
        "the branch with a recursive common table expression."
    )
    whole = lookup is not None and len(lookup.conditions) == 1 and not lookup.is_limited and not lookup.is_aggregate
    code = None
    if whole and parent not in (None, "id") and rows is not None:
        code = (
            f"children = defaultdict(list)  # from collections\nfor node in {rows}:\n    "
            f"children[node.{parent}].append(node)"
        )
    return Recommendation(f"Load the {model} tree at once", text, code, place=walk_start(evidence))


def walk_start(evidence: Evidence) -> CallSite | None:
    """Where the walk begins: the call of a function that goes on calling itself, or the loop."""
    path = evidence.group.call_path
    functions = [(site.file, site.function) for site in path]
    inner = functions[0] if functions else None
    last = max((index for index, function in enumerate(functions) if function == inner), default=0)
    if last > 0 and last + 1 < len(path):
        return path[last + 1]
    return evidence.loop_site or (path[0] if path else None)


def _down(model: str, field: str, parent: str | None, rows: str | None, place: CallSite | None) -> Recommendation:
    text = _DOWN.format(field=field, model=model, parent=parent or "their parent's key")
    code = None
    if rows is not None:
        code = (
            f"{field} = defaultdict(list)  # from collections\nfor node in {rows}:\n    "
            f"{field}[node.{parent}].append(node)"
        )
    return Recommendation(f"Load the {model} tree at once", text, code, place=place)


def _up(model: str, field: str, parent: str, code: str, place: CallSite | None) -> Recommendation:
    text = _UP.format(field=field, model=model, parent=parent)
    return Recommendation(f"Load the {model} tree at once", text, code, place=place)


def _parent(group: QueryGroup) -> str | None:
    """The column that names the parent, if the children are asked for by nothing else."""
    lookup = read_lookup(group.first.statement)
    columns = group.set_columns
    if lookup is None or len(columns) != 1 or len(lookup.conditions) != 1 or not lookup.owns(columns[0]):
        return None
    return columns[0]


def _order(group: QueryGroup) -> tuple[str, ...] | None:
    lookup = read_lookup(group.first.statement)
    return lookup.order if lookup else None
