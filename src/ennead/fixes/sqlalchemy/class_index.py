"""Where the project defines its classes, found once for all candidates."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.fixes.project_sources import ProjectSources

_CLASS = re.compile(r"^[ \t]*class[ \t]+(\w+)[ \t]*(\([^)]*\))?", re.MULTILINE)
_NAME = re.compile(r"\w+")


@lru_cache(maxsize=8)
def class_index(sources: ProjectSources) -> Mapping[str, Sequence[tuple[str, str]]]:
    """File and bases of each class, by its name."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in filter(sources.is_editable, sources.python_files()):
        for match in _CLASS.finditer(sources.text(file) or ""):
            found[match[1]].append((file, match[2] or ""))
    return found


def class_file(sources: ProjectSources, name: str, near: str) -> str | None:
    r"""The file that defines a class of a name; of several the nearest one, if there is one.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ennead.fixes.project_sources import ProjectSources
    >>> files = {"shop/models.py": "class Order: ...\n", "blog/models.py": "class Order: ...\n"}
    >>> class_file(ProjectSources(Path("/nowhere"), files), "Order", "shop/views.py")
    'shop/models.py'
    """
    found = [(_shared_folders(file, near), file) for file, _ in class_index(sources).get(name, ())]
    best = max((shared for shared, _ in found), default=0)
    nearest = {file for shared, file in found if shared == best}
    return nearest.pop() if len(nearest) == 1 else None


def subclasses_of(sources: ProjectSources, base: str, near: str) -> list[tuple[str, str]]:
    """Name and file of the classes that are derived from a class, of those that are as near as any."""
    found = [
        (_shared_folders(file, near), name, file)
        for name, places in class_index(sources).items()
        for file, bases in places
        if base in _NAME.findall(bases)
    ]
    best = max((shared for shared, _, _ in found), default=0)
    return [(name, file) for shared, name, file in found if shared == best]


def _shared_folders(one: str, other: str) -> int:
    shared = 0
    for first, second in zip(PurePosixPath(one).parent.parts, PurePosixPath(other).parent.parts, strict=False):
        if first != second:
            break
        shared += 1
    return shared
