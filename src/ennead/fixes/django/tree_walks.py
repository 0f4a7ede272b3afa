"""Candidates for trees that are walked node by node: all nodes with one query, linked by their parent's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.collection_read import collection_reads
from ennead.fixes.syntax.bindings import free_name
from ennead.fixes.syntax.project_edits import ProjectEdits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.django.collection_read import CollectionRead
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.source_file import SourceFile
    from ennead.kernel.finding import Finding


def walks_a_tree(finding: Finding) -> bool:
    """Whether the rows of a relation of a model with itself are what the next step starts from."""
    evidence, place = finding.evidence, finding.evidence.get("root_place")
    if not finding.relation or evidence.get("owner") != evidence.get("target") or finding.call_site is None:
        return False
    site = finding.call_site
    return place is not None and (place["file"], place["line"]) == (site.file, site.line)


def tree_walks(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """``children[node.pk]`` for ``node.children.all()``."""
    columns, order = finding.evidence.get("set_columns") or [], finding.evidence.get("order")
    if not walks_a_tree(finding) or finding.evidence.get("cardinality") != "many" or len(columns) != 1 or order is None:
        return
    for read in collection_reads(finding, sources):
        start = _start(finding, read)
        if start is None or read.terminal or read.narrowing is None or read.written(read.narrowing):
            continue
        edits = ProjectEdits(sources)
        own, name = edits.of(read.source), free_name(read.source, f"{read.field}_of")
        sort = f".order_by({', '.join(chr(34) + column + chr(34) for column in order)})" if order else ".all()"
        lines = [f"{name} = defaultdict(list)", f"for each in {read.target}.objects{sort}:"]
        own.insert_before(start, "\n".join([*lines, f"    {name}[each.{columns[0]}].append(each)"]))
        own.replace(read.node, f"{name}[{read.row_text}.pk]")
        if not edits.need(read.source, "defaultdict", "collections") or not edits.need(read.source, read.target):
            continue
        files = edits.files()
        if files is not None:
            title = f"Load the whole {read.target} tree at once"
            yield Candidate(title=title, strategy="tree", files=files)
            return


def _start(finding: Finding, read: CollectionRead) -> cst.CSTNode | None:
    """Where the walk begins: the first call from outside of the function that calls itself, else the loop."""
    inner = read.source.function_of(read.node)
    for site in finding.call_path:
        statement = read.source.statement_at(site.line) if site.file == read.source.file else None
        if statement is None or inner is None:
            return None
        outer = read.source.function_of(statement)
        if outer is not inner:
            return statement if outer is not None and read.source.is_inside(inner, outer) else None
        if not _calls_itself(read.source, inner):
            break
    loops = [above for above in read.source.ancestors(read.node) if isinstance(above, cst.While | cst.For)]
    return loops[-1] if loops and inner is not None and not _calls_itself(read.source, inner) else None


def _calls_itself(source: SourceFile, function: cst.FunctionDef) -> bool:
    return any(
        isinstance(call.func, cst.Name) and call.func.value == function.name.value
        for call in source.walk(cst.Call, function.body)
    )
