"""Imports put where a sorted file has them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.metadata import MetadataWrapper, PositionProvider

if TYPE_CHECKING:
    from collections.abc import Sequence

_Line = cst.SimpleStatementLine


def with_imports(text: str, imports: Sequence[tuple[str, str | None]]) -> str | None:
    r"""The text with imports that it lacks; ``None`` if it is no Python.

    Examples
    --------
    >>> print(with_imports("import os\n\nfrom shop.models import Order\n", [("shop.models", "Line")]))
    import os
    <BLANKLINE>
    from shop.models import Line, Order
    <BLANKLINE>
    """
    try:
        for module, name in imports:
            text = _with_import(text, module, name)
        cst.parse_module(text)
    except cst.ParserSyntaxError:
        return None
    return text


def _with_import(text: str, module: str, name: str | None) -> str:
    tree = cst.parse_module(text)
    if name is None:
        return _by_codemod(tree, module, name)
    for line in _imports(tree):
        found = line.body[0]
        if (
            isinstance(found, cst.ImportFrom)
            and _module(found) == module
            and not isinstance(found.names, cst.ImportStar)
        ):
            known = [item.evaluated_name for item in found.names]
            return text if name in known else tree.with_deep_changes(found, names=_sorted_in(found.names, name)).code
    return _on_own_line(text, tree, module, name)


def _sorted_in(names: Sequence[cst.ImportAlias], name: str) -> list[cst.ImportAlias]:
    """The names with another one, in front of the first that sorts behind it."""
    given = [item.evaluated_name for item in names]
    number = next((index for index, known in enumerate(given) if _order(known) > _order(name)), len(given))
    new = cst.ImportAlias(cst.Name(name))
    if number == len(given):
        last = names[-1]
        comma = names[-2].comma if len(names) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        return [*names[:-1], last.with_changes(comma=comma), new.with_changes(comma=last.comma)]
    comma = names[number].comma
    if not isinstance(comma, cst.Comma) or number == len(given) - 1:
        comma = names[number - 1].comma if number else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [*names[:number], new.with_changes(comma=comma), *names[number:]]


def _order(name: str) -> tuple[int, str]:
    """Constants, classes, functions."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)


def _on_own_line(text: str, tree: cst.Module, module: str, name: str) -> str:
    """Behind the last import that sorts before it, among those of its kind."""
    lines = _imports(tree)
    same = [line for line in lines if _kind(line) == _kind_of(module)]
    others = [line for line in lines if _kind(line) != "__future__"]
    if not same and others and _kind_of(module) == "":
        return _as_first(text, tree, others[0], f"from {module} import {name}")
    if not same or any(isinstance(line.body[0], cst.ImportFrom) and line.body[0].relative for line in same):
        return _by_codemod(tree, module, name)
    positions = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)
    rows = text.splitlines(keepends=True)
    before = [line for line in same if _sorts_before(line, module)]
    line = positions[before[-1]].end.line if before else positions[same[0]].start.line - 1
    return "".join([*rows[:line], f"from {module} import {name}{tree.default_newline}", *rows[line:]])


def _as_first(text: str, tree: cst.Module, first: _Line, written: str) -> str:
    """In front of all other imports, with an empty line between."""
    positions = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)
    rows, number = text.splitlines(keepends=True), positions[first].start.line - 1
    return "".join([*rows[:number], written, tree.default_newline * 2, *rows[number:]])


def _sorts_before(line: _Line, module: str) -> bool:
    found = line.body[0]
    return isinstance(found, cst.Import) or (
        isinstance(found, cst.ImportFrom) and _module(found).lower() < module.lower()
    )


def _imports(tree: cst.Module) -> list[_Line]:
    found = [line for line in tree.body if isinstance(line, _Line)]
    return [line for line in found if isinstance(line.body[0], cst.Import | cst.ImportFrom)]


def _kind(line: _Line) -> str:
    found = line.body[0]
    if isinstance(found, cst.ImportFrom):
        return _kind_of(_module(found))
    return _kind_of(found.names[0].evaluated_name) if isinstance(found, cst.Import) else ""


def _kind_of(module: str) -> str:
    """The standard library as a whole, everything else by its package."""
    top = module.partition(".")[0]
    return "" if top in sys.stdlib_module_names and top != "__future__" else top


def _module(found: cst.ImportFrom) -> str:
    name = cst.Module([]).code_for_node(found.module) if found.module is not None else ""
    return "." * len(found.relative) + name


def _by_codemod(tree: cst.Module, module: str, name: str | None) -> str:
    context = CodemodContext()
    AddImportsVisitor.add_needed_import(context, module, name)
    return AddImportsVisitor(context).transform_module(tree).code
