"""Candidates for the changelists of Django's admin: ``list_select_related``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.candidate import Candidate
from ennead.fixes.django.loaded_relations import RelationTree, title_of
from ennead.fixes.django.model_source import foreign_key
from ennead.fixes.syntax.edits import Edits
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


def admin_joins(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Let the changelist join the relations that its columns read."""
    tree = RelationTree(finding)
    place = tree.root_place
    source = SourceFile.of(sources, place.file) if place is not None and place.language == "python" else None
    if source is None or place is None or not tree.paths or tree.prefetched("") or finding.kind != "relation":
        return
    owner = source.class_named(place.function.partition(".")[0]) if place.function else None
    columns = _assigned(source, owner, "list_display") if owner is not None else None
    if owner is None or columns is None or tree.prefixes(None) != [""]:
        return
    edits = Edits(source)
    known = _assigned(source, owner, "list_select_related")
    names = tree.joined("")
    if known is None:
        own = [name for name in _linked_columns(sources, source, columns, str(tree.root_model)) if name not in names]
        written = ", ".join(f'"{name}"' for name in (*own, *names))
        edits.insert_after(columns, f"list_select_related = [{written}]")
    elif not _extend(edits, known.value, names):
        return
    text = edits.text()
    if text is not None:
        title = title_of(names, []).replace("select_related", "list_select_related")
        yield Candidate(title=title, strategy="admin", files={source.file: text})


def _linked_columns(sources: ProjectSources, source: SourceFile, columns: cst.Assign, model: str) -> list[str]:
    """Foreign keys that are columns: the changelist joins them by itself until the setting says something else."""
    elements = getattr(columns.value, "elements", ())
    names = [str(each.value.evaluated_value) for each in elements if isinstance(each.value, cst.SimpleString)]
    return [name for name in names if foreign_key(sources, model, name, source.file) is not None]


def _assigned(source: SourceFile, owner: cst.ClassDef, name: str) -> cst.Assign | None:
    for assign in source.walk(cst.Assign, owner.body):
        if source.function_of(assign) is None and source.text_of(assign.targets[0].target) == name:
            return assign
    return None


def _extend(edits: Edits, value: cst.BaseExpression, names: list[str]) -> bool:
    if not isinstance(value, cst.List | cst.Tuple) or not value.elements:
        return False
    known = [item.value.evaluated_value for item in value.elements if isinstance(item.value, cst.SimpleString)]
    new = [f'"{name}"' for name in names if name not in known]
    if new:
        end = edits.source.outer_span(value.elements[-1].value)[1]
        edits.insert(end, "".join(f", {name}" for name in new))
    return bool(new)
