"""Where a loop calls the function that asks: itself, through somebody who calls it, or as a property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.executed_query import nodes_at
from ennead.fixes.sqlalchemy.expressions import Expander, code_of, expressions_in, parsed, read_names, reads, replaced
from ennead.fixes.sqlalchemy.hoisted_lookups import varying_names
from ennead.fixes.sqlalchemy.row_loop import RowLoop, executor_of, loop_around
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.sqlalchemy.draft import Draft
    from ennead.kernel.finding import Finding

_GOES_OVER = frozenset({"map", "imap", "imap_unordered"})


@dataclass(frozen=True)
class HelperCall:
    """Where a loop calls the function that asks."""

    loop: RowLoop
    node: cst.BaseExpression
    """The call; for a property the attribute."""
    reference: cst.BaseExpression
    """How the function is named there: ``repository.price_of``."""
    is_reference: bool = False
    """The function is not called there but handed to somebody who calls it: ``pool.submit(price_of, key)``."""
    is_mapped: bool = False
    """``pool.map(price_of, keys)``: the call is the loop."""


def helper_call(
    finding: Finding, sources: ProjectSources, inner: SourceFile, function: cst.FunctionDef
) -> HelperCall | None:
    """The place in the loop where the function is called, if the loop does it itself."""
    first, last = inner.lines_of(function)
    outside = [site for site in finding.call_path[1:] if site.file != inner.file or not first <= site.line <= last]
    if not outside or finding.loop is None or outside[0].language != "python":
        return None
    source = inner if outside[0].file == inner.file else SourceFile.of(sources, outside[0].file)
    if source is None or finding.loop.file != source.file:
        return None
    name = function.name.value
    for site in outside[:2]:
        for node in expressions_in(source):
            start, end = source.lines_of(node)
            if start <= site.line <= end:
                found = _call_of(source, node, name, finding.loop.line, finding)
                if found is not None:
                    return found
    return None


def _call_of(source: SourceFile, node: cst.BaseExpression, name: str, line: int, finding: Finding) -> HelperCall | None:
    module = finding.loop.module if finding.loop else ""
    is_property = isinstance(node, cst.Attribute) and node.attr.value == name
    if isinstance(node, cst.Call):
        if last_name(node.func) == name:
            loop = loop_around(source, node, line)
            return HelperCall(_row_loop(source, loop, node, finding, module), node, node.func) if loop else None
        for item in node.args:
            if last_name(item.value) == name and not isinstance(item.value, cst.Call) and item.keyword is None:
                if last_name(node.func) in _GOES_OVER:
                    mapped = RowLoop(source, node, node, module=module)
                    return HelperCall(mapped, node, item.value, is_reference=True, is_mapped=True)
                loop = loop_around(source, node, line)
                if loop is not None:
                    found = _row_loop(source, loop, node, finding, module)
                    return HelperCall(found, node, item.value, is_reference=True)
        return None
    above = source.parent(node)
    if is_property and not (isinstance(above, cst.Call) and above.func is node):
        loop = loop_around(source, node, line)
        return HelperCall(_row_loop(source, loop, node, finding, module), node, node) if loop else None
    return None


def _row_loop(
    source: SourceFile,
    loop: cst.For | cst.While | cst.CompFor | cst.Call,
    inside: cst.CSTNode,
    finding: Finding,
    module: str,
) -> RowLoop:
    found = RowLoop(source, loop, inside, module=module)
    if finding.origin is not None and finding.origin.file == source.file:
        for node in nodes_at(source, finding.origin):
            executor = executor_of(source, node)
            if executor is not None:
                found.session, found.is_awaited = executor
                break
    return found


def last_name(node: cst.BaseExpression) -> str:
    """``price_of`` of ``repository.price_of``; nothing of a call."""
    if isinstance(node, cst.Call):
        return ""
    name = node.attr if isinstance(node, cst.Attribute) else node
    return name.value if isinstance(name, cst.Name) else ""


def keys_of(called: HelperCall, key: str, given: dict[str, str], draft: Draft) -> str | None:
    """The keys of all items, in terms of the loop."""
    loop = called.loop
    if called.is_mapped:
        call = called.node
        if not isinstance(call, cst.Call) or len(call.args) != 2 or call.args[1].star:  # noqa: PLR2004 -- function and items
            return None
        rows = loop.rows(draft)
        text = substituted(key, given)
        return rows if text == "each" else f"[{text} for each in {rows}]"
    written = {name: _in_loop(called, value) for name, value in given.items()}
    text = substituted(key, written)
    text = f"({text})" if isinstance(parsed(text), cst.Tuple) else text
    if loop.item is None or reads(parsed(text), varying_names(loop) - loop.target_names):
        return None
    rows = loop.rows(draft)
    return rows if text == loop.item else f"[{text} for {loop.item} in {rows}]"


def _in_loop(called: HelperCall, text: str) -> str:
    """An argument by the loop's own variables."""
    for node in expressions_in(called.loop.source, called.node):
        if called.loop.source.text_of(node) == text:
            return Expander(called.loop.source).value(node, called.loop.body)
    return text


def substituted(text: str, values: dict[str, str]) -> str:
    """An expression with names replaced by what they stand for."""
    tree = parsed(text)
    for name in {item.value for item in read_names(tree)} & set(values):
        for item in list(read_names(tree)):
            if item.value == name and code_of(item) != values[name]:
                value = parsed(values[name])
                is_plain = isinstance(value, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
                value = value if is_plain else value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
                tree = replaced(tree, item, value)
    return code_of(tree)
