"""Loader options of SQLAlchemy as a function that begins the query: ``select_orders_with_lines()``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.as_method.carrying import check_is_global
from ennead.fixes.as_method.changed_chains import changed_chains
from ennead.fixes.as_method.insertion import in_one_line
from ennead.fixes.as_method.loader_names import LoadedOptions
from ennead.fixes.as_method.select_places import PlaceOfSelects, place_for
from ennead.fixes.as_method.stays import StaysError
from ennead.fixes.sqlalchemy.loader_options import read_option
from ennead.fixes.syntax.names import free_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.as_method.changed_chains import LoadingChain
    from ennead.fixes.syntax.method_chain import Link
    from ennead.fixes.syntax.project_edits import ProjectEdits
    from ennead.fixes.syntax.source_file import SourceFile

_LOADERS = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload"})


class SelectFunctions:
    """Turns loader options into functions, one query after another.

    Parameters
    ----------
    edits
        Of the project with the change; what is written goes there.
    """

    def __init__(self, edits: ProjectEdits) -> None:
        self._edits = edits
        self._places: dict[tuple[str, str, int], PlaceOfSelects] = {}

    def rewrite(self, before: SourceFile, after: SourceFile) -> Iterator[tuple[LoadingChain, str | StaysError]]:
        """Each query of a file that the change has given options, with the function's name or why there is none."""
        for query in changed_chains(before, after, ("options",)):
            if not any(_is_loader(query, load) for load in query.loads):
                continue
            try:
                yield query, self._rewrite(query)
            except StaysError as error:
                yield query, error

    def write(self) -> None:
        """Put the new functions and constants into their files."""
        for place in self._places.values():
            place.write(self._edits)

    def _rewrite(self, query: LoadingChain) -> str:
        head = _head(query)
        options = _read_options(query, head)
        arguments = [item for load in query.loads for item in (load.call.args if load.call else ())]
        for read in (read for argument in arguments for read in free_names(query.source, argument)):
            check_is_global(query.source, read)
        select = query.source.text_of(head.func) if head is not None else None
        found = place_for(self._edits.sources, query, options, select)
        place = self._places.setdefault(found.key, found)
        name = place.add(self._edits, options, select)
        edits = self._edits.of(query.source)
        if head is not None:
            edits.replace(head, f"{place.receiver}{name}()")
            place.import_into(self._edits, query.source, options, name)
            for load in query.loads:
                edits.replace_span(_span(query, load), "")
        else:
            for load in query.loads[:-1]:
                edits.replace_span(_span(query, load), "")
            edits.replace_span(_span(query, query.loads[-1]), f"{_gap(query)}.options(*{name})")
        return f"{place.holder}{name}"


def _is_loader(query: LoadingChain, load: Link) -> bool:
    return any(f"{loader}(" in query.source.text_of(load.node) for loader in (*_LOADERS, "contains_eager"))


def _head(query: LoadingChain) -> cst.Call | None:
    """The ``select(Order)`` that a query begins with; ``None`` if it begins with anything else."""
    root, first = query.chain.root, query.chain.links[0]
    call = root if isinstance(root, cst.Call) else first.call
    if call is None or query.source.text_of(call.func).rpartition(".")[2] != "select":
        return None
    if len(call.args) != 1 or call.args[0].star or call.args[0].keyword is not None:
        return None
    return call if re.fullmatch(r"(\w+\.)*[A-Z]\w*", query.source.text_of(call.args[0].value)) else None


def _read_options(query: LoadingChain, head: cst.Call | None) -> LoadedOptions:
    expressions: list[str] = []
    paths: list[tuple[str, ...]] = []
    model = query.source.text_of(head.args[0].value) if head is not None else ""
    for load in query.loads:
        start, end = _span(query, load)
        if "#" in query.source.text[start:end]:
            raise StaysError("comments stand among the options")
        for argument in load.call.args if load.call is not None else ():
            steps = read_option(argument.value)
            if argument.star or not steps or any(step.loader not in _LOADERS for step in steps):
                text = in_one_line(query.source.text_of(argument.value))
                raise StaysError(f"{text} means something in this query only")
            if not all(re.fullmatch(r"[\w.]+", step.attribute) for step in steps):
                raise StaysError("what is loaded has no name that could be a function's")
            owner, _, _ = steps[0].attribute.rpartition(".")
            model = model or owner
            if owner != model:
                raise StaysError(f"the query does not begin with {owner}")
            paths.append(tuple(step.attribute.rpartition(".")[2] for step in steps))
            expressions.append(in_one_line(query.source.text_of(argument.value)))
    if not paths:
        raise StaysError("what is loaded has no name that could be a function's")
    return LoadedOptions(model, tuple(expressions), tuple(paths))


def _span(query: LoadingChain, link: Link) -> tuple[int, int]:
    """A call with its dot and the white space in front."""
    function = link.call.func if link.call is not None else link.node
    start = query.source.outer_span(function.value)[1] if isinstance(function, cst.Attribute) else 0
    return start, query.source.span(link.node)[1]


def _gap(query: LoadingChain) -> str:
    start, end = _span(query, query.loads[-1])
    text = query.source.text[start:end]
    return text[: len(text) - len(text.lstrip())]
