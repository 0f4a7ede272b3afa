"""A finding whose lines have moved because something else was edited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ennead.kernel.call_site import CallSite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


class _GoneError(Exception):
    """A line has no counterpart any more."""


def relocated(finding: Finding, edit: Edit, sources: ProjectSources) -> Finding | None:
    """The finding as it would be told of the edited files.

    Parameters
    ----------
    finding
        Of the files before the edit.
    edit
        What was changed since.
    sources
        The edited files.

    Returns
    -------
    Finding or None
        ``None`` if one of its places is gone: then only a new run can tell it.
    """
    move = _Move(edit, sources)
    try:
        return replace(
            finding,
            call_site=move.site(finding.call_site),
            loop=move.site(finding.loop),
            origin=move.site(finding.origin),
            call_path=tuple(site for each in finding.call_path if (site := move.site(each)) is not None),
            evidence=move.evidence(finding.evidence),
        )
    except _GoneError:
        return None


class _Move:
    """From the lines of one version to those of another."""

    def __init__(self, edit: Edit, sources: ProjectSources) -> None:
        self._edit = edit
        self._sources = sources

    def site(self, site: CallSite | None) -> CallSite | None:
        if site is None or site.file not in self._edit.moves:
            return site
        line = self._edit.line_after(site.file, site.line)
        if line is None:
            raise _GoneError
        text = (self._sources.text(site.file) or "").splitlines()[line - 1].strip()
        if text == site.source:
            shift = line - site.line
            return replace(site, line=line, end_line=site.end_line + shift if site.end_line else None)
        return replace(site, line=line, source=text, column=None, end_line=None, end_column=None)

    def evidence(self, evidence: Mapping[str, Any]) -> dict[str, Any]:
        moved = dict(evidence)
        for name, value in evidence.items():
            if name.endswith("_place") and isinstance(value, dict):
                site = self.site(CallSite.from_dict(value))
                moved[name] = site.to_dict() if site else None
        return moved
