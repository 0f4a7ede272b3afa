"""Where a function that gives a ``select()`` stands: in the class of the query, beside its like, or above the query."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import libcst as cst

from ennead.fixes.as_method.insertion import (
    function_text,
    in_one_line,
    insert_above,
    insert_below,
    insert_in_class,
    outermost_statement,
)
from ennead.fixes.as_method.neighbours import Neighbours, methods_of, returned
from ennead.fixes.as_method.stays import StaysError
from ennead.fixes.sqlalchemy.file_names import FileNames
from ennead.fixes.sqlalchemy.loader_options import ORM
from ennead.fixes.syntax.bindings import target_names
from ennead.fixes.syntax.imports import defining_file, defining_module, module_names
from ennead.fixes.syntax.line_width import broken
from ennead.fixes.syntax.names import free_names
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.as_method.changed_chains import LoadingChain
    from ennead.fixes.as_method.loader_names import LoadedOptions
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.project_edits import ProjectEdits

_VIEW = re.compile(r"(View|ViewSet|Resource|Handler|Controller|Endpoint|API|Router)$")
_FIRST_WORDS = frozenset({"select", "query", "get", "find", "list", "fetch"})
_LAST_WORDS = frozenset({"query", "statement", "stmt", "select"})

Kind = Literal["method", "function", "constant"]


@dataclass
class PlaceOfSelects:
    """A place for new functions, methods or constants."""

    source: SourceFile
    kind: Kind
    anchor: cst.CSTNode
    """The class, or a statement of the module."""
    is_behind: bool = False
    """Of a statement of the module: whether the new one comes behind it."""
    is_elsewhere: bool = False
    """Whether it is another file than the query's."""
    added: dict[str, str] = field(default_factory=dict)
    """Texts by name."""

    @property
    def key(self) -> tuple[str, str, int]:
        """The same for everything that is put at the same place."""
        return (self.source.file, self.kind, id(self.anchor) if self.kind == "method" else 0)

    @property
    def receiver(self) -> str:
        """What stands in front of a call of it."""
        return "self." if self.kind == "method" else ""

    @property
    def holder(self) -> str:
        """What stands in front of its name, for a person."""
        return f"{self.anchor.name.value}." if isinstance(self.anchor, cst.ClassDef) and self.kind == "method" else ""

    @property
    def _functions(self) -> list[cst.FunctionDef]:
        if self.kind == "method" and isinstance(self.anchor, cst.ClassDef):
            return methods_of(self.anchor)
        return [node for node in self.source.module.body if isinstance(node, cst.FunctionDef)]

    def add(self, edits: ProjectEdits, options: LoadedOptions, select: str | None) -> str:
        """The name of what loads this: one that is there, or a new one.

        Parameters
        ----------
        edits
            Get the imports that the new text needs.
        options
            What is loaded.
        select
            What the query's file calls ``select``; ``None`` for a constant.

        Raises
        ------
        StaysError
            The name means something else.
        """
        if self.kind == "constant" or select is None:
            comma = "," if len(options.expressions) == 1 else ""
            text = broken(f"{options.constant} = ({', '.join(options.expressions)}{comma})", "", 0)
            return self._named(options.constant, text)
        names = FileNames(edits.of(self.source), edits.sources)
        if self.is_elsewhere:
            select = names.library("sqlalchemy", "select")
        value = f"{select}({options.model}).options({', '.join(options.expressions)})"
        for function in self._functions:
            found = returned(function)
            if found is not None and _code(self.source.text_of(found)) == _code(value):
                return function.name.value
        if self.is_elsewhere:
            for loader in _loaders(options):
                names.library(ORM, loader)
        selects = [function for function in self._functions if _gives_select(self.source, function)]
        name = _in_style(options.name, selects, "" if self.kind == "method" else "select_")
        neighbours = Neighbours(self.source, selects or self._functions)
        head = f"def {name}({'self' if self.kind == 'method' else ''})"
        if neighbours.has_hints:
            hint = neighbours.return_hint(f"Select[tuple[{options.model}]]")
            head += f" -> {hint or names.library('sqlalchemy', 'Select') + f'[tuple[{options.model}]]'}"
        return self._named(name, function_text(head, options.sentence if neighbours.has_docstrings else None, value))

    def write(self, edits: ProjectEdits) -> None:
        """Put what was added into the file."""
        if not self.added:
            return
        own, blocks = edits.of(self.source), list(self.added.values())
        if self.kind == "method" and isinstance(self.anchor, cst.ClassDef):
            insert_in_class(own, self.anchor, blocks)
        elif self.is_behind:
            insert_below(own, self.anchor, "\n\n\n".join(blocks))
        else:
            insert_above(own, self.anchor, ("\n" if self.kind == "constant" else "\n\n\n").join(blocks))

    def import_into(self, edits: ProjectEdits, source: SourceFile, options: LoadedOptions, name: str) -> None:
        """Have a function in the file of the query, too, from where its model comes from."""
        if not self.is_elsewhere:
            return
        module = _module_of(source, options.entity) or defining_module(edits.sources, source, options.entity)
        if module is not None:
            edits.of(source).add_import(module, name)

    def _named(self, name: str, text: str) -> str:
        if self.kind == "method":
            taken = {function.name.value for function in self._functions}
        else:
            taken = module_names(self.source)
        if name in taken or self.added.get(name, text) != text:
            raise StaysError(f"{self.holder}{name} of {self.source.file} is something else")
        self.added[name] = text
        return name


def place_for(
    sources: ProjectSources, query: LoadingChain, options: LoadedOptions, select: str | None
) -> PlaceOfSelects:
    """Where to put what a query loads.

    Parameters
    ----------
    sources
        The project with the change.
    query, options
        The query.
    select
        What its file calls ``select``; ``None`` if the query begins with anything else: its options become a constant.
    """
    source = query.source
    statement = outermost_statement(source, query.chain.node)
    if select is None:
        return PlaceOfSelects(source, "constant", statement)
    owner = _class_of_queries(query, options)
    if owner is not None:
        return PlaceOfSelects(source, "method", owner)
    elsewhere = _beside_the_model(sources, query, options)
    if elsewhere is not None:
        return elsewhere
    selects = _selects(source)
    before = [node for node in selects if source.span(node)[1] <= source.span(statement)[0]]
    if before and statement not in selects:
        return PlaceOfSelects(source, "function", before[-1], is_behind=True)
    return PlaceOfSelects(source, "function", statement)


def _class_of_queries(query: LoadingChain, options: LoadedOptions) -> cst.ClassDef | None:
    """The class whose method the query stands in, if that is no view and no model."""
    source = query.source
    function = source.function_of(query.chain.node)
    owner = source.class_of(function) if function is not None else None
    if function is None or owner is None or function not in methods_of(owner):
        return None
    first = next(iter(function.params.params), None)
    if first is None or first.name.value != "self":
        return None
    bases = [source.text_of(base.value) for base in owner.bases]
    assigned = {target for node in source.walk(cst.AssignTarget, owner.body) for target in target_names(node.target)}
    is_mapped = owner.name.value == options.entity or "__tablename__" in assigned
    is_view = any(_VIEW.search(name) for name in (owner.name.value, *bases))
    is_block = isinstance(owner.body, cst.IndentedBlock)
    return owner if is_block and not is_mapped and not is_view else None


def _beside_the_model(sources: ProjectSources, query: LoadingChain, options: LoadedOptions) -> PlaceOfSelects | None:
    """Behind the functions of the model's file that give a ``select()``, if it has any."""
    file = defining_file(sources, options.entity, query.source.file)
    source = SourceFile.of(sources, file) if file is not None and file != query.source.file else None
    selects = _selects(source) if source is not None else []
    if source is None or not selects or "." in options.model:
        return None
    known = module_names(source) | set(_loaders(options))
    for load in query.loads:
        for argument in load.call.args if load.call is not None else ():
            if any(name.value not in known for name in free_names(query.source, argument)):
                return None
    return PlaceOfSelects(source, "function", selects[-1], is_behind=True, is_elsewhere=True)


def _loaders(options: LoadedOptions) -> list[str]:
    """The functions that the options begin with."""
    return list(dict.fromkeys(expression.partition("(")[0] for expression in options.expressions))


def _selects(source: SourceFile) -> list[cst.FunctionDef]:
    """Functions of the module that give a ``select()``."""
    found = [node for node in source.module.body if isinstance(node, cst.FunctionDef)]
    return [node for node in found if _gives_select(source, node)]


def _gives_select(source: SourceFile, function: cst.FunctionDef) -> bool:
    value = returned(function)
    return value is not None and re.match(r"\(?\s*(\w+\.)*select\(", source.text_of(value)) is not None


def _in_style(name: str, selects: Sequence[cst.FunctionDef], prefix: str) -> str:
    """The name with the first or the last word that the neighbours share."""
    if not selects:
        return prefix + name
    first = {function.name.value.partition("_")[0] for function in selects}
    last = {function.name.value.rpartition("_")[2] for function in selects}
    if len(first) == 1 and first <= _FIRST_WORDS:
        return f"{first.pop()}_{name}"
    return f"{name}_{last.pop()}" if len(last) == 1 and last <= _LAST_WORDS else name


def _module_of(source: SourceFile, name: str) -> str | None:
    """The module that a file imports a class from, as it is written."""
    for node in source.walk(cst.ImportFrom):
        if isinstance(node.names, cst.ImportStar) or not any(item.evaluated_name == name for item in node.names):
            continue
        return "." * len(node.relative) + (source.text_of(node.module) if node.module is not None else "")
    return None


def _code(text: str) -> str:
    return "".join(in_one_line(text).split()).removeprefix("(")
