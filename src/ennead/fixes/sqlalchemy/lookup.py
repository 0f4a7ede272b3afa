"""One look-up of the user's code: ``session.scalars(select(Line).where(Line.order_id == order.id)).all()``, read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import libcst as cst

from ennead.fixes.sqlalchemy.executed_query import BY_KEY, nodes_at
from ennead.fixes.sqlalchemy.expressions import Expander, code_of, parsed
from ennead.fixes.syntax.method_chain import Link, chain_of, whole_chain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.syntax.source_file import SourceFile
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding

Shape = Literal["value", "values", "row", "rows", "count"]
_OF_SCALARS: dict[str, tuple[Shape, bool]] = {
    "all": ("values", False),
    "fetchall": ("values", False),
    "unique": ("values", False),
    "first": ("value", False),
    "one_or_none": ("value", False),
    "one": ("value", True),
}
_OF_ROWS: dict[str, tuple[Shape, bool]] = {
    "scalar": ("value", False),
    "scalar_one_or_none": ("value", False),
    "scalar_one": ("value", True),
    "all": ("rows", False),
    "fetchall": ("rows", False),
    "first": ("row", False),
    "fetchone": ("row", False),
    "one_or_none": ("row", False),
    "one": ("row", True),
}
_IS_ENTITY = re.compile(r"select\((\w+\.)*[A-Z]\w*\)")
_EXECUTORS = ("execute", "stream", "scalars", "stream_scalars", "scalar", "exec")


@dataclass(frozen=True)
class Lookup:
    """What a look-up asks, with whom, and what its answer looks like."""

    source: SourceFile
    node: cst.BaseExpression
    """The expression whose value is the answer."""
    session: str
    is_awaited: bool
    statement: cst.BaseExpression
    """``select(...)``, written out."""
    shape: Shape
    is_required: bool
    """A missing row is an error."""
    inlined: tuple[cst.Name, ...]
    """Names of statements that were written out."""
    key: cst.BaseExpression | None = None
    """Of ``session.get()``: the key."""
    has_first: bool = False
    """A legacy ``Query.first()``: it asks with a limit."""


def lookup_at(source: SourceFile, place: CallSite, finding: Finding) -> Lookup | None:
    """The look-up that runs at a place."""
    nodes = nodes_at(source, place)
    last = place.end_line or place.line
    nodes += [node for node in source.walk(cst.Call) if place.line <= source.lines_of(node)[0] <= last]
    for node in nodes:
        inner = node.expression if isinstance(node, cst.Await) else node
        found = _by_key(source, inner) or _executed(source, inner) or _legacy(source, inner)
        found = found or _related(source, inner, finding)
        if found is not None:
            return found
    return None


def _ending(source: SourceFile, executed: cst.BaseExpression, links: Sequence[Link]) -> tuple[Sequence[Link], bool]:
    """The links behind the call that runs, and whether it is awaited between them."""
    above = source.parent(executed)
    if isinstance(above, cst.Await):
        return whole_chain(source, above).links, True
    return links, False


def _by_key(source: SourceFile, node: cst.BaseExpression) -> Lookup | None:
    chain = chain_of(node)
    link = next((link for link in chain.links if link.name in BY_KEY and link.call is not None), None)
    if link is None or link.call is None or len(link.call.args) != 2 or any(item.keyword for item in link.call.args):  # noqa: PLR2004 -- class and key
        return None
    session = source.text_of(_owner(link))
    _, awaited = _ending(source, link.node, ())
    replaced = source.parent(link.node) if awaited else link.node
    statement = parsed(f"select({source.text_of(link.call.args[0].value)})")
    if not isinstance(replaced, cst.BaseExpression):
        return None
    key = link.call.args[1].value
    return Lookup(source, replaced, session, awaited, statement, "value", link.name == "get_one", (), key)


def _executed(source: SourceFile, node: cst.BaseExpression) -> Lookup | None:
    chain = whole_chain(source, node)
    for number, link in enumerate(chain.links):
        if link.name not in _EXECUTORS or link.call is None or len(link.call.args) != 1 or link.call.args[0].star:
            continue
        argument = link.call.args[0].value
        further, awaited = _ending(source, link.node, chain.links[number + 1 :])
        above = source.parent(link.node)
        start = above if awaited and isinstance(above, cst.Await) else link.node
        expander = Expander(source)
        statement = expander.statement(argument)
        if _select(statement) is None:
            return None
        answer = _answer(link.name, start, further)
        if answer is None:
            return None
        replaced, shape, required = answer
        session = source.text_of(_owner(link))
        return Lookup(source, replaced, session, awaited, statement, shape, required, tuple(expander.inlined))
    return None


def _answer(
    method: str, start: cst.BaseExpression, links: Sequence[Link]
) -> tuple[cst.BaseExpression, Shape, bool] | None:
    """The expression that is the whole answer, and what it is."""
    if method == "scalar":
        return start, "value", False
    is_scalars = method in ("scalars", "stream_scalars")
    node = start
    for link in links:
        if link.name == "scalars" and link.call is not None and not is_scalars:
            is_scalars, node = True, link.node
        elif link.name == "unique" and link.call is not None:
            node = link.node
        else:
            known = (_OF_SCALARS if is_scalars else _OF_ROWS).get(link.name)
            if known is None or link.call is None or link.call.args:
                break
            return link.node, known[0], known[1]
    if node is not (links[-1].node if links else start):
        return None
    return node, "values" if is_scalars else "rows", False


def _legacy(source: SourceFile, node: cst.BaseExpression) -> Lookup | None:
    """``session.query(Order).filter_by(...).first()``, read as the ``select()`` that it is."""
    whole = whole_chain(source, node)
    expander = Expander(source)
    text = expander.statement(whole.node) if isinstance(whole.root, cst.Name) else None
    chain = chain_of(text) if text is not None else None
    query = next((link for link in chain.links if link.name == "query"), None) if chain else None
    if chain is None or query is None:
        return None
    session = code_of(_owner(query)) if query.call is not None else f"{code_of(query.node)}.session"
    if query.call is not None:
        arguments = ", ".join(code_of(item) for item in query.call.with_changes(args=_bare(query.call.args)).args)
    else:
        arguments = code_of(chain.root)
    return _of_query(source, whole.links, chain.links, query, session, f"select({arguments})", tuple(expander.inlined))


def _bare(arguments: Sequence[cst.Arg]) -> list[cst.Arg]:
    return [item.with_changes(comma=cst.MaybeSentinel.DEFAULT) for item in arguments]


def _of_query(
    source: SourceFile,
    written: Sequence[Link],
    links: Sequence[Link],
    query: Link,
    session: str,
    selected: str,
    inlined: tuple[cst.Name, ...],
) -> Lookup | None:
    start = list(links).index(query) + 1
    text = selected
    for number, link in enumerate(links[start:], start=start):
        if link.call is None:
            return None
        ending = {**_OF_SCALARS, "count": ("count", False), "scalar": ("value", False)}.get(link.name)
        if ending is not None and link.name != "unique":
            behind = len(links) - number
            replaced = written[len(written) - behind].node
            shape, required = ending
            if shape in ("value", "values") and not _IS_ENTITY.match(selected) and link.name != "scalar":
                shape = "row" if shape == "value" else "rows"
            return _looked_up(
                source, replaced, session, text, shape, inlined, is_required=required, is_first=link.name == "first"
            )
        text += f".{link.name}({', '.join(code_of(item) for item in _bare(link.call.args))})"
    if len(links) == start:
        return None
    shape = "values" if _IS_ENTITY.match(selected) else "rows"
    return _looked_up(source, written[-1].node, session, text, shape, inlined)


def _looked_up(
    source: SourceFile,
    node: cst.BaseExpression,
    session: str,
    text: str,
    shape: Shape,
    inlined: tuple[cst.Name, ...],
    *,
    is_required: bool = False,
    is_first: bool = False,
) -> Lookup:
    return Lookup(
        source,
        node,
        session,
        is_awaited=False,
        statement=parsed(text),
        shape=shape,
        is_required=is_required,
        inlined=inlined,
        has_first=is_first,
    )


def _related(source: SourceFile, node: cst.BaseExpression, finding: Finding) -> Lookup | None:
    """``order.lines.order_by("id").first()`` of a dynamic relation; the session is not written there."""
    target = str(finding.evidence.get("target") or next(iter(finding.models), ""))
    columns = finding.evidence.get("varying_columns") or []
    chain = whole_chain(source, node)
    if not target or len(columns) != 1 or not isinstance(chain.root, cst.Name) or len(chain.links) < 2:  # noqa: PLR2004 -- relation and ending
        return None
    relation = chain.links[0]
    if relation.call is not None or chain.root.value[:1].isupper():
        return None
    row = chain.root.value
    selected = f"select({target}).where({target}.{columns[0]} == {row}.id)"
    return _of_query(source, chain.links, chain.links, relation, "", selected, ())


def _owner(link: Link) -> cst.BaseExpression:
    function = link.call.func if link.call is not None else link.node
    return function.value if isinstance(function, cst.Attribute) else function


def _select(statement: cst.BaseExpression) -> cst.Call | None:
    """The call of ``select`` that a statement begins with."""
    return select_call(statement)


def select_call(statement: cst.BaseExpression) -> cst.Call | None:
    """The call of ``select`` that a statement begins with.

    >>> code_of(select_call(parsed("sa.select(Order.id).where(Order.day > 3)")))
    'sa.select(Order.id)'
    """
    chain = chain_of(statement)
    for node in (chain.root, *(link.node for link in chain.links)):
        if isinstance(node, cst.Call):
            function = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
            if isinstance(function, cst.Name) and function.value == "select":
                return node
    return None
