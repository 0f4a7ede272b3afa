"""Rows that a view queries of its own model, ``self.model.objects``: which model that is stands in its class.

Written in a base of many views the same words mean any model, and other models lack the relation. So the class has to
be the one that answered, to say itself what its model is, and to have no subclasses in the project.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.django.loaded_relations import RelationTree, loads_at, loads_whole
from ennead.fixes.django.query_methods import UNCLEAR
from ennead.fixes.django.query_place import QueryPlace
from ennead.fixes.syntax.method_chain import whole_chain
from ennead.fixes.syntax.source_file import SourceFile
from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


def own_model_loads(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """``select_related`` and ``prefetch_related`` behind the view's own query."""
    tree = RelationTree(finding)
    place, told = tree.root_place, finding.evidence.get("handler")
    if place is None or told is None or not tree.paths or tree.goes_through_generic or not loads_whole(finding):
        return
    handler = CallSite.from_dict(told)
    source = SourceFile.of(sources, handler.file) if handler.file == place.file else None
    owner = source.class_named(handler.function) if source is not None and handler.function else None
    if source is None or owner is None or _model(source, owner) != tree.root_model or _has_subclasses(sources, owner):
        return
    for node in source.at(place):
        query = QueryPlace(source, whole_chain(source, node))
        if _is_own(query) and source.class_of(node) is owner:
            yield from (found for prefix in tree.prefixes(query) for found in loads_at(tree, query, prefix))
            return


def _is_own(query: QueryPlace) -> bool:
    """Whether nothing but the unknown model stands in the way of changing the query."""
    root, links = query.chain.root, query.chain.links
    names = (root.value if isinstance(root, cst.Name) else "", links[0].name if links else "")
    is_united = any(link.name in UNCLEAR for link in links)
    return names == ("self", "model") and query.is_of_any_model and not is_united


def _model(source: SourceFile, owner: cst.ClassDef) -> str:
    """What the class body calls its model."""
    for assign in source.walk(cst.Assign, owner.body):
        if source.function_of(assign) is None and source.text_of(assign.targets[0].target) == "model":
            return source.text_of(assign.value).rpartition(".")[2]
    return ""


def _has_subclasses(sources: ProjectSources, owner: cst.ClassDef) -> bool:
    name = owner.name.value
    heading = re.compile(rf"^[ \t]*class\s+\w+\([^)]*\b{re.escape(name)}\b", re.MULTILINE)
    return any(name in (text := sources.text(file) or "") and heading.search(text) for file in sources.python_files())
