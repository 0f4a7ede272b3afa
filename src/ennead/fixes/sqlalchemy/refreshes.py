"""Objects that are read again one by one: ``session.refresh()`` in a loop, and what a commit or rollback expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.executed_query import nodes_at
from ennead.fixes.sqlalchemy.expressions import fresh_name
from ennead.fixes.sqlalchemy.row_loop import RowLoop, row_loop
from ennead.fixes.syntax.method_chain import chain_of
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


def refresh_call(finding: Finding, sources: ProjectSources) -> tuple[SourceFile, cst.Call] | None:
    """The ``session.refresh(row)`` that a finding's access is."""
    source = SourceFile.of(sources, finding.call_site.file) if finding.call_site else None
    if source is None or finding.call_site is None:
        return None
    for node in nodes_at(source, finding.call_site):
        call = node.expression if isinstance(node, cst.Await) else node
        if isinstance(call, cst.Call) and chain_of(call).names()[-1:] == ("refresh",) and call.args:
            return source, call
    return None


def drop_refresh(finding: Finding, draft: Draft) -> None:
    """Take the refresh out of the loop: it would ask again, whatever was loaded."""
    found = refresh_call(finding, draft.sources)
    if found is not None:
        source, call = found
        draft.edits(source).replace_span(_removed(source, call), "")


def _removed(source: SourceFile, call: cst.Call) -> tuple[int, int]:
    """The lines of the statement; those of the loop, if it does nothing else."""
    statement = source.block_statement(call)
    block = source.parent(statement)
    loop = source.parent(block) if block is not None else None
    if isinstance(block, cst.IndentedBlock) and len(block.body) == 1 and isinstance(loop, cst.For):
        statement = loop
    start, end = source.span(statement)
    newline = source.text.find("\n", end)
    return source.line_start(start), len(source.text) if newline < 0 else newline + 1


def reread_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """One query for all objects, in front of the loop."""
    refreshed = refresh_call(finding, sources)
    loop = row_loop(finding, sources)
    if loop is None or loop.session is None:
        return
    found = _refreshed_at_once(finding, sources, loop) if refreshed else _expired_at_once(finding, sources, loop)
    if found is not None:
        yield found
    if not refreshed:
        yield from _kept_after_commit(sources, loop)


def _refreshed_at_once(finding: Finding, sources: ProjectSources, loop: RowLoop) -> Candidate | None:
    key = _key(finding)
    draft = Draft(sources, f"Read the {finding.evidence.get('target')} rows again with one query", "refresh-at-once")
    names = draft.names(loop.source)
    model = names.model(finding.evidence.get("target"), module=loop.module)
    if model is None or key is None or loop.target is None:
        return None
    rows = loop.rows(draft)
    select, keys = names.library("sqlalchemy", "select"), f"[{loop.target}.{key} for {loop.target} in {rows}]"
    statement = f"{select}({model}).where({model}.{key}.in_({keys})).execution_options(populate_existing=True)"
    draft.edits(loop.source).insert_before(loop.node, f"{loop.run('scalars', statement)}.all()")
    drop_refresh(finding, draft)
    return draft.candidate()


def _expired_at_once(finding: Finding, sources: ProjectSources, loop: RowLoop) -> Candidate | None:
    """Their keys are known without a query: the session keeps the identity of what it expired."""
    key = _key(finding)
    draft = Draft(sources, f"Read the expired {finding.evidence.get('target')} rows with one query", "refresh-at-once")
    names = draft.names(loop.source)
    model = names.model(finding.evidence.get("target"), module=loop.module)
    if model is None or key is None or loop.target is None:
        return None
    rows = loop.rows(draft)
    inspect = names.library("sqlalchemy", "inspect")
    keys = fresh_name(loop.source, "expired_keys", loop.node)
    statement = f"{names.library('sqlalchemy', 'select')}({model}).where({model}.{key}.in_({keys}))"
    lines = (
        f"{keys} = [{inspect}({loop.target}).identity[0] for {loop.target} in {rows}]\n"
        f"{loop.run('scalars', statement)}.all()"
    )
    draft.edits(loop.source).insert_before(loop.node, lines)
    return draft.candidate()


def _kept_after_commit(sources: ProjectSources, loop: RowLoop) -> Iterator[Candidate]:
    """``Session(expire_on_commit=False)``: what was read stays as it is."""
    function = loop.source.function_of(loop.node)
    if function is None or loop.session is None:
        return
    for item in loop.source.walk(cst.WithItem, function):
        call = item.item
        is_session = (
            item.asname is not None
            and isinstance(item.asname.name, cst.Name)
            and item.asname.name.value == loop.session
        )
        if not is_session or not isinstance(call, cst.Call) or "rollback" in loop.source.text_of(function):
            continue
        if any(argument.keyword and argument.keyword.value == "expire_on_commit" for argument in call.args):
            continue
        draft = Draft(sources, "Keep what was read when the session commits", "expire-on-commit")
        end = loop.source.text.rindex(")", 0, loop.source.span(call)[1])
        draft.edits(loop.source).insert(end, f"{', ' if call.args else ''}expire_on_commit=False")
        found = draft.candidate()
        if found is not None:
            yield found


def _key(finding: Finding) -> str | None:
    columns = finding.evidence.get("varying_columns") or []
    return str(columns[0]) if len(columns) == 1 else None
