"""Call sites as locations of SARIF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from ennead.kernel.call_site import CallSite
    from ennead.reporting.repository_places import RepositoryPlaces

SOURCE_ROOT = "%SRCROOT%"


@dataclass(frozen=True, slots=True)
class SarifLocations:
    """Makes locations; what is in no file has a logical location only.

    Parameters
    ----------
    places
        How files are named.
    """

    places: RepositoryPlaces

    def of(self, site: CallSite) -> dict[str, Any]:
        """A location object."""
        location: dict[str, Any] = {}
        if self.is_file(site):
            location["physicalLocation"] = {"artifactLocation": self._artifact(site), "region": region(site)}
        name = site.function or site.file
        if name:
            whole = f"{site.module}.{name}" if site.module and site.language == "python" else name
            kind = "function" if site.language == "python" else "resource"
            location["logicalLocations"] = [{"fullyQualifiedName": whole, "kind": kind}]
        return location

    def is_file(self, site: CallSite) -> bool:
        """Whether there is a file to point at."""
        return self.places.is_file(site)

    def name(self, site: CallSite) -> str:
        """``path:line``."""
        return self.places.text(site)

    def _artifact(self, site: CallSite) -> dict[str, str]:
        file = self.places.file(site)
        if self.places.is_outside(site):
            return {"uri": f"file:///{quote(file.lstrip('/'), safe='/:')}"}
        return {"uri": quote(file, safe="/"), "uriBaseId": SOURCE_ROOT}


def region(site: CallSite) -> dict[str, Any]:
    """The line, with columns where they are sure.

    The interpreter counts bytes and SARIF counts characters: they agree where the line is ASCII.

    >>> from ennead.kernel.call_site import CallSite
    >>> region(CallSite("a.py", 3, "f", "x = y.z", column=4, end_line=3, end_column=7))
    {'startLine': 3, 'startColumn': 5, 'endColumn': 8, 'snippet': {'text': 'x = y.z'}}
    >>> region(CallSite("a.py", 0, "f"))
    {'startLine': 1}
    """
    told: dict[str, Any] = {"startLine": max(site.line, 1)}
    if site.column is not None and site.source is not None and site.source.isascii():
        told["startColumn"] = site.column + 1
        on_one_line = site.end_line in (None, site.line)
        if on_one_line and site.end_column is not None and site.end_column > site.column:
            told["endColumn"] = site.end_column + 1
    if site.source:
        told["snippet"] = {"text": site.source}
    return told
