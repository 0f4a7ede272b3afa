"""One look-up in SQL that is written out, with what it is given and what is read from its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import libcst as cst

from ennead.fixes.plain_sql.sql_text import MARK, placeholders
from ennead.fixes.sqlalchemy.executed_query import assigned, nodes_at
from ennead.fixes.sqlalchemy.expressions import code_of
from ennead.fixes.syntax.method_chain import Link, chain_of, whole_chain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.syntax.source_file import SourceFile
    from ennead.kernel.call_site import CallSite

Shape = Literal["value", "values", "row", "rows"]
_RUNNING = ("execute", "exec_driver_sql", "scalar", "scalars", "stream", "stream_scalars")
_ENDINGS: dict[str, tuple[Shape, bool]] = {
    "scalar": ("value", False),
    "scalar_one": ("value", True),
    "scalar_one_or_none": ("value", False),
    "fetchone": ("row", False),
    "first": ("row", False),
    "one": ("row", True),
    "one_or_none": ("row", False),
    "fetchall": ("rows", False),
    "all": ("rows", False),
}


@dataclass(frozen=True)
class RawLookup:
    """``connection.execute(text("SELECT ..."), {"id": row.id}).scalar()``."""

    source: SourceFile
    call: cst.Call
    node: cst.BaseExpression
    """The expression whose value is the answer."""
    owner: str
    """What runs it."""
    method: str
    sql: str
    """With a mark for each value."""
    values: tuple[cst.BaseExpression, ...]
    """The values by the number of their mark."""
    names: tuple[str | int | None, ...]
    """What the placeholders are called; ``None`` for values that are written into the text."""
    text_call: str | None
    """``text`` or ``sa.text``, if the statement is wrapped."""
    shape: Shape
    is_required: bool
    is_awaited: bool
    ran: cst.CSTNode | None
    """The statement that runs it, if the answer is read in another one."""
    inlined: tuple[cst.Name, ...]
    """The names behind which the statement was."""


def raw_lookup_at(source: SourceFile, place: CallSite) -> RawLookup | None:
    """The look-up that runs at a place."""
    last = place.end_line or place.line
    nodes = nodes_at(source, place)
    nodes += [node for node in source.walk(cst.Call) if place.line <= source.lines_of(node)[0] <= last]
    for node in nodes:
        inner = node.expression if isinstance(node, cst.Await) else node
        chain = whole_chain(source, inner)
        for number, link in enumerate(chain.links):
            if link.name in _RUNNING and link.call is not None and link.call.args:
                found = _read(source, link, chain.links[number + 1 :])
                if found is not None:
                    return found
    return None


def _read(source: SourceFile, link: Link, further: Sequence[Link]) -> RawLookup | None:
    call = link.call
    if call is None or not isinstance(call.func, cst.Attribute) or len(call.args) > 2:  # noqa: PLR2004 -- statement and values
        return None
    inlined: list[cst.Name] = []
    statement, text_call = _unwrapped(source, call.args[0].value, inlined)
    written = _written(statement)
    if written is None:
        return None
    given = call.args[1].value if len(call.args) > 1 else None
    sql, values, names = written
    found = _values(given, [name for name in names if name is not None])
    if found is None:
        return None
    bound = iter(found)
    whole = tuple(value if value is not None else next(bound) for value in values)
    answer = _answer(source, link, further)
    if answer is None:
        return None
    node, shape, required, awaited, ran = answer
    owner = source.text_of(call.func.value)
    return RawLookup(
        source,
        call,
        node,
        owner,
        link.name,
        sql,
        whole,
        tuple(names),
        text_call,
        shape,
        required,
        awaited,
        ran,
        tuple(inlined),
    )


def _unwrapped(
    source: SourceFile, node: cst.BaseExpression, inlined: list[cst.Name]
) -> tuple[cst.BaseExpression, str | None]:
    """The SQL itself, behind names and out of ``text()``."""
    text_call: str | None = None
    for _ in range(6):
        if isinstance(node, cst.Name):
            value = assigned(source, node, node)
            if value is None:
                break
            inlined.append(node)
            node = value
        elif isinstance(node, cst.Call) and chain_of(node).names()[-1:] in ((), ("text",)) and len(node.args) == 1:
            name = code_of(node.func)
            if name.rpartition(".")[2] != "text":
                break
            text_call, node = name, node.args[0].value
        else:
            break
    return node, text_call


def _written(
    node: cst.BaseExpression,
) -> tuple[str, list[cst.BaseExpression | None], list[str | int | None]] | None:
    """SQL with marks, the expressions written into it, and the names of those that are given apart."""
    parts: list[str | cst.BaseExpression] = []
    if not _collect(node, parts):
        return None
    text, values, names = "", list[cst.BaseExpression | None](), list[str | int | None]()
    positional = 0
    for part in parts:
        if not isinstance(part, str):
            text += MARK.format(len(values))
            values.append(part)
            names.append(None)
            continue
        marked, found = placeholders(part)
        for number in reversed(range(len(found))):
            marked = marked.replace(MARK.format(number), MARK.format(number + len(values)))
        text += marked
        for name in found:
            names.append(name if isinstance(name, str) else positional)
            positional += isinstance(name, int)
            values.append(None)
    return text, values, names


def _collect(node: cst.BaseExpression, parts: list[str | cst.BaseExpression]) -> bool:
    if isinstance(node, cst.SimpleString):
        parts.append(str(node.evaluated_value))
        return True
    if isinstance(node, cst.ConcatenatedString):
        return _collect(node.left, parts) and _collect(node.right, parts)
    if not isinstance(node, cst.FormattedString):
        return False
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            parts.append(part.value.encode().decode("unicode_escape") if "\\" in part.value else part.value)
        elif isinstance(part, cst.FormattedStringExpression) and part.format_spec is None and part.conversion is None:
            parts.append(part.expression)
        else:
            return False
    return True


def _values(given: cst.BaseExpression | None, names: Sequence[str | int]) -> list[cst.BaseExpression] | None:
    """What stands for each placeholder."""
    if not names:
        return [] if given is None else None
    if isinstance(given, cst.Dict):
        by_name = {
            str(item.key.evaluated_value): item.value
            for item in given.elements
            if isinstance(item, cst.DictElement) and isinstance(item.key, cst.SimpleString)
        }
        found = [by_name.get(name) if isinstance(name, str) else None for name in names]
    elif isinstance(given, cst.Tuple | cst.List):
        elements = [item.value for item in given.elements]
        found = [elements[name] if isinstance(name, int) and name < len(elements) else None for name in names]
    else:
        return None
    return None if None in found else [value for value in found if value is not None]


def _answer(
    source: SourceFile, link: Link, further: Sequence[Link]
) -> tuple[cst.BaseExpression, Shape, bool, bool, cst.CSTNode | None] | None:
    """The expression that is the whole answer; it may stand in a later statement."""
    above = source.parent(link.node)
    awaited = isinstance(above, cst.Await)
    start = above if isinstance(above, cst.Await) else link.node
    links = whole_chain(source, above).links if isinstance(above, cst.Await) else further
    if link.name == "scalar":
        return start, "value", False, awaited, None
    ended = _ended(links, is_scalars=link.name.endswith("scalars"))
    if ended is not None:
        return (*ended, awaited, None)
    holder = source.parent(start)
    if isinstance(holder, cst.Assign) and isinstance(holder.targets[0].target, cst.Name) and not links:
        return _later(source, start, holder.targets[0].target.value, awaited=awaited)
    if isinstance(holder, cst.Expr) and isinstance(link.call, cst.Call) and isinstance(link.call.func, cst.Attribute):
        return _later(source, start, source.text_of(link.call.func.value), awaited=awaited)
    return (start, "values" if link.name.endswith("scalars") else "rows", False, awaited, None) if not links else None


def _ended(links: Sequence[Link], *, is_scalars: bool) -> tuple[cst.BaseExpression, Shape, bool] | None:
    for link in links:
        if link.call is None:
            return None
        if link.name == "scalars":
            is_scalars = True
            continue
        known = _ENDINGS.get(link.name)
        if known is None:
            return None
        shape: Shape = known[0]
        if is_scalars:
            shape = "value" if shape == "row" else "values" if shape == "rows" else shape
        return link.node, shape, known[1]
    return None


def _later(
    source: SourceFile, start: cst.BaseExpression, name: str, *, awaited: bool
) -> tuple[cst.BaseExpression, Shape, bool, bool, cst.CSTNode | None] | None:
    """``row = connection.execute(...)`` and ``row.scalar()``; ``cursor.execute(...)`` and ``cursor.fetchone()``."""
    statement = source.block_statement(start)
    block = source.parent(statement)
    if block is None:
        return None
    end = source.span(statement)[1]
    attributes = [node for node in source.walk(cst.Attribute, block) if source.span(node)[0] > end]
    found = [node for node in attributes if source.text_of(node.value) == name]
    if len(found) != 1:
        return None
    links = whole_chain(source, found[0]).links
    behind = [link for link in links if source.span(link.node)[1] > source.span(found[0])[1] or link.call is not None]
    ended = _ended(behind, is_scalars=False)
    return (*ended, awaited, statement) if ended is not None else None
