"""Candidates for the one row beside each row: a correlated subquery tells its key, ``in_bulk`` brings the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.lookup_read import LookupRead, lookup_reads
from ennead.fixes.django.query_methods import DJANGO_MODELS
from ennead.fixes.django.query_place import QueryPlaces
from ennead.fixes.syntax.bindings import free_name
from ennead.fixes.syntax.hoisting import Hoisting
from ennead.fixes.syntax.loop_values import loop_values
from ennead.fixes.syntax.method_chain import append_call
from ennead.fixes.syntax.project_edits import ProjectEdits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


def neighbouring_rows(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """``Model.objects.filter(day__gt=row.day).order_by("day").first()`` for each row of a query set."""
    if finding.code != "n-plus-one" or finding.relation or finding.evidence.get("method") not in ("first", "last"):
        return
    for read in lookup_reads(finding, sources):
        if read.terminal == "first" and not read.columns:
            yield from _subquery(finding, sources, read)
            return


def _subquery(finding: Finding, sources: ProjectSources, read: LookupRead) -> Iterator[Candidate]:
    values = [item.value for item in read.conditions]
    rows = {read.source.text_of(value.value) for value in values if isinstance(value, cst.Attribute)}
    if len(rows) != 1 or not all(isinstance(value, cst.Attribute | cst.SimpleString | cst.Integer) for value in values):
        return
    row = next(value.value for value in values if isinstance(value, cst.Attribute))
    found = loop_values(sources, read.source, read.node, [row], finding.call_path[1:])
    if found is None or found.passed or found.is_asynchronous:
        return
    queries = QueryPlaces(sources, None, finding.call_path).of(found.source, found.loops[0].iterable)
    if len(queries) != 1 or queries[0].source.file != found.source.file or len(found.loops) != 1:
        return
    edits = ProjectEdits(sources)
    own = edits.of(found.source)
    alias = free_name(found.source, f"{read.model.lower()}_pk")
    conditions = ", ".join(f"{item.field}={_outer(read, item.value)}" for item in read.conditions)
    inner = f'{read.manager}.filter({conditions}){"".join(read.kept)}.values("pk")[:1]'
    hoisting = Hoisting(edits, found, extra=(queries[0].node, f".annotate({alias}=Subquery({inner}))"))
    if hoisting.extra_is_open:
        append_call(own, queries[0].node, f".annotate({alias}=Subquery({inner}))")
    name = free_name(found.source, f"{read.model.lower()}_by_pk")
    hoisting.setup(f"{name} = {read.manager}.in_bulk({hoisting.all_of(f'{found.texts[0]}.{alias}')})")
    own.replace(read.node, f"{name}.get({read.source.text_of(row)}.{alias})")
    if not all(edits.need(found.source, name, DJANGO_MODELS) for name in ("OuterRef", "Subquery")):
        return
    files = edits.files()
    if files is not None:
        yield Candidate(
            title=f"Find the {read.model} row beside each row in its query", strategy="subquery", files=files
        )


def _outer(read: LookupRead, value: cst.BaseExpression) -> str:
    return f'OuterRef("{value.attr.value}")' if isinstance(value, cst.Attribute) else read.source.text_of(value)
