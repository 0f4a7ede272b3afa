"""Candidates for one and the same query in a loop: asked once, in front of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.query_methods import without_async
from ennead.fixes.syntax.bindings import bindings_of, free_name
from ennead.fixes.syntax.loop_values import substituted
from ennead.fixes.syntax.loops import loops_around, means_the_same_before
from ennead.fixes.syntax.method_chain import chain_of, whole_chain
from ennead.fixes.syntax.names import free_names
from ennead.fixes.syntax.project_edits import ProjectEdits
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding


def repeated_queries(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Hoist the query, or the call of a function that runs it."""
    if finding.code != "repeated-query":
        return
    for site in finding.call_path:
        source = SourceFile.of(sources, site.file) if site.language == "python" else None
        if source is not None:
            yield from _hoisted(sources, source, site)


def _hoisted(sources: ProjectSources, source: SourceFile, site: CallSite) -> Iterator[Candidate]:
    for node in _calls(source, site):
        names, text = _spelled_out(source, node)
        loops = [loop for loop in loops_around(source, node) if means_the_same_before(source, names, loop, node)]
        if not loops:
            continue
        edits = ProjectEdits(sources)
        own = edits.of(source)
        name = free_name(source, _name(node))
        own.insert_before(loops[-1], f"{name} = {text}")
        own.replace(node, name)
        files = edits.files()
        if files is not None:
            yield Candidate(title="Ask once in front of the loop", strategy="hoist", files=files)
        return


def _spelled_out(source: SourceFile, node: cst.BaseExpression) -> tuple[set[str], str]:
    """An expression's names and text, with what the loop assigns to a name in the name's place."""
    names, text = {name.value for name in free_names(source, node)}, source.text_of(node)
    for name in sorted(names):
        bound = bindings_of(source, name, node)
        value = bound[0].value if len(bound) == 1 and bound[0].kind == "value" and bound[0].whole else None
        if value is not None and next(loops_around(source, bound[0].node), None) is not None:
            text = substituted(text, {name: source.text_of(value)})
            names = (names - {name}) | {item.value for item in free_names(source, value)}
    return names, text


def _calls(source: SourceFile, site: CallSite) -> Iterator[cst.BaseExpression]:
    """The whole expressions of the place that are calls, with an ``await`` in front."""
    seen: set[int] = set()
    for node in source.at(site):
        chain = whole_chain(source, node)
        last = next((link.node for link in reversed(chain.links) if link.call is not None), chain.root)
        above = source.parent(last)
        whole = above if isinstance(above, cst.Await) else last
        if isinstance(last, cst.Call) and id(whole) not in seen:
            seen.add(id(whole))
            yield whole


def _name(node: cst.BaseExpression) -> str:
    """``preference``, ``shipment_count``: the model and what is asked of it, else the function."""
    chain = chain_of(node.expression if isinstance(node, cst.Await) else node)
    names = [getattr(chain.root, "value", ""), *chain.names()]
    model = next((name for name in names if isinstance(name, str) and name[:1].isupper()), None)
    if model is not None:
        asked = without_async(names[-1])
        lower = re.sub(r"(?<!^)(?=[A-Z])", "_", model).lower()
        return f"{lower}_{asked}" if asked in ("count", "exists", "aggregate") else lower
    call = chain.root if isinstance(chain.root, cst.Call) else None
    name = call.func.value if call is not None and isinstance(call.func, cst.Name) else names[-1]
    return f"known_{name}" if isinstance(name, str) and name else "known"
