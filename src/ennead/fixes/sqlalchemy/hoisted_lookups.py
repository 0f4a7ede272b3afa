"""Look-ups of a loop, replaced by one query in front of it and a dictionary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.executed_query import assigned
from ennead.fixes.sqlalchemy.expressions import Expander, code_of, expressions_in, fresh_name, parsed, read_names, reads
from ennead.fixes.sqlalchemy.lookup import Lookup, lookup_at
from ennead.fixes.sqlalchemy.row_loop import RowLoop, row_loop
from ennead.fixes.sqlalchemy.set_query import set_query
from ennead.fixes.syntax.bindings import parameters_of, target_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.source_file import SourceFile
    from ennead.kernel.finding import Finding

_TAKEN = re.compile(r"\b(\w+)\.(?:popleft|pop)\((?:0|-1)?\)")
"""An item taken out of a work list."""


def hoisted_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """One query for all items, with the look-up in the loop's own body."""
    loop = row_loop(finding, sources)
    if loop is None or finding.call_site is None or finding.call_site.file != loop.source.file:
        return
    lookup = lookup_at(loop.source, finding.call_site, finding)
    if lookup is None or not loop.source.is_inside(lookup.node, loop.body):
        return
    found = _hoisted(finding, sources, loop, lookup)
    if found is not None:
        yield found


def _hoisted(finding: Finding, sources: ProjectSources, loop: RowLoop, lookup: Lookup) -> Candidate | None:
    draft = Draft(
        sources, f"Ask once for all {finding.evidence.get('target') or 'rows'} in front of the loop", "in-list"
    )
    query = set_query(lookup, varying_names(loop), finding, draft.names(loop.source))
    session = session_outside(loop, lookup)
    if query is None or session is None:
        return None
    header, run = session
    values = key_values(loop, [key.value for key in query.keys], lookup, draft)
    name = fresh_name(loop.source, query.suggested_name, loop.node)
    if values is None:
        return None
    lines = query.lines(name, values, run)
    if lines is None:
        return None
    edits = draft.edits(loop.source)
    edits.insert_before(loop.node, f"{header}\n{_indented(lines)}" if header else lines)
    edits.replace(lookup.node, query.answer(name))
    remove_unused(draft, loop.source, lookup.node, lookup.inlined)
    rename_error(draft, lookup)
    return draft.candidate()


def varying_names(loop: RowLoop) -> set[str]:
    """Names that a loop's body or header binds."""
    found = set(loop.target_names)
    body = loop.body
    for node in loop.source.nodes(body):
        if isinstance(node, cst.Assign):
            found.update(name for target in node.targets for name in target_names(target.target))
        elif isinstance(node, cst.AnnAssign | cst.NamedExpr | cst.For | cst.CompFor):
            found.update(target_names(node.target))
        elif isinstance(node, cst.WithItem) and node.asname is not None:
            found.update(target_names(node.asname.name))
        elif isinstance(node, cst.Lambda):
            found.update(item.name.value for item in parameters_of(node))
    if isinstance(loop.node, cst.While):
        found.update(name.value for name in read_names(loop.node.test))
    return found


def key_values(loop: RowLoop, keys: Sequence[str], lookup: Lookup, draft: Draft) -> str | None:
    """A list of the keys of all items, to be written in front of the loop."""
    parts = [expanded_key(loop, key, lookup) for key in keys]
    text = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(loop.node, cst.While):
        return work_list(loop, text)
    left = varying_names(loop) - loop.target_names
    if reads(parsed(text), left) or loop.item is None:
        return None
    rows = loop.rows(draft)
    return rows if text == loop.item else f"[{text} for {loop.item} in {rows}]"


def work_list(loop: RowLoop, key: str) -> str | None:
    """The keys that ``while todo: key = todo.pop()`` will take."""
    taken = _TAKEN.search(key)
    if not isinstance(loop.node, cst.While) or taken is None:
        return None
    if taken[1] not in {name.value for name in read_names(loop.node.test)}:
        return None
    key_of_each = key.replace(taken[0], "each")
    return f"list({taken[1]})" if key_of_each == "each" else f"[{key_of_each} for each in {taken[1]}]"


def expanded_key(loop: RowLoop, key: str, lookup: Lookup) -> str:
    """The key by the loop's own variables alone, without names that its body binds."""
    places: list[cst.CSTNode] = [lookup.node]
    for name in lookup.inlined:
        value = assigned(loop.source, name, name)
        places += [value] if value is not None else []
    for place in places:
        for node in expressions_in(loop.source, place):
            if code_of(node) == key:
                return Expander(loop.source).value(node, loop.body)
    return key


def session_outside(loop: RowLoop, lookup: Lookup) -> tuple[str, Callable[[str, str], str]] | None:
    """A ``with`` that opens what the look-up runs with, if the loop's body does that; and how a statement is run."""

    def run(method: str, statement: str) -> str:
        call = f"{lookup.session}.{method}({statement})"
        return f"(await {call})" if lookup.is_awaited else call

    if not lookup.session:
        return ("", loop.run) if loop.session else None
    root = next(iter(read_names(parsed(lookup.session))), None)
    varying = varying_names(loop)
    if root is None or root.value not in varying:
        return "", run
    for above in loop.source.ancestors(lookup.node):
        if above is loop.node:
            return None
        if isinstance(above, cst.With) and any(_names_it(item, root.value) for item in above.items):
            items = ", ".join(loop.source.text_of(item.item) + f" as {root.value}" for item in above.items)
            if any(reads(item.item, varying) for item in above.items) or len(above.items) != 1:
                return None
            return f"{'async ' if above.asynchronous else ''}with {items}:", run
    return None


def _names_it(item: cst.WithItem, name: str) -> bool:
    return item.asname is not None and name in target_names(item.asname.name)


def _indented(lines: str) -> str:
    return "\n".join(f"    {line}" for line in lines.splitlines())


def remove_unused(draft: Draft, source: SourceFile, node: cst.CSTNode, inlined: Sequence[cst.Name]) -> None:
    """Take out the statements that only the look-up read."""
    function = source.function_of(node)
    for name in {item.value for item in inlined} if function is not None else ():
        uses = [item for item in source.walk(cst.Name, function) if item.value == name]
        read = [item for item in uses if not _is_target(source, item)]
        if any(item not in inlined and not source.is_inside(item, node) for item in read):
            continue
        for item in uses:
            statement = source.block_statement(item)
            block = source.parent(statement)
            is_alone = isinstance(block, cst.IndentedBlock) and len(block.body) == 1
            if _is_target(source, item) and isinstance(statement, cst.SimpleStatementLine) and not is_alone:
                draft.edits(source).replace_span(_lines(source, statement), "")


def _is_target(source: SourceFile, name: cst.Name) -> bool:
    return isinstance(source.parent(name), cst.AssignTarget)


def _lines(source: SourceFile, statement: cst.CSTNode) -> tuple[int, int]:
    start, end = source.span(statement)
    newline = source.text.find("\n", end)
    return source.line_start(start), len(source.text) if newline < 0 else newline + 1


def rename_error(draft: Draft, lookup: Lookup) -> None:
    """A dictionary says with a ``KeyError`` what the query said with ``NoResultFound``."""
    if not lookup.is_required:
        return
    for above in lookup.source.ancestors(lookup.node):
        if isinstance(above, cst.Try):
            for handler in above.handlers:
                for name in lookup.source.walk(cst.Name, handler.type) if handler.type is not None else ():
                    if name.value == "NoResultFound":
                        draft.edits(lookup.source).replace(_whole(lookup.source, name), "KeyError")


def _whole(source: SourceFile, name: cst.Name) -> cst.CSTNode:
    above = source.parent(name)
    return above if isinstance(above, cst.Attribute) else name
