"""How the code of one file calls what a change needs: ``select`` or ``sa.select``, ``Order`` or ``models.Order``."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from ennead.fixes.sqlalchemy.class_index import class_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources
    from ennead.fixes.syntax.edits import Edits
    from ennead.fixes.syntax.source_file import SourceFile


class FileNames:
    r"""The names of one file, and the imports that an edit of it has to add.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ennead.fixes.project_sources import ProjectSources
    >>> from ennead.fixes.syntax.edits import Edits
    >>> from ennead.fixes.syntax.source_file import SourceFile
    >>> sources = ProjectSources(Path("/nowhere"), {"app.py": "import sqlalchemy as sa\nfrom shop import models\n"})
    >>> names = FileNames(Edits(SourceFile.of(sources, "app.py")), sources)
    >>> names.library("sqlalchemy", "select"), names.library("sqlalchemy.orm", "joinedload")
    ('sa.select', 'sa.orm.joinedload')
    """

    def __init__(self, edits: Edits, sources: ProjectSources) -> None:
        self.edits = edits
        self._sources = sources
        self._extended: set[str] = set()

    @property
    def source(self) -> SourceFile:
        """The file."""
        return self.edits.source

    def library(self, module: str, name: str) -> str:
        """What the file calls a name of SQLAlchemy or of the standard library; it is imported if nothing has it yet."""
        known = self._imported.get((module, name))
        if known is not None:
            return known
        parent, _, last = module.rpartition(".")
        for holder in (self._modules.get(module), self._imported.get((parent, last)) if parent else None):
            if holder is not None:
                return f"{holder}.{name}"
        if parent and parent in self._modules:
            return f"{self._modules[parent]}.{last}.{name}"
        self.edits.add_import(module, name)
        return name

    def model(self, label: str | None, *, module: str = "") -> str | None:
        """What the file calls a mapped class; ``None`` if nobody knows where it is defined."""
        name = (label or "").rpartition(".")[2]
        if not name:
            return None
        alias = next((known for (_, imported), known in self._imported.items() if imported == name), None)
        if alias is not None or self.source.class_named(name) is not None:
            return alias or name
        for node in self.source.walk(cst.Attribute):
            if node.attr.value == name and isinstance(node.value, cst.Name) and node.value.value in self._holders:
                return f"{node.value.value}.{name}"
        return self._from_project(name, module)

    def sibling(self, known: str, name: str) -> None:
        """Import a name from where another one comes from; nothing to do if that is of this file."""
        for node in self._module_level():
            if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
                for item in node.names:
                    if (item.evaluated_alias or item.evaluated_name) == known:
                        self.edits.insert(
                            self.source.span(node.names[-1].asname or node.names[-1].name)[1], f", {name}"
                        )

    # ---------------------------------------------------------------------------------------- names of the file

    @cached_property
    def _imported(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for node in self._module_level():
            if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
                named = get_full_name_for_node(node.module) if node.module else None
                module = "." * len(node.relative) + (named or "")
                for item in node.names:
                    name = get_full_name_for_node(item.name) or ""
                    found[module, name] = item.evaluated_alias or name
        return found

    @cached_property
    def _modules(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for node in self._module_level():
            if isinstance(node, cst.Import):
                for item in node.names:
                    name = get_full_name_for_node(item.name) or ""
                    found[name] = item.evaluated_alias or name
        return found

    @cached_property
    def _holders(self) -> set[str]:
        """Names that may be modules or classes that hold models."""
        return {*self._imported.values(), *self._modules.values()}

    def _module_level(self) -> Iterator[cst.CSTNode]:
        for statement in self.source.module.body:
            if isinstance(statement, cst.SimpleStatementLine):
                yield from statement.body

    # ---------------------------------------------------------------------------------------- models of other files

    def _from_project(self, name: str, module: str) -> str | None:
        defined = class_file(self._sources, name, self.source.file)
        if defined is None:
            return None
        for node in self._module_level():
            if (
                isinstance(node, cst.ImportFrom)
                and not isinstance(node.names, cst.ImportStar)
                and self._means(node, defined)
            ):
                if name not in self._extended:
                    self._extended.add(name)
                    self.edits.insert(self.source.span(node.names[-1].asname or node.names[-1].name)[1], f", {name}")
                return name
        dotted = dotted_module(defined, self.source.file, module)
        self.edits.add_import(dotted, name)
        return name

    def _means(self, node: cst.ImportFrom, file: str) -> bool:
        """Whether an import takes names out of a file, or of the package that the file is directly in."""
        module = (get_full_name_for_node(node.module) if node.module else "") or ""
        parts = [part for part in module.split(".") if part]
        target = PurePosixPath(file).with_suffix("")
        if node.relative:
            folder = PurePosixPath(self.source.file)
            for _ in node.relative:
                folder = folder.parent
            return folder.joinpath(*parts) == target
        return bool(parts) and target.parts[-len(parts) :] == tuple(parts)


def dotted_module(file: str, known_file: str, known_module: str) -> str:
    """The module that a file is, by the example of another file whose module is known.

    >>> dotted_module("src/shop/models/order.py", "src/shop/views.py", "shop.views")
    'shop.models.order'
    """
    path = PurePosixPath(file).with_suffix("")
    parts = path.parts[:-1] if path.name == "__init__" else path.parts
    known = PurePosixPath(known_file).with_suffix("").parts
    if known and known[-1] == "__init__":
        known = known[:-1]
    depth = len(known_module.split(".")) if known_module else len(known)
    prefix = known[: len(known) - depth]
    return ".".join(parts[len(prefix) :] if parts[: len(prefix)] == prefix else parts)
