"""The same question with the same parameters: asked once, in front of the loop or of its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.executed_query import nodes_at
from ennead.fixes.sqlalchemy.expressions import code_of, expressions_in, fresh_name, reads
from ennead.fixes.sqlalchemy.helper_call import last_name
from ennead.fixes.sqlalchemy.hoisted_lookups import varying_names
from ennead.fixes.sqlalchemy.row_loop import RowLoop, clauses_of
from ennead.fixes.syntax.method_chain import whole_chain
from ennead.fixes.syntax.source_file import COMPREHENSIONS, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding


def repeat_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """The query, or the call of the function that runs it, taken out of the loop that repeats it."""
    for site in finding.call_path:
        source = SourceFile.of(sources, site.file) if site.language == "python" else None
        found = _hoisted(sources, source, site) if source is not None else None
        if found is not None:
            yield found
            return
    source = SourceFile.of(sources, finding.call_site.file) if finding.call_site else None
    same = _said_once(sources, source, finding.call_site) if source is not None and finding.call_site else None
    if same is not None:
        yield same


def _hoisted(sources: ProjectSources, source: SourceFile, site: CallSite) -> Candidate | None:
    for node in nodes_at(source, site):
        if not isinstance(node, cst.Call | cst.Await):
            continue
        for expression in dict.fromkeys((_whole(source, node), node)):
            loop = _outermost(source, expression)
            if loop is not None:
                return _moved(sources, source, expression, loop)
    return None


def _whole(source: SourceFile, node: cst.BaseExpression) -> cst.BaseExpression:
    """The chain that goes on from an expression, through ``await``."""
    while True:
        top = whole_chain(source, node).node
        above = source.parent(top)
        if not isinstance(above, cst.Await):
            return top
        node = above


def _outermost(source: SourceFile, expression: cst.BaseExpression) -> cst.CSTNode | None:
    """The outermost loop, beginning with the innermost one, in which the expression does not vary."""
    found: cst.CSTNode | None = None
    for above in source.ancestors(expression):
        if isinstance(above, cst.FunctionDef | cst.Lambda):
            break
        loops: list[cst.For | cst.While | cst.CompFor] = []
        if isinstance(above, cst.For | cst.While) and source.is_inside(expression, above.body):
            loops = [above]
        elif isinstance(above, COMPREHENSIONS):
            loops = [clause for clause in clauses_of(above) if not source.is_inside(expression, clause.iter)]
        for loop in loops:
            if reads(expression, varying_names(RowLoop(source, loop, expression))):
                return found
            found = loop
    return found


def _moved(
    sources: ProjectSources, source: SourceFile, expression: cst.BaseExpression, loop: cst.CSTNode
) -> Candidate | None:
    draft = Draft(sources, "Ask once, in front of the loop", "hoist")
    edits, text = draft.edits(source), source.text_of(expression)
    if isinstance(source.parent(expression), cst.Expr) or _is_own_name(source, expression):
        statement = source.block_statement(expression)
        block = source.parent(statement)
        if not isinstance(block, cst.IndentedBlock) or len(block.body) == 1:
            return None
        start, end = source.span(statement)
        newline = source.text.find("\n", end)
        edits.replace_span((source.line_start(start), len(source.text) if newline < 0 else newline + 1), "")
        edits.insert_before(loop, source.text[start:end])
        return draft.candidate()
    name = fresh_name(source, _name(expression), loop)
    edits.insert_before(loop, f"{name} = {text}")
    edits.replace(expression, name)
    return draft.candidate()


def _is_own_name(source: SourceFile, expression: cst.BaseExpression) -> bool:
    """Whether the expression is assigned to a name that nothing else is assigned to."""
    above, function = source.parent(expression), source.function_of(expression)
    target = above.targets[0].target if isinstance(above, cst.Assign) and len(above.targets) == 1 else None
    if not isinstance(target, cst.Name) or function is None:
        return False
    targets = [item for item in source.walk(cst.AssignTarget, function) if code_of(item.target) == target.value]
    return len(targets) == 1


def _name(expression: cst.BaseExpression) -> str:
    """A name for an answer, after the function of the user's that gives it."""
    call = expression.expression if isinstance(expression, cst.Await) else expression
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Name):
        return f"{last_name(call.func)}_answer"
    return "answer"


def _said_once(sources: ProjectSources, source: SourceFile, site: CallSite) -> Candidate | None:
    """The same expression on several lines of one function: a name for it in front of the first one."""
    for node in nodes_at(source, site):
        if not isinstance(node, cst.Call | cst.Await):
            continue
        expression = _whole(source, node)
        function = source.function_of(expression)
        if function is None or isinstance(source.parent(expression), cst.Expr):
            continue
        text = code_of(expression)
        same = [item for item in expressions_in(source, function) if code_of(item) == text]
        if len(same) > 1 and source.parent(source.block_statement(same[0])) is source.parent(
            source.block_statement(expression)
        ):
            draft = Draft(sources, "Ask once and keep the answer", "ask-once")
            name = fresh_name(source, _name(expression), expression)
            draft.edits(source).insert_before(same[0], f"{name} = {source.text_of(same[0])}")
            for item in same:
                draft.edits(source).replace(item, name)
            return draft.candidate()
    return None
