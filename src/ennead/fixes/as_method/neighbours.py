"""How the functions around are written: with return types, with docstrings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.fixes.syntax.source_file import SourceFile


@dataclass(frozen=True)
class Neighbours:
    """Functions that a new one will stand among."""

    source: SourceFile
    functions: Sequence[cst.FunctionDef]

    @property
    def has_hints(self) -> bool:
        """Whether most of them say what they return."""
        return _most(function.returns is not None for function in self.functions)

    @property
    def has_docstrings(self) -> bool:
        """Whether most of them have docstrings."""
        return _most(function.get_docstring() is not None for function in self.functions)

    @property
    def has_future_annotations(self) -> bool:
        """Whether hints may name what is defined further down."""
        return any(
            self.source.text_of(node.module) == "__future__"
            for node in self.source.walk(cst.ImportFrom)
            if node.module is not None
        )

    def return_hint(self, *names: str) -> str | None:
        """What the last of them returns whose return type speaks of one of some names, as it is written."""
        for function in reversed(self.functions):
            hint = self.source.text_of(function.returns.annotation) if function.returns is not None else ""
            if any(name in hint for name in names):
                return hint
        return None


def methods_of(owner: cst.ClassDef) -> list[cst.FunctionDef]:
    """The methods of a class, dunder methods left out."""
    found = [node for node in owner.body.body if isinstance(node, cst.FunctionDef)]
    return [node for node in found if not node.name.value.startswith("__")]


def returned(function: cst.FunctionDef) -> cst.BaseExpression | None:
    """What a function returns that does nothing else; ``None`` if it does more."""
    body = [node for node in function.body.body if not _is_docstring(node)]
    if len(body) != 1 or not isinstance(body[0], cst.SimpleStatementLine) or len(body[0].body) != 1:
        return None
    statement = body[0].body[0]
    return statement.value if isinstance(statement, cst.Return) else None


def _is_docstring(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.SimpleStatementLine)
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


def _most(answers: Iterable[bool]) -> bool:
    known = list(answers)
    return bool(known) and 2 * sum(known) >= len(known)
