"""The query set that a collection comes from, as it is written in the user's code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.django.query_methods import BUILDING, ENDINGS, MANAGERS, UNCLEAR
from ennead.fixes.syntax.bindings import argument_for, bindings_of, returned_by
from ennead.fixes.syntax.method_chain import MethodChain, chain_of, chains_in, whole_chain
from ennead.fixes.syntax.source_file import COMPREHENSIONS, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.call_site import CallSite

_DEEPEST = 6
_WRAPPERS = frozenset({"list", "tuple", "set", "iter", "deque", "sorted", "reversed", "enumerate", "zip", "filter"})


@dataclass(frozen=True)
class QueryPlace:
    """A query set in a file."""

    source: SourceFile
    chain: MethodChain

    @property
    def node(self) -> cst.BaseExpression:
        """The part that is a query set of rows: what further calls are put behind."""
        return self.chain.until(ENDINGS)

    @property
    def is_clear(self) -> bool:
        """Whether a call behind it changes this query and no other."""
        return not self.is_of_any_model and not any(link.name in UNCLEAR for link in self.chain.links)

    @property
    def is_of_any_model(self) -> bool:
        """Whether it is written for whatever model comes: ``self.model.objects``. Other models lack the relation."""
        root = self.chain.root
        owner = root.value if isinstance(root, cst.Name) else ""
        for link in self.chain.links:
            if link.name in MANAGERS:
                return owner[:1].islower() and owner != "cls"
            owner = link.name
        return False


class QueryPlaces:
    """Finds the query sets that rows come from.

    Parameters
    ----------
    sources
        The project.
    model
        Class name of the rows' model, if it is known.
    path
        The finding's call path, access first: it tells who called a function that got its rows as an argument.
    """

    def __init__(self, sources: ProjectSources, model: str | None, path: Sequence[CallSite]) -> None:
        self.sources = sources
        self.model = model
        self.path = path

    def at(self, place: CallSite | None) -> list[QueryPlace]:
        """The query sets that a place may mean, the likeliest first."""
        source = SourceFile.of(self.sources, place.file) if place is not None and place.language == "python" else None
        if source is None or place is None:
            return []
        exact = {id(chain.node): chain.node for node in source.at(place) for chain in [whole_chain(source, node)]}
        found = [query for node in exact.values() for query in self._of(source, node, 0)]
        if not found:
            found = [query for node in _headers(source, place.line) for query in self._of(source, node, 0)]
        return self._ranked(found)

    def of(self, source: SourceFile, node: cst.BaseExpression) -> list[QueryPlace]:
        """The query sets that an expression's rows come from."""
        return self._ranked(list(self._of(source, node, 0)))

    def _ranked(self, found: list[QueryPlace]) -> list[QueryPlace]:
        unique = {id(query.node): query for query in found if query.is_clear}
        return sorted(unique.values(), key=self._rank)

    def _rank(self, query: QueryPlace) -> int:
        root = query.source.text_of(query.chain.root)
        names = query.chain.names()
        written = names[0] if root[:1].islower() and names and names[0][:1].isupper() else root
        if written == self.model:
            return 0
        return 2 if written[:1].isupper() and self.model is not None else 1

    # -------------------------------------------------------------------------------------------- following

    def _of(self, source: SourceFile, node: cst.CSTNode, depth: int) -> Iterator[QueryPlace]:
        if depth > _DEEPEST:
            return
        if isinstance(node, COMPREHENSIONS):
            yield from self._of(source, node.for_in.iter, depth + 1)
        elif isinstance(node, cst.Await):
            yield from self._of(source, node.expression, depth)
        elif isinstance(node, cst.Attribute | cst.Call | cst.Subscript | cst.Name):
            yield from self._of_chain(source, chain_of(node), depth)
        elif isinstance(node, cst.BaseExpression):
            for chain in chains_in(source, node):
                if is_query(chain):
                    yield QueryPlace(source, chain)

    def _of_chain(self, source: SourceFile, chain: MethodChain, depth: int) -> Iterator[QueryPlace]:
        if is_query(chain):
            inner = self._inside_arguments(source, chain, depth) if not _has_manager(chain) else []
            yield from inner or [QueryPlace(source, chain)]
        elif isinstance(chain.root, cst.Name) and not chain.links:
            yield from self._of_name(source, chain.root, depth)
        else:
            yield from self._of_other(source, chain, depth)

    def _of_other(self, source: SourceFile, chain: MethodChain, depth: int) -> Iterator[QueryPlace]:
        """Calls of functions and attributes of objects."""
        called = list(self._called(source, chain))
        for other, function in called:
            for value in returned_by(other, function):
                yield from self._of(other, value, depth + 1)
        if called:
            return
        if isinstance(chain.root, cst.Name) and chain.root.value in ("self", "cls") and len(chain.links) == 1:
            yield from self._of_own_attribute(source, chain.root, chain.links[0].name, depth)
        yield from self._inside_arguments(source, chain, depth)

    def _inside_arguments(self, source: SourceFile, chain: MethodChain, depth: int) -> list[QueryPlace]:
        calls = [link.call for link in chain.links if link.call is not None]
        calls += [chain.root] if isinstance(chain.root, cst.Call) else []
        found: list[QueryPlace] = []
        for call in calls:
            for argument in call.args:
                if not isinstance(argument.value, cst.Lambda):
                    found += self._of(source, argument.value, depth + 1)
        return found

    def _of_name(self, source: SourceFile, name: cst.Name, depth: int) -> Iterator[QueryPlace]:
        for binding in bindings_of(source, name.value, name):
            if binding.kind == "parameter":
                yield from self._of_argument(source, binding.node, name.value, depth)
            elif binding.value is not None:
                found = list(self._of(source, binding.value, depth + 1))
                yield from found
                if found:
                    return

    def _of_argument(self, source: SourceFile, function: cst.CSTNode, name: str, depth: int) -> Iterator[QueryPlace]:
        """What the caller, of whom the call path tells, gave to a parameter."""
        if not isinstance(function, cst.FunctionDef):
            return
        qualified = source.qualified_name(function)
        for inner, outer in zip(self.path, self.path[1:], strict=False):
            caller = SourceFile.of(self.sources, outer.file) if outer.language == "python" else None
            if inner.file != source.file or inner.function != qualified or caller is None:
                continue
            for call in caller.walk(cst.Call):
                if called_name(call) == function.name.value and caller.lines_of(call)[0] <= outer.line:
                    is_method = source.class_of(function) is not None
                    value = argument_for(call, function, name, bound=is_method)
                    if value is not None and caller.lines_of(call)[1] >= outer.line:
                        yield from self._of(caller, value, depth + 1)

    def _of_own_attribute(self, source: SourceFile, near: cst.CSTNode, name: str, depth: int) -> Iterator[QueryPlace]:
        owner = source.class_of(near)
        if owner is None:
            return
        for assign in source.walk(cst.Assign, owner):
            for target in assign.targets:
                written = source.text_of(target.target)
                if written in (f"self.{name}", f"cls.{name}") or (
                    written == name and source.function_of(assign) is not source.function_of(near)
                ):
                    yield from self._of(source, assign.value, depth + 1)

    def _called(self, source: SourceFile, chain: MethodChain) -> Iterator[tuple[SourceFile, cst.FunctionDef]]:
        """The project's function that a chain calls last: by its name, ``self.rows()``, ``module.rows()``."""
        name = _function_name(chain)
        if name is None or name in _WRAPPERS:
            return
        yield from functions_named(self.sources, source, name)


def functions_named(
    sources: ProjectSources, source: SourceFile, name: str
) -> Iterator[tuple[SourceFile, cst.FunctionDef]]:
    """Functions of a name: in the file itself, else in the files that it imports the name from."""
    own = [node for node in source.walk(cst.FunctionDef) if node.name.value == name]
    yield from ((source, node) for node in own)
    if own:
        return
    for imported in source.walk(cst.ImportFrom):
        if isinstance(imported.names, cst.ImportStar) or imported.module is None:
            continue
        if not any(_alias(item) == name for item in imported.names):
            continue
        other = module_file(sources, source, imported)
        if other is not None:
            yield from ((other, node) for node in other.walk(cst.FunctionDef) if node.name.value == name)


def module_file(sources: ProjectSources, source: SourceFile, imported: cst.ImportFrom) -> SourceFile | None:
    """The project's file that an import means."""
    module = source.text_of(imported.module).replace(" ", "") if imported.module is not None else ""
    parts = module.split(".") if module else []
    if imported.relative:
        folder = source.file.split("/")[: -len(imported.relative)]
        bases = ["/".join([*folder, *parts])]
    else:
        bases = ["/".join(parts)]
    for file in sources.python_files():
        stem = file.removesuffix(".py").removesuffix("/__init__")
        if any(stem == base or (not imported.relative and stem.endswith(f"/{base}")) for base in bases):
            return SourceFile.of(sources, file)
    return None


def called_name(call: cst.Call) -> str:
    """The last name of what is called."""
    function = call.func
    if isinstance(function, cst.Name):
        return function.value
    return function.attr.value if isinstance(function, cst.Attribute) else ""


def is_query(chain: MethodChain) -> bool:
    """Whether an expression is a query set or ends one."""
    return _has_manager(chain) or any(link.call is not None and link.name in BUILDING for link in chain.links)


def _has_manager(chain: MethodChain) -> bool:
    if any(link.name in MANAGERS for link in chain.links):
        return True
    is_class = isinstance(chain.root, cst.Name) and chain.root.value[:1].isupper()
    return is_class and len(chain.links) > 1 and chain.links[0].call is None and chain.links[1].call is not None


def _function_name(chain: MethodChain) -> str | None:
    if not chain.links:
        root = chain.root
        return root.func.value if isinstance(root, cst.Call) and isinstance(root.func, cst.Name) else None
    last = chain.links[-1]
    return last.name if last.call is not None else None


def _alias(item: cst.ImportAlias) -> str:
    return item.evaluated_alias or item.evaluated_name


def _headers(source: SourceFile, line: int) -> Iterator[cst.BaseExpression]:
    """What a line queries: the iterables of loops that begin in it, else the expressions of its statement."""
    for node in source.nodes():
        if isinstance(node, cst.For | cst.CompFor):
            first, _ = source.lines_of(node)
            if first <= line <= source.lines_of(node.iter)[1]:
                yield node.iter
    statement = source.statement_at(line)
    if isinstance(statement, cst.SimpleStatementLine):
        for part in statement.body:
            value = getattr(part, "value", None)
            if isinstance(value, cst.BaseExpression):
                yield value
    elif isinstance(statement, cst.While | cst.If):
        yield statement.test
    elif isinstance(statement, cst.With):
        yield from (item.item for item in statement.items)
