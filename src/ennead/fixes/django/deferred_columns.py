"""Candidates for columns that ``only()`` or ``defer()`` leaves out and that are read all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.loaded_relations import RelationTree
from ennead.fixes.django.query_place import QueryPlace, QueryPlaces
from ennead.fixes.syntax.edits import Edits
from ennead.fixes.syntax.method_chain import call_arguments, extend_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.method_chain import Link
    from ennead.kernel.finding import Finding


def loaded_columns(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Name the column in ``only()``, or take it out of ``defer()``; else take the call away."""
    if finding.kind != "deferred" or not finding.relation:
        return
    tree, field = RelationTree(finding), finding.relation.rpartition(".")[2]
    for query in QueryPlaces(sources, tree.root_model, finding.call_path).at(tree.root_place)[:2]:
        for method in ("only", "defer"):
            link = query.chain.link(method)
            if link is None or link.call is None:
                continue
            for prefix in tree.prefixes(query):
                yield from _loaded(query, link, link.call, prefix + field)
            yield from _candidate(_without(query, link), query, f"Load all columns with the rows (no {method}())")


def _loaded(query: QueryPlace, link: Link, call: cst.Call, field: str) -> Iterator[Candidate]:
    named = call_arguments(call)
    if named is None:
        return
    edits = Edits(query.source)
    title = f"Load {field} with the rows ({link.name})"
    if link.name == "only":
        extend_call(edits, call, [f'"{field}"'])
    elif field not in named:
        return
    elif len(named) == 1:
        edits = _without(query, link)
    else:
        kept = [item for item in call.args if call_arguments(call.with_changes(args=[item])) != [field]]
        start, end = query.source.span(call.args[0])[0], query.source.span(call.args[-1])[1]
        edits.replace_span((start, end), ", ".join(query.source.text_of(item.value) for item in kept))
    yield from _candidate(edits, query, title)


def _without(query: QueryPlace, link: Link) -> Edits:
    """The chain without one of its calls; a manager alone is no query set that can be iterated."""
    edits = Edits(query.source)
    links = query.chain.links
    number = links.index(link)
    before = links[number - 1].node if number else query.chain.root
    start, end = query.source.outer_span(before)[1], query.source.span(link.node)[1]
    needs_all = number > 0 and links[number - 1].call is None and number + 1 == len(links)
    edits.replace_span((start, end), ".all()" if needs_all else "")
    return edits


def _candidate(edits: Edits, query: QueryPlace, title: str) -> Iterator[Candidate]:
    text = edits.text()
    if text is not None:
        yield Candidate(title=title, strategy="deferred", files={query.source.file: text})
