"""Changes of one file: pieces of text put in, taken out and replaced, and the imports that the new text needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.syntax.added_imports import with_imports
from ennead.fixes.syntax.line_width import broken

if TYPE_CHECKING:
    import libcst as cst

    from ennead.fixes.syntax.source_file import SourceFile


class Edits:
    r"""Edits of a file, by the places of its syntax tree; whatever is not named stays byte for byte.

    Examples
    --------
    >>> from pathlib import Path
    >>> import libcst as cst
    >>> from ennead.fixes.project_sources import ProjectSources
    >>> from ennead.fixes.syntax.source_file import SourceFile
    >>> source = SourceFile.of(ProjectSources(Path("/nowhere"), {"app.py": "rows = load()  # all\n"}), "app.py")
    >>> edits = Edits(source)
    >>> edits.replace(next(source.walk(cst.Call)), "cached(load)")
    >>> edits.add_import("caching", "cached")
    >>> print(edits.text())
    from caching import cached
    <BLANKLINE>
    rows = cached(load)  # all
    <BLANKLINE>
    """

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._pieces: list[tuple[int, int, str]] = []
        self._imports: list[tuple[str, str | None]] = []

    def insert(self, offset: int, text: str) -> None:
        """Put text in front of the character at an offset; several at one offset keep their order."""
        self._pieces.append((offset, offset, text))

    def replace(self, node: cst.CSTNode, text: str) -> None:
        """Put text in the place of a node and of the brackets around it."""
        self.replace_span(self.source.outer_span(node), text)

    def replace_span(self, span: tuple[int, int], text: str) -> None:
        """Put text in the place of what is between two offsets."""
        self._pieces.append((*span, text))

    def insert_before(self, node: cst.CSTNode, lines: str) -> None:
        """Put whole lines in front of the statement around a node, with its indent; comments above it stay above."""
        statement = self.source.block_statement(node)
        indent = self.source.indent_of(statement)
        start = self.source.line_start(self.source.span(statement)[0])
        self.insert(start, self._indented(lines, indent))

    def insert_after(self, node: cst.CSTNode, lines: str) -> None:
        """Put whole lines behind the statement around a node, with its indent."""
        statement = self.source.block_statement(node)
        end = self.source.span(statement)[1]
        newline = self.source.text.find(self.source.newline, end)
        self.insert(
            len(self.source.text) if newline < 0 else newline + len(self.source.newline),
            self._indented(lines, self.source.indent_of(statement)),
        )

    def add_import(self, module: str, name: str | None = None) -> None:
        """``from module import name``, unless the file has it."""
        if (module, name) not in self._imports:
            self._imports.append((module, name))

    def text(self) -> str | None:
        """The whole new text; ``None`` if two edits overlap or the result is no Python."""
        text, last = self.source.text, len(self.source.text)
        for start, end, new in sorted(self._pieces, key=lambda piece: piece[:2])[::-1]:
            if end > last:
                return None
            text, last = text[:start] + new + text[end:], start
        return with_imports(text, self._imports)

    def _indented(self, lines: str, indent: str) -> str:
        whole = [broken(line, line[: len(line) - len(line.lstrip())], len(indent)) for line in lines.splitlines()]
        rows = [f"{indent}{row}" if row else "" for line in whole for row in line.split("\n")]
        return "".join(f"{row}{self.source.newline}" for row in rows)
