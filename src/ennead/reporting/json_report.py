"""The report for programs: one JSON document. Its fields are documented in ``docs/guide/command-line.md``."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from ennead.kernel.json_schema import SCHEMA_VERSION
from ennead.reporting.story import stories

if TYPE_CHECKING:
    from ennead.domains.nplusone.look_alikes import LookAlike
    from ennead.reporting.report import AskedAgain, Entry, Report, RouteLoad


def json_report(report: Report) -> str:
    """The report as indented JSON; what JSON cannot say (``nan``, infinity) is ``null``."""
    return json.dumps(finite(report_to_dict(report)), indent=2, allow_nan=False)


def report_to_dict(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "schema": SCHEMA_VERSION,
        "run": {
            "id": report.run_id,
            "command": report.title,
            "started_at": report.started_at.isoformat() if report.started_at else None,
            "duration_seconds": report.duration_seconds,
            "exit_code": report.exit_code,
            "project_root": report.project_root,
            "versions": dict(report.versions),
            "process_count": report.process_count,
        },
        "summary": {
            "unit_counts": dict(report.unit_counts),
            "query_count": report.query_count,
            "database_ms": report.database_ms,
            "finding_count": len(report.entries),
            "suppressed_count": len(report.suppressed),
            "known_count": len(report.known),
            "wasted_ms": report.wasted_ms,
        },
        "findings": [_entry(entry) for entry in report.entries],
        "suppressed": [_entry(entry) for entry in report.suppressed],
        "known": [_entry(entry) for entry in report.known],
        "look_alikes": [_look_alike(told) for told in report.look_alikes],
        "unused_suppressions": list(report.unused_suppressions),
        "stories": [[entry.finding.id for entry in story.entries] for story in stories(report.entries)],
        "routes": [_route(load) for load in report.routes],
        "asked_again": [_asked_again(asked) for asked in report.asked_again],
        "notes": list(report.notes),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "finding": entry.finding.to_dict(),
        "occurrence_count": entry.occurrence_count,
        "total_query_count": entry.total_query_count,
        "total_wasted_ms": entry.total_wasted_ms,
        "routes": dict(entry.routes),
        **({"tests": dict(entry.tests)} if entry.tests else {}),
    }


def _look_alike(told: LookAlike) -> dict[str, Any]:
    return told.to_dict() | {"reason": told.reason}


def _route(load: RouteLoad) -> dict[str, Any]:
    return {name: getattr(load, name) for name in load.__slots__}


def _asked_again(asked: AskedAgain) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in asked.__slots__} | {
        "call_site": asked.call_site.to_dict(),
        "places": list(asked.places),
        "recommendations": [recommendation.to_dict() for recommendation in asked.recommendations],
    }


def finite(value: Any) -> Any:
    """A copy of JSON values without what JSON cannot say (``nan``, infinity): ``None`` stands for it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
