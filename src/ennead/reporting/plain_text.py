"""Stories as plain text, for formats that have room for a text and for nothing else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ennead.reporting.amounts import count, duration
from ennead.reporting.story import by_severity, stories

if TYPE_CHECKING:
    from ennead.kernel.finding import Finding
    from ennead.reporting.places import Places
    from ennead.reporting.report import Report
    from ennead.reporting.story import Story

_COLUMNS = 120


def story_text(story: Story, places: Places, *, verbose: bool = False) -> str:
    """The story as it is told in a terminal, without colour."""
    from rich.console import Console

    from ennead.reporting.terminal import TerminalReport

    page = io.StringIO()
    console = Console(
        file=page,
        width=_COLUMNS,
        highlight=False,
        emoji=False,
        markup=False,
        color_system=None,
        force_terminal=False,
        legacy_windows=False,
    )
    TerminalReport(console, places, verbose=verbose).print_story(story)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()).strip("\n")


def counts_text(finding: Finding) -> str:
    """``100 queries where 1 would do``."""
    needed = f"{finding.queries_needed:,} would do" if finding.queries_needed else "none would do"
    return f"{count(finding.query_count, 'query', 'queries')} where {needed}"


def headline(report: Report) -> str:
    """What was found in all, in one line.

    >>> from ennead.reporting.report import Report
    >>> headline(Report(title="pytest"))
    'nothing was recorded'
    """
    known = f", {len(report.known):,} known in the baseline" if report.known else ""
    if report.entries:
        found = count(len(report.entries), "finding")
        where = count(len(stories(report.entries)), "place")
        return f"{found} in {where} ({by_severity(report.entries)}), {duration(report.wasted_ms)} wasted{known}"
    if report.unit_count or report.suppressed or known:
        return f"nothing new{known}" if known else "no N+1 found"
    return "nothing was recorded"
