"""Imports of the project come from the scratch copy, however the project got on the path."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


def lead_into_scratch(root: str, scratch: str) -> None:
    """Replace the project's folder by its copy in ``sys.path`` and in the finders of editable installations.

    Parameters
    ----------
    root, scratch
        Absolute.
    """
    sys.path[:] = [moved(entry, root, scratch) for entry in sys.path]
    for name, module in tuple(sys.modules.items()):
        if name.startswith("__editable__"):
            _lead_mappings(vars(module), root, scratch)
    for finder in sys.meta_path:
        redirections = getattr(finder, "_redirections", None)  # of the package "editables"
        if isinstance(redirections, dict):
            redirections.update({package: moved(path, root, scratch) for package, path in redirections.items()})


def _lead_mappings(names: dict[str, Any], root: str, scratch: str) -> None:
    """What setuptools writes: ``MAPPING`` of packages to their folders, ``NAMESPACES`` to lists of folders."""
    mapping, namespaces = names.get("MAPPING"), names.get("NAMESPACES")
    if isinstance(mapping, dict):
        mapping.update({package: moved(path, root, scratch) for package, path in mapping.items()})
    if isinstance(namespaces, dict):
        for folders in namespaces.values():
            folders[:] = [moved(path, root, scratch) for path in folders]


def moved(path: str, root: str, scratch: str) -> str:
    """The same path below another root; unchanged if it is not below ``root``, or not copied (an environment, say).

    A path that leads into ``root`` through a link is one below it.
    """
    inside = _inside(path, root)
    if inside is None and path.startswith(os.sep) and _inside(path, scratch) is None:
        inside = _inside(os.path.realpath(path), root)
    if inside is None or _inside(path, scratch) is not None:
        return path
    there = scratch + inside
    return there if os.path.exists(there) else path  # noqa: PTH110 -- runs in every process that starts


def originals_among(modules: Iterable[ModuleType], root: str, scratch: str) -> list[str]:
    """Files that were imported from the project itself though they have a copy."""
    files = (getattr(module, "__file__", None) for module in modules)
    return sorted({file for file in files if isinstance(file, str) and moved(file, root, scratch) != file})


def _inside(path: str, folder: str) -> str | None:
    """What stands behind the folder in a path, with its separator; ``None`` if it is elsewhere."""
    if path == folder or path.startswith(folder + os.sep):
        return path[len(folder) :]
    return None
