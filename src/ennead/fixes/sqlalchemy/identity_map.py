"""``session.get()`` and ``merge()`` in a loop: one query in front of it puts all objects into the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.expressions import Expander, code_of, fresh_name, parsed, read_names, reads
from ennead.fixes.sqlalchemy.hoisted_lookups import varying_names, work_list
from ennead.fixes.sqlalchemy.row_loop import RowLoop, row_loop
from ennead.fixes.syntax.method_chain import chain_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_METHODS = ("get", "get_one", "merge")


def identity_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Load what the loop will ask the session for; the session answers from memory as long as somebody holds it."""
    columns = finding.evidence.get("varying_columns") or []
    if finding.evidence.get("method") != "get" or len(columns) != 1:
        return
    loop = row_loop(finding, sources)
    call = _asking(loop) if loop is not None else None
    if loop is None or call is None or not isinstance(call.func, cst.Attribute):
        return
    session = loop.source.text_of(call.func.value)
    root = next(iter(read_names(parsed(session))), None)
    if root is None or root.value in varying_names(loop):
        return
    loop.session, loop.is_awaited = session, isinstance(loop.source.parent(call), cst.Await)
    found = _prefetched(finding, sources, loop, call, str(columns[0]))
    if found is not None:
        yield found


def _asking(loop: RowLoop) -> cst.Call | None:
    for node in (loop.inside, *loop.source.walk(cst.Call, loop.inside)):
        call = node.expression if isinstance(node, cst.Await) else node
        if isinstance(call, cst.Call) and chain_of(call).names()[-1:] and chain_of(call).names()[-1] in _METHODS:
            return call
    return None


def _prefetched(
    finding: Finding, sources: ProjectSources, loop: RowLoop, call: cst.Call, column: str
) -> Candidate | None:
    target = str(finding.evidence.get("target") or "")
    draft = Draft(sources, f"Load all {target} rows into the session in front of the loop", "identity-map")
    names = draft.names(loop.source)
    model, key = names.model(target, module=loop.module), _key(call, column)
    if model is None or key is None:
        return None
    text = Expander(loop.source).value(key, loop.body)
    keys = work_list(loop, text)
    if keys is None:
        if loop.item is None or reads(parsed(text), varying_names(loop) - loop.target_names):
            return None
        rows = loop.rows(draft)
        keys = rows if text == loop.item else f"[{text} for {loop.item} in {rows}]"
    name = fresh_name(loop.source, f"known_{target.rpartition('.')[2].lower()}_rows", loop.node)
    statement = f"{names.library('sqlalchemy', 'select')}({model}).where({model}.{column}.in_({keys}))"
    comment = f"# {name} keeps the objects in the session, which then has no need to ask for each."
    draft.edits(loop.source).insert_before(loop.node, f"{comment}\n{name} = {loop.run('scalars', statement)}.all()")
    return draft.candidate()


def _key(call: cst.Call, column: str) -> cst.BaseExpression | None:
    """What is asked for: the second argument of ``get()``, or the key that a merged object is made with."""
    name = chain_of(call).names()[-1]
    if name != "merge":
        return call.args[1].value if len(call.args) > 1 and call.args[1].keyword is None else None
    made = call.args[0].value if call.args else None
    if isinstance(made, cst.Call):
        return next((item.value for item in made.args if item.keyword and item.keyword.value == column), None)
    return parsed(f"{code_of(made)}.{column}") if isinstance(made, cst.Name) else None
