"""The comparison of two runs for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from ennead.reporting.amounts import count
from ennead.reporting.comparison import STATUSES
from ennead.reporting.printable import made_printable, one_line
from ennead.reporting.sql import shortened
from ennead.reporting.story import code_title, subject

if TYPE_CHECKING:
    from rich.console import Console

    from ennead.reporting.comparison import ComparedRun, Comparison, FindingChange, Status
    from ennead.reporting.places import Places

STATUS_WORDS: dict[Status, str] = {
    "new": "new", "grown": "grown", "shrunk": "shrunk", "gone": "gone", "suppressed": "suppressed",
    "not-run": "not run again", "same": "the same",
}  # fmt: skip
_STYLES: dict[Status, str] = {
    "new": "bold red", "grown": "bold yellow", "shrunk": "green", "gone": "bold green", "suppressed": "magenta",
    "not-run": "yellow", "same": "dim",
}  # fmt: skip
_INDENT = "  "
_SHOWN = 10


class ComparisonTerminal:
    """Prints comparisons.

    Parameters
    ----------
    console
        Where to; colour, width and links are its business.
    places
        How call sites are named.
    verbose
        Tell everything: findings that are the same, too, whole statements, all routes.
    links
        Make call sites hyperlinks.
    """

    def __init__(self, console: Console, places: Places, *, verbose: bool = False, links: bool = False) -> None:
        self._console = console
        self._places = places
        self._verbose = verbose
        self._links = links
        self._fancy = console.encoding.lower().startswith("utf")

    def print_comparison(self, comparison: Comparison) -> None:
        """Findings, then routes and statements that changed, then what came out."""
        comparison = made_printable(comparison)
        for change in comparison.findings if self._verbose else comparison.changed:
            self._print_finding(change)
        self._print_counts(
            "Queries in the worst unit of work of a route",
            [(route.before, route.after, route.route) for route in comparison.routes],
        )
        self._print_counts(
            "Other statements that run more or less often",
            [
                (each.before, each.after, f"{self._sql(each.statement)}{self._dot}{each.route}")
                for each in comparison.statements
            ],
        )
        for note in comparison.notes:
            self._out(Text.assemble(("note  ", "yellow"), one_line(note)))
        self._out(Text(f"before  {_side(comparison.before)}", "dim"))
        self._out(Text(f"after   {_side(comparison.after)}", "dim"))
        self._out(Text.assemble(("ennead  ", "bold"), summary(comparison)))

    def _print_finding(self, change: FindingChange) -> None:
        finding = change.finding
        row = Text(STATUS_WORDS[change.status].upper(), _STYLES[change.status])
        row.append(f"  {code_title(finding)}  ", "")
        row.append(one_line(subject(finding)), "bold")
        row.append(f"  {self._times(change)}", "bold")
        row.append(f"  {finding.severity}  {finding.id}", "dim")
        self._out(row)
        place = Text(_INDENT)
        site = finding.call_site or finding.loop or finding.origin
        if site is not None:
            link = self._places.link(site) if self._links else None
            place.append(self._places.text(site), Style(color="cyan", link=link))
            place.append("  ")
        place.append(", ".join(map(one_line, self._shown_routes(change))), "dim")
        self._out(place)
        if self._verbose:
            self._out(Text(_INDENT + one_line(finding.statement), "dim"))
        if change.note:
            self._out(Text(_INDENT + one_line(change.note), "yellow"))

    def _shown_routes(self, change: FindingChange) -> tuple[str, ...]:
        return change.routes if self._verbose else change.routes[:1]

    def _print_counts(self, title: str, rows: list[tuple[int, int, str]]) -> None:
        if not rows:
            return
        self._out()
        self._out(Text(title, "bold"))
        for before, after, what in rows if self._verbose else rows[:_SHOWN]:
            row = Text(f"{_INDENT}{before:>7,} {self._arrow} {after:<7,} ", "red" if after > before else "green")
            self._out(row.append(one_line(what), ""))
        if not self._verbose and len(rows) > _SHOWN:
            self._out(Text(f"{_INDENT}{len(rows) - _SHOWN:,} more (--verbose tells them all)", "dim"))

    def _sql(self, statement: str) -> str:
        text = statement if self._verbose else shortened(statement)
        return text if self._fancy else text.replace("…", "...")

    def _times(self, change: FindingChange) -> str:
        sign = "×" if self._fancy else "x"
        return times_text(change, sign, self._arrow)

    @property
    def _dot(self) -> str:
        return " · " if self._fancy else " - "

    @property
    def _arrow(self) -> str:
        return "→" if self._fancy else "->"

    def _out(self, text: Text | None = None) -> None:
        self._console.print(text if text is not None else "", soft_wrap=True, highlight=False)


def times_text(change: FindingChange, sign: str = "×", arrow: str = "→") -> str:
    """``×10 → ×100``; one count where it was found in one of the runs only, or where both are the same."""
    counts = [number for number in (change.before, change.after) if number is not None]
    return f" {arrow} ".join(f"{sign}{number:,}" for number in dict.fromkeys(counts))


def summary(comparison: Comparison) -> str:
    """How many findings there are of each status, in one line."""
    parts = [f"{len(found):,} {STATUS_WORDS[status]}" for status in STATUSES if (found := comparison.of(status))]
    return ", ".join(parts) or "no finding in either run"


def _side(run: ComparedRun) -> str:
    started = f"{run.started_at:%Y-%m-%d %H:%M}  " if run.started_at else ""
    found = count(run.finding_count, "finding")
    return (
        f"{started}{run.run_id or ''}  {one_line(run.command)}  {found}, {count(run.query_count, 'query', 'queries')}"
    )
