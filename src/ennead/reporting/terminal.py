"""The report for people at a terminal: compact by default, everything with ``verbose``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from ennead.reporting.amounts import count, duration, known_evidence
from ennead.reporting.deciders import deciders
from ennead.reporting.not_reported import KNOWN, SUPPRESSED, NotReported
from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.sql import shortened, tokens
from ennead.reporting.story import by_severity, stories, subject
from ennead.reporting.verification import diff_lines, query_counts, what_stayed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding, Recommendation, Verification
    from ennead.reporting.places import Places
    from ennead.reporting.report import AskedAgain, Entry, Report
    from ennead.reporting.story import Line, Story

SEVERITY_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "bold blue",
}
STATUS_STYLES = {"advice": "magenta", "verified": "bold green", "refuted": "yellow"}
DIFF_STYLES = {"file": "bold", "place": "cyan", "added": "green", "removed": "red", "same": "dim"}
ASKED_AGAIN = "Asked again by every request"
_ROLE_STYLES = {"origin": "green", "loop": "yellow", "via": "dim", "access": "red"}
_INDENT = "  "
_SHOWN_ROUTES = 3
_SHOWN_VIA = 3
_WHOLE_STORIES = 10
_SHOWN_ASKED_AGAIN = 3
_WIDEST_PLACE_SHARE = 0.42
_WIDEST_SUBJECT = 48


class TerminalReport:
    """Prints reports.

    Parameters
    ----------
    console
        Where to; colour, width and links are its business.
    places
        How call sites are named.
    verbose
        Tell everything: all routes, whole statements, call paths, evidence, every recommendation.
    links
        Make call sites hyperlinks.
    """

    def __init__(self, console: Console, places: Places, *, verbose: bool = False, links: bool = False) -> None:
        self._console = console
        self._places = places
        self._verbose = verbose
        self._links = links
        self._fancy = console.encoding.lower().startswith("utf")

    def print_report(
        self,
        report: Report,
        *,
        whole_stories: int = _WHOLE_STORIES,
        rest_hint: str = "--verbose tells them all",
        rest_routes: bool = False,
    ) -> None:
        """Stories, the worst first, then what was found in all; past ``whole_stories`` a line each."""
        report = made_printable(report)
        told = stories(report.entries)
        whole = told if self._verbose else told[:whole_stories]
        for story in whole:
            self._print_story(story)
        if len(told) > len(whole):
            self._print_headlines(told[len(whole) :], rest_hint, routes=rest_routes)
        self._print_asked_again(report.asked_again)
        if self._verbose and report.routes:
            self._print_routes(report)
        if self._verbose:
            self._print_not_reported(report)
        self._print_summary(report, len(told))

    def print_story(self, story: Story) -> None:
        """One story, with a blank line after it."""
        self._print_story(made_printable(story))

    def _print_story(self, story: Story) -> None:
        self._rule(story)
        self._out(self._numbers(story))
        if story.routes:
            self._out(self._routes(story))
        if self._verbose:
            for entry in story.entries:
                self._wrapped(Text(entry.finding.explanation), _INDENT)
        self._out()
        self._print_lines(story)
        for entry in story.entries:
            self._print_statement(entry, alone=len(story.entries) == 1)
        self._print_recommendations(story)
        self._out()

    # ------------------------------------------------------------------------------------------ the head of a story

    def _rule(self, story: Story) -> None:
        line = "━" if self._fancy else "="
        head = Text.assemble((f"{line * 2} ", "dim"))
        head.append(f" {story.severity.upper()} ", SEVERITY_STYLES[story.severity])
        head.append(f" {story.title}", "bold")
        if story.subjects:
            head.append("  " + one_line(", ".join(story.subjects)))
        head.append(" ")
        free = self._console.width - head.cell_len
        if self._console.is_terminal and free > 0:
            head.append(line * free, "dim")
        self._out(head)

    def _numbers(self, story: Story) -> Text:
        parts = Text(_INDENT)
        parts.append(count(story.query_count, "query", "queries"), "bold")
        needed = f"{story.queries_needed:,} would do" if story.queries_needed else "none would do"
        parts.append(f" where {needed}")
        parts.append(self._dot() + f"{duration(story.wasted_ms)} wasted")
        if story.occurrence_count > 1:
            parts.append(f" in {count(story.occurrence_count, 'unit', 'units')} of work")
        parts.append(self._dot() + f"confidence {story.confidence:.0f} %")
        if all(entry.finding.decided_by == "ml" for entry in story.entries):
            parts.append(", by the learnt model alone")
        if len(story.entries) == 1:
            parts.append(self._dot() + story.id, "dim")
        return parts

    def _routes(self, story: Story) -> Text:
        routes = list(story.routes.items())
        shown = routes if self._verbose else routes[:_SHOWN_ROUTES]
        parts = [one_line(route) + (f" {self._times(number)}" if number > 1 else "") for route, number in shown]
        if len(routes) > len(shown):
            parts.append(f"{len(routes) - len(shown)} more")
        return Text.assemble((_INDENT + self._dot().join(parts), "dim"))

    # ------------------------------------------------------------------------------------------ lines of code

    def _print_lines(self, story: Story) -> None:
        shown = self._shown_lines(story)
        places = [self._places.text(line.site) for line in shown]
        widest = max((len(place) for place in places), default=0)
        limit = max(int(self._console.width * _WIDEST_PLACE_SHARE), 20)
        width = min(widest, limit)
        role_width = max((len(_role_words(line)) for line in shown), default=0)
        for line, place in zip(shown, places, strict=True):
            row = Text(_INDENT)
            row.append(_role_words(line).ljust(role_width), _ROLE_STYLES[line.roles[0]])
            row.append("  ")
            row.append_text(self._place(line.site, place.ljust(width)))
            row.append("  ")
            self._append_source(row, line)
            self._out(row)

    def _shown_lines(self, story: Story) -> list[Line]:
        via = [line for line in story.lines if line.roles == ("via",)]
        hidden = set() if self._verbose else {id(line) for line in via[_SHOWN_VIA:]}
        return [line for line in story.lines if id(line) not in hidden]

    def _append_source(self, row: Text, line: Line) -> None:
        remark = self._remark(line)
        source = Text(one_line(line.site.source or line.site.function), "bold" if "access" in line.roles else "")
        if self._console.is_terminal and not self._verbose:
            free = self._console.width - row.cell_len - (len(remark) + 2 if remark else 0)
            source.truncate(max(free, 12), overflow="ellipsis" if self._fancy else "crop")
        row.append_text(source)
        if remark:
            row.append(f"  {remark}", "dim")

    def _remark(self, line: Line) -> str:
        parts = []
        if line.row_count is not None:
            parts.append(count(line.row_count, "row"))
        if line.entries:
            parts.append(self._times(line.query_count))
        if line.site.note and line.site.note not in ("for", "iterates"):
            parts.append(one_line(line.site.note))
        return self._dot().strip().join(f" {part} " for part in parts).strip()

    def _place(self, site: CallSite, text: str) -> Text:
        link = self._places.link(site) if self._links else None
        padding = len(text) - len(text.rstrip())
        styled = Text(text.rstrip(), Style(color="cyan", link=link))
        styled.append(" " * padding)
        return styled

    # ------------------------------------------------------------------------------------------ SQL and advice

    def _print_statement(self, entry: Entry, *, alone: bool) -> None:
        finding = entry.finding
        self._out()
        if not alone or self._verbose:
            about = Text(_INDENT)
            about.append(subject(finding) or finding.kind, "bold")
            about.append(f"  {self._times(finding.query_count)}{_models(finding)}  {finding.id}", "dim")
            self._out(about)
        elif finding.relation and finding.models:
            self._out(Text.assemble((_INDENT + _models(finding).strip(), "dim")))
        self._wrapped(self._sql(finding.statement), _INDENT)
        if self._verbose:
            self._print_details(entry)

    def _sql(self, statement: str) -> Text:
        text = Text()
        shown = one_line(statement if self._verbose else shortened(statement))
        for is_keyword, piece in tokens(shown if self._fancy else shown.replace("…", "...")):
            text.append(piece, "blue" if is_keyword else "dim")
        return text

    def _print_recommendations(self, story: Story) -> None:
        shown = story.recommendations if self._verbose else story.recommendations[: max(len(story.entries), 1)]
        for recommendation in shown:
            self._out()
            self._print_recommendation(recommendation)

    def _print_recommendation(self, recommendation: Recommendation) -> None:
        head = Text()
        head.append(f"{recommendation.status}  ", STATUS_STYLES[recommendation.status])
        head.append(recommendation.title, "bold")
        if recommendation.place is not None:
            head.append("  at ", "dim")
            head.append_text(self._place(recommendation.place, self._places.text(recommendation.place)))
        self._wrapped(head, _INDENT)
        verification = recommendation.verification
        if verification is not None:
            self.print_verification(verification, _INDENT * 2)
        if self._verbose or (recommendation.code is None and verification is None):
            self._wrapped(Text(recommendation.text), _INDENT * 2)
        bar = "│ " if self._fancy else "| "
        for line in (recommendation.code or "").splitlines():
            self._out(Text.assemble((_INDENT * 2 + bar, "dim"), (line, "green")))

    def print_verification(self, verification: Verification, indent: str = "") -> None:
        """What was found out about a fix: counts, what was compared, the diff."""
        arrows = query_counts(verification)
        counts = arrows if self._fancy else arrows.replace("→", "->")
        style = "green" if verification.verdict.startswith("verified") else "yellow"
        self._wrapped(Text.assemble((verification.verdict, style), f": {counts}" if counts else ""), indent)
        if verification.verdict.startswith("verified"):
            self._wrapped(Text(f"the same: {what_stayed(verification)}", "dim"), indent)
        for sentence in verification.not_compared if self._verbose else ():
            self._wrapped(Text(f"not compared: {sentence}", "dim"), indent)
        if verification.not_compared and not self._verbose:
            number = len(verification.not_compared)
            which = f"{count(number, 'thing')} (--verbose tells {'it' if number == 1 else 'them'})"
            self._wrapped(Text(f"not compared: {which}", "dim"), indent)
        if verification.verdict.startswith("verified"):
            for line in diff_lines(verification.diff):
                self._out(Text(indent + line.text, DIFF_STYLES[line.kind]))

    def _print_details(self, entry: Entry) -> None:
        finding = entry.finding
        for site in finding.call_path:
            words = "runs at      " if site is finding.call_path[0] else "called from  "
            row = Text.assemble((_INDENT * 2 + words, "dim"))
            row.append_text(self._place(site, self._places.text(site)))
            row.append(f"  {one_line(site.function)}", "dim")
            self._out(row)
        for name, value in _facts(finding):
            self._wrapped(Text.assemble((f"{name}: ", "dim"), one_line(value)), _INDENT * 2)

    # ------------------------------------------------------------------------------------------ the whole run

    def _print_asked_again(self, told: tuple[AskedAgain, ...]) -> None:
        if told:
            self._out(Text.assemble((ASKED_AGAIN, "bold"), ("  no N+1; keep the answer if it may be old", "dim")))
        for asked in told if self._verbose else told[:_SHOWN_ASKED_AGAIN]:
            row = Text.assemble(_INDENT, (f"{asked.unit_count:,} of {count(asked.unit_total, asked.kind)}", "bold"))
            queries = f"{count(asked.execution_count, 'query', 'queries')}, {duration(asked.duration_ms)}"
            row.append(f"{self._dot()}{queries}{self._dot()}{count(asked.row_count, 'row')}  ")
            self._out(row.append_text(self._place(asked.call_site, self._places.text(asked.call_site))))
            self._wrapped(self._sql(asked.statement), _INDENT)
            for recommendation in asked.recommendations if self._verbose else asked.recommendations[:1]:
                self._print_recommendation(recommendation)
            self._out()
        if not self._verbose and len(told) > _SHOWN_ASKED_AGAIN:
            self._out(Text(f"{_INDENT}{len(told) - _SHOWN_ASKED_AGAIN:,} more (--verbose tells them all)\n", "dim"))

    def _print_routes(self, report: Report) -> None:
        self._out(Text("Where the queries are", "bold"))
        for load in report.routes:
            row = Text(_INDENT)
            row.append(f"{load.query_count:>7,} queries ")
            row.append(f"{duration(load.database_ms):>9}  ", "dim")
            row.append(one_line(load.route))
            row.append(f"  {load.kind}{self._dot()}{self._times(load.unit_count)}", "dim")
            if load.finding_count:
                row.append(self._dot() + count(load.finding_count, "finding"), "red")
            self._out(row)
        self._out()

    def _print_headlines(self, rest: list[Story], hint: str, *, routes: bool) -> None:
        """The stories that would make the report too long, a line each."""
        self._out(Text.assemble((f"{count(len(rest), 'more place')}", "bold"), (f" ({hint})", "dim")))
        width = max(len(self._subjects(story)) for story in rest)
        for story in rest:
            row = Text.assemble(_INDENT, (story.severity.ljust(8), SEVERITY_STYLES[story.severity]), "  ")
            row.append(self._subjects(story).ljust(min(width, _WIDEST_SUBJECT)))
            row.append(f"  {self._times(story.query_count):>6}  ", "bold")
            site = story.worst.call_site or story.worst.loop or story.worst.origin
            if site is not None:
                row.append_text(self._place(site, self._places.text(site)))
            if routes and story.routes:
                others = f"{self._dot()}{len(story.routes) - 1} more" if len(story.routes) > 1 else ""
                row.append(f"  {one_line(next(iter(story.routes)))}{others}", "dim")
            self._out(row)
        self._out()

    def _subjects(self, story: Story) -> str:
        first, *others = story.subjects or (story.title,)
        return one_line(first) + (f" and {len(others)} more" if others else "")

    def _print_not_reported(self, report: Report) -> None:
        told = NotReported(self._console, self._places, links=self._links)
        told.print_entries(SUPPRESSED, report.suppressed)
        told.print_entries(KNOWN, report.known)
        told.print_unused(report.unused_suppressions)
        if report.suppressed or report.known or report.unused_suppressions:
            self._out()

    def _print_summary(self, report: Report, story_count: int) -> None:
        for note in (*report.notes, *self._unused(report)):
            self._wrapped(Text.assemble(("note  ", "yellow"), note), "")
        self._wrapped(self._summary(report, story_count), "")

    def _unused(self, report: Report) -> Iterator[str]:
        unused = report.unused_suppressions
        if unused:
            hint = "" if self._verbose else " (--verbose tells them)"
            yield f"nothing was found for {count(len(unused), 'suppression')}{hint}"

    def _summary(self, report: Report, story_count: int) -> Text:
        text = Text.assemble(("ennead  ", "bold"))
        if report.entries:
            text.append(count(len(report.entries), "finding"), "bold")
            text.append(f" in {count(story_count, 'place')} ({by_severity(report.entries)})")
            text.append(f"{self._dot()}{duration(report.wasted_ms)} wasted")
        elif report.unit_count:
            text.append(_nothing(report), "bold green")
        else:
            text.append("nothing was recorded", "bold yellow")
            return text
        if report.known:
            text.append(f"{self._dot()}{len(report.known):,} known in the baseline")
        if report.suppressed:
            text.append(f"{self._dot()}{len(report.suppressed):,} suppressed")
        text.append(f"{self._dot()}{count(report.query_count, 'query', 'queries')}, {duration(report.database_ms)}")
        text.append(f"{self._dot()}{_units(report)}")
        return text

    # ------------------------------------------------------------------------------------------ printing

    def _dot(self) -> str:
        return " · " if self._fancy else " - "

    def _times(self, number: int) -> str:
        return f"{'×' if self._fancy else 'x'}{number:,}"

    def _out(self, text: Text | None = None) -> None:
        self._console.print(text if text is not None else "", soft_wrap=True, highlight=False)

    def _wrapped(self, text: Text, indent: str) -> None:
        """Wrap at the terminal's width, every line indented; where there is no terminal a line stays a line."""
        width = self._console.width - len(indent)
        lines = text.wrap(self._console, width) if self._console.is_terminal and width > len(indent) else [text]
        for line in lines:
            self._out(Text(indent).append_text(line))


def _nothing(report: Report) -> str:
    if report.hidden_count:
        return f"nothing to show: {count(report.hidden_count, 'finding')} hidden by your verdicts"
    return "nothing new" if report.known else "no N+1 found"


def _role_words(line: Line) -> str:
    return "+".join(line.roles)


def _models(finding: Finding) -> str:
    """The models beside the relation; without one they are the subject already."""
    return f"  models {', '.join(finding.models)}" if finding.relation and finding.models else ""


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    yield "decided by", deciders(finding)
    yield from known_evidence(finding.evidence)


def _units(report: Report) -> str:
    kinds = [count(number, kind) for kind, number in report.unit_counts.items()]
    return ", ".join(kinds) if kinds else "no unit of work"
