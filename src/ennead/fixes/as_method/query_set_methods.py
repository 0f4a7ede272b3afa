"""Eager loads of Django queries as a method: ``Order.objects.with_customer_and_lines()``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.as_method.carrying import carry_names
from ennead.fixes.as_method.changed_chains import changed_chains
from ennead.fixes.as_method.insertion import (
    function_text,
    in_one_line,
    insert_above,
    insert_attribute,
    insert_in_class,
    outermost_statement,
)
from ennead.fixes.as_method.manager import model_named
from ennead.fixes.as_method.neighbours import Neighbours, methods_of, returned
from ennead.fixes.as_method.relation_names import joined_names, words_of
from ennead.fixes.as_method.stays import StaysError
from ennead.fixes.django.query_methods import DJANGO_MODELS, MANAGERS, UNCLEAR
from ennead.fixes.syntax.imports import module_names
from ennead.fixes.syntax.method_chain import chain_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.fixes.as_method.changed_chains import LoadingChain
    from ennead.fixes.as_method.manager import Model, QueryClass
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.method_chain import Link
    from ennead.fixes.syntax.project_edits import ProjectEdits
    from ennead.fixes.syntax.source_file import SourceFile

_LOADS = ("select_related", "prefetch_related")
_OTHER_ROWS = UNCLEAR | {"raw", "values", "values_list", "dates", "datetimes"}
_PREFIXES = ("with", "including", "include", "prefetch", "load")


@dataclass(frozen=True)
class _Loads:
    """What a query loads."""

    joined: tuple[str, ...]
    """Arguments of ``select_related``, as they are written."""
    prefetched: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]

    @property
    def calls(self) -> str:
        calls = (("select_related", self.joined), ("prefetch_related", self.prefetched))
        return "".join(f".{name}({', '.join(arguments)})" for name, arguments in calls if arguments)


@dataclass
class _Class:
    """The query class of a model, and the methods that it gets."""

    model: Model
    found: QueryClass | None
    """``None`` if it is to be made."""
    added: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What is returned, and the whole text, by name."""

    @property
    def name(self) -> str:
        return self.found.owner.name.value if self.found is not None else f"{self.model.name}QuerySet"

    @property
    def source(self) -> SourceFile:
        return self.found.source if self.found is not None else self.model.source

    @property
    def methods(self) -> list[cst.FunctionDef]:
        return methods_of(self.found.owner) if self.found is not None else []

    @property
    def neighbours(self) -> Neighbours:
        """Of a new class the methods of its model, else the functions of the file."""
        own = self.methods or methods_of(self.model.owner)
        return Neighbours(self.source, own or list(self.source.walk(cst.FunctionDef)))

    @property
    def reach(self) -> str:
        return self.found.reach if self.found is not None else "both"


class QuerySetMethods:
    """Turns loads of Django queries into methods, one query after another.

    Parameters
    ----------
    edits
        Of the project with the change; what is written goes there.
    """

    def __init__(self, edits: ProjectEdits) -> None:
        self._edits = edits
        self._classes: dict[tuple[str, str, str], _Class] = {}

    @property
    def _sources(self) -> ProjectSources:
        return self._edits.sources

    def rewrite(self, before: SourceFile, after: SourceFile) -> Iterator[tuple[LoadingChain, str | StaysError]]:
        """Each query of a file that the change has given loads, with the method's name or why there is none."""
        for query in changed_chains(before, after, _LOADS):
            try:
                yield query, self._rewrite(query)
            except StaysError as error:
                yield query, error

    def write(self) -> None:
        """Put the new methods into their classes."""
        for known in self._classes.values():
            if not known.added:
                continue
            blocks = [text for _, text in known.added.values()]
            edits = self._edits.of(known.source)
            if known.found is not None:
                insert_in_class(edits, known.found.owner, blocks)
            else:
                insert_above(edits, known.model.owner, self._new_class(known, blocks))
                insert_attribute(edits, known.model.owner, f"objects = {known.name}.as_manager()")

    def _rewrite(self, query: LoadingChain) -> str:
        start = _manager_index(query)
        model, manager = _model_name(query, start), query.chain.links[start].name
        loads = _read_loads(query)
        known = self._class(model_named(self._sources, model, query.source.file), manager)
        arguments = [argument.value for load in query.loads for argument in (load.call.args if load.call else ())]
        is_imported = known.source.file != known.model.source.file
        imports = carry_names(self._edits, query.source, arguments, known.source, is_imported=is_imported)
        name = self._method(known, loads, imports)
        self._use(query, start, name, known.reach)
        return f"{known.name}.{name}"

    def _class(self, model: Model, manager: str) -> _Class:
        key = (model.source.file, model.name, manager)
        if key not in self._classes:
            made = _Class(model, model.query_class(manager))
            _check_room(made)
            self._classes[key] = made
        return self._classes[key]

    # ------------------------------------------------------------------------------------------- the method

    def _method(self, known: _Class, loads: _Loads, imports: Sequence[str]) -> str:
        """The name of the method that loads this: one that is there, or a new one."""
        value = f"{_beginning(known)}{loads.calls}"
        for method in known.methods:
            if not _parameters(method) and _is_same(method, value):
                return method.name.value
        name = f"{_prefix(known)}_{joined_names(loads.paths)}"
        taken = {method.name.value for method in known.methods}
        if name in taken or known.added.get(name, (value, ""))[0] != value:
            raise StaysError(f"{known.name} has another {name}")
        known.added[name] = (value, self._text(known, f"def {name}(self)", loads, imports))
        return name

    def _text(self, known: _Class, head: str, loads: _Loads, imports: Sequence[str]) -> str:
        neighbours = known.neighbours
        if neighbours.has_hints:
            hint = neighbours.return_hint(known.name, "Self") if known.methods else None
            own = known.name if neighbours.has_future_annotations else f'"{known.name}"'
            if known.reach == "manager":
                hint, own = neighbours.return_hint("QuerySet"), self._query_set_hint(known)
            head += f" -> {hint or own}"
        docstring = f"Load {words_of(loads.paths)} with the rows." if neighbours.has_docstrings else None
        return function_text(head, docstring, f"{_beginning(known)}{loads.calls}", imports)

    def _query_set_hint(self, known: _Class) -> str:
        return f'"{_library(self._edits, known, "QuerySet")}[{known.model.name}]"'

    def _new_class(self, known: _Class, blocks: Sequence[str]) -> str:
        rows = [f"class {known.name}({_library(self._edits, known, 'QuerySet')}):"]
        if known.model.owner.get_docstring() is not None:
            rows += [f'    """Queries of {known.model.name}."""', ""]
        body = "\n\n".join(blocks)
        return "\n".join([*rows, *(f"    {row}" if row else "" for row in body.split("\n"))])

    # ------------------------------------------------------------------------------------------- its use

    def _use(self, query: LoadingChain, start: int, name: str, reach: str) -> None:
        """Call the method in the place of the last load, or behind the manager if nobody else has it."""
        links = query.chain.links
        edits = self._edits.of(query.source)
        last = query.loads[-1]
        if reach == "manager":
            edits.insert(query.source.outer_span(links[start].node)[1], f"{_gap(query, links[start + 1])}.{name}()")
        for load in query.loads:
            span = _span(query, load)
            if reach == "manager" or load is not last:
                edits.replace_span(span, "")
                continue
            is_first = all(link in query.loads for link in links[start + 1 : links.index(last)])
            way = ".all()" if is_first and reach == "query set" else ""
            edits.replace_span(span, f"{_gap(query, load)}{way}.{name}()")


def _manager_index(query: LoadingChain) -> int:
    """Which link of the chain is the manager."""
    links = query.chain.links
    first = links.index(query.loads[0])
    for index, link in enumerate(links[:first]):
        if link.call is not None or not link.name:
            break
        if (link.name in MANAGERS or not link.name[:1].isupper()) and _model_name(query, index)[:1].isupper():
            if link.name in MANAGERS - {"objects"}:
                break
            _check_rows(query, links[index + 1 :])
            return index
    raise StaysError("the query does not begin at a manager of a model")


def _model_name(query: LoadingChain, index: int) -> str:
    if index:
        return query.chain.links[index - 1].name
    return query.chain.root.value if isinstance(query.chain.root, cst.Name) else ""


def _check_rows(query: LoadingChain, links: Sequence[Link]) -> None:
    last = links.index(query.loads[-1])
    other = next((link.name for link in links[:last] if link.name in _OTHER_ROWS or not link.name), None)
    if other is not None:
        raise StaysError(f"what {other or 'a slice'}() gives has no methods of the model's own")
    for load in query.loads:
        start, end = _span(query, load)
        if "#" in query.source.text[start:end]:
            raise StaysError("comments stand among the loads")


def _read_loads(query: LoadingChain) -> _Loads:
    joined: list[str] = []
    prefetched: list[str] = []
    paths: list[tuple[str, ...]] = []
    for load in query.loads:
        arguments = load.call.args if load.call is not None else ()
        for argument in arguments:
            paths.append(_path(argument))
            text = in_one_line(query.source.text_of(argument.value))
            known = joined if load.name == "select_related" else prefetched
            known += [text] if text not in known else []
        if not arguments:
            raise StaysError(f"{load.name}() does not say what it loads")
    return _Loads(tuple(joined), tuple(prefetched), tuple(dict.fromkeys(paths)))


def _path(argument: cst.Arg) -> tuple[str, ...]:
    value = argument.value
    if isinstance(value, cst.Call) and value.args:
        kept = next((item.value for item in value.args if item.keyword and item.keyword.value == "to_attr"), None)
        value = kept or value.args[0].value
    if argument.star or not isinstance(value, cst.SimpleString):
        raise StaysError("what is loaded has no name that could be a method's")
    return tuple(str(value.evaluated_value).split("__"))


def _check_room(known: _Class) -> None:
    owner = known.found.owner if known.found is not None else known.model.owner
    if not isinstance(owner.body, cst.IndentedBlock):
        raise StaysError(f"{owner.name.value} is written in one line")
    if known.found is not None:
        return
    if known.name in module_names(known.source):
        raise StaysError(f"{known.source.file} has another {known.name}")
    if outermost_statement(known.source, known.model.owner) is not known.model.owner:
        raise StaysError(f"{known.model.name} is not defined at the outermost level")


def _library(edits: ProjectEdits, known: _Class, name: str) -> str:
    """What the file calls a class of ``django.db.models``."""
    if "models" in module_names(known.source):
        return f"models.{name}"
    edits.need(known.source, name, DJANGO_MODELS)
    return name


def _prefix(known: _Class) -> str:
    """How the neighbours that load something begin."""
    for method in known.methods:
        word = method.name.value.partition("_")[0]
        if word in _PREFIXES and any(link.attr.value in _LOADS for link in known.source.walk(cst.Attribute, method)):
            return word
    return "with"


def _beginning(known: _Class) -> str:
    """What a method of a manager begins its queries with."""
    asks = any(
        known.source.text_of(call) == "self.get_queryset()"
        for method in known.methods
        for call in known.source.walk(cst.Call, method)
    )
    return "self.get_queryset()" if known.reach == "manager" and asks else "self"


def _parameters(method: cst.FunctionDef) -> list[cst.Param]:
    given = method.params
    return [*given.params[1:], *given.kwonly_params, *given.posonly_params]


def _is_same(method: cst.FunctionDef, value: str) -> bool:
    """Whether a method returns what an expression says, however it is laid out."""
    found = returned(method)
    return found is not None and _content(found) == _content(cst.parse_expression(value))


def _content(node: cst.BaseExpression) -> tuple[str, frozenset[tuple[str, frozenset[str]]]] | None:
    """Root, and what is loaded; ``None`` if the expression does anything else."""
    chain = chain_of(node)
    links = list(chain.links)
    if links and links[0].name == "get_queryset":
        links = links[1:]
    if any(link.call is None or link.name not in _LOADS for link in links):
        return None
    loads: dict[str, frozenset[str]] = {}
    for link in links:
        arguments = frozenset(_code(argument) for argument in (link.call.args if link.call else ()))
        loads[link.name] = loads.get(link.name, frozenset()) | arguments
    return _code(chain.root), frozenset(loads.items())


def _code(node: cst.Arg | cst.BaseExpression) -> str:
    value = node.value if isinstance(node, cst.Arg) else node
    if isinstance(value, cst.SimpleString):
        return repr(value.evaluated_value)
    return in_one_line(cst.Module([]).code_for_node(value)).replace("'", '"')


def _span(query: LoadingChain, link: Link) -> tuple[int, int]:
    """A call with its dot and the white space in front."""
    function = link.call.func if link.call is not None else link.node
    start = query.source.outer_span(function.value)[1] if isinstance(function, cst.Attribute) else 0
    return start, query.source.span(link.node)[1]


def _gap(query: LoadingChain, link: Link) -> str:
    """The white space in front of a link's dot."""
    start, end = _span(query, link)
    text = query.source.text[start:end]
    return text[: len(text) - len(text.lstrip())]
