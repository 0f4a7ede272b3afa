"""Candidates for a finding, the likeliest first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding

    Proposer = Callable[[Finding, ProjectSources], Iterator[Candidate]]

_PROPOSERS = {
    "django": "ennead.fixes.django.proposals",
    "sqlalchemy": "ennead.fixes.sqlalchemy.proposals",
}
_PLAIN_SQL = "ennead.fixes.plain_sql.proposals"
MAX_CANDIDATES = 8


def propose(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Ways to repair a finding; each parses, changes something, and touches the user's own files only.

    Parameters
    ----------
    finding
        Its call sites must be those of ``sources``.
    sources
        The project as it stands, earlier fixes included.

    Yields
    ------
    Candidate
        At most :data:`MAX_CANDIDATES`, no two alike.
    """
    proposer: Proposer = import_module(_PROPOSERS.get(str(finding.evidence.get("library")), _PLAIN_SQL)).propose
    seen: set[frozenset[tuple[str, str]]] = set()
    for candidate in proposer(finding, sources):
        content = frozenset(candidate.files.items())
        if content in seen or not _is_sound(candidate.files, sources):
            continue
        seen.add(content)
        yield candidate
        if len(seen) == MAX_CANDIDATES:
            return


def _is_sound(files: Mapping[str, str], sources: ProjectSources) -> bool:
    if not files or all(sources.text(name) == text for name, text in files.items()):
        return False
    return all(sources.is_editable(name) and _parses(name, text) for name, text in files.items())


def _parses(name: str, text: str) -> bool:
    if not name.endswith(".py"):
        return True
    try:
        compile(text, name, "exec", dont_inherit=True)
        cst.parse_module(text)
    except (SyntaxError, ValueError, cst.ParserSyntaxError, RecursionError):
        return False
    return True
