"""A chain of method calls, ``Order.objects.filter(open=True).order_by("day")[:5]``, read and extended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.line_width import broken

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ennead.fixes.syntax.edits import Edits
    from ennead.fixes.syntax.source_file import SourceFile


@dataclass(frozen=True)
class Link:
    """One step of a chain."""

    name: str
    """The attribute; empty for a subscript."""
    node: cst.BaseExpression
    """The expression up to this step, its call included."""
    call: cst.Call | None
    """The call, if the step is one."""


@dataclass(frozen=True)
class MethodChain:
    """An expression that goes over attributes, calls and subscripts."""

    root: cst.BaseExpression
    """What stands in front of the first dot."""
    links: tuple[Link, ...]

    @property
    def node(self) -> cst.BaseExpression:
        """The whole expression."""
        return self.links[-1].node if self.links else self.root

    def link(self, *names: str) -> Link | None:
        """The last step of one of some names that is called."""
        return next((link for link in reversed(self.links) if link.name in names and link.call is not None), None)

    def names(self) -> tuple[str, ...]:
        """The names of its steps."""
        return tuple(link.name for link in self.links)

    def until(self, endings: Collection[str]) -> cst.BaseExpression:
        """The longest part in front of a subscript and of calls of some names."""
        found = self.root
        for link in self.links:
            if not link.name or (link.name in endings and link.call is not None):
                break
            found = link.node
        return found


def chain_of(node: cst.BaseExpression) -> MethodChain:
    """Read an expression as a chain.

    Examples
    --------
    >>> chain = chain_of(cst.parse_expression("Order.objects.filter(open=True)[:5]"))
    >>> chain.root.value, chain.names()
    ('Order', ('objects', 'filter', ''))
    """
    links: list[Link] = []
    current = node
    while True:
        call = current if isinstance(current, cst.Call) else None
        function = call.func if call is not None else current
        if isinstance(function, cst.Attribute):
            links.append(Link(function.attr.value, current, call))
            current = function.value
        elif isinstance(current, cst.Subscript):
            links.append(Link("", current, None))
            current = current.value
        else:
            return MethodChain(current, tuple(reversed(links)))


def whole_chain(source: SourceFile, node: cst.BaseExpression) -> MethodChain:
    """The chain that goes on from an expression as far as it does."""
    top = node
    while (above := source.parent(top)) is not None:
        goes_on = (
            (isinstance(above, cst.Attribute) and above.value is top)
            or (isinstance(above, cst.Call) and above.func is top)
            or (isinstance(above, cst.Subscript) and above.value is top)
        )
        if not goes_on or not isinstance(above, cst.BaseExpression):
            break
        top = above
    return chain_of(top)


def chains_in(source: SourceFile, inside: cst.CSTNode) -> Iterator[MethodChain]:
    """All longest chains in a piece of the tree, outer ones first."""
    for node in source.nodes(inside):
        if not isinstance(node, cst.Attribute | cst.Call | cst.Subscript | cst.Name):
            continue
        above = source.parent(node)
        if isinstance(above, cst.Attribute | cst.Subscript) and above.value is node and node is not inside:
            continue
        if isinstance(above, cst.Call) and above.func is node and node is not inside:
            continue
        if isinstance(above, cst.Attribute) and above.attr is node:
            continue
        yield chain_of(node)


def append_call(edits: Edits, node: cst.BaseExpression, call: str) -> None:
    """Put a call, ``.filter(open=True)``, behind an expression; on a line of its own where its neighbours have one."""
    source = edits.source
    end, gap = source.span(node)[1], _break_before_dot(source, node)
    line = source.text[source.line_start(end) :].splitlines()[0]
    indent = gap.rpartition("\n")[2] if gap else line[: len(line) - len(line.lstrip())]
    taken = len(indent) if gap else len(line.partition("  #")[0])
    edits.insert(end, gap + broken(call, indent, taken).replace("\n", source.newline))


def call_arguments(call: cst.Call) -> list[str] | None:
    """The texts that a call is given; ``None`` if there is anything else among its arguments."""
    texts: list[str] = []
    for argument in call.args:
        value = argument.value
        if argument.keyword is not None or argument.star or not isinstance(value, cst.SimpleString):
            return None
        texts.append(str(value.evaluated_value))
    return texts


def extend_call(edits: Edits, call: cst.Call, arguments: Sequence[str]) -> None:
    """Put arguments behind those that a call has."""
    source = edits.source
    text = ", ".join(arguments)
    if not call.args:
        end = source.span(call)[1]
        edits.insert(source.text.rindex(")", 0, end), text)
        return
    edits.insert(source.outer_span(call.args[-1].value)[1], f", {text}")


def _break_before_dot(source: SourceFile, node: cst.BaseExpression) -> str:
    """White space in front of the last dot of a chain that goes over several lines."""
    function = node.func if isinstance(node, cst.Call) else node
    if not isinstance(function, cst.Attribute):
        return ""
    start = source.outer_span(function.value)[1]
    found = re.compile(r"\s*").match(source.text, start)
    gap = found[0] if found else ""
    return gap if "\n" in gap and source.text.startswith(".", start + len(gap)) else ""
