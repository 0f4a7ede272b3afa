"""Where a new block goes: above a statement and its comments, or at the end of a class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.line_width import broken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.syntax.edits import Edits
    from ennead.fixes.syntax.source_file import SourceFile

STEP = "    "


def outermost_statement(source: SourceFile, node: cst.CSTNode) -> cst.CSTNode:
    """The statement of the module that a node is part of."""
    found = node
    for above in source.ancestors(node):
        if isinstance(above, cst.Module):
            break
        found = above
    return found


def insert_above(edits: Edits, statement: cst.CSTNode, block: str) -> None:
    """Put a block in front of a statement of the module, above its decorators and comments, two empty lines between."""
    source = edits.source
    decorators = statement.decorators if isinstance(statement, cst.ClassDef | cst.FunctionDef) else ()
    first = source.lines_of(decorators[0] if decorators else statement)[0]
    rows = source.text.splitlines()
    while first > 1 and rows[first - 2].startswith("#") and not rows[first - 2].startswith("#!"):
        first -= 1
    start = source.offset(first, 0)
    before = source.text[:start]
    gap = source.newline * (3 - min(3, len(before) - len(before.rstrip("\r\n")))) if before.strip() else ""
    edits.insert(start, gap + _lines(source, block) + source.newline * 2)


def insert_below(edits: Edits, statement: cst.CSTNode, block: str) -> None:
    """Put a block behind a statement of the module, two empty lines between."""
    _insert_behind(edits, statement, edits.source.newline * 2 + _lines(edits.source, block))


def insert_in_class(edits: Edits, owner: cst.ClassDef, blocks: Sequence[str]) -> None:
    """Put blocks at the end of a class, an empty line in front of each; ``pass`` makes room for them."""
    source, last = edits.source, owner.body.body[-1]
    indent = source.indent_of(last)
    texts = [_lines(source, re.sub(r"(?m)^(?=.)", indent, block)) for block in blocks]
    if _is_placeholder(last) and len(owner.body.body) == 1:
        edits.replace_span(_row(source, last), source.newline.join(texts))
    else:
        _insert_behind(edits, last, "".join(source.newline + text for text in texts))


def insert_attribute(edits: Edits, owner: cst.ClassDef, line: str) -> None:
    """Put a line behind the attributes that a class begins with."""
    source, last = edits.source, owner.body.body[-1]
    attributes: list[cst.CSTNode] = []
    for node in owner.body.body:
        if not isinstance(node, cst.SimpleStatementLine):
            break
        attributes.append(node)
    whole = _lines(source, source.indent_of(last if not attributes else attributes[-1]) + line)
    if not attributes:
        start = source.line_start(source.span(owner.body.body[0])[0])
        edits.insert(start, whole + source.newline)
    elif _is_placeholder(attributes[-1]) and len(owner.body.body) == 1:
        edits.replace_span(_row(source, attributes[-1]), whole)
    else:
        following = source.text[_row(source, attributes[-1])[1] :].splitlines()
        gap = source.newline if following and following[0].strip() else ""
        _insert_behind(edits, attributes[-1], source.newline + whole + gap)


def function_text(head: str, docstring: str | None, value: str, imports: Sequence[str] = ()) -> str:
    """A function that returns a value.

    Examples
    --------
    >>> print(function_text("def rows(self)", None, "self.all()"))
    def rows(self):
        return self.all()
    """
    rows = [f"{head}:"]
    if docstring is not None:
        rows.append(f'{STEP}"""{docstring}"""')
    if imports:
        rows += [*(f"{STEP}{line}" for line in imports), ""]
    rows.append(broken(f"{STEP}return {value}", STEP, len(STEP)))
    return "\n".join(rows)


def in_one_line(text: str) -> str:
    r"""Code that goes over several lines, brought into one.

    >>> in_one_line("Prefetch(\n    'lines',\n    queryset=rows,\n)")
    "Prefetch('lines', queryset=rows)"
    """
    text = re.sub(r"([(\[{])\s*\n\s*", r"\1", text)
    text = re.sub(r",?\s*\n\s*([)\]}])", r"\1", text)
    text = re.sub(r"\s*\n\s*\.", ".", text)
    return re.sub(r"\s*\n\s*", " ", text)


def _lines(source: SourceFile, block: str) -> str:
    return "".join(f"{row}{source.newline}" for row in block.split("\n"))


def _insert_behind(edits: Edits, statement: cst.CSTNode, text: str) -> None:
    source = edits.source
    end = source.text.find("\n", source.span(statement)[1]) + 1
    edits.insert(end or len(source.text), text if end else source.newline + text)


def _row(source: SourceFile, statement: cst.CSTNode) -> tuple[int, int]:
    start, end = source.span(statement)
    newline = source.text.find("\n", end) + 1
    return source.line_start(start), newline or len(source.text)


def _is_placeholder(statement: cst.CSTNode) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    only = statement.body[0]
    return isinstance(only, cst.Pass) or (isinstance(only, cst.Expr) and isinstance(only.value, cst.Ellipsis))
