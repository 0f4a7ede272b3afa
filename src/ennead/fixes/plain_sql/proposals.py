"""Candidates where no ORM is known to have asked: statements of drivers and cursors, of Core, and repeated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.sqlalchemy.proposals import propose as propose_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.fixes.candidate import Candidate
    from ennead.fixes.project_sources import ProjectSources
    from ennead.kernel.finding import Finding


def propose(finding: Finding, sources: ProjectSources) -> Iterator[Candidate]:
    """Candidates for a finding, each with the whole new text of the files that it changes.

    The statement decides: what is written as text is changed as text, ``select()`` and its like as an expression.
    """
    yield from propose_statements(finding, sources)
