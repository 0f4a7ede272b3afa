"""Query sets that a framework runs: declared on a view, an admin, a form's field, or made by a base class.

The origin is then a class, a template or a line that only renders. The query set is looked for where such classes
declare it; a class that leaves it to its base gets a ``get_queryset`` to put the change in. So does the class that
answered a request where the query set is written for whatever model comes (``self.model``), in a base of many.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.django.loaded_relations import RelationTree
from ennead.fixes.django.query_place import QueryPlaces, called_name, is_query
from ennead.fixes.syntax.annotations import Annotations
from ennead.fixes.syntax.bindings import returned_by
from ennead.fixes.syntax.edits import Edits
from ennead.fixes.syntax.imports import module_names
from ennead.fixes.syntax.method_chain import chain_of
from ennead.fixes.syntax.source_file import SourceFile
from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

Declared = tuple["Finding", "ProjectSources"]
_MOST = 3


def declared_rows(finding: Finding, sources: ProjectSources) -> Iterator[Declared]:
    """The same finding with the query set as its origin, where the origin told does not show one."""
    tree = RelationTree(finding)
    places = QueryPlaces(sources, tree.root_model, finding.call_path)
    if tree.root_model is None or any(places.at(tree.root_place)):
        return
    handler = _handler(finding, sources, tree)
    if handler is not None:
        yield from _of_handler(finding, sources, tree, *handler)
        return
    found = 0
    for source, node in _declared(finding, sources, tree):
        yield _moved(finding, _place(source, node)), sources
        found += 1
        if found == _MOST:
            return
    owner = _class_at(sources, tree.root_place)
    if owner is not None and not found:
        yield from _overridden(finding, sources, *owner)


def _declared(
    finding: Finding, sources: ProjectSources, tree: RelationTree
) -> Iterator[tuple[SourceFile, cst.BaseExpression]]:
    owner = _class_at(sources, tree.root_place)
    if owner is not None:
        yield from _of_class(*owner)
        return
    templates = {site.file for site in finding.call_path if site.language != "python"}
    names = {site.function for site in finding.call_path if site.language != "python"}
    if templates:
        yield from _of_views(sources, names)
        return
    yield from _of_fields(finding, sources, str(tree.root_model))


def _class_at(sources: ProjectSources, place: CallSite | None) -> tuple[SourceFile, cst.ClassDef] | None:
    """The class whose first line a place is."""
    source = SourceFile.of(sources, place.file) if place is not None and place.language == "python" else None
    if source is None or place is None or not (place.source or "").startswith("class "):
        return None
    owner = source.class_named(place.function) if place.function else None
    return (source, owner) if owner is not None else None


def _handler(finding: Finding, sources: ProjectSources, tree: RelationTree) -> tuple[SourceFile, cst.ClassDef] | None:
    """The class that answered, if the rows were queried in a method that it inherits."""
    place, told = tree.root_place, finding.evidence.get("handler")
    owner = _class_at(sources, CallSite.from_dict(told)) if told else None
    if place is None or owner is None or place.language != "python" or "." not in place.function:
        return None
    source, node = owner
    is_own = (place.file, place.function.rpartition(".")[0]) == (source.file, source.qualified_name(node))
    return owner if not is_own else None


def _of_handler(
    finding: Finding, sources: ProjectSources, tree: RelationTree, source: SourceFile, owner: cst.ClassDef
) -> Iterator[Declared]:
    """What the class makes of the rows that somebody else queries."""
    asked = tree.root_place.function.rpartition(".")[2] if tree.root_place is not None else ""
    narrowed = list(_narrowed(source, owner, asked))
    yield from ((_moved(finding, _place(source, value)), sources) for value in narrowed[:_MOST])
    if narrowed:
        return
    own = [node for node in source.walk(cst.FunctionDef, owner.body) if node.name.value == "get_queryset"]
    for function in own:
        yield from ((_moved(finding, _place(source, value)), sources) for value in returned_by(source, function))
    if not own:
        yield from _overridden(finding, sources, source, owner)


def _narrowed(source: SourceFile, owner: cst.ClassDef, asked: str) -> Iterator[cst.BaseExpression]:
    """``rows.order_by("id")`` where a method of the class or its bases says ``rows = ...asked()`` in front of it."""
    for part in _with_bases(source, owner):
        for assign in source.walk(cst.Assign, part.body):
            function = source.function_of(assign)
            if not isinstance(assign.value, cst.Call) or called_name(assign.value) != asked or function is None:
                continue
            name = source.text_of(assign.targets[0].target)
            for later in source.walk(cst.Assign, function.body):
                chain = chain_of(later.value)
                if source.text_of(chain.root) == name and chain.links and is_query(chain):
                    yield later.value


def _with_bases(source: SourceFile, owner: cst.ClassDef) -> Iterator[cst.ClassDef]:
    """The class and the bases that stand in its file."""
    classes = {node.name.value: node for node in source.walk(cst.ClassDef)}
    pending, seen = [owner], {owner.name.value}
    while pending:
        part = pending.pop(0)
        yield part
        names = [source.text_of(base.value) for base in part.bases]
        pending += [classes[name] for name in names if name in classes and name not in seen]
        seen.update(names)


def _of_class(source: SourceFile, owner: cst.ClassDef) -> Iterator[tuple[SourceFile, cst.BaseExpression]]:
    """What ``get_queryset`` returns, or ``queryset`` is."""
    for function in source.walk(cst.FunctionDef, owner.body):
        if function.name.value in ("get_queryset", "items"):
            yield from ((source, value) for value in returned_by(source, function) if is_query(chain_of(value)))
            return
    for assign in source.walk(cst.Assign, owner.body):
        names = [source.text_of(item.target) for item in assign.targets]
        if names == ["queryset"] and source.function_of(assign) is None and is_query(chain_of(assign.value)):
            yield source, assign.value


def _of_views(sources: ProjectSources, templates: set[str]) -> Iterator[tuple[SourceFile, cst.BaseExpression]]:
    """Views that render one of the templates."""
    for file in sources.python_files():
        text = sources.text(file) or ""
        source = SourceFile.of(sources, file) if any(name in text for name in templates) else None
        for assign in source.walk(cst.Assign) if source is not None else ():
            value = assign.value
            if source is None or not isinstance(value, cst.SimpleString) or value.evaluated_value not in templates:
                continue
            owner = source.class_of(assign)
            if owner is not None and source.text_of(assign.targets[0].target) == "template_name":
                yield from _of_class(source, owner)


def _of_fields(
    finding: Finding, sources: ProjectSources, model: str
) -> Iterator[tuple[SourceFile, cst.BaseExpression]]:
    """``queryset=`` of the form fields and serializer fields whose class the access is in, else of any on the model."""
    names = {site.function.partition(".")[0] for site in finding.call_path if "." in site.function}
    others: list[tuple[SourceFile, cst.BaseExpression]] = []
    for file in sources.python_files():
        text = sources.text(file) or ""
        source = SourceFile.of(sources, file) if "queryset=" in text.replace(" ", "") and model in text else None
        for call in source.walk(cst.Call) if source is not None else ():
            for item in call.args:
                if source is None or item.keyword is None or item.keyword.value != "queryset":
                    continue
                if not is_query(chain_of(item.value)) or not source.text_of(item.value).startswith(model):
                    continue
                if called_name(call) in names:
                    yield source, item.value
                elif called_name(call).endswith("Field"):
                    others.append((source, item.value))
    yield from others


def _overridden(
    finding: Finding, sources: ProjectSources, source: SourceFile, owner: cst.ClassDef
) -> Iterator[Declared]:
    """The class with a ``get_queryset`` of its own that returns what its base does."""
    if any(node.name.value == "get_queryset" for node in source.walk(cst.FunctionDef, owner.body)):
        return
    body = owner.body.body[0] if isinstance(owner.body, cst.IndentedBlock) else None
    if body is None:
        return
    indent, newline = source.indent_of(body), source.newline
    step = indent.removeprefix(source.indent_of(owner))
    request = "request" if _is_admin(source, owner) else ""
    edits = Edits(source)
    header = _header(edits, owner, request, RelationTree(finding).root_model)
    lines = ["", f"{indent}{header}", f"{indent}{step}return super().get_queryset({request})"]
    end = source.text.find(newline, source.span(owner)[1])
    end = len(source.text) if end < 0 else end
    edits.insert(end, newline + newline.join(lines))
    text = edits.text()
    if text is None:
        return
    changed = sources.with_changes({source.file: text})
    line = text[:end].count(newline) + 1 + len(lines)
    place = CallSite(source.file, line, f"{owner.name.value}.get_queryset", lines[-1].strip())
    yield _moved(finding, place), changed


def _header(edits: Edits, owner: cst.ClassDef, request: str, model: str | None) -> str:
    """The first line of ``get_queryset``, with annotations where other methods have them."""
    source = edits.source
    methods = [*source.walk(cst.FunctionDef, owner.body), *source.walk(cst.FunctionDef)]
    annotated = next((each for method in methods if (each := Annotations(edits, method)).are_wanted), None)
    if annotated is None:
        return f"def get_queryset(self{f', {request}' if request else ''}):"
    given = f", {annotated.given(request, 'HttpRequest')}" if request else ""
    rows = f"QuerySet[{model}]" if "QuerySet" in module_names(source) else "Any"
    return f"def get_queryset(self{given}){annotated.returned(rows)}:"


def _is_admin(source: SourceFile, owner: cst.ClassDef) -> bool:
    bases = [source.text_of(base.value) for base in owner.bases]
    return any("Admin" in base or "Inline" in base for base in bases)


def _place(source: SourceFile, node: cst.BaseExpression) -> CallSite:
    line = source.lines_of(node)[0]
    start = source.span(node)[0]
    column = len(source.text[source.line_start(start) : start].encode())
    return CallSite(source.file, line, "", None, column=column)


def _moved(finding: Finding, place: CallSite) -> Finding:
    return replace(finding, origin=place, evidence={**finding.evidence, "root_place": place.to_dict()})
