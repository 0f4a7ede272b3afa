"""Where a file can import a name from."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from ennead.fixes.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.project_sources import ProjectSources

_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import\b", re.MULTILINE)


def import_for(sources: ProjectSources, source: SourceFile, name: str, module: str | None = None) -> str | None:
    """The module that a file has to import a name from.

    Returns
    -------
    str or None
        Empty if the file has the name; ``None`` if nobody knows it.
    """
    if name in module_names(source):
        return ""
    return module or defining_module(sources, source, name)


def module_names(source: SourceFile) -> set[str]:
    """Names that a module binds at its outermost level."""
    found: set[str] = set()
    for node in source.module.body:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            found.add(node.name.value)
        elif isinstance(node, cst.SimpleStatementLine):
            for part in node.body:
                found |= set(_bound(part))
    return found


def defining_module(sources: ProjectSources, source: SourceFile, name: str) -> str | None:
    """The module of a class or function of the project, as the project's own imports call it."""
    file = defining_file(sources, name, source.file)
    if file is None:
        return None
    path = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return _as_imported(sources, path)


@lru_cache(maxsize=128)
def defining_file(sources: ProjectSources, name: str, near: str) -> str | None:
    """The file that defines a class or a function at its outermost level: of several the one nearest to a file."""
    pattern = re.compile(rf"^(?:class|def|async def)[ \t]+{re.escape(name)}\b", re.MULTILINE)
    files = [file for file in sources.python_files() if pattern.search(sources.text(file) or "")]
    return max(files, key=lambda file: (_shared(file, near), -file.count("/")), default=None)


def _shared(one: str, other: str) -> int:
    """Number of folders that two files are in together."""
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(one.count("/"), other.count("/")))


def _as_imported(sources: ProjectSources, path: str) -> str:
    """A path's shorter name, if the project imports by that: its folder may be on Python's path."""
    endings = [path.split(".", start)[-1] for start in range(path.count(".") + 1)]
    written: set[str] = set()
    for file in sources.python_files():
        written |= set(_FROM.findall(sources.text(file) or ""))
    for ending in endings:
        if ending in written:
            return ending
    for ending in endings:
        if any(known.partition(".")[0] == ending.partition(".")[0] for known in written):
            return ending
    return path.removeprefix("src.")


def _bound(part: cst.BaseSmallStatement) -> Iterator[str]:
    if isinstance(part, cst.ImportFrom | cst.Import) and not isinstance(part.names, cst.ImportStar):
        for item in part.names:
            yield (item.evaluated_alias or item.evaluated_name).partition(".")[0]
    elif isinstance(part, cst.Assign):
        for target in part.targets:
            if isinstance(target.target, cst.Name):
                yield target.target.value
    elif isinstance(part, cst.AnnAssign) and isinstance(part.target, cst.Name):
        yield part.target.value
