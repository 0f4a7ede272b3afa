"""Where a name comes from: assignments, loops, parameters, in the function around it and outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import libcst as cst

from ennead.fixes.syntax.source_file import COMPREHENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.syntax.source_file import SourceFile

BindingKind = Literal["value", "item", "parameter"]
_SCOPES = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


@dataclass(frozen=True)
class Binding:
    """One way in which a name gets its value."""

    kind: BindingKind
    """``value``: an assignment; ``item``: the target of a loop; ``parameter``: of a function."""
    node: cst.CSTNode
    """What binds the name: a statement, a loop, a function."""
    value: cst.BaseExpression | None
    """What is assigned or looped over; the default of a parameter."""
    whole: bool = True
    """The name gets all of it, and not a part of a tuple."""


def bindings_of(source: SourceFile, name: str, near: cst.CSTNode) -> list[Binding]:
    r"""How a name that is read at ``near`` is bound, the likeliest first: in the nearest scope, right before the place.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ennead.fixes.project_sources import ProjectSources
    >>> from ennead.fixes.syntax.source_file import SourceFile
    >>> code = "def page():\n    rows = load()\n    for row in rows:\n        print(row)\n"
    >>> source = SourceFile.of(ProjectSources(Path("/nowhere"), {"app.py": code}), "app.py")
    >>> place = list(source.on_lines(cst.Call, 4, 4))[0]
    >>> [(binding.kind, source.text_of(binding.value)) for binding in bindings_of(source, "row", place)]
    [('item', 'rows')]
    """
    for above in (near, *source.ancestors(near)):
        if isinstance(above, COMPREHENSIONS):
            found = [binding for binding in _comprehension(above) if _binds(binding, name)]
            if found:
                return [item for item, _ in found]
        elif isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Module):
            inner = above is near
            found_here = [] if inner else list(_scope(above, name))
            if found_here:
                return _nearest_first(source, found_here, near)
    return []


def parameters_of(function: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """All parameters, in order."""
    given = function.params
    return [*given.posonly_params, *given.params, *given.kwonly_params]


def argument_for(call: cst.Call, function: cst.FunctionDef, name: str, *, bound: bool) -> cst.BaseExpression | None:
    """What a call gives to a parameter; ``bound`` for a method, whose first parameter is not written."""
    by_name = next((item.value for item in call.args if item.keyword and item.keyword.value == name), None)
    if by_name is not None:
        return by_name
    positional = [*function.params.posonly_params, *function.params.params]
    index = next((number for number, item in enumerate(positional) if item.name.value == name), None)
    if index is None:
        return None
    index -= int(bound)
    plain = [item for item in call.args if item.keyword is None and not item.star]
    return plain[index].value if 0 <= index < len(plain) else None


def returned_by(source: SourceFile, function: cst.FunctionDef) -> list[cst.BaseExpression]:
    """What a function returns."""
    returns = [node for node in source.walk(cst.Return, function.body) if source.function_of(node) is function]
    return [node.value for node in returns if node.value is not None]


def names_in(source: SourceFile, node: cst.CSTNode) -> set[str]:
    """All names and attributes that are written in a piece of the tree."""
    return {item.value for item in source.walk(cst.Name, node)}


def free_name(source: SourceFile, wanted: str) -> str:
    """A name that the file does not use yet: ``by_key``, ``by_key_2`` ..."""
    taken = {item.value for item in source.walk(cst.Name)}
    if wanted not in taken:
        return wanted
    return next(name for name in (f"{wanted}_{number}" for number in range(2, len(taken) + 3)) if name not in taken)


def target_names(target: cst.BaseExpression) -> list[str]:
    """The names that an assignment or a loop binds."""
    if isinstance(target, cst.Name):
        return [target.value]
    if isinstance(target, cst.Tuple | cst.List):
        return [name for element in target.elements for name in target_names(element.value)]
    if isinstance(target, cst.StarredElement):
        return target_names(target.value)
    return []


def _binds(pair: tuple[Binding, list[str]], name: str) -> bool:
    return name in pair[1]


def _comprehension(
    node: cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp,
) -> Iterator[tuple[Binding, list[str]]]:
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        whole = isinstance(clause.target, cst.Name)
        yield Binding("item", clause, clause.iter, whole), target_names(clause.target)
        clause = clause.inner_for_in


def _scope(scope: cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Module, name: str) -> Iterator[Binding]:
    if isinstance(scope, cst.FunctionDef | cst.Lambda):
        for parameter in parameters_of(scope):
            if parameter.name.value == name:
                yield Binding("parameter", scope, parameter.default)
    if isinstance(scope, cst.Lambda):
        return
    for node in _own(scope):
        for binding, names in _bindings(node):
            if name in names:
                yield binding


def _own(scope: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes of a scope, without those of scopes inside of it."""
    pending = list(reversed(scope.children))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending += reversed(node.children)


def _bindings(node: cst.CSTNode) -> Iterator[tuple[Binding, list[str]]]:
    if isinstance(node, cst.Assign):
        for target in node.targets:
            names = target_names(target.target)
            yield Binding("value", node, node.value, isinstance(target.target, cst.Name)), names
    elif isinstance(node, cst.AnnAssign | cst.NamedExpr) and node.value is not None:
        yield Binding("value", node, node.value), target_names(node.target)
    elif isinstance(node, cst.For):
        yield Binding("item", node, node.iter, isinstance(node.target, cst.Name)), target_names(node.target)
    elif isinstance(node, cst.WithItem) and node.asname is not None:
        yield Binding("value", node, node.item, whole=False), target_names(node.asname.name)


def _nearest_first(source: SourceFile, found: list[Binding], near: cst.CSTNode) -> list[Binding]:
    """A loop around the place, then assignments before it, the last first, then those behind it."""
    place = source.span(near)[0]

    def rank(binding: Binding) -> tuple[int, int]:
        start = source.span(binding.node)[0]
        around = binding.kind == "item" and source.is_inside(near, binding.node)
        return (0 if around else 1 if start <= place else 2, -start if start <= place else start)

    return sorted(found, key=rank)
