"""What was found and is not reported, and why: comments, settings, thresholds, the baseline, look-alikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.sql import main_table
from ennead.reporting.story import subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from ennead.domains.nplusone.look_alikes import LookAlike
    from ennead.kernel.call_site import CallSite
    from ennead.reporting.places import Places
    from ennead.reporting.report import Entry, Report

KNOWN = "Known in the baseline"
SUPPRESSED = "Suppressed"
_TITLES = {
    "comment": "By a comment",
    "ignore": "Ignored by settings",
    "thresholds": "Below a threshold",
    "": SUPPRESSED,
}
_LOOK_ALIKES = "Look-alikes: they repeat, and are no N+1"
_UNSURE = "Less sure than asked for"
_UNUSED = "Suppressions that nothing was found for"


class NotReported:
    """Prints what is not reported, a line each.

    Parameters
    ----------
    console
        Where to.
    places
        How call sites are named.
    links
        Make call sites hyperlinks.
    """

    def __init__(self, console: Console, places: Places, *, links: bool = False) -> None:
        self._console = console
        self._places = places
        self._links = links
        self._times = "×" if console.encoding.lower().startswith("utf") else "x"

    def print_all(self, report: Report) -> None:
        """Everything that a run found and does not report, by what keeps it back."""
        report = made_printable(report)
        for kind, title in _TITLES.items():
            self.print_entries(title, [entry for entry in report.suppressed if _kind(entry) == kind])
        self.print_entries(KNOWN, report.known)
        self._print_look_alikes(_LOOK_ALIKES, [told for told in report.look_alikes if told.veto is not None])
        self._print_look_alikes(_UNSURE, [told for told in report.look_alikes if told.veto is None])
        self.print_unused(report.unused_suppressions)
        if not (report.suppressed or report.known or report.look_alikes or report.unused_suppressions):
            self._out(Text("nothing is suppressed"))

    def print_entries(self, title: str, entries: Iterable[Entry]) -> None:
        """Findings with their reasons, under a title; nothing if there are none."""
        for number, entry in enumerate(entries):
            if number == 0:
                self._out(Text(title, "bold"))
            finding = entry.finding
            what = f"{finding.id}  {one_line(subject(finding) or finding.kind)}"
            self._row(what, finding.query_count, finding.call_site, _reason(entry))

    def print_unused(self, unused: Iterable[str]) -> None:
        """Suppressions without a finding, under a title; nothing if there are none."""
        for number, each in enumerate(unused):
            if number == 0:
                self._out(Text(_UNUSED, "bold"))
            self._out(Text(f"  {each}"))

    def _print_look_alikes(self, title: str, look_alikes: Iterable[LookAlike]) -> None:
        for number, told in enumerate(look_alikes):
            if number == 0:
                self._out(Text(title, "bold"))
            what = one_line(told.relation or main_table(told.statement))
            self._row(what, told.query_count, told.call_site, told.reason)

    def _row(self, what: str, number: int, site: CallSite | None, reason: str) -> None:
        row = Text(f"  {what}  {self._times}{number:,}")
        if site is not None:
            link = self._places.link(site) if self._links else None
            row.append("  ")
            row.append(self._places.text(site), Style(color="cyan", link=link))
        if reason:
            row.append(f"  {one_line(reason)}", "dim")
        self._out(row)

    def _out(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True, highlight=False)


def _kind(entry: Entry) -> str:
    kind = str(entry.finding.evidence.get("suppressed_by", "")).partition(" ")[0]
    return kind if kind in _TITLES else ""


def _reason(entry: Entry) -> str:
    """What was given as the reason, and where the comment is if it is not at the access."""
    finding = entry.finding
    kind, _, place = str(finding.evidence.get("suppressed_by", "")).partition(" ")
    elsewhere = kind == "comment" and place != str(finding.call_site)
    return (finding.suppressed or "") + (f" (comment at {place})" if elsewhere else "")
