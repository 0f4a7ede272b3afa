"""One parsed file: from lines and columns to nodes, from nodes to text and back up to what encloses them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import libcst as cst
from libcst.metadata import ParentNodeProvider, PositionProvider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from libcst.metadata import CodeRange, MetadataWrapper

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.call_site import CallSite

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLOCKS = (cst.IndentedBlock, cst.Module)
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
Node = TypeVar("Node", bound=cst.CSTNode)


class SourceFile:
    r"""A file's syntax tree, with places.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ennead.fixes.project_sources import ProjectSources
    >>> file = SourceFile.of(ProjectSources(Path("/nowhere"), {"app.py": "rows = load()\nprint(rows)\n"}), "app.py")
    >>> [file.text_of(call) for call in file.on_lines(cst.Call, 1, 2)]
    ['load()', 'print(rows)']
    """

    def __init__(self, file: str, text: str, wrapper: MetadataWrapper) -> None:
        self.file = file
        self.text = text
        self._wrapper = wrapper

    @classmethod
    def of(cls, sources: ProjectSources, file: str) -> SourceFile | None:
        """A file of the project; ``None`` if it is not the user's own Python or cannot be parsed."""
        text, wrapper = sources.text(file), sources.tree(file)
        return None if text is None or wrapper is None else cls(file, text, wrapper)

    @property
    def module(self) -> cst.Module:
        """The whole tree."""
        return self._wrapper.module

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, CodeRange]:
        return self._wrapper.resolve(PositionProvider)

    @cached_property
    def _parents(self) -> Mapping[cst.CSTNode, cst.CSTNode]:
        return self._wrapper.resolve(ParentNodeProvider)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    # -------------------------------------------------------------------------------------------- places

    def lines_of(self, node: cst.CSTNode) -> tuple[int, int]:
        """First and last line, from 1 on."""
        position = self._positions[node]
        return position.start.line, position.end.line

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Offsets in the text; the brackets around a node are outside of it."""
        position = self._positions[node]
        start = self._line_starts[position.start.line - 1] + position.start.column
        return start, self._line_starts[position.end.line - 1] + position.end.column

    def outer_span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Offsets in the text with the brackets around the node."""
        start, end = self.span(node)
        for _ in getattr(node, "lpar", ()):
            start = self.text.rindex("(", 0, start)
            end = self.text.index(")", end) + 1
        return start, end

    def text_of(self, node: cst.CSTNode) -> str:
        """The node as it is written."""
        start, end = self.outer_span(node)
        return self.text[start:end]

    def offset(self, line: int, column: int) -> int:
        """Offset of a line and a column that counts bytes, as the interpreter does."""
        start = self._line_starts[min(line, len(self._line_starts)) - 1]
        row = _LINE_END.split(self.text[start:], maxsplit=1)[0]
        return start + len(row.encode()[:column].decode(errors="ignore"))

    def line_start(self, offset: int) -> int:
        """Offset of the first character of the line that an offset is in."""
        return max(start for start in self._line_starts if start <= offset)

    def indent_of(self, node: cst.CSTNode) -> str:
        """White space in front of the line that a node begins in."""
        start = self._line_starts[self.lines_of(node)[0] - 1]
        found = re.compile(r"[ \t]*").match(self.text, start)
        return found[0] if found else ""

    @property
    def newline(self) -> str:
        """How the file ends its lines."""
        return self.module.default_newline

    # -------------------------------------------------------------------------------------------- nodes

    def nodes(self, inside: cst.CSTNode | None = None) -> Iterator[cst.CSTNode]:
        """All nodes, outer ones before inner ones, in the order of the text."""
        pending: list[cst.CSTNode] = [inside or self.module]
        while pending:
            node = pending.pop()
            yield node
            pending += reversed(node.children)

    def walk(self, kind: type[Node], inside: cst.CSTNode | None = None) -> Iterator[Node]:
        """All nodes of a kind, in the order of :meth:`nodes`."""
        return (node for node in self.nodes(inside) if isinstance(node, kind))

    def on_lines(self, kind: type[Node], first: int, last: int) -> Iterator[Node]:
        """Nodes of a kind that lie within some lines."""
        for node in self.walk(kind):
            start, end = self.lines_of(node)
            if first <= start and end <= last:
                yield node

    def statement_at(self, line: int) -> cst.CSTNode | None:
        """The innermost statement that a line is part of; of a block the header counts, and what is not in another."""
        found: cst.CSTNode | None = None
        for node in self.nodes():
            if isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                start, end = self.lines_of(node)
                if start <= line <= end:
                    found = node
        return found

    def at(self, place: CallSite) -> list[cst.BaseExpression]:
        """The expressions that a place may mean, the likeliest first: its very span, then those that begin there."""
        if place.column is None:
            return []
        start = self.offset(place.line, place.column)
        end = self.offset(place.end_line or place.line, place.end_column) if place.end_column is not None else None
        found: list[tuple[int, cst.BaseExpression]] = []
        for node in self.nodes():
            if isinstance(node, cst.BaseExpression) and start in (self.span(node)[0], self.outer_span(node)[0]):
                ends = (self.span(node)[1], self.outer_span(node)[1])
                found.append((0 if end in ends else 1, node))
        return [node for _, node in sorted(found, key=lambda pair: pair[0])]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """What a node is part of."""
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What a node is part of, innermost first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def enclosing(self, node: cst.CSTNode, *kinds: type[cst.CSTNode]) -> cst.CSTNode | None:
        """The innermost node of some kinds around a node."""
        return next((above for above in self.ancestors(node) if isinstance(above, kinds)), None)

    def function_of(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """The function that a node is in."""
        found = self.enclosing(node, cst.FunctionDef)
        return found if isinstance(found, cst.FunctionDef) else None

    def class_of(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """The class whose method or body a node is in."""
        found = self.enclosing(node, cst.ClassDef)
        return found if isinstance(found, cst.ClassDef) else None

    def block_statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The statement around a node, before which a line of its own can stand."""
        current = node
        while (above := self.parent(current)) is not None and not isinstance(above, _BLOCKS):
            current = above
        return current

    def is_inside(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        """Whether a node is part of another one, or that one."""
        return node is outer or any(above is outer for above in self.ancestors(node))

    def class_named(self, name: str) -> cst.ClassDef | None:
        """A class by its name or its qualified name."""
        wanted = name.rpartition(".")[2]
        return next((node for node in self.walk(cst.ClassDef) if node.name.value == wanted), None)

    def qualified_name(self, node: cst.FunctionDef | cst.ClassDef) -> str:
        """What the interpreter calls a function or a class."""
        parts = [node.name.value]
        for above in self.ancestors(node):
            if isinstance(above, cst.FunctionDef):
                parts += ["<locals>", above.name.value]
            elif isinstance(above, cst.ClassDef):
                parts.append(above.name.value)
        return ".".join(reversed(parts))
