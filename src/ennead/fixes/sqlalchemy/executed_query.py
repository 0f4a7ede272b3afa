"""The query that runs at a place: the ``select()`` in ``session.scalars()``, or the chain of ``session.query()``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.bindings import bindings_of
from ennead.fixes.syntax.method_chain import MethodChain, chain_of, whole_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.syntax.source_file import SourceFile
    from ennead.kernel.call_site import CallSite

EXECUTING = frozenset({"scalars", "execute", "stream", "stream_scalars", "scalar", "paginate"})
"""Methods of sessions and connections that are given a statement."""
BY_KEY = frozenset({"get", "get_one"})
QUERY_ENDINGS = frozenset(
    [
        "all",
        "first",
        "one",
        "one_or_none",
        "scalar",
        "scalars",
        "count",
        "exists",
        "get",
        "delete",
        "update",
        "yield_per",
        "paginate",
        "get_or_404",
        "first_or_404",
        "one_or_404",
        "partitions",
        "subquery",
    ]
)
"""Methods of ``Query`` after which there is no query any more, or none that takes options."""
_DEEPEST = 6


@dataclass(frozen=True)
class ExecutedQuery:
    """A query in the user's code."""

    source: SourceFile
    call: cst.Call | None
    """The call that runs it; ``None`` where iterating does."""
    statement: cst.BaseExpression
    """What is run, as it is written there: a chain or a name."""
    is_legacy: bool
    """``session.query(...)`` and ``Model.query``."""

    def parts(self) -> Iterator[MethodChain]:
        """The chains that the statement was built from, the last one first."""
        node: cst.BaseExpression | None = self.statement
        for _ in range(_DEEPEST):
            if node is None:
                return
            chain = chain_of(node)
            yield chain
            name = chain.root if isinstance(chain.root, cst.Name) else None
            node = assigned(self.source, name, self.call or self.statement) if name is not None else None

    @property
    def is_of_any_entity(self) -> bool:
        """Whether it selects whatever entity comes: ``select(self.model)``. Other entities lack the relation."""
        for chain in self.parts():
            calls = [link.call for link in chain.links if link.name == "query" and link.call is not None]
            if isinstance(chain.root, cst.Call) and getattr(chain.root.func, "value", None) == "select":
                calls.append(chain.root)
            if any(self._comes_from_outside(call.args[0].value) for call in calls if call.args):
                return True
        return False

    def _comes_from_outside(self, entity: cst.BaseExpression) -> bool:
        if isinstance(entity, cst.Attribute):
            owner = entity.value.value if isinstance(entity.value, cst.Name) else ""
            return owner in ("self", "cls") and entity.attr.value[:1].islower()
        if isinstance(entity, cst.Name):
            return any(binding.kind == "parameter" for binding in bindings_of(self.source, entity.value, entity))
        return False

    def calls(self, *names: str) -> Iterator[cst.Call]:
        """The calls of some methods on the way from ``select()`` to here."""
        for chain in self.parts():
            for link in chain.links:
                if link.name in names and link.call is not None:
                    yield link.call


def nodes_at(source: SourceFile, place: CallSite) -> list[cst.BaseExpression]:
    """The expressions that a place may mean; of a chain over several lines the interpreter names the method alone."""
    found: list[cst.BaseExpression] = []
    for node in source.at(place):
        above = source.parent(node)
        if isinstance(above, cst.Attribute) and above.attr is node:
            call = source.parent(above)
            found.append(call if isinstance(call, cst.Call) and call.func is above else above)
        found.append(node)
    return found


def assigned(source: SourceFile, name: cst.Name, near: cst.CSTNode) -> cst.BaseExpression | None:
    """What a name was assigned last before a place, if that is a plain assignment."""
    start = source.span(name)[0]
    for binding in bindings_of(source, name.value, near):
        if binding.kind != "value" or not binding.whole or binding.value is None:
            return None
        if source.span(binding.node)[0] < start and not source.is_inside(name, binding.node):
            return binding.value
    return None


def executed_query(source: SourceFile, place: CallSite) -> ExecutedQuery | None:
    """The query that runs at a place."""
    nodes = nodes_at(source, place)
    first, last = place.line, place.end_line or place.line
    nodes += [node for node in source.walk(cst.Call) if first <= source.lines_of(node)[0] <= last]
    for node in nodes:
        found = read_query(source, node)
        if found is not None:
            return None if found.is_of_any_entity else found
    return None


def read_query(source: SourceFile, node: cst.BaseExpression) -> ExecutedQuery | None:
    """The query that an expression runs."""
    while isinstance(node, cst.Await):
        node = node.expression
    for expression in (node, whole_chain(source, node).node):
        chain = chain_of(expression)
        legacy = _legacy(chain)
        if legacy is not None:
            call = expression if isinstance(expression, cst.Call) else None
            return ExecutedQuery(source, call, legacy, is_legacy=True)
        for link in chain.links:
            if link.name in EXECUTING and link.call is not None and link.call.args:
                argument = link.call.args[0]
                if not argument.star:
                    return ExecutedQuery(source, link.call, argument.value, is_legacy=False)
    return None


def _legacy(chain: MethodChain) -> cst.BaseExpression | None:
    """The part of a chain that is a ``Query``."""
    names = chain.names()
    if "query" not in names:
        return None
    ended = names.index("query")
    found = chain.links[ended].node
    for link in chain.links[ended + 1 :]:
        if not link.name or link.name in QUERY_ENDINGS or link.call is None:
            break
        found = link.node
    return found
