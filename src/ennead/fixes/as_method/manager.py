"""The class of a model's queries that a method can be added to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import libcst as cst

from ennead.fixes.as_method.neighbours import methods_of
from ennead.fixes.as_method.stays import StaysError
from ennead.fixes.django.model_source import class_in_project
from ennead.fixes.syntax.bindings import returned_by
from ennead.fixes.syntax.method_chain import chain_of

if TYPE_CHECKING:
    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.source_file import SourceFile

_MODELS = frozenset({"models.Model", "Model"})
_DEEPEST = 4

Reach = Literal["both", "query set", "manager"]


@dataclass(frozen=True)
class QueryClass:
    """A class of the project whose methods the queries of a model have."""

    source: SourceFile
    owner: cst.ClassDef
    reach: Reach
    """Who has its methods: the manager, the query sets that it gives, or both of them."""


@dataclass(frozen=True)
class Model:
    """A model of the project."""

    sources: ProjectSources
    source: SourceFile
    owner: cst.ClassDef

    @property
    def name(self) -> str:
        """Its class's name."""
        return self.owner.name.value

    def query_class(self, manager: str) -> QueryClass | None:
        """What a method for its queries can be added to; ``None`` if the model declares no manager at all.

        Parameters
        ----------
        manager
            The manager's name, ``objects``.

        Raises
        ------
        StaysError
            The manager is nobody's own, or that of several models.
        """
        value = _declared(self.owner, manager)
        if value is None:
            self._check_bases(self.source, self.owner, manager, 0)
            if manager != "objects":
                raise StaysError(f"{self.name} does not declare {manager}")
            return None
        found = self._read(value)
        if found is None:
            raise StaysError(f"{self.name}.{manager} is of no class of this project")
        if _user_count(self.sources, found.owner.name.value) > 1:
            raise StaysError(f"{found.owner.name.value} is shared by several models")
        return found

    def _check_bases(self, source: SourceFile, owner: cst.ClassDef, manager: str, depth: int) -> None:
        """A base may bring a manager, which one of the model's own would replace."""
        for base in owner.bases:
            written = source.text_of(base.value)
            if written in _MODELS:
                continue
            found = class_in_project(self.sources, written.rpartition(".")[2], source.file)
            if found is None or found[1] is owner or depth > _DEEPEST:
                raise StaysError(f"{self.name} may have its manager from {written}, which is not of this project")
            if _declared(found[1], manager) is not None:
                raise StaysError(f"{self.name} has its manager from {written}")
            self._check_bases(*found, manager, depth + 1)

    def _read(self, value: cst.BaseExpression) -> QueryClass | None:
        """The class behind ``OrderQuerySet.as_manager()``, ``OrderManager()``, ``Manager.from_queryset(...)()``."""
        if not isinstance(value, cst.Call):
            return None
        function = value.func
        if isinstance(function, cst.Attribute) and function.attr.value == "as_manager":
            return self._named(function.value, "both")
        query_set = _from_queryset(function)
        if query_set is not None:
            return self._named(query_set, "both")
        manager = self._named(function, "manager")
        return self._of_manager(manager) if manager is not None else self._of_variable(function)

    def _of_variable(self, function: cst.BaseExpression) -> QueryClass | None:
        """``OrderManager = models.Manager.from_queryset(OrderQuerySet)``, in the model's file."""
        for assign in self.source.walk(cst.Assign):
            if self.source.text_of(assign.targets[0].target) == self.source.text_of(function):
                query_set = _from_queryset(assign.value)
                return self._named(query_set, "both") if query_set is not None else None
        return None

    def _of_manager(self, manager: QueryClass) -> QueryClass | None:
        for base in manager.owner.bases:
            query_set = _from_queryset(base.value)
            if query_set is not None:
                return self._named(query_set, "both", manager.source)
        for method in methods_of(manager.owner):
            if method.name.value != "get_queryset":
                continue
            for value in returned_by(manager.source, method):
                root = chain_of(value).root
                made = self._named(root.func, "query set", manager.source) if isinstance(root, cst.Call) else None
                if made is not None:
                    return made
        return manager

    def _named(self, node: cst.BaseExpression, reach: Reach, near: SourceFile | None = None) -> QueryClass | None:
        source = near or self.source
        found = class_in_project(self.sources, source.text_of(node).rpartition(".")[2], source.file)
        return QueryClass(found[0], found[1], reach) if found is not None else None


def model_named(sources: ProjectSources, name: str, near: str) -> Model:
    """The model of a name.

    Raises
    ------
    StaysError
        The project has none.
    """
    found = class_in_project(sources, name, near)
    if found is None:
        raise StaysError(f"{name} is no class of this project")
    return Model(sources, *found)


def _declared(owner: cst.ClassDef, name: str) -> cst.BaseExpression | None:
    """What a class assigns to a name."""
    for statement in owner.body.body:
        for node in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            target = node.target if isinstance(node, cst.AnnAssign) else None
            if isinstance(node, cst.Assign):
                target = node.targets[0].target
            if isinstance(target, cst.Name) and target.value == name and isinstance(node, cst.Assign | cst.AnnAssign):
                return node.value
    return None


def _from_queryset(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The query set class that ``from_queryset()`` is given."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "from_queryset":
        return node.args[0].value if node.args else None
    return None


def _user_count(sources: ProjectSources, name: str) -> int:
    """How many models and other query classes are built on a class."""
    word = re.escape(name)
    pattern = re.compile(
        rf"^[ \t]+\w+[^=\n]*=[^=\n]*\b{word}\b[^\n]*\(\)|^class \w+\((?!.*from_queryset)[^)\n]*\b{word}\b", re.MULTILINE
    )
    return sum(len(pattern.findall(sources.text(file) or "")) for file in sources.python_files())
