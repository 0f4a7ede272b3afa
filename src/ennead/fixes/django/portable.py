"""Whether an expression means the same at another place."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.django.query_methods import EXPRESSIONS
from ennead.fixes.syntax.bindings import bindings_of
from ennead.fixes.syntax.imports import module_names
from ennead.fixes.syntax.names import free_names

if TYPE_CHECKING:
    from ennead.fixes.syntax.source_file import SourceFile

_BUILTINS = frozenset(dir(builtins))


def needed_names(source: SourceFile, node: cst.CSTNode, at: SourceFile, place: cst.CSTNode) -> set[str] | None:
    """Names that have to be imported for an expression at another place; ``None`` if it cannot be said there.

    Parameters
    ----------
    source, node
        The expression.
    at, place
        Where it is to be written.
    """
    needed: set[str] = set()
    for name in free_names(source, node):
        text = name.value
        if _is_same(source, name, at, place):
            continue
        if text in EXPRESSIONS:
            needed.add(text)
        elif text not in _BUILTINS or text in module_names(source):
            return None
    return needed


def _is_same(source: SourceFile, name: cst.Name, at: SourceFile, place: cst.CSTNode) -> bool:
    """Whether a name is bound once, outside of any loop, for both places."""
    if source.file != at.file:
        return False
    bindings = bindings_of(source, name.value, name)
    there = bindings_of(source, name.value, place)
    if not bindings or len(bindings) > 1 or len(there) != 1 or bindings[0].node is not there[0].node:
        return False
    bound = bindings[0]
    if bound.kind == "item" or (bound.kind == "parameter" and not source.is_inside(place, bound.node)):
        return False
    if source.function_of(bound.node) is None or bound.kind == "parameter":
        return True
    return source.span(bound.node)[1] <= source.span(place)[0]
