"""The loop of a finding in the syntax tree: what it goes over, and how a query in front of it can be run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.executed_query import EXECUTING, assigned, nodes_at
from ennead.fixes.sqlalchemy.expressions import fresh_name
from ennead.fixes.syntax.bindings import names_in
from ennead.fixes.syntax.method_chain import chain_of, whole_chain
from ennead.fixes.syntax.source_file import COMPREHENSIONS, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.sqlalchemy.draft import Draft
    from ennead.kernel.finding import Finding

_RUNNING = frozenset({*EXECUTING, "get", "get_one", "query", "refresh", "merge", "flush", "exec_driver_sql", "add"})
_LISTS = frozenset({"all", "fetchall", "fetchmany", "split", "splitlines", "readlines", "keys", "values", "items"})
_LIST_MAKERS = frozenset({"list", "tuple", "sorted", "set", "frozenset", "dict", "range", "deque"})
_WRAPPERS = frozenset({"enumerate", "reversed", "tqdm", "track"})


@dataclass
class RowLoop:
    """A ``for``, a ``while`` or a clause of a comprehension, and the place in it that matters."""

    source: SourceFile
    node: cst.For | cst.While | cst.CompFor | cst.Call
    """A call, ``sorted(rows, key=lambda row: ...)``, goes over its argument."""
    inside: cst.CSTNode
    """What runs for each row: a node in its body."""
    session: str | None = None
    """The expression that statements are executed with."""
    is_awaited: bool = False
    module: str = ""
    _rows: str | None = field(default=None, repr=False)

    @property
    def target(self) -> str | None:
        """What each item is called, as it is written."""
        if isinstance(self.node, cst.Call):
            function = lambda_of(self.node)
            return function.params.params[0].name.value if function is not None and function.params.params else None
        return None if isinstance(self.node, cst.While) else self.source.text_of(self.node.target)

    @property
    def target_names(self) -> set[str]:
        """The names that change with each item."""
        if isinstance(self.node, cst.Call):
            return {self.target} if self.target else set()
        return set() if isinstance(self.node, cst.While) else names_in(self.source, self.node.target)

    @property
    def body(self) -> cst.CSTNode:
        """What runs for each item."""
        if isinstance(self.node, cst.Call):
            return lambda_of(self.node) or self.node
        if not isinstance(self.node, cst.CompFor):
            return self.node.body
        above = self.source.parent(self.node)
        while isinstance(above, cst.CompFor):
            above = self.source.parent(above)
        return above or self.node

    @property
    def iterated(self) -> cst.BaseExpression | None:
        """What is gone over, without ``enumerate()`` and the like."""
        if isinstance(self.node, cst.While):
            return None
        found = _argument(self.node) if isinstance(self.node, cst.Call) else self.node.iter
        while isinstance(found, cst.Call) and _function_name(found) in _WRAPPERS and found.args:
            found = found.args[0].value
        return found

    @property
    def item(self) -> str | None:
        """What each item of :attr:`iterated` is called: the second name of ``for number, row in enumerate(rows)``."""
        if not isinstance(self.node, cst.For | cst.CompFor):
            return self.target
        target = self.node.target
        if isinstance(self.node.iter, cst.Call) and _function_name(self.node.iter) == "enumerate":
            if not isinstance(target, cst.Tuple) or len(target.elements) != 2:  # noqa: PLR2004 -- number and item
                return None
            return self.source.text_of(target.elements[1].value)
        return self.source.text_of(target)

    @property
    def is_async(self) -> bool:
        """``async for``."""
        return isinstance(self.node, cst.For | cst.CompFor) and self.node.asynchronous is not None

    def run(self, method: str, statement: str, parameters: str = "") -> str:
        """A call that executes a statement, awaited where this code awaits."""
        call = f"{self.session}.{method}({statement}{parameters})"
        return f"(await {call})" if self.is_awaited else call

    def rows(self, draft: Draft) -> str:
        """An expression for all items that can be gone over twice; collected in front of the loop if need be."""
        if self._rows is None:
            self._rows = self._collected(draft)
        return self._rows

    def _collected(self, draft: Draft) -> str:
        iterated = self.iterated
        if iterated is None or isinstance(self.node, cst.While):
            return ""
        text = self.source.text_of(iterated)
        if isinstance(iterated, cst.Name) and not self.is_async and self._is_list(iterated):
            return text
        name = fresh_name(self.source, _plural(self.item), self.node)
        edits = draft.edits(self.source)
        if self.is_async:
            edits.insert_before(self.node, f"{name} = [{self.item} async for {self.item} in {text}]")
            keyword = self.node.asynchronous if isinstance(self.node, cst.For | cst.CompFor) else None
            if keyword is not None:
                start = self.source.span(keyword)[0]
                edits.replace_span((start, self.source.text.index("for", start)), "")
        else:
            whole = text if self._is_list(iterated) else f"list({text})"
            edits.insert_before(self.node, f"{name} = {whole}")
        edits.replace(iterated, name)
        return name

    def _is_list(self, node: cst.BaseExpression) -> bool:
        if isinstance(node, cst.Name):
            value = assigned(self.source, node, node)
            return self._is_constant(node) if value is None else self._is_list(value)
        if isinstance(node, cst.Await):
            return self._is_list(node.expression)
        if isinstance(node, cst.Call):
            names = chain_of(node).names()
            return (names[-1] in _LISTS) if names else _function_name(node) in _LIST_MAKERS
        return isinstance(node, cst.List | cst.Tuple | cst.ListComp | cst.Set | cst.Dict | cst.DictComp | cst.SetComp)

    def _is_constant(self, node: cst.Name) -> bool:
        """A name that nobody here assigns is of the module: a constant list, most likely."""
        function = self.source.function_of(node)
        return function is None or node.value.isupper()


def row_loop(finding: Finding, sources: ProjectSources) -> RowLoop | None:
    """The loop that a finding names, if the syntax tree has it and code of the same function runs in it."""
    place = finding.loop
    source = SourceFile.of(sources, place.file) if place else None
    if place is None or source is None or place.language != "python":
        return None
    sites = [site for site in finding.call_path if site.file == place.file]
    for site in sites:
        for node in nodes_at(source, site) or _on_line(source, site.line):
            loop = loop_around(source, node, place.line)
            if loop is not None:
                found = RowLoop(source, loop, node, module=place.module)
                _find_session(found, finding)
                return found
    return None


def _on_line(source: SourceFile, line: int) -> list[cst.BaseExpression]:
    return [node for node in source.walk(cst.Call) if source.lines_of(node)[0] == line]


def loop_around(
    source: SourceFile, node: cst.CSTNode, line: int
) -> cst.For | cst.While | cst.CompFor | cst.Call | None:
    """The innermost loop around a node that has its header on a line."""
    for above in source.ancestors(node):
        if isinstance(above, cst.FunctionDef):
            return None
        found = _as_loop(source, above, node, line)
        if found is not None:
            return found
    return None


def _as_loop(
    source: SourceFile, above: cst.CSTNode, node: cst.CSTNode, line: int
) -> cst.For | cst.While | cst.CompFor | cst.Call | None:
    """What is around a node as a loop, if it is one whose header is on the line and whose body has the node."""
    first, last = source.lines_of(above)
    if isinstance(above, cst.For | cst.While):
        header = above.iter if isinstance(above, cst.For) else above.test
        is_header = first <= line <= source.lines_of(header)[1]
        return above if is_header and source.is_inside(node, above.body) else None
    if isinstance(above, COMPREHENSIONS):
        for clause in clauses_of(above):
            start, end = source.lines_of(clause)
            if (start <= line <= end or first == line) and not source.is_inside(node, clause.iter):
                return clause
    if isinstance(above, cst.Call) and first <= line <= last and _argument(above) is not None:
        function = lambda_of(above)
        return above if function is not None and source.is_inside(node, function) else None
    return None


def lambda_of(call: cst.Call) -> cst.Lambda | None:
    """The lambda that a call runs for each item."""
    return next((item.value for item in call.args if isinstance(item.value, cst.Lambda)), None)


def _argument(call: cst.Call) -> cst.BaseExpression | None:
    """What a call goes over: ``map(f, rows)``, ``sorted(rows, key=f)``, ``rows.sort(key=f)``."""
    name, plain = _function_name(call), [item.value for item in call.args if item.keyword is None and not item.star]
    if name in (
        "map",
        "filter",
        "starmap",
        "imap",
        "imap_unordered",
        "filterfalse",
        "takewhile",
        "dropwhile",
        "groupby",
    ):
        position = 0 if name == "groupby" else 1
        return plain[position] if len(plain) > position else None
    if name in ("sorted", "max", "min", "nlargest", "nsmallest"):
        position = 1 if name.startswith("n") else 0
        return plain[position] if len(plain) > position else None
    if name == "sort" and isinstance(call.func, cst.Attribute):
        return call.func.value
    return None


def clauses_of(node: cst.BaseComp) -> Iterator[cst.CompFor]:
    """The ``for`` clauses of a comprehension, the last one first: it is the innermost loop."""
    found = []
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        found.append(clause)
        clause = clause.inner_for_in
    return reversed(found)


def _find_session(loop: RowLoop, finding: Finding) -> None:
    """From the access, or else from the query that brought the rows in the same function."""
    for site in (finding.call_site, finding.origin):
        if site is None or site.file != loop.source.file:
            continue
        for node in nodes_at(loop.source, site):
            found = executor_of(loop.source, node)
            if found is not None and loop.source.function_of(node) is loop.source.function_of(loop.inside):
                loop.session, loop.is_awaited = found
                return


def executor_of(source: SourceFile, node: cst.BaseExpression) -> tuple[str, bool] | None:
    """The session or connection that an expression runs a query with, and whether it is awaited."""
    inner = node.expression if isinstance(node, cst.Await) else node
    for chain in (chain_of(inner), whole_chain(source, inner)):
        for number, link in enumerate(chain.links):
            if link.name in _RUNNING and (link.call is not None or link.name == "query"):
                owner = chain.links[number - 1].node if number else chain.root
                is_awaited = isinstance(node, cst.Await) or isinstance(source.parent(link.node), cst.Await)
                return source.text_of(owner), is_awaited
    return None


def _function_name(call: cst.Call) -> str:
    function = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    return function.value if isinstance(function, cst.Name) else ""


def _plural(item: str | None) -> str:
    """A name for several items.

    >>> _plural("shipment"), _plural("entry"), _plural("(key, value)")
    ('shipments', 'entries', 'rows')
    """
    if item is None or not item.isidentifier() or item in ("each", "row", "item", "_"):
        return "rows"
    if item.endswith("y") and item[-2:-1] not in "aeiou":
        return f"{item[:-1]}ies"
    return f"{item}es" if item.endswith(("s", "x", "ch", "sh")) else f"{item}s"
