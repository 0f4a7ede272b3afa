"""The report as workflow commands of GitHub Actions: annotations at the lines, and what was found in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.reporting.plain_text import counts_text, headline
from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.story import code_title, subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ennead.kernel.finding import Finding, Severity
    from ennead.reporting.report import Entry, Report
    from ennead.reporting.repository_places import RepositoryPlaces

_SHOWN = 10
"""Annotations of one kind that GitHub shows for a step."""
_COMMANDS: dict[Severity, str] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "warning", "info": "notice",
}  # fmt: skip


def github(report: Report, places: RepositoryPlaces) -> str:
    """One command on each line, the worst finding first, and a last line that tells what was found in all.

    There are never more commands than GitHub shows: where findings are left out, the last line is a command, too.
    """
    report = made_printable(report)
    all_fit = len(report.entries) <= _SHOWN
    shown = report.entries if all_fit else report.entries[: _SHOWN - 1]
    lines = [_annotation(entry, places) for entry in shown]
    total = one_line(f"ennead: {headline(report)}")
    if all_fit:
        return "\n".join([*lines, total])
    left_out = f"{total}; the {len(shown)} worst are annotated"
    return "\n".join([*lines, command("warning", {"title": "ennead"}, left_out)])


def command(name: str, properties: Mapping[str, str], message: str) -> str:
    r"""A workflow command, with everything escaped that would end it or one of its properties early.

    >>> command("warning", {"file": "a,b.py", "line": "3"}, "100 % wasted\n::error::no command")
    '::warning file=a%2Cb.py,line=3::100 %25 wasted%0A::error::no command'
    """
    told = ",".join(f"{key}={_escaped_property(value)}" for key, value in properties.items() if value)
    return f"::{name} {told}::{_escaped(message)}" if told else f"::{name}::{_escaped(message)}"


def _annotation(entry: Entry, places: RepositoryPlaces) -> str:
    finding = entry.finding
    properties = {**_place(finding, places), "title": _title(finding)}
    return command(_COMMANDS[finding.severity], properties, "\n".join(_message(entry, places)))


def _place(finding: Finding, places: RepositoryPlaces) -> dict[str, str]:
    sites = (finding.call_site, *finding.call_path, finding.loop, finding.origin)
    site = next((site for site in sites if site is not None and places.is_file(site)), None)
    return {} if site is None else {"file": places.file(site), "line": str(max(site.line, 1))}


def _title(finding: Finding) -> str:
    about = subject(finding)
    return one_line(f"{code_title(finding)}{f': {about}' if about else ''}")


def _message(entry: Entry, places: RepositoryPlaces) -> Iterator[str]:
    finding = entry.finding
    yield counts_text(finding) + (f", {next(iter(entry.routes))}" if entry.routes else "")
    if finding.explanation:
        yield finding.explanation
    for recommendation in finding.recommendations[:1]:
        where = f" at {places.text(recommendation.place)}" if recommendation.place else ""
        yield f"{recommendation.status}: {recommendation.title}{where}"
        if recommendation.code:
            yield recommendation.code
    yield finding.id


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
