"""Expressions apart from their file: names written out, parts replaced, conditions taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.executed_query import assigned
from ennead.fixes.syntax.bindings import bindings_of
from ennead.fixes.syntax.method_chain import chain_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ennead.fixes.syntax.source_file import SourceFile

_STATEMENTS = frozenset({"select", "exists", "query", "text", "lambda_stmt"})
_INDEXABLE = frozenset({"split", "rsplit", "partition", "rpartition", "splitlines", "groups", "timetuple", "as_tuple"})
_DEEPEST = 8
_ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.BaseNumber, cst.SimpleString, cst.FormattedString)


def code_of(node: cst.CSTNode) -> str:
    """A piece of a tree as text, without brackets around the whole."""
    if isinstance(node, cst.BaseExpression):
        node = node.with_changes(lpar=[], rpar=[])
    return cst.Module([]).code_for_node(node)


def parsed(text: str) -> cst.BaseExpression:
    """A text as an expression; it may go over several lines."""
    return cst.parse_expression(f"({text})").with_changes(lpar=[], rpar=[])


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def replaced(tree: cst.BaseExpression, old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    """An expression with one part of it exchanged."""
    if tree is old:
        return new
    changed: cst.CSTNode = tree.deep_replace(old, new)
    return changed if isinstance(changed, cst.BaseExpression) else tree


def expressions_in(source: SourceFile, node: cst.CSTNode | None = None) -> Iterator[cst.BaseExpression]:
    """All expressions in a part of a file, outer ones first."""
    return (item for item in source.nodes(node) if isinstance(item, cst.BaseExpression))


def read_names(node: cst.CSTNode) -> Iterator[cst.Name]:
    """The names that an expression reads: no attributes, no keywords.

    >>> [name.value for name in read_names(parsed("total(row.id, by=key)"))]
    ['total', 'row', 'key']
    """
    if isinstance(node, cst.Name):
        yield node
    elif isinstance(node, cst.Attribute | cst.Arg):
        yield from read_names(node.value)
    else:
        for child in node.children:
            yield from read_names(child)


def reads(node: cst.CSTNode, names: set[str]) -> bool:
    """Whether an expression reads any of some names."""
    return any(name.value in names for name in read_names(node))


def is_statement(source: SourceFile, value: cst.BaseExpression) -> bool:
    """Whether an expression is a query under construction: ``select(...)...``, or a name of one with more behind it."""
    for _ in range(_DEEPEST):
        chain = chain_of(value)
        functions = [chain.root.func] if isinstance(chain.root, cst.Call) else []
        if any(isinstance(item, cst.Name) and item.value in _STATEMENTS for item in functions):
            return True
        if any(link.name in _STATEMENTS and link.call is not None for link in chain.links):
            return True
        if not isinstance(chain.root, cst.Name) or not chain.links or chain.links[-1].call is None:
            return False
        further = assigned(source, chain.root, chain.root)
        if further is None:
            return False
        value = further
    return False


def fresh_name(source: SourceFile, wanted: str, near: cst.CSTNode) -> str:
    """A name that nothing in the function around a place and nothing at the top of its module is called."""
    scope = source.function_of(near) or source.module
    taken = {name.value for name in source.walk(cst.Name, scope)}
    for statement in source.module.body:
        if isinstance(statement, cst.FunctionDef | cst.ClassDef):
            taken.add(statement.name.value)
        elif isinstance(statement, cst.SimpleStatementLine):
            taken.update(name.value for name in source.walk(cst.Name, statement))
    names = (wanted, *(f"{wanted}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


class Expander:
    """Writes an expression out: names of statements by what was assigned to them.

    Parameters
    ----------
    source
        The file.
    """

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.inlined: list[cst.Name] = []
        """The names that were written out."""

    def statement(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """The whole statement, with nothing behind names any more."""
        return parsed(self._text(node, self._of_statement, 0))

    def value(self, node: cst.BaseExpression, inside: cst.CSTNode) -> str:
        """A value as text, without names that are bound in a part of the tree."""
        return self._text(node, lambda name: self._of_value(name, inside), 0)

    def _text(self, node: cst.BaseExpression, written: Callable[[cst.Name], str | None], depth: int) -> str:
        start, end = self.source.outer_span(node)
        text = self.source.text[start:end]
        for name in reversed(list(read_names(node))):
            value = written(name) if depth < _DEEPEST else None
            if value is not None:
                first, last = self.source.span(name)
                text = text[: first - start] + value + text[last - start :]
        return text

    def _of_statement(self, name: cst.Name) -> str | None:
        value = assigned(self.source, name, name)
        if value is None or not is_statement(self.source, value):
            return None
        self.inlined.append(name)
        return _atom(value, self._text(value, self._of_statement, len(self.inlined)))

    def _of_value(self, name: cst.Name, inside: cst.CSTNode) -> str | None:
        start = self.source.span(name)[0]
        for binding in bindings_of(self.source, name.value, name):
            if binding.value is None or binding.node is inside or not self.source.is_inside(binding.node, inside):
                return None
            is_parameter = binding.kind == "parameter" and isinstance(binding.node, cst.Lambda)
            if binding.kind == "item" or (binding.kind == "parameter" and not is_parameter):
                return None
            if not is_parameter and self.source.span(binding.node)[0] >= start:
                continue
            text = self._text(binding.value, lambda inner: self._of_value(inner, inside), 1)
            if binding.whole:
                return _atom(binding.value, text)
            index = _index_of(binding.node, name.value)
            return None if index is None else f"{_sequence(binding.value, text)}[{index}]"
        return None


def _index_of(node: cst.CSTNode, name: str) -> int | None:
    """Place of a name in the tuple that is assigned to."""
    if not isinstance(node, cst.Assign) or not isinstance(node.targets[0].target, cst.Tuple):
        return None
    elements = node.targets[0].target.elements
    for number, element in enumerate(elements):
        if isinstance(element, cst.StarredElement):
            return None
        if isinstance(element.value, cst.Name) and element.value.value == name:
            return number
    return None


def _sequence(value: cst.BaseExpression, text: str) -> str:
    """An expression that can be indexed; what a call gives may be an iterator."""
    last = chain_of(value).names()[-1:]
    is_call = isinstance(value, cst.Call) and last != () and last[0] not in _INDEXABLE
    is_function = isinstance(value, cst.Call) and last == ()
    return f"[*{text}]" if is_call or is_function else _atom(value, text)


def _atom(value: cst.BaseExpression, text: str) -> str:
    return text if isinstance(value, _ATOMS) or text.startswith("(") else f"({text})"
