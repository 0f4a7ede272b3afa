"""The report as one HTML file: no network, no script, light and dark, every word of the program escaped."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ennead.kernel.finding import SEVERITIES
from ennead.reporting.amounts import count, duration, known_evidence
from ennead.reporting.deciders import deciders
from ennead.reporting.excerpt import excerpts
from ennead.reporting.places import Places
from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.sql import shortened, tokens
from ennead.reporting.story import stories, subject
from ennead.reporting.verification import diff_lines, query_counts, what_stayed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template

    from ennead.kernel.finding import Finding
    from ennead.reporting.report import Entry, Report

_SHOWN_ROUTES = 50


def html_report(report: Report) -> str:
    """Render a report. The page needs nothing but itself."""
    report = made_printable(report)
    places = Places(project_root=report.project_root, working_folder=report.project_root)
    told = stories(report.entries)
    return _template().render(
        report=report,
        stories=told,
        places=places,
        excerpts_of=lambda story: excerpts(story.lines, places),
        severities=[(severity, _count_of(report, severity)) for severity in reversed(SEVERITIES)],
        routes=report.routes[:_SHOWN_ROUTES],
        hidden_route_count=max(len(report.routes) - _SHOWN_ROUTES, 0),
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("ennead.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(one_line=one_line, duration=duration, shortened=shortened, sql=_sql, count=count)
    environment.filters.update(query_counts=query_counts, what_stayed=what_stayed, diff_lines=diff_lines)
    environment.globals.update(subject=subject, evidence_of=_evidence)
    return environment.get_template("report.html.jinja")


def _count_of(report: Report, severity: str) -> int:
    return sum(entry.finding.severity == severity for entry in report.entries)


def _sql(statement: str) -> Markup:
    """A statement with its keywords marked."""
    return Markup().join(
        Markup("<b>{}</b>").format(piece) if is_keyword else escape(piece) for is_keyword, piece in tokens(statement)
    )


def _evidence(entry: Entry) -> Iterator[tuple[str, str]]:
    finding = entry.finding
    yield "id", finding.id
    yield "code", f"{finding.code}, {finding.kind}"
    yield "confidence", f"{finding.confidence:.0f} %, decided by {deciders(finding)}"
    if finding.models:
        yield "models", ", ".join(finding.models)
    yield (
        "in all",
        f"{count(entry.total_query_count, 'query', 'queries')} in {count(entry.occurrence_count, 'unit')} of work",
    )
    yield from _facts(finding)


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    for name, value in known_evidence(finding.evidence):
        yield name, one_line(value)
