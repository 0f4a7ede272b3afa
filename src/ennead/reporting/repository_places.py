"""Files as a repository names them: relative to its root, whatever folder they were recorded in."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.reporting.places import Places
from ennead.reporting.printable import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ennead.kernel.call_site import CallSite


@dataclass(frozen=True, slots=True)
class RepositoryPlaces(Places):
    """Names files for machines that know the repository only, not the folders of this one.

    ``working_folder`` is the repository's root: what lies in it is named relative to it, the rest absolutely.

    Parameters
    ----------
    maps
        Beginnings of paths, and what stands in their place; the first that fits is taken. The beginning is absolute,
        or relative to the project root or to the repository's.

    Examples
    --------
    >>> from ennead.kernel.call_site import CallSite
    >>> site = CallSite("shop/views.py", 12, "order_list")
    >>> RepositoryPlaces("/srv/mono/web", "/srv/mono").file(site)
    'web/shop/views.py'
    >>> RepositoryPlaces("/app", "/srv/mono", (("/app", "services/web"),)).text(site)
    'services/web/shop/views.py:12'
    """

    maps: tuple[tuple[str, str], ...] = ()

    def file(self, site: CallSite) -> str:
        """Relative to the repository's root with forward slashes, or absolute where it lies outside of it."""
        path = self.absolute(site).replace(os.sep, "/")
        if not path:
            return one_line(site.file)
        root = self.working_folder.replace(os.sep, "/")
        named = _mapped([path, site.file, _inside(path, root)], self.maps) or path
        return _inside(posixpath.normpath(named), root)

    def is_file(self, site: CallSite) -> bool:
        """Whether a call site is in a file at all, and not in what was typed or compiled from a text."""
        return bool(site.file) and not site.file.startswith("<")

    def is_outside(self, site: CallSite) -> bool:
        """Whether the file is not in the repository."""
        return Path(self.file(site)).is_absolute()


def read_map(text: str) -> tuple[str, str] | None:
    """The two paths of ``FROM=TO``; ``None`` where it is none.

    >>> read_map("/app=services/web/"), read_map("src="), read_map("/app")
    (('/app', 'services/web'), ('src', ''), None)
    """
    beginning, sign, replacement = text.partition("=")
    beginning = beginning.strip().replace(os.sep, "/")
    beginning = beginning.rstrip("/") or beginning
    replacement = replacement.strip().replace(os.sep, "/")
    return (beginning, replacement.rstrip("/") or replacement) if sign and beginning else None


def _mapped(names: Iterable[str], maps: Iterable[tuple[str, str]]) -> str:
    """The path that the first fitting map makes of one of the file's names; empty if none fits."""
    return next(_mappings(tuple(names), maps), "")


def _mappings(names: tuple[str, ...], maps: Iterable[tuple[str, str]]) -> Iterator[str]:
    for beginning, replacement in maps:
        for name in names:
            rest = _inside(name, beginning)
            if rest != name:
                yield f"{replacement}/{rest}" if replacement else rest


def _inside(path: str, folder: str) -> str:
    """The path relative to a folder; the path as it is where it lies elsewhere."""
    return path.removeprefix(folder.rstrip("/") + "/") if folder else path
