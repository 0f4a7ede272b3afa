"""Fields of the project's models, read from their classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.imports import defining_file
from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources

_LINKS = frozenset({"ForeignKey", "OneToOneField"})
_DEEPEST = 4


@dataclass(frozen=True)
class ForeignKeyField:
    """A foreign key of a model."""

    model: str
    name: str
    target: str
    """Class name of the model it leads to."""
    accessor: str | None
    """What the target's rows call the rows that point at them; ``None`` if they have no name for them."""
    query_name: str
    """What look-ups call them."""
    is_single: bool
    """One to one."""


def foreign_key(sources: ProjectSources, model: str, name: str, near: str) -> ForeignKeyField | None:
    """A foreign key of a model of the project, by its name or its column; ``near`` is a file that uses the model."""
    for owner, call in _fields(sources, model, {name, name.removesuffix("_id")}, near):
        kind = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
        if kind in _LINKS:
            return _foreign_key(model, owner, call, is_single=kind == "OneToOneField")
    return None


def _foreign_key(model: str, name: str, call: cst.Call, *, is_single: bool) -> ForeignKeyField | None:
    keywords = {item.keyword.value: item.value for item in call.args if item.keyword is not None}
    to = keywords.get("to") or next((item.value for item in call.args if item.keyword is None), None)
    target = _text(to)
    if target is None:
        return None
    related, query = _text(keywords.get("related_name")), _text(keywords.get("related_query_name"))
    default = model.lower() if is_single else f"{model.lower()}_set"
    accessor = None if (related or "").endswith("+") else (related or default)
    named = model if target == "self" else target.rpartition(".")[2]
    return ForeignKeyField(model, name, named, accessor, query or related or model.lower(), is_single)


def _fields(
    sources: ProjectSources, model: str, names: set[str], near: str, depth: int = 0
) -> Iterator[tuple[str, cst.Call]]:
    """Assignments in the class and in its bases in the project."""
    found = class_in_project(sources, model, near)
    if found is None or depth > _DEEPEST:
        return
    source, owner = found
    for assign in source.walk(cst.Assign, owner.body):
        target = assign.targets[0].target
        if isinstance(target, cst.Name) and target.value in names and isinstance(assign.value, cst.Call):
            yield target.value, assign.value
    for base in owner.bases:
        name = source.text_of(base.value).rpartition(".")[2]
        if name != model:
            yield from _fields(sources, name, names, source.file, depth + 1)


def class_in_project(sources: ProjectSources, name: str, near: str) -> tuple[SourceFile, cst.ClassDef] | None:
    """The class of a name, if there is one; of several the one nearest to a file."""
    file = defining_file(sources, name, near)
    source = SourceFile.of(sources, file) if file is not None else None
    owner = source.class_named(name) if source is not None else None
    return (source, owner) if source is not None and owner is not None else None


def _text(node: cst.BaseExpression | None) -> str | None:
    if isinstance(node, cst.SimpleString):
        return str(node.evaluated_value)
    if isinstance(node, cst.Name):
        return node.value
    return node.attr.value if isinstance(node, cst.Attribute) else None
