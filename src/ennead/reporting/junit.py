"""The report as JUnit XML: one test case for each route, a failure where it has findings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ennead.kernel.finding import Severity, severity_rank
from ennead.reporting.amounts import count
from ennead.reporting.plain_text import headline, story_text
from ennead.reporting.printable import made_printable
from ennead.reporting.report import RouteLoad
from ennead.reporting.story import stories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.reporting.places import Places
    from ennead.reporting.report import Entry, Report

_MS_PER_SECOND = 1_000
# What XML 1.0 cannot say in any way, beyond the control characters that made_printable() has taken out.
_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Case:
    load: RouteLoad
    entries: tuple[Entry, ...]
    """The worst first."""


def junit(report: Report, places: Places, *, fail_on: Severity = "low") -> str:
    """The report as a JUnit XML document.

    Parameters
    ----------
    report
        What was found.
    places
        How files are named.
    fail_on
        Findings that are less severe are told in the output of the test case and do not fail it.
    """
    report = made_printable(report)
    cases = [*_cases(report), *_without_a_route(report)]
    root = ET.Element("testsuites", {"name": "ennead", **_totals(cases, fail_on)})
    by_kind = sorted(cases, key=lambda case: case.load.kind)
    for kind, members in groupby(by_kind, key=lambda case: case.load.kind):
        root.append(_suite(report, kind, list(members), places, fail_on))
    _make_sayable(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _cases(report: Report) -> Iterator[_Case]:
    for load in report.routes:
        found = (entry for entry in report.entries if load.finding_count and load.route in entry.routes)
        yield _Case(load, tuple(found))


def _without_a_route(report: Report) -> Iterator[_Case]:
    """Findings that belong to no route of the report: it has none if it tells of a single profile."""
    known = {load.route for load in report.routes if load.finding_count}
    rest = tuple(entry for entry in report.entries if not known & entry.routes.keys())
    if rest:
        queries = sum(entry.total_query_count for entry in rest)
        yield _Case(
            RouteLoad(
                route=report.title,
                kind="profile",
                unit_count=1,
                query_count=queries,
                max_query_count=queries,
                database_ms=sum(entry.finding.duration_ms for entry in rest),
                duration_ms=sum(entry.finding.duration_ms for entry in rest),
                wasted_ms=sum(entry.total_wasted_ms for entry in rest),
                finding_count=len(rest),
            ),
            rest,
        )


def _suite(report: Report, kind: str, cases: list[_Case], places: Places, fail_on: Severity) -> ET.Element:
    suite = ET.Element("testsuite", {"name": f"ennead {kind}", **_totals(cases, fail_on)})
    if report.started_at is not None:
        suite.set("timestamp", report.started_at.isoformat(timespec="seconds"))
    properties = ET.SubElement(suite, "properties")
    for name, value in {"command": report.title, "run": report.run_id or "", "summary": headline(report)}.items():
        ET.SubElement(properties, "property", name=name, value=value)
    suite.extend(_element(case, places, fail_on) for case in cases)
    return suite


def _element(case: _Case, places: Places, fail_on: Severity) -> ET.Element:
    load = case.load
    element = ET.Element(
        "testcase",
        classname=f"ennead.{load.kind}",
        name=load.route,
        time=_seconds(load.duration_ms),
    )
    failing = _failing(case, fail_on)
    if failing:
        codes = dict.fromkeys(entry.finding.code for entry in failing)
        waste = f"{count(load.max_query_count, 'query', 'queries')} in the worst {load.kind}"
        message = f"{count(len(failing), 'finding')}: {', '.join(codes)}; {waste}"
        failure = ET.SubElement(element, "failure", type=next(iter(codes)), message=message)
        failure.text = _stories_text(failing, places)
    rest = [entry for entry in case.entries if entry not in failing]
    if rest:
        ET.SubElement(element, "system-out").text = _stories_text(rest, places)
    return element


def _failing(case: _Case, fail_on: Severity) -> list[Entry]:
    return [entry for entry in case.entries if severity_rank(entry.finding.severity) >= severity_rank(fail_on)]


def _stories_text(entries: list[Entry], places: Places) -> str:
    return "\n\n".join(story_text(story, places) for story in stories(entries))


def _totals(cases: list[_Case], fail_on: Severity) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(bool(_failing(case, fail_on)) for case in cases)),
        "errors": "0",
        "skipped": "0",
        "time": _seconds(sum(case.load.duration_ms for case in cases)),
    }


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / _MS_PER_SECOND:.3f}"


def _make_sayable(root: ET.Element) -> None:
    """Escape in every text and attribute what XML cannot say, so that none can be forgotten."""
    for element in root.iter():
        element.text = _sayable(element.text) if element.text else None
        element.attrib = {name: _sayable(value) for name, value in element.attrib.items()}


def _sayable(text: str) -> str:
    return _UNSAYABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
