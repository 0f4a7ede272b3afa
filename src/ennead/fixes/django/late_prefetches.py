"""Late candidates, where the query set is out of reach: relations loaded for rows that are there already."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.loaded_relations import RelationTree, loads_whole
from ennead.fixes.django.query_methods import DJANGO_MODELS
from ennead.fixes.django.query_place import QueryPlaces
from ennead.fixes.syntax.bindings import free_name, names_in, target_names
from ennead.fixes.syntax.loops import is_reiterable
from ennead.fixes.syntax.method_chain import append_call
from ennead.fixes.syntax.project_edits import ProjectEdits
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding

_FETCH_MODES_SINCE = (6, 1)


def late_prefetches(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """``prefetch_related_objects(rows, "path")`` in front of the loop."""
    tree, place = RelationTree(finding), finding.loop
    source = SourceFile.of(sources, place.file) if place is not None and place.language == "python" else None
    if source is None or place is None or not tree.paths or not loads_whole(finding):
        return
    for node in source.nodes():
        if isinstance(node, cst.For | cst.CompFor) and source.lines_of(node)[0] == place.line:
            if _goes_through_rows(finding, source, node):
                yield from _before(sources, source, node, tree)
            return


def _goes_through_rows(finding: Finding, source: SourceFile, loop: cst.For | cst.CompFor) -> bool:
    """Whether the loop's item leads to what is read or called in it: it may loop over anything else."""
    known = set(target_names(loop.target))
    for assign in source.walk(cst.Assign, loop.body) if isinstance(loop, cst.For) else ():
        if names_in(source, assign.value) & known:
            known |= {name for target in assign.targets for name in target_names(target.target)}
    first, last = source.lines_of(loop if isinstance(loop, cst.For) else source.block_statement(loop))
    inside = [site for site in finding.call_path if site.file == source.file and first <= site.line <= last]
    return not inside or any(names_in(source, node) & known for site in inside for node in _read_at(source, site))


def _read_at(source: SourceFile, site: CallSite) -> list[cst.CSTNode]:
    """The expressions of a place, or its whole statement."""
    nodes: list[cst.CSTNode] = [*source.at(site)]
    statement = source.statement_at(site.line)
    return nodes or ([statement] if statement is not None else [])


def fetch_modes(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Let the first access load the relation for all rows of the result (Django 6.1)."""
    tree = RelationTree(finding)
    if not tree.paths or finding.kind != "relation" or not has_fetch_modes(_django_version()):
        return
    for query in QueryPlaces(sources, tree.root_model, finding.call_path).at(tree.root_place)[:1]:
        edits = ProjectEdits(sources)
        append_call(edits.of(query.source), query.node, ".fetch_mode(FETCH_PEERS)")
        files = edits.files() if edits.need(query.source, "FETCH_PEERS", DJANGO_MODELS) else None
        if files is not None:
            yield Candidate(title="Fetch what is missing for all rows at once", strategy="fetch-mode", files=files)


def has_fetch_modes(version: str) -> bool:
    """Whether a version of Django knows fetch modes.

    >>> has_fetch_modes("5.2.19"), has_fetch_modes("6.1"), has_fetch_modes("")
    (False, True, False)
    """
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    return tuple(numbers) >= _FETCH_MODES_SINCE


def _django_version() -> str:
    try:
        return metadata.version("django")
    except metadata.PackageNotFoundError:
        return ""


def _before(
    sources: ProjectSources, source: SourceFile, loop: cst.For | cst.CompFor, tree: RelationTree
) -> Iterator[Candidate]:
    if loop.asynchronous is not None or not isinstance(loop.target, cst.Name):
        return
    edits = ProjectEdits(sources)
    own, rows, lines = edits.of(source), source.text_of(loop.iter), []
    if not is_reiterable(source, loop.iter) or not isinstance(loop.iter, cst.Name):
        name = free_name(source, "rows")
        lines.append(f"{name} = list({rows})")
        own.replace(loop.iter, name)
        rows = name
    paths = ", ".join(f'"{path}"' for path in tree.all(""))
    own.insert_before(loop, "\n".join([*lines, f"prefetch_related_objects({rows}, {paths})"]))
    files = edits.files() if edits.need(source, "prefetch_related_objects", DJANGO_MODELS) else None
    if files is not None:
        yield Candidate(
            title="Load the relations for the rows in front of the loop", strategy="prefetch-objects", files=files
        )
