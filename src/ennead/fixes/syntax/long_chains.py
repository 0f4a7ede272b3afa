"""Chains of calls that an edit made too long for one line, a call a line as formatters write them."""

from __future__ import annotations

import ast
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from ennead.fixes.syntax.line_width import LINE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP = "    "


class _Place(NamedTuple):
    """A chain that stands on one line."""

    line: int
    start: int
    """Columns in bytes, as the syntax tree counts them."""
    end: int
    breaks: tuple[int, ...]
    """In front of which dots the line may be broken."""


def with_short_lines(before: str, after: str) -> str:
    r"""The edited text with its new lines broken where a chain is too long; the syntax tree stays the same.

    Parameters
    ----------
    before, after
        A Python file before and after an edit. Lines that were there before stay as they are.

    Examples
    --------
    >>> chain = "Order.objects.filter(state=OPEN).select_related('customer').prefetch_related('lines', 'lines__item')"
    >>> print(with_short_lines("", f"rows = {chain}\n"))
    rows = (
        Order.objects.filter(state=OPEN)
        .select_related('customer')
        .prefetch_related('lines', 'lines__item')
    )
    <BLANKLINE>
    """
    try:
        tree = ast.parse(after)
    except (SyntaxError, ValueError, RecursionError):
        return after
    new = set(_new_lines(before, after))
    lines = after.splitlines(keepends=True)
    for place in _places(tree):
        line = lines[place.line - 1]
        if place.line in new and len(line.rstrip("\r\n").partition("  #")[0]) > LINE_WIDTH:
            lines[place.line - 1] = _broken(line, place)
    text = "".join(lines)
    return text if _same(tree, text) else after


def _new_lines(before: str, after: str) -> Iterator[int]:
    old, new = before.splitlines(), after.splitlines()
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from range(start + 1, end + 1)


def _places(tree: ast.Module) -> Iterator[_Place]:
    for node in ast.walk(tree):
        value: ast.expr | None = None
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr):
            value = node.value
        elif isinstance(node, ast.For | ast.AsyncFor):
            value = node.iter
        if value is not None and value.lineno == value.end_lineno and value.end_col_offset is not None:
            breaks = tuple(sorted(_breaks(value)))
            if breaks:
                yield _Place(value.lineno, value.col_offset, value.end_col_offset, breaks)


def _breaks(node: ast.expr) -> Iterator[int]:
    """Where the calls of a chain begin, the first one left out: it stays with what it is called on."""
    while True:
        if isinstance(node, ast.Subscript | ast.Await):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
            if _calls(node) and node.end_col_offset is not None:
                yield node.end_col_offset
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            return


def _calls(node: ast.expr) -> bool:
    """Whether there is a call in what is left of a chain."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return isinstance(node, ast.Call)


def _broken(line: str, place: _Place) -> str:
    data = line.encode()
    indent = line[: len(line) - len(line.lstrip())]
    ends = [*place.breaks, place.end]
    pieces = [data[start:end].decode() for start, end in zip([place.start, *place.breaks], ends, strict=True)]
    newline = "\r\n" if line.endswith("\r\n") else "\n"
    gap = f"{newline}{indent}{_STEP}"
    inside = gap.join(pieces)
    return f"{data[: place.start].decode()}({gap}{inside}{newline}{indent}){data[place.end :].decode()}"


def _same(tree: ast.Module, text: str) -> bool:
    try:
        return ast.dump(tree) == ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return False
