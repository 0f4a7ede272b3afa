"""Imports that nothing needs any more."""

from __future__ import annotations

import libcst as cst

from ennead.fixes.project_sources import ProjectSources
from ennead.fixes.syntax.source_file import SourceFile


def without_spare_imports(sources: ProjectSources, file: str, text: str) -> str:
    r"""A file's new text without the imports that it does not use, and that the old text did not have for nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> old = ProjectSources(Path("/nowhere"), {"app.py": "from shop import Line, Order, kept\nLine\n"})
    >>> print(without_spare_imports(old, "app.py", "from shop import Line, Order, kept\nOrder\n"))
    from shop import Order, kept
    Order
    <BLANKLINE>
    """
    before = SourceFile.of(sources, file)
    after = SourceFile.of(sources.with_changes({file: text}), file)
    if before is None or after is None or before.file.endswith("__init__.py"):
        return text
    kept_unused = _imported(before) - _used(before)
    spare = _imported(after) - _used(after) - kept_unused
    cleaned = after.module.visit(_Removal(spare)).code
    return cleaned if text[:1] in "\r\n" else cleaned.lstrip("\r\n")


def _imported(source: SourceFile) -> set[str]:
    return {
        item.evaluated_alias or item.evaluated_name
        for statement in source.module.body
        for node in (statement.body if isinstance(statement, cst.SimpleStatementLine) else ())
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar) and not _is_future(node)
        for item in node.names
    }


def _used(source: SourceFile) -> set[str]:
    """Names that are read anywhere, in the words of strings, too: hints and ``__all__`` may mean them."""
    found: set[str] = set()
    pending: list[cst.CSTNode] = [source.module]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            found.add(node.value)
        elif isinstance(node, cst.SimpleString):
            found.update(_words(node))
        if not isinstance(node, cst.ImportFrom):
            pending += node.children
    return found


def _words(node: cst.SimpleString) -> list[str]:
    value = node.evaluated_value
    text = value if isinstance(value, str) else ""
    return "".join(character if character.isidentifier() or character.isdigit() else " " for character in text).split()


def _is_future(node: cst.ImportFrom) -> bool:
    return isinstance(node.module, cst.Name) and node.module.value == "__future__"


class _Removal(cst.CSTTransformer):
    """Takes names out of the imports of a module."""

    def __init__(self, spare: set[str]) -> None:
        super().__init__()
        self._spare = spare

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: ARG002, N802 -- LibCST calls it by this name
        return False

    def visit_If(self, node: cst.If) -> bool:  # noqa: ARG002, N802 -- LibCST calls it by this name
        return False

    def leave_ImportFrom(  # noqa: N802 -- LibCST calls it by this name
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        names = original_node.names
        if isinstance(names, cst.ImportStar):
            return updated_node
        left = [item for item in names if (item.evaluated_alias or item.evaluated_name) not in self._spare]
        if len(left) == len(names):
            return updated_node
        if not left:
            return cst.RemoveFromParent()
        if left[-1] is not names[-1]:
            left[-1] = left[-1].with_changes(comma=names[-1].comma)
        return updated_node.with_changes(names=left)
