"""Who else runs what an edit changes: a replay says nothing of callers that the work does not reach."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.project_sources import ProjectSources

_ONE_CALLER = 1
_SHORTEST_NAME = 4


class _Function(NamedTuple):
    name: str
    owner: str | None
    """Its class, if it is a method."""
    first: int
    last: int


def callers_not_replayed(sources: ProjectSources, files: Mapping[str, str], edit: Edit) -> list[str]:
    """Sentences about changed functions that other code uses, too.

    A function counts if more than one place of the project names it besides its definition, a method if its class has
    subclasses in the project. Names are compared, nothing is resolved: it is a hint where to look, not a proof.

    Parameters
    ----------
    sources
        The project before the change.
    files
        New texts of the changed files.
    edit
        The change.
    """
    return [sentence for name in sorted(files) for sentence in _in_file(sources, name, edit)]


def _in_file(sources: ProjectSources, name: str, edit: Edit) -> Iterator[str]:
    text = sources.text(name)
    if text is None or not name.endswith(".py"):
        return
    moves = edit.moves.get(name, {})
    lines = range(1, len(text.splitlines()) + 1)
    changed = {line for line in lines if line not in moves or edit.is_rewritten(name, line)}
    for function in _functions(text):
        if changed.isdisjoint(range(function.first, function.last + 1)):
            continue
        if function.owner is None:
            count = _named(sources, function.name) - 1
            if count > _ONE_CALLER:
                yield f"other callers of {function.name} ({name}): {count} places name it, only what ran was compared"
        else:
            count = _subclasses(sources, function.owner)
            if count:
                yield (
                    f"subclasses of {function.owner} ({name}): {count} inherit {function.name} or may, "
                    "only what ran was compared"
                )


def _functions(text: str) -> Iterator[_Function]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _Function(node.name, None, node.lineno, node.end_lineno or node.lineno)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                last = inner.end_lineno or inner.lineno
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield _Function(inner.name, node.name, inner.lineno, last)
                elif isinstance(inner, ast.Assign | ast.AnnAssign):
                    yield _Function("its attributes", node.name, inner.lineno, last)


def _named(sources: ProjectSources, name: str) -> int:
    if len(name) < _SHORTEST_NAME:
        return 0
    word = re.compile(rf"\b{re.escape(name)}\b(?!\s*=[^=])")
    return sum(len(word.findall(_without_imports(text))) for text in _texts(sources) if name in text)


def _subclasses(sources: ProjectSources, name: str) -> int:
    heading = re.compile(rf"^\s*class\s+\w+\([^)]*\b{re.escape(name)}\b[^)]*\)\s*:", re.MULTILINE)
    return sum(len(heading.findall(text)) for text in _texts(sources) if name in text)


def _texts(sources: ProjectSources) -> Iterator[str]:
    for file in sources.python_files():
        text = sources.text(file)
        if text is not None:
            yield text


def _without_imports(text: str) -> str:
    return re.sub(r"^\s*(?:from\s.+\simport\s.+|import\s.+)$", "", text, flags=re.MULTILINE)
