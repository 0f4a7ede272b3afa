"""Tools that tell what a run has recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.mcp_server.answers import ExplainAnswer, FindingBrief, FindingsAnswer, SourceLine
from ennead.reporting.deciders import confidences
from ennead.reporting.excerpt import excerpts
from ennead.reporting.json_report import finite
from ennead.reporting.places import Places
from ennead.reporting.printable import made_printable
from ennead.reporting.story import Story, subject
from ennead.runs.recorded import find_entry, find_run, read_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.kernel.call_site import CallSite
    from ennead.reporting.report import Entry, Report

_SHOWN_ROUTES = 3


def list_findings(run: str | None, limit: int) -> FindingsAnswer:
    """The findings of a run; by default of the last one.

    Raises
    ------
    EnneadError
        There is no such run, or it cannot be read.
    """
    return FindingsAnswer(**findings_of(read_report(find_run(run, None)), limit))


def explain_finding(name: str, run: str | None) -> tuple[ExplainAnswer, Report, Entry]:
    """The whole story of a finding, and what it was told from.

    Raises
    ------
    EnneadError
        There is no such run or no such finding.
    """
    report = made_printable(read_report(find_run(run, None)))
    entry = find_entry(report, name)
    answer = ExplainAnswer(
        run=report.run_id or "",
        finding=finite(entry.finding.to_dict()),
        unit_count=entry.occurrence_count,
        total_query_count=entry.total_query_count,
        routes=dict(entry.routes),
        source=list(_source(Story((entry,)), report.project_root)),
    )
    return answer, report, entry


def findings_of(report: Report, limit: int) -> dict[str, Any]:
    """The fields of a :class:`FindingsAnswer`.

    Raises
    ------
    EnneadError
        The limit is no number of findings.
    """
    if limit < 1:
        message = f"limit must be 1 or more, got {limit}"
        raise EnneadError(message)
    report = made_printable(report)
    return {
        "run": report.run_id,
        "command": report.title,
        "finding_count": len(report.entries),
        "suppressed_count": len(report.suppressed),
        "findings": [_brief(entry) for entry in report.entries[:limit]],
        "notes": list(report.notes),
    }


def _brief(entry: Entry) -> FindingBrief:
    finding = entry.finding
    first = finding.recommendations[0] if finding.recommendations else None
    given = confidences(finding)
    return FindingBrief(
        id=finding.id,
        severity=finding.severity,
        code=finding.code,
        kind=finding.kind,
        subject=subject(finding),
        query_count=finding.query_count,
        queries_needed=finding.queries_needed,
        unit_count=entry.occurrence_count,
        routes=list(entry.routes)[:_SHOWN_ROUTES],
        origin=_place(finding.origin),
        loop=_place(finding.loop),
        access=_place(finding.call_site),
        advice=first.title if first else None,
        is_verified=first is not None and first.status == "verified",
        confidence=finding.confidence,
        decided_by=finding.decided_by,
        rules_confidence=given.rules,
        model_confidence=given.model,
    )


def _place(site: CallSite | None) -> str | None:
    return None if site is None else str(site)


def _source(story: Story, project_root: str) -> Iterator[SourceLine]:
    for excerpt in excerpts(story.lines, Places(project_root=project_root, working_folder=project_root)):
        for row in excerpt.rows:
            roles = list(row.line.roles) if row.line else []
            yield SourceLine(file=excerpt.site.file, line=row.number, text=row.text, roles=list(map(str, roles)))
