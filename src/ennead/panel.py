"""What stands in the panel of a page under development: the findings of the very request that the page answers."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ennead.agent.places import PROJECT
from ennead.agent.snapshot import snapshot
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.profile import Analysis
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.deadline import Deadline
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.reporting.html_summary import html_panel
from ennead.reporting.places import Places
from ennead.reporting.report import Report

if TYPE_CHECKING:
    from ennead.agent.unit_of_work import UnitOfWork

SECONDS = 0.1
"""Asked between the groups of queries; a single one is not interrupted."""


def panel_of(unit: UnitOfWork, seconds: float = SECONDS) -> str:
    """The panel for a request that is about to be answered, as HTML.

    Parameters
    ----------
    unit
        It still goes on.
    seconds
        For the analysis; past it the panel has the numbers alone, and says so.
    """
    context = QueryExecutionContext.from_raw(snapshot(unit))
    engine = NPlusOneDetectionEngine(_settings(PROJECT.path), deadline=Deadline(seconds))
    analysis = Analysis(context, engine)
    found = (*analysis.findings, *analysis.suppressed)
    notes: tuple[str, ...] = ()
    if engine.counters.rule_failure_count:
        notes = (f"The analysis took longer than {seconds * 1000:.0f} ms and was left: ennead run has no such limit.",)
    report = replace(
        Report.of_findings(context.name, found),
        query_count=context.query_count + context.dropped_count,
        database_ms=context.database_ms,
        unit_counts={context.kind: 1},
        project_root=context.project_root,
        notes=notes,
    )
    return html_panel(report, Places(project_root=context.project_root, working_folder=str(Path.cwd())))


@lru_cache(maxsize=1)
def _settings(project_root: str) -> NPlusOneSettings:
    return load_settings(NPlusOneSettings, pyproject=read_pyproject(project_root))
