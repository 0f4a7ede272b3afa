"""Names that a piece of code takes along to another file."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.as_method.stays import StaysError
from ennead.fixes.syntax.bindings import bindings_of
from ennead.fixes.syntax.imports import defining_file, import_for, module_names
from ennead.fixes.syntax.names import free_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ennead.fixes.syntax.project_edits import ProjectEdits
    from ennead.fixes.syntax.source_file import SourceFile

_BUILTINS = frozenset(dir(builtins))


def carry_names(
    edits: ProjectEdits, source: SourceFile, nodes: Iterable[cst.CSTNode], target: SourceFile, *, is_imported: bool
) -> list[str]:
    """Have the names that some code reads in another file.

    Parameters
    ----------
    edits
        Get the imports.
    source, nodes
        The code.
    target
        The file that it is written to.
    is_imported
        Whether the project's models import that file: it cannot import them where they are imported.

    Returns
    -------
    list of str
        Imports that the code itself has to begin with.

    Raises
    ------
    StaysError
        It reads something of its function, or that the other file cannot import.
    """
    inner: list[str] = []
    for name in (name for node in nodes for name in free_names(source, node)):
        text = name.value
        check_is_global(source, name)
        if source.file == target.file or text in module_names(target):
            continue
        module = _imported_from(source, text)
        if module is None and (
            text not in module_names(source) or defining_file(edits.sources, text, source.file) == source.file
        ):
            if text in _BUILTINS:
                continue
            raise StaysError(f"what is loaded reads {text}, which is of {source.file}")
        is_absolute = module is not None and not module.startswith(".")
        found = import_for(edits.sources, target, text, module if is_absolute else None)
        if found is None:
            raise StaysError(f"{target.file} cannot import {text}")
        if is_imported and defining_file(edits.sources, text, target.file) is not None:
            inner.append(f"from {found} import {text}")
        else:
            edits.of(target).add_import(found, text)
    return list(dict.fromkeys(inner))


def check_is_global(source: SourceFile, name: cst.Name) -> None:
    """Refuse what a function binds.

    Raises
    ------
    StaysError
        The name is one of a function's own.
    """
    bound = bindings_of(source, name.value, name)
    is_known = name.value in module_names(source) or name.value in _BUILTINS
    if not is_known or any(source.function_of(each.node) is not None or each.kind == "parameter" for each in bound):
        raise StaysError(f"what is loaded reads {name.value}, which is a function's own")


def _imported_from(source: SourceFile, name: str) -> str | None:
    """The module that a file imports a name from at its outermost level, as it is written."""
    for line in source.module.body:
        for node in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
                for item in node.names:
                    if (item.evaluated_alias or item.evaluated_name) == name and item.asname is None:
                        module = source.text_of(node.module) if node.module is not None else ""
                        return "." * len(node.relative) + module
    return None
