"""The loops that run a piece of code again and again, and what they go over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.bindings import bindings_of, target_names
from ennead.fixes.syntax.source_file import COMPREHENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.syntax.source_file import SourceFile

_REITERABLE = frozenset({"list", "tuple", "sorted", "dict", "set", "frozenset", "range"})


@dataclass(frozen=True)
class Loop:
    """One loop around the place: its target as it is written, and what it goes over."""

    node: cst.CSTNode
    """The ``for`` statement, the clause of a comprehension, or the call that maps."""
    target: str
    names: frozenset[str]
    iterable: cst.BaseExpression
    asynchronous: bool = False


def loops_around(source: SourceFile, near: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The loops of its function that a node is run by again and again, innermost first; ``while`` among them."""
    inner = near
    for above in source.ancestors(near):
        if isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            return
        repeats = isinstance(above, cst.While) or (isinstance(above, cst.For) and inner is not above.iter)
        if isinstance(above, COMPREHENSIONS):
            repeats = not source.is_inside(near, above.for_in.iter)
        if repeats:
            yield above
        inner = above


def item_loops(source: SourceFile, near: cst.CSTNode) -> Iterator[Loop]:
    """Loops of the same function around a node, innermost first."""
    inner = near
    for above in source.ancestors(near):
        if isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            return
        if isinstance(above, cst.For) and inner is not above.iter:
            yield _loop(source, above, above.target, above.iter, asynchronous=above.asynchronous is not None)
        if isinstance(above, COMPREHENSIONS):
            yield from _clauses(source, above, near)
        inner = above


def means_the_same_before(source: SourceFile, names: set[str], loop: cst.CSTNode, near: cst.CSTNode) -> bool:
    """Whether names that are read in a loop are bound in front of it, and not again in it."""
    for name in names:
        for binding in bindings_of(source, name, near):
            if binding.kind != "parameter" and source.is_inside(binding.node, loop):
                return False
            if binding.kind == "parameter" and not source.is_inside(loop, binding.node):
                return False
    return True


def is_reiterable(source: SourceFile, node: cst.BaseExpression) -> bool:
    """Whether going over an expression twice gives the same and costs nothing."""
    if isinstance(node, cst.List | cst.Tuple):
        return next(source.walk(cst.Call, node), None) is None
    if isinstance(node, cst.Subscript):
        return isinstance(node.value, cst.Name) and isinstance(node.slice[0].slice, cst.Slice)
    bindings = bindings_of(source, node.value, node) if isinstance(node, cst.Name) else []
    nearest = bindings[0] if bindings else None
    return nearest is not None and nearest.kind == "value" and nearest.whole and _keeps_items(nearest.value)


def _keeps_items(node: cst.BaseExpression | None) -> bool:
    if isinstance(node, cst.Await):
        return _keeps_items(node.expression)
    if isinstance(node, cst.List | cst.Tuple | cst.Set | cst.Dict | cst.ListComp | cst.SetComp | cst.DictComp):
        return True
    if not isinstance(node, cst.Call):
        return False
    if isinstance(node.func, cst.Name):
        return node.func.value in _REITERABLE
    if isinstance(node.func, cst.Call):
        return any(isinstance(item.value, cst.Name) and item.value.value in _REITERABLE for item in node.func.args)
    return isinstance(node.func, cst.Attribute) and node.func.attr.value not in ("iterator", "aiterator")


def _clauses(
    source: SourceFile, node: cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp, near: cst.CSTNode
) -> Iterator[Loop]:
    clauses: list[Loop] = []
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        if source.is_inside(near, clause.iter):
            break
        is_async = clause.asynchronous is not None
        clauses.insert(0, _loop(source, clause, clause.target, clause.iter, asynchronous=is_async))
        clause = clause.inner_for_in
    yield from clauses


def _loop(
    source: SourceFile,
    node: cst.CSTNode,
    target: cst.BaseExpression,
    iterable: cst.BaseExpression,
    *,
    asynchronous: bool,
) -> Loop:
    return Loop(node, source.text_of(target), frozenset(target_names(target)), iterable, asynchronous)
