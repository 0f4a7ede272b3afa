"""Where a class of the user's declares an attribute: a serializer's field, a column of an admin list.

The library loops over declared names, so no line of the user's is on the stack; the declaration is the place to blame.
"""

from __future__ import annotations

import ast
import sys
from functools import lru_cache
from linecache import getlines
from typing import TYPE_CHECKING, Any

from ennead.agent.call_path import FILE_KINDS
from ennead.agent.places import PROJECT, source_line
from ennead.kernel.call_site import CallSite
from ennead.kernel.parsing import parse_python

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DECLARATIONS = 4_096
_known: dict[tuple[object, ...], Declaration | None] = {}


class Declaration:
    """One declared name of a class, found in the source when asked for. One object stands for it: it is a token, too.

    Parameters
    ----------
    owners
        The class and its bases, those of the user's only; the declaration is in the first that has it.
    name
        The attribute; empty for the class itself.
    listed_in
        Attributes whose lists may name it: ``("Meta.fields",)``.
    note
        What the library calls the place.
    """

    __slots__ = ("_listed_in", "_name", "_note", "_owners", "_site")

    def __init__(self, owners: Sequence[Any], name: str, listed_in: Sequence[str], note: str) -> None:
        self._owners = owners
        self._name = name
        self._listed_in = listed_in
        self._note = note
        self._site: CallSite | None = None

    def __call__(self) -> CallSite:
        """The call site."""
        if self._site is None:
            owner, line = self._find()
            file = _file_of(owner)
            self._site = CallSite(
                file=PROJECT.relative(file),
                line=line,
                function=owner.__qualname__,
                source=source_line(file, line),
                module=owner.__module__,
                note=self._note,
            )
        return self._site

    def _find(self) -> tuple[Any, int]:
        bodies = [(owner, _class_in(_file_of(owner), owner.__qualname__)) for owner in self._owners]
        for find in _FINDERS if self._name else ():
            for owner, body in bodies:
                line = find(body, self._name, self._listed_in) if body is not None else None
                if line is not None:
                    return owner, line
        owner, body = bodies[0]
        return owner, body.lineno if body is not None else 1


def declaration_of(owner: Any, name: str, listed_in: tuple[str, ...], note: str) -> Declaration | None:
    """The declaration of ``name`` in a class; the same object each time. ``None`` if the class is a library's."""
    key = (owner, name, note)
    if key in _known:
        return _known[key]
    if len(_known) >= MAX_DECLARATIONS:
        _known.clear()
    owners = tuple(base for base in owner.__mro__ if FILE_KINDS.is_user_file(_file_of(base) or "<"))
    found = Declaration(owners, name, listed_in, note) if owners else None
    return _known.setdefault(key, found)


def _file_of(owner: Any) -> str:
    return str(getattr(sys.modules.get(owner.__module__), "__file__", None) or "")


@lru_cache(maxsize=64)
def _tree_of(file: str) -> ast.Module | None:
    try:
        return parse_python("".join(getlines(file)))
    except (SyntaxError, ValueError):
        return None


def _class_in(file: str, qualified_name: str) -> ast.ClassDef | None:
    scopes: list[ast.AST] = [tree] if (tree := _tree_of(file)) is not None else []
    for name in qualified_name.split("."):
        if name != "<locals>":
            scopes = [node for scope in scopes for node in _definitions(scope) if node.name == name]
    found = [scope for scope in scopes if isinstance(scope, ast.ClassDef)]
    return found[-1] if found else None


def _definitions(scope: ast.AST) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Classes and functions defined directly in a scope, conditions and the like included."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.stmt):
            yield from _definitions(node)


def _line_of_attribute(body: ast.ClassDef, name: str, _listed_in: Sequence[str]) -> int | None:
    assigned = _value_of(body, name)
    return assigned[0] if assigned is not None else None


def _line_of_entry(body: ast.ClassDef, name: str, listed_in: Sequence[str]) -> int | None:
    """Of a name in a list, or of the list if it names something else, such as all fields."""
    for path in listed_in:
        scope, _, attribute = path.rpartition(".")
        inner = next((node for node in _definitions(body) if node.name == scope), None) if scope else body
        listed = _value_of(inner, attribute) if inner is not None else None
        if listed is not None:
            return next((text.lineno for text in _texts(listed[1]) if text.value == name), listed[0])
    return None


def _line_of_definition(body: ast.ClassDef, name: str, _listed_in: Sequence[str]) -> int | None:
    return next((node.lineno for node in _definitions(body) if node.name == name), None)


_FINDERS = (_line_of_attribute, _line_of_entry, _line_of_definition)
"""In the order they are asked, each in the class and all its bases."""


def _value_of(scope: ast.AST, name: str) -> tuple[int, Any] | None:
    """Line and expression of the last assignment to a name in a class body."""
    found = None
    for node in ast.iter_child_nodes(scope):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            found = (getattr(node, "lineno", 1), getattr(node, "value", None) or node)
    return found


def _texts(expression: ast.AST) -> Iterator[ast.Constant]:
    return (node for node in ast.walk(expression) if isinstance(node, ast.Constant))
