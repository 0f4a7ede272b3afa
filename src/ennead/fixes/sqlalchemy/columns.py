"""Columns that were left out of a query and loaded for each row: deferred, not in ``load_only()``, of a subclass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.sqlalchemy.class_index import subclasses_of
from ennead.fixes.sqlalchemy.draft import Draft
from ennead.fixes.sqlalchemy.eager_loads import place_of
from ennead.fixes.sqlalchemy.executed_query import ExecutedQuery, executed_query
from ennead.fixes.sqlalchemy.loader_options import LoaderStep, add_option
from ennead.fixes.syntax.method_chain import chains_in, extend_call
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_SUBCLASSES = re.compile(r"selectin_polymorphic\((\w+), \[([\w, ]+)\]\)")


def column_candidates(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Options that load the column with the rows."""
    place = place_of(finding)
    source = SourceFile.of(sources, place.file) if place else None
    query = executed_query(source, place) if source is not None and place is not None else None
    if query is None:
        return
    polymorphic = next(
        (found for item in finding.recommendations if (found := _SUBCLASSES.search(item.code or ""))), None
    )
    makers = []
    if polymorphic:
        told = [name.strip() for name in polymorphic[2].split(",")]
        known = _with_own_table(polymorphic[1], sources, query.source.file)
        choices = [told] if set(known) <= set(told) else [list(dict.fromkeys([*told, *known])), told]
        makers = [_subclasses(finding, sources, query, polymorphic[1], choice) for choice in choices]
    owner, field = _column(finding, sources)
    if not polymorphic and owner and field:
        makers = [_load_only(sources, query, owner, field), _undefer(finding, sources, query, owner, field)]
    yield from filter(None, makers)


def _column(finding: Finding, sources: ProjectSources) -> tuple[str, str]:
    """Model and attribute; those of a column property are read from the access."""
    if finding.relation:
        owner, _, field = finding.relation.rpartition(".")
        return owner, field
    owner = str(finding.evidence.get("owner") or "")
    source = SourceFile.of(sources, finding.call_site.file) if finding.call_site else None
    if source is None or finding.call_site is None:
        return owner, ""
    read = next((node for node in source.at(finding.call_site) if isinstance(node, cst.Attribute)), None)
    return owner, read.attr.value if read is not None else ""


def _undefer(
    finding: Finding, sources: ProjectSources, query: ExecutedQuery, owner: str, field: str
) -> Candidate | None:
    draft = Draft(sources, f"Load {owner}.{field} with the rows (undefer)", "undefer")
    model = draft.names(query.source).model(owner, module=_module(finding))
    if model is None:
        return None
    add_option(draft.edits(query.source), draft.names(query.source), query, [LoaderStep("undefer", f"{model}.{field}")])
    return draft.candidate()


def _load_only(sources: ProjectSources, query: ExecutedQuery, owner: str, field: str) -> Candidate | None:
    """One more column for the ``load_only()`` that left it out."""
    for options in query.calls("options"):
        for chain in chains_in(query.source, options):
            call = chain.root if isinstance(chain.root, cst.Call) else chain.links[-1].call if chain.links else None
            is_it = call is not None and query.source.text_of(call.func).split(".")[-1] == "load_only"
            if call is not None and is_it and call.args and f"{owner}." in query.source.text_of(call.args[0].value):
                draft = Draft(sources, f"Load {owner}.{field} with the rows (load_only)", "load-only")
                model = query.source.text_of(call.args[0].value).rpartition(".")[0]
                extend_call(draft.edits(query.source), call, [f"{model}.{field}"])
                return draft.candidate()
    return None


def _with_own_table(base: str, sources: ProjectSources, near: str) -> list[str]:
    """The subclasses of a class that have a table of their own."""
    found: list[str] = []
    for name, file in subclasses_of(sources, base, near):
        source = SourceFile.of(sources, file)
        node = source.class_named(name) if source is not None else None
        if source is not None and node is not None and "__tablename__" in source.text[slice(*source.span(node))]:
            found.append(name)
    return found


def _subclasses(
    finding: Finding, sources: ProjectSources, query: ExecutedQuery, base_name: str, subclasses: list[str]
) -> Candidate | None:
    """One more query for each subclass."""
    told = ", ".join(subclasses)
    draft = Draft(sources, f"Load the columns of {told} with the rows (selectin_polymorphic)", "selectin-polymorphic")
    names = draft.names(query.source)
    base = names.model(base_name, module=_module(finding))
    classes = [names.model(name, module=_module(finding)) for name in subclasses]
    if base is None or None in classes:
        return None
    arguments = f", [{', '.join(map(str, classes))}]"
    add_option(draft.edits(query.source), names, query, [LoaderStep("selectin_polymorphic", base, arguments)])
    return draft.candidate()


def _module(finding: Finding) -> str:
    place = place_of(finding)
    return place.module if place else ""
