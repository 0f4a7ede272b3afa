"""Look-ups in a function that a loop calls: a function beside it asks for all keys, and hands its answers in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.expressions import code_of, fresh_name, parsed, read_names, reads
from ennead.fixes.sqlalchemy.helper_call import HelperCall, helper_call, keys_of, last_name
from ennead.fixes.sqlalchemy.helper_properties import indented, key_in, local_names, property_candidate
from ennead.fixes.sqlalchemy.hoisted_lookups import varying_names
from ennead.fixes.sqlalchemy.lookup import Lookup, lookup_at
from ennead.fixes.sqlalchemy.set_query import SetQuery, set_query
from ennead.fixes.syntax.annotations import Annotations, add_parameter
from ennead.fixes.syntax.bindings import argument_for, parameters_of, target_names
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_PASS_KEYWORDS = frozenset({"submit", "to_thread", "run_sync", "partial"})
"""Callers of functions that hand keywords on."""
_PROPERTIES = frozenset({"property", "hybrid_property", "cached_property"})


def helper_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """A function for all keys beside the one that asks for one."""
    source = SourceFile.of(sources, finding.call_site.file) if finding.call_site else None
    if source is None or finding.call_site is None:
        return
    lookup = lookup_at(source, finding.call_site, finding)
    function = source.function_of(lookup.node) if lookup is not None else None
    called = helper_call(finding, sources, source, function) if function is not None else None
    if lookup is None or function is None or called is None:
        return
    if _decorators(function) & _PROPERTIES:
        found = property_candidate(finding, sources, lookup, function, called)
    elif _decorators(function) <= {"staticmethod", "classmethod"}:
        found = _of_function(finding, sources, lookup, function, called)
    else:
        found = None
    if found is not None:
        yield found


def _decorators(function: cst.FunctionDef) -> set[str]:
    return {code_of(item.decorator).rpartition(".")[2] for item in function.decorators}


def _of_function(
    finding: Finding, sources: ProjectSources, lookup: Lookup, function: cst.FunctionDef, called: HelperCall
) -> Candidate | None:
    if _may_be_overridden(lookup, function, called):
        return None
    draft = Draft(sources, f"Let {function.name.value}() be given the answers for all items", "batch-function")
    given = _given(lookup.source, function, called)
    varying = {name for name, value in given.items() if _varies(called, value)}
    if called.is_mapped:
        varying = {name for name in given if name not in ("self", "cls")}
    query = set_query(lookup, varying | local_names(lookup.source, function), finding, draft.names(lookup.source))
    key = key_in(lookup, function, query) if query is not None else None
    if query is None or key is None:
        return None
    keys = keys_of(called, key, given, draft)
    batch = _batch_function(draft, lookup, function, query, varying)
    if keys is None or batch is None:
        return None
    name, names = batch
    loop = called.loop
    answers = fresh_name(loop.source, query.suggested_name, loop.node)
    _give_parameter(draft, lookup, function, query)
    asked = _asked(
        draft, called, function, name, [*(f"{item}={given[item]}" for item in names if item in given), keys], lookup
    )
    draft.edits(loop.source).insert_before(loop.node, f"{answers} = {asked}")
    _hand_over(draft, called, f"{query.suggested_name}={answers}")
    return draft.candidate()


def _may_be_overridden(lookup: Lookup, function: cst.FunctionDef, called: HelperCall) -> bool:
    """Whether a method of another class stands behind ``self``: its sisters would not take the new parameter."""
    reference = called.reference
    if not isinstance(reference, cst.Attribute) or code_of(reference.value) not in ("self", "cls"):
        return False
    own, calling = lookup.source.class_of(function), called.loop.source.class_of(called.node)
    return own is None or calling is None or own.name.value != calling.name.value


def _given(source: SourceFile, function: cst.FunctionDef, called: HelperCall) -> dict[str, str]:
    """What each parameter gets in the loop, as text."""
    is_method = source.class_of(function) is not None and "staticmethod" not in _decorators(function)
    found: dict[str, str] = {}
    parameters = [item.name.value for item in parameters_of(function)]
    if is_method and parameters and isinstance(called.reference, cst.Attribute):
        found[parameters[0]] = called.loop.source.text_of(called.reference.value)
    if called.is_mapped:
        free = [name for name in parameters if name not in found]
        return {**found, **dict.fromkeys(free[:1], "each")}
    if not isinstance(called.node, cst.Call):
        return found
    call = called.node
    if called.is_reference:
        position = next(number for number, item in enumerate(call.args) if item.value is called.reference)
        call = call.with_changes(args=call.args[position + 1 :])
    for name in parameters:
        value = argument_for(call, function, name, bound=is_method)
        if value is not None and name not in found:
            found[name] = called.loop.source.text_of(value)
    return found


def _varies(called: HelperCall, text: str) -> bool:
    return reads(parsed(text), varying_names(called.loop))


def _batch_function(
    draft: Draft, lookup: Lookup, function: cst.FunctionDef, query: SetQuery, varying: set[str]
) -> tuple[str, list[str]] | None:
    """Write the function for all keys behind the other one: its name, and what else it has to be given."""
    source = lookup.source
    name = fresh_name(source, f"load_{query.suggested_name}", function)

    def run(method: str, statement: str) -> str:
        call = f"{lookup.session}.{method}({statement})"
        return f"(await {call})" if lookup.is_awaited else call

    lines = query.lines("found", "keys", run)
    opened = _opened_session(lookup)
    if lines is None or not lookup.session:
        return None
    body = f"{opened}\n{indented(lines)}" if opened else lines
    used = {item.value for item in read_names(cst.parse_module(body))}
    own = parameters_of(function)
    first = own[:1] if source.class_of(function) is not None and "staticmethod" not in _decorators(function) else []
    further = [item for item in own if item.name.value in used and item not in first]
    names = [item.name.value for item in further]
    if set(names) & varying or used & (local_names(source, function) - {"found"}):
        return None
    hints = Annotations(draft.edits(source), function)
    required = [hints.same(item) for item in (*first, *further) if item.default is None]
    optional = [hints.same(item) for item in further if item.default is not None]
    parameters = ", ".join([*required, hints.given("keys", "Collection[Any]"), *optional])
    header = f"{'async ' if function.asynchronous else ''}def {name}({parameters}){hints.returned(query.hint)}:"
    decorators = "".join(f"@{item}\n" for item in sorted(_decorators(function)))
    whole = f"{decorators}{header}\n{indented(body)}\n    return found"
    gap = "\n" if source.class_of(function) is not None else "\n\n"
    draft.edits(source).insert_after(function, gap + whole)
    return name, names


def _opened_session(lookup: Lookup) -> str:
    """The ``with`` that opens what the look-up runs with."""
    root = next(iter(read_names(parsed(lookup.session))), None)
    for above in lookup.source.ancestors(lookup.node):
        if isinstance(above, cst.With) and root is not None:
            for item in above.items:
                if item.asname is not None and root.value in target_names(item.asname.name):
                    keyword = "async with" if above.asynchronous else "with"
                    return f"{keyword} {lookup.source.text_of(item.item)} as {root.value}:"
        if isinstance(above, cst.FunctionDef):
            break
    return ""


def _give_parameter(draft: Draft, lookup: Lookup, function: cst.FunctionDef, query: SetQuery) -> None:
    """The function takes answers that are known, and asks where there are none."""
    source, edits = lookup.source, draft.edits(lookup.source)
    name = query.suggested_name
    add_parameter(edits, function, name, query.hint)
    known = f"{name} is not None"
    if lookup.is_required and not query.is_aggregate:
        known += f" and {query.key_text} in {name}"
    choice = f"{query.answer(name)} if {known} else {source.text_of(lookup.node)}"
    is_whole = isinstance(source.parent(lookup.node), cst.Return | cst.Assign | cst.AnnAssign)
    edits.replace(lookup.node, choice if is_whole else f"({choice})")


def _asked(
    draft: Draft, called: HelperCall, function: cst.FunctionDef, name: str, arguments: list[str], lookup: Lookup
) -> str:
    """The call that asks for all, as the loop's function has to write it."""
    source = called.loop.source
    reference = called.reference
    if isinstance(reference, cst.Attribute):
        batch = f"{source.text_of(reference.value)}.{name}"
    else:
        batch = name
        if source.file != lookup.source.file:
            draft.names(source).sibling(code_of(reference), name)
    keys, further = arguments[-1], arguments[:-1]
    if called.is_reference and isinstance(called.node, cst.Call) and last_name(called.node.func) == "to_thread":
        return f"await {source.text_of(called.node.func)}({', '.join([batch, *further, f'keys={keys}'])})"
    call = f"{batch}({', '.join([*further, f'keys={keys}' if further else keys])})"
    return f"await {call}" if function.asynchronous else call


def _hand_over(draft: Draft, called: HelperCall, keyword: str) -> None:
    edits, source = draft.edits(called.loop.source), called.loop.source
    if not isinstance(called.node, cst.Call):
        return
    if called.is_reference and last_name(called.node.func) not in _PASS_KEYWORDS:
        partial = draft.names(source).library("functools", "partial")
        edits.replace(called.reference, f"{partial}({source.text_of(called.reference)}, {keyword})")
        return
    last = source.outer_span(called.node.args[-1].value)[1] if called.node.args else None
    end = source.text.rindex(")", 0, source.span(called.node)[1])
    edits.insert(last if last is not None else end, f", {keyword}" if called.node.args else keyword)
