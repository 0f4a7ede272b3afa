"""The report as SARIF 2.1.0, the format of code scanning.

One result for each finding. It points at the access; the origin, the loop and the way in between are related locations
and a code flow. Its partial fingerprint is the finding's id, which survives edits.

Source: Static Analysis Results Interchange Format 2.1.0, OASIS Standard with errata 01.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal

from ennead.reporting.json_report import finite
from ennead.reporting.plain_text import counts_text
from ennead.reporting.printable import made_printable
from ennead.reporting.rules import rule_of
from ennead.reporting.sarif_locations import SOURCE_ROOT, SarifLocations
from ennead.reporting.story import Story, code_title, subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from ennead.kernel.finding import Finding, Recommendation, Severity
    from ennead.reporting.report import Entry, Report
    from ennead.reporting.repository_places import RepositoryPlaces
    from ennead.reporting.rules import Rule
    from ennead.reporting.story import Line, Role

Level = Literal["error", "warning", "note"]
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, Level] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "warning", "info": "note",
}  # fmt: skip
_ROLE_WORDS: dict[Role, str] = {
    "origin": "the rows are queried here", "loop": "looped over here", "via": "called from here", "access": "runs here",
}  # fmt: skip
_COMMENT = "comment "
"""How ``evidence["suppressed_by"]`` begins where the source itself says so."""
_KNOWN_REASON = "known in the baseline"


def sarif(report: Report, places: RepositoryPlaces, *, with_suppressed: bool = True) -> str:
    """The report as indented JSON with nothing but ASCII in it.

    Parameters
    ----------
    report
        What was found.
    places
        How files are named.
    with_suppressed
        Also tell, as suppressed, what a comment, a setting or the baseline accepts.
    """
    if not with_suppressed:
        report = replace(report, suppressed=(), known=())
    return json.dumps(finite(sarif_log(report, places)), indent=2, allow_nan=False)


def sarif_log(report: Report, places: RepositoryPlaces) -> dict[str, Any]:
    """The report as a SARIF log file, in JSON values."""
    report = made_printable(report)
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, places)]}


def level_of(severity: Severity) -> Level:
    """How severe it is in the words of SARIF.

    >>> level_of("critical"), level_of("low"), level_of("info")
    ('error', 'warning', 'note')
    """
    return _LEVELS[severity]


def _run(report: Report, places: RepositoryPlaces) -> dict[str, Any]:
    entries = (*report.entries, *report.suppressed, *report.known)
    known = set(map(id, report.known))
    codes = list(dict.fromkeys(entry.finding.code for entry in entries))
    version = report.versions.get("ennead")
    driver = {
        "name": "Ennead",
        **({"version": version, "semanticVersion": version} if version else {}),
        "rules": [_rule(rule_of(code)) for code in codes],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"ennead/{report.run_id or ''}"},
        "invocations": [_invocation(report)],
        "originalUriBaseIds": {SOURCE_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(entry, codes.index(entry.finding.code), places, is_known=id(entry) in known) for entry in entries
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    helping = f"{rule.meaning}\n\n{rule.remedy}" if rule.remedy else rule.meaning
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": helping, "markdown": helping},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["performance", "database"], "precision": "high", "problem.severity": "warning"},
    }


def _invocation(report: Report) -> dict[str, Any]:
    told: dict[str, Any] = {"executionSuccessful": report.exit_code in (0, None), "commandLine": report.title}
    if report.exit_code is not None:
        told["exitCode"] = report.exit_code
    if report.started_at is not None:
        told["startTimeUtc"] = _utc(report.started_at)
        if report.duration_seconds is not None:
            told["endTimeUtc"] = _utc(report.started_at + _seconds(report.duration_seconds))
    if report.notes:
        told["toolExecutionNotifications"] = [
            {"level": "warning", "message": {"text": _text(note)}} for note in report.notes
        ]
    return told


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(number: float) -> timedelta:
    from datetime import timedelta

    return timedelta(seconds=number)


# ---------------------------------------------------------------------------------------------------- one finding


def _result(entry: Entry, rule_index: int, places: RepositoryPlaces, *, is_known: bool) -> dict[str, Any]:
    finding = entry.finding
    locations = SarifLocations(places)
    # Consumers reject whole logs for a step without a file.
    lines = tuple(line for line in Story((entry,)).lines if locations.is_file(line.site))
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": level_of(finding.severity),
        "message": {"text": _message(finding, lines, locations)},
        "locations": [_primary(entry, locations)],
        "relatedLocations": list(_related(lines, locations)),
        "partialFingerprints": {"enneadFindingId/v1": finding.id, "primaryLocationLineHash": finding.id},
        "occurrenceCount": max(entry.occurrence_count, 1),
        "suppressions": _suppressions(finding, is_known=is_known),
        "properties": _properties(entry),
    }
    if len(lines) > 1:
        result["codeFlows"] = [_code_flow(lines, locations)]
    return result


def _primary(entry: Entry, locations: SarifLocations) -> dict[str, Any]:
    finding = entry.finding
    sites = (finding.call_site, *finding.call_path, finding.loop, finding.origin)
    site = next((site for site in sites if site is not None and locations.is_file(site)), None)
    if site is not None:
        return locations.of(site)
    route = finding.route or next(iter(entry.routes), "") or finding.id
    return {"logicalLocations": [{"fullyQualifiedName": route, "kind": "function"}]}


def _related(lines: tuple[Line, ...], locations: SarifLocations) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if line.roles != ("access",):
            yield {"id": number, **locations.of(line.site), "message": {"text": _text(_line_words(line))}}


def _code_flow(lines: tuple[Line, ...], locations: SarifLocations) -> dict[str, Any]:
    steps = [
        {
            "executionOrder": number,
            "importance": "important" if line.roles == ("via",) else "essential",
            "nestingLevel": 0 if "origin" in line.roles else 1,
            "location": {**locations.of(line.site), "message": {"text": _text(_line_words(line))}},
        }
        for number, line in enumerate(lines, 1)
    ]
    return {"message": {"text": "From the rows to the query"}, "threadFlows": [{"locations": steps}]}


def _line_words(line: Line) -> str:
    words = ", ".join(_ROLE_WORDS[role] for role in line.roles)
    if line.row_count is not None:
        words += f" ({line.row_count:,} rows)"
    return f"{words} (×{line.query_count:,})" if line.entries else words


def _message(finding: Finding, lines: tuple[Line, ...], locations: SarifLocations) -> str:
    """Sentences; the first one can stand alone. Places are links to related locations."""
    about = subject(finding)
    sentences = [_text(f"{code_title(finding)}{f' of {about}' if about else ''}: {counts_text(finding)}.")]
    sentences += [_text(finding.explanation)] if finding.explanation else []
    for number, line in enumerate(lines, 1):
        role = line.roles[0]
        if role in ("origin", "loop"):
            sentences.append(f"{role.capitalize()}: [{_link_text(locations.name(line.site))}]({number}).")
    sentences += [_text(_advice(recommendation)) for recommendation in finding.recommendations[:1]]
    return " ".join(sentences)


def _advice(recommendation: Recommendation) -> str:
    word = "Verified fix" if recommendation.status == "verified" else "Advice"
    return f"{word}: {recommendation.title}."


def _text(text: str) -> str:
    """A plain text message: braces are doubled, as the standard asks, and nothing in it becomes a link."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _link_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return escaped.replace("{", "{{").replace("}", "}}")


def _suppressions(finding: Finding, *, is_known: bool) -> list[dict[str, Any]]:
    reason = finding.suppressed
    if reason is None:
        return [{"kind": "external", "status": "accepted", "justification": _KNOWN_REASON}] if is_known else []
    kind = "inSource" if str(finding.evidence.get("suppressed_by", "")).startswith(_COMMENT) else "external"
    return [{"kind": kind, "status": "accepted", "justification": reason or "no reason given"}]


def _properties(entry: Entry) -> dict[str, Any]:
    finding = entry.finding
    told = {
        "severity": finding.severity,
        "confidence": finding.confidence,
        "kind": finding.kind,
        "queryCount": finding.query_count,
        "queriesNeeded": finding.queries_needed,
        "totalQueryCount": entry.total_query_count,
        "wastedMs": finding.wasted_ms,
        "totalWastedMs": entry.total_wasted_ms,
        "originRowCount": finding.origin_row_count,
        "relation": finding.relation,
        "models": list(finding.models),
        "routes": dict(entry.routes),
        "statement": finding.statement,
        "statementFingerprint": finding.statement_fingerprint,
        "decidedBy": finding.decided_by,
        "modelProbability": finding.evidence.get("model_probability"),
        "recommendations": [
            {"title": each.title, "text": each.text, "code": each.code, "status": each.status}
            for each in finding.recommendations
        ],
    }
    return {name: value for name, value in told.items() if value is not None}
