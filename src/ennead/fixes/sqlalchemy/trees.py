"""Trees that are walked node by node: all levels at once, or the whole table with the relation filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.class_index import class_file
from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.eager_loads import paths_of
from ennead.fixes.sqlalchemy.executed_query import ExecutedQuery, executed_query, read_query
from ennead.fixes.sqlalchemy.expressions import fresh_name
from ennead.fixes.sqlalchemy.loader_options import LoaderStep, add_option
from ennead.fixes.sqlalchemy.row_loop import executor_of
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.sqlalchemy.eager_loads import Step
    from ennead.kernel.finding import Finding

_ORDER = re.compile(r"ORDER BY (?:\w+\.)?(\w+)( DESC)?$")


def walks_a_tree(finding: Finding) -> bool:
    """Whether a relation leads from a model to itself."""
    evidence = finding.evidence
    return (
        finding.relation is not None
        and evidence.get("owner") is not None
        and evidence.get("owner") == evidence.get("target")
    )


def tree_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Candidates for a relation of a model with itself that is followed from row to row."""
    path = next((path for path in paths_of(finding) if len(path) == 1), None)
    found = _start(finding, sources) if path and walks_a_tree(finding) else None
    if found is None or path is None:
        return
    query = found
    step = path[0]
    for candidate in (_whole_table(finding, sources, query, step), _all_levels(sources, query, step)):
        if candidate is not None:
            yield candidate


def _start(finding: Finding, sources: ProjectSources) -> ExecutedQuery | None:
    """The query that brings the roots: it runs in one of the functions around the walk."""
    model = str(finding.evidence.get("owner"))
    for site in finding.call_path:
        source = SourceFile.of(sources, site.file)
        if source is None:
            continue
        function = next((node for node in source.walk(cst.FunctionDef) if _covers(source, node, site.line)), None)
        for call in source.walk(cst.Call, function) if function is not None else ():
            query = read_query(source, call)
            if query is not None and query.call is call and _selects(query, model):
                return query
    if finding.origin is None or finding.origin == finding.call_site:
        return None
    source = SourceFile.of(sources, finding.origin.file)
    return executed_query(source, finding.origin) if source is not None else None


def _covers(source: SourceFile, function: cst.FunctionDef, line: int) -> bool:
    first, last = source.lines_of(function)
    return first <= line <= last


def _selects(query: ExecutedQuery, model: str) -> bool:
    text = " ".join(query.source.text_of(chain.node) for chain in query.parts())
    return re.search(rf"\b(select|query)\((\w+\.)*{re.escape(model)}\)", text) is not None


def _all_levels(sources: ProjectSources, query: ExecutedQuery, step: Step) -> Candidate | None:
    """One query a level, which SQLAlchemy goes on with until there is nothing more."""
    if step.is_single:
        return None
    draft = Draft(sources, f"Load all levels of {step.relation}, one query a level", "selectinload-recursive")
    names = draft.names(query.source)
    model = names.model(step.owner)
    if model is None:
        return None
    option = LoaderStep("selectinload", f"{model}.{step.field}", ", recursion_depth=-1")
    add_option(draft.edits(query.source), names, query, [option])
    return draft.candidate()


def _whole_table(finding: Finding, sources: ProjectSources, query: ExecutedQuery, step: Step) -> Candidate | None:
    """All nodes with one query; what belongs to each is put where the lazy load would have put it."""
    columns = finding.evidence.get("varying_columns") or []
    executor = executor_of(query.source, query.call) if query.call is not None else None
    if len(columns) != 1 or executor is None or query.call is None:
        return None
    draft = Draft(sources, f"Load all {step.owner} rows once and fill in {step.field}", "whole-tree")
    names = draft.names(query.source)
    model = names.model(step.owner)
    if model is None:
        return None
    ordered = _ORDER.search(finding.statement.strip())
    order = f".order_by({model}.{ordered[1]}{'.desc()' if ordered[2] else ''})" if ordered else ""
    source = query.source
    session, awaited = executor
    run = f"{session}.scalars({names.library('sqlalchemy', 'select')}({model}){order})"
    nodes = fresh_name(source, "nodes", query.call)
    filled = names.library("sqlalchemy.orm.attributes", "set_committed_value")
    all_rows = f"{nodes} = {'(await ' + run + ')' if awaited else run}.all()\n"
    if step.is_single:
        foreign = _foreign_key(sources, step, source.file)
        if foreign is None:
            return None
        by_key = fresh_name(source, "node_by_key", query.call)
        lines = (
            f"{all_rows}{by_key} = {{node.{columns[0]}: node for node in {nodes}}}\nfor node in {nodes}:\n"
            f'    {filled}(node, "{step.field}", {by_key}.get(node.{foreign}))'
        )
    else:
        below = fresh_name(source, "below", query.call)
        lines = (
            f"{all_rows}{below} = {names.library('collections', 'defaultdict')}(list)\nfor node in {nodes}:\n"
            f"    {below}[node.{columns[0]}].append(node)\nfor node in {nodes}:\n"
            f'    {filled}(node, "{step.field}", {below}[node.id])'
        )
    draft.edits(source).insert_before(query.call, lines)
    return draft.candidate()


def _foreign_key(sources: ProjectSources, step: Step, near: str) -> str | None:
    """The column of a node that names its parent: by convention, if the class has it."""
    name = f"{step.field}_id"
    file = class_file(sources, step.owner, near)
    return name if file is not None and name in (sources.text(file) or "") else None
