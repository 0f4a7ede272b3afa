"""Rows whose query only a template shows: the view that answered is where they can be completed.

A view that leaves its query set to its base runs no line of its own; the template's is the first that is known. A
collection of the view's own object, ``{% for note in order.notes.all %}``, is queried by the template itself: it is
loaded with the object.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from ennead.fixes.django.declared_rows import declared_rows
from ennead.fixes.django.loaded_relations import RelationTree
from ennead.fixes.django.query_methods import ENDINGS
from ennead.fixes.django.query_place import QueryPlaces, functions_named
from ennead.fixes.syntax.bindings import returned_by
from ennead.fixes.syntax.method_chain import chain_of
from ennead.fixes.syntax.source_file import SourceFile
from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.django.declared_rows import Declared
    from ennead.fixes.django.query_place import QueryPlace
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

_READ = re.compile(r"{%-?\s*(?:for\s+[\w\s,]+?\s+in|(?:el)?if(?:\s+not)?)\s+([\w.]+)|{{\s*([\w.]+)")
"""What a template's line goes through or asks: ``{% for x in rows %}``, ``{% if rows %}``, ``{{ rows|length }}``."""
_PARTS_OF_A_COLLECTION = 3
_DEEPEST = 3


class _Collection(NamedTuple):
    """``order.notes.all``."""

    row: str
    accessor: str


class _View(NamedTuple):
    """A view class with the model that it is for."""

    source: SourceFile
    owner: cst.ClassDef
    site: CallSite
    model: str

    def setting(self, name: str) -> str:
        """What the class body assigns to a name, without quotes."""
        for assign in self.source.walk(cst.Assign, self.owner.body):
            is_own = self.source.function_of(assign) is None
            if is_own and self.source.text_of(assign.targets[0].target) == name:
                return self.source.text_of(assign.value).strip("\"'")
        return ""

    def calls_its_object(self, name: str) -> bool:
        """Whether its templates know its object by a name."""
        return name in ("object", self.model.lower(), self.setting("context_object_name"))


def view_rows(finding: Finding, sources: ProjectSources) -> Iterator[Declared]:
    """The same finding with the query set of the view as its origin."""
    tree = RelationTree(finding)
    place, view = tree.root_place, _view(finding, sources)
    if place is None or place.language == "python" or view is None or not tree.paths:
        return
    collection = _collection(sources, place)
    if collection is None and view.model == tree.root_model:
        yield from declared_rows(_moved(finding, view.site), sources)
    elif collection is not None and view.calls_its_object(collection.row):
        yield from _with_object(_of_object(finding, tree, view.model, collection), sources, view)


def _view(finding: Finding, sources: ProjectSources) -> _View | None:
    """The view class that answered, if it says what its model is."""
    told = finding.evidence.get("handler")
    site = CallSite.from_dict(told) if told else None
    source = SourceFile.of(sources, site.file) if site is not None and site.function else None
    owner = source.class_named(site.function) if source is not None and site is not None else None
    if source is None or owner is None or site is None:
        return None
    view = _View(source, owner, site, "")
    model = view.setting("model").rpartition(".")[2]
    return view._replace(model=model) if model else None


def _collection(sources: ProjectSources, place: CallSite) -> _Collection | None:
    """The collection of one object that a template's line reads, by a name that ``with`` gave it, too."""
    found = _READ.search(place.source or "")
    name = (found[1] or found[2]) if found is not None else ""
    if name and "." not in name:
        above = "\n".join((sources.text(place.file) or "").splitlines()[: place.line])
        given = re.findall(rf"{{%-?\s*with\b[^%]*?\b(?:{name}=([\w.]+)|([\w.]+)\s+as\s+{name}\b)", above)
        name = "".join(given[-1]) if given else ""
    parts = name.split(".")
    if len(parts) != _PARTS_OF_A_COLLECTION or parts[-1] != "all":
        return None
    return _Collection(parts[0], parts[1])


def _of_object(finding: Finding, tree: RelationTree, model: str, collection: _Collection) -> Finding:
    """The finding with the view's object as its root: one step further."""
    target = finding.evidence.get("root_model")
    step = {"relation": f"{model}.{collection.accessor}", "cardinality": "many", "target": target}
    evidence = {"relation_paths": [[step, *path] for path in tree.paths], "root_model": model, "root_prefix": ""}
    return replace(finding, evidence={**finding.evidence, **evidence})


def _with_object(finding: Finding, sources: ProjectSources, view: _View) -> Iterator[Declared]:
    """The query sets that the view's object may come from."""
    places = QueryPlaces(sources, view.model, finding.call_path)
    for name in ("get_object", "get_queryset"):
        for function in view.source.walk(cst.FunctionDef, view.owner.body):
            if function.name.value == name:
                for value in returned_by(view.source, function):
                    for query in _queried(places, view.source, value)[:1]:
                        yield _moved(finding, _place(query.source, query.node)), sources
    yield from declared_rows(_moved(finding, view.site), sources)


def _queried(places: QueryPlaces, source: SourceFile, value: cst.BaseExpression, depth: int = 0) -> list[QueryPlace]:
    """The query sets behind an object: ``orders_of(user).get(pk=pk)`` is asked of what a function returns."""
    chain = chain_of(value)
    root = chain.root
    is_asked = isinstance(root, cst.Call) and all(link.name in ENDINGS for link in chain.links)
    if not is_asked or not isinstance(root, cst.Call) or not isinstance(root.func, cst.Name) or depth > _DEEPEST:
        return places.of(source, value)
    found: list[QueryPlace] = []
    for file, function in functions_named(places.sources, source, root.func.value):
        for returned in returned_by(file, function):
            found += _queried(places, file, returned, depth + 1)
    return found


def _place(source: SourceFile, node: cst.BaseExpression) -> CallSite:
    start = source.span(node)[0]
    column = len(source.text[source.line_start(start) : start].encode())
    return CallSite(source.file, source.lines_of(node)[0], "", None, column=column)


def _moved(finding: Finding, place: CallSite) -> Finding:
    return replace(finding, origin=place, evidence={**finding.evidence, "root_place": place.to_dict()})
