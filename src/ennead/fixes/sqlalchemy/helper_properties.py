"""Look-ups in a property: a static method beside it asks for all rows, and the loop looks its answers up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.executed_query import assigned
from ennead.fixes.sqlalchemy.expressions import Expander, code_of, expressions_in, fresh_name, parsed, read_names, reads
from ennead.fixes.sqlalchemy.helper_call import HelperCall, keys_of, substituted
from ennead.fixes.sqlalchemy.set_query import SetQuery, set_query
from ennead.fixes.syntax.annotations import Annotations
from ennead.fixes.syntax.bindings import parameters_of, target_names

if TYPE_CHECKING:
    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.sqlalchemy.lookup import Lookup
    from ennead.fixes.syntax.source_file import SourceFile
    from ennead.kernel.finding import Finding


def property_candidate(
    finding: Finding, sources: ProjectSources, lookup: Lookup, function: cst.FunctionDef, called: HelperCall
) -> Candidate | None:
    """A static method for all keys; what the property answered is looked up where the loop reads it."""
    owner = lookup.source.class_of(function)
    returned = list(lookup.source.walk(cst.Return, function))
    if owner is None or len(returned) != 1 or returned[0].value is None or called.loop.session is None:
        return None
    row = parameters_of(function)[0].name.value
    draft = Draft(sources, f"Ask for {function.name.value} of all items at once", "batch-property")
    query = set_query(lookup, {row} | local_names(lookup.source, function), finding, draft.names(lookup.source))
    key = key_in(lookup, function, query) if query is not None else None
    if query is None or key is None or called.loop.is_awaited:
        return None
    loop = called.loop
    item = loop.source.text_of(called.node.value) if isinstance(called.node, cst.Attribute) else ""
    lines = query.lines("found", "keys", lambda method, statement: f"session.{method}({statement})")
    model = draft.names(loop.source).model(owner.name.value, module=loop.module)
    written = _answer_text(lookup, returned[0].value)
    if lines is None or model is None or written is None or not item:
        return None
    name = fresh_name(lookup.source, f"load_{query.suggested_name}", function)
    hints = Annotations(draft.edits(lookup.source), function)
    asked = (
        f"session: {draft.names(lookup.source).library('sqlalchemy.orm', 'Session')}" if hints.are_wanted else "session"
    )
    head = f"def {name}({asked}, {hints.given('keys', 'Collection[Any]')}){hints.returned(query.hint)}:"
    whole = f"\n@staticmethod\n{head}\n{indented(lines)}\n    return found"
    draft.edits(lookup.source).insert_after(function, whole)
    keys = keys_of(called, key, {row: item}, draft)
    if keys is None:
        return None
    answers = fresh_name(loop.source, query.suggested_name, loop.node)
    draft.edits(loop.source).insert_before(loop.node, f"{answers} = {model}.{name}({loop.session}, {keys})")
    answer = query.answer_for(answers, substituted(key, {row: item}))
    draft.edits(loop.source).replace(called.node, written.replace("\0", answer))
    return draft.candidate()


def _answer_text(lookup: Lookup, returned: cst.BaseExpression) -> str | None:
    """What is returned, with a mark in the place of the look-up; only if nothing else of the function is in it."""
    source = lookup.source
    start, end = source.outer_span(returned)
    first, last = source.outer_span(lookup.node)
    if not (start <= first and last <= end):
        return None
    others = [item for item in read_names(returned) if not source.is_inside(item, lookup.node)]
    if others:
        return None
    text = source.text[start:first] + "\0" + source.text[last:end]
    return text if text == "\0" else f"({text})"


def local_names(source: SourceFile, function: cst.FunctionDef) -> set[str]:
    """Names that the function's own statements bind to values."""
    found: set[str] = set()
    for node in source.walk(cst.Assign, function):
        found.update(name for target in node.targets for name in target_names(target.target))
    return found


def key_in(lookup: Lookup, function: cst.FunctionDef, query: SetQuery) -> str | None:
    """The key by the function's parameters."""
    places: list[cst.CSTNode] = [lookup.node]
    places += [value for name in lookup.inlined if (value := assigned(lookup.source, name, name)) is not None]
    for place in places:
        for node in expressions_in(lookup.source, place):
            if len(query.keys) == 1 and code_of(node) == query.key_text:
                text = Expander(lookup.source).value(node, function.body)
                return text if not reads(parsed(text), local_names(lookup.source, function)) else None
    return query.key_text


def indented(lines: str) -> str:
    """Lines one level deeper."""
    return "\n".join(f"    {line}" if line else "" for line in lines.splitlines())
