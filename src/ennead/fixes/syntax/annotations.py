"""Annotations of what is added to a function, where its own parameters have them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from ennead.fixes.syntax.bindings import parameters_of
from ennead.fixes.syntax.imports import module_names
from ennead.fixes.syntax.line_width import LINE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.syntax.edits import Edits

_NAME = re.compile(r"[A-Za-z_][\w.]*")
_BUILTIN = frozenset({"None", "bool", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"})
_MODULES = {"Any": "typing", "Optional": "typing", "Collection": "collections.abc"}
"""Where names come from that a hint may always have."""
_OWN = frozenset({"self", "cls"})


class Annotations:
    r"""Writes annotations as the file of a function does: its names, ``Optional`` or ``| None``, with imports.

    Parameters
    ----------
    edits
        Of the file; they get the imports.
    function
        What an annotation is written for.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ennead.fixes.project_sources import ProjectSources
    >>> from ennead.fixes.syntax.edits import Edits
    >>> from ennead.fixes.syntax.source_file import SourceFile
    >>> code = "import typing as t\nfrom shop.models import Line\n\ndef price(key: int) -> float:\n    return 1.0\n"
    >>> source = SourceFile.of(ProjectSources(Path("/nowhere"), {"app.py": code}), "app.py")
    >>> annotations = Annotations(Edits(source), next(source.walk(cst.FunctionDef)))
    >>> annotations.parameter("lines", "dict[Any, list[Line]]")
    'lines: dict[t.Any, list[Line]] | None = None'
    >>> annotations.parameter("orders", "dict[Any, Order]")  # nobody here knows orders
    'orders: dict[t.Any, t.Any] | None = None'
    """

    def __init__(self, edits: Edits, function: cst.FunctionDef) -> None:
        self._edits = edits
        self._source = edits.source
        self._function = function

    @cached_property
    def are_wanted(self) -> bool:
        """Whether the function's parameters are annotated; without any, whether it says what it returns."""
        own = [item for item in parameters_of(self._function) if item.name.value not in _OWN]
        return any(item.annotation is not None for item in own) if own else self._function.returns is not None

    def parameter(self, name: str, hint: str) -> str:
        """A parameter that may be left out; ``hint`` names what it is if it is not."""
        return f"{name}: {self._optional(hint)} = None" if self.are_wanted else f"{name}=None"

    def given(self, name: str, hint: str) -> str:
        """A parameter that may not be left out."""
        return f"{name}: {self._quoted(self._known(hint), hint)}" if self.are_wanted else name

    def same(self, parameter: cst.Param) -> str:
        """A parameter of the function as it is, default included, for another function beside it."""
        hint = f": {self._source.text_of(parameter.annotation.annotation)}" if parameter.annotation else ""
        gap = " " if hint else ""
        default = f"{gap}={gap}{self._source.text_of(parameter.default)}" if parameter.default is not None else ""
        return f"{parameter.name.value}{hint}{default}"

    def returned(self, hint: str) -> str:
        """What stands behind the parameters."""
        return f" -> {self._quoted(self._known(hint), hint)}" if self.are_wanted else ""

    # ------------------------------------------------------------------------------------------- in the file's words

    def _optional(self, hint: str) -> str:
        known = self._known(hint)
        if self._says_optional:
            return self._quoted(f"{self._library('Optional')}[{known}]", hint)
        return self._quoted(f"{known} | None", hint)

    @cached_property
    def _says_optional(self) -> bool:
        """Whether the file writes ``Optional[...]`` and not ``| None``."""
        text = self._source.text
        return re.search(r"\bOptional\[", text) is not None and re.search(r"\|\s*None\b|\bNone\s*\|", text) is None

    def _known(self, hint: str) -> str:
        """The hint with names that the file has; what it does not know may be anything."""

        def word(found: re.Match[str]) -> str:
            name = found[0]
            if name in _BUILTIN:
                return name
            if name in _MODULES:
                return self._library(name)
            return name if name.partition(".")[0] in self._names else self._library("Any")

        return _NAME.sub(word, hint)

    def _quoted(self, text: str, hint: str) -> str:
        """In quotes where a class is named that is not there yet when the function is defined."""
        start = self._source.span(self._function)[0]
        for node in self._source.walk(cst.ClassDef) if not self._is_deferred else ():
            if self._source.span(node)[1] > start and node.name.value in _NAME.findall(hint):
                return f'"{text}"'
        return text

    @cached_property
    def _is_deferred(self) -> bool:
        """Whether annotations are not evaluated."""
        return any(isinstance(node, cst.ImportFrom) and _module(node) == "__future__" for node in self._level())

    @cached_property
    def _names(self) -> set[str]:
        return module_names(self._source) | {known for _, _, known in self._imported()}

    def _library(self, name: str) -> str:
        """What the file calls a name of the standard library; it is imported if nothing has it yet."""
        module = _MODULES[name]
        for imported_from, imported, known in self._imported():
            if (imported_from, imported) == (module, name):
                return known
        for node in self._level():
            for item in node.names if isinstance(node, cst.Import) else ():
                if get_full_name_for_node(item.name) == module:
                    return f"{item.evaluated_alias or module}.{name}"
        self._import(module, name)
        return name

    def _import(self, module: str, name: str) -> None:
        """Beside what the module gives for annotations alone, if there is such an import; else for all."""
        for node in self._for_checking() if self._is_deferred else ():
            if (
                isinstance(node, cst.ImportFrom)
                and _module(node) == module
                and not isinstance(node.names, cst.ImportStar)
            ):
                later = next((item for item in node.names if item.evaluated_name > name), None)
                if later is not None:
                    self._edits.insert(self._source.span(later)[0], f"{name}, ")
                else:
                    last = node.names[-1]
                    self._edits.insert(self._source.span(last.asname or last.name)[1], f", {name}")
                return
        self._edits.add_import(module, name)

    def _imported(self) -> Iterator[tuple[str, str, str]]:
        """Module, name, and what the name is called here."""
        for node in (*self._level(), *(self._for_checking() if self._is_deferred else ())):
            if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
                for item in node.names:
                    yield _module(node), item.evaluated_name, item.evaluated_alias or item.evaluated_name

    def _level(self) -> Iterator[cst.CSTNode]:
        for statement in self._source.module.body:
            if isinstance(statement, cst.SimpleStatementLine):
                yield from statement.body

    def _for_checking(self) -> Iterator[cst.CSTNode]:
        """What only a type checker reads."""
        for statement in self._source.module.body:
            if isinstance(statement, cst.If) and self._source.text_of(statement.test).endswith("TYPE_CHECKING"):
                for line in statement.body.body:
                    yield from line.body if isinstance(line, cst.SimpleStatementLine) else ()


def add_parameter(edits: Edits, function: cst.FunctionDef, name: str, hint: str) -> None:
    """Give a function one more parameter, which may be left out; ``hint`` names what it is if it is not.

    What gets too long for a line has a line for each parameter, as formatters write it.
    """
    source, given = edits.source, parameters_of(function)
    written = Annotations(edits, function).parameter(name, hint)
    start = end = source.text.index("(", source.span(function.name)[1]) + 1
    if given:
        last = given[-1]
        annotation = last.annotation.annotation if last.annotation is not None else None
        end, written = source.outer_span(last.default or annotation or last.name)[1], f", {written}"
    behind = source.text.find(")", end)
    whole = source.text[start:end] + written + source.text[end:behind]
    row = source.text[source.line_start(start) : start] + whole + source.text[behind:].partition("\n")[0]
    if len(row.rstrip()) <= LINE_WIDTH or "\n" in whole or "(" in source.text[end:behind]:
        edits.insert(end, written)
    else:
        edits.replace_span((start, behind), _in_lines(whole, source.indent_of(function), source.newline))


def _in_lines(parameters: str, indent: str, newline: str) -> str:
    function = cst.parse_statement(f"def f({parameters}): ...")
    assert isinstance(function, cst.FunctionDef)  # noqa: S101 -- for the type checker
    parts = [cst.Module([]).code_for_node(node).strip().rstrip(",").rstrip() for node in function.params.children]
    return "".join(f"{newline}{indent}    {part}," for part in parts) + f"{newline}{indent}"


def _module(node: cst.ImportFrom) -> str:
    return "." * len(node.relative) + ((get_full_name_for_node(node.module) if node.module else None) or "")
