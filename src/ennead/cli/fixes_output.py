"""Fixes for people at a terminal: what was tried, what was compared, the diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from ennead.reporting.amounts import count
from ennead.reporting.printable import made_printable
from ennead.reporting.terminal import DIFF_STYLES
from ennead.reporting.verification import diff_lines, what_stayed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from ennead.fixes.search_result import Attempt, FindingFix, SearchResult
    from ennead.fixes.verdict import Judgement
    from ennead.kernel.finding import Verification
    from ennead.replay.method_offer import MethodOffer

_STYLES = {"fixed": "bold green", "fixed-along": "green", "not-fixed": "bold yellow", "no-candidate": "yellow"}
_WORDS = {
    "fixed": "FIXED",
    "fixed-along": "FIXED ALONG",
    "not-fixed": "NOT FIXED",
    "no-candidate": "NO FIX KNOWN",
    "not-tried": "NOT TRIED",
}
_INDENT = "  "
_TOLD = 3


class FixesOutput:
    """Prints what came of looking for fixes.

    Parameters
    ----------
    console
        Where to.
    verbose
        Tell everything: each fix as a diff of its own, all that could not be compared, every candidate.
    diff
        Show the whole change.
    """

    def __init__(self, console: Console, *, verbose: bool = False, diff: bool = True) -> None:
        self._console = console
        self._verbose = verbose
        self._diff = diff

    def print_result(self, result: SearchResult) -> None:
        """Each finding, then all of them together."""
        for fix in result.fixes:
            self._print_fix(made_printable(fix))
        self._print_summary(result)

    def print_methods(self, offer: MethodOffer) -> None:
        """What has a name now, and what stays as it is."""
        if offer.names:
            self._out(Text(f"named: {', '.join(offer.names)}", style="bold"))
        for sentence in offer.kept:
            self._out(Text(f"not as a method: {sentence}"))

    def print_notes(self, notes: Iterable[str]) -> None:
        """What may explain that there is less than was expected."""
        for note in notes:
            self._out(Text.assemble(("note", "yellow"), f": {note}"))

    def print_applied(self, files: list[str]) -> None:
        """Which files were changed."""
        if files:
            self._out(Text(f"changed: {', '.join(files)}", style="bold"))
        else:
            self._out(Text("nothing was changed: no fix was verified"))

    def print_judgement(self, judgement: Judgement) -> None:
        """One change made by hand."""
        style = "bold green" if judgement.is_accepted else "bold red"
        self._out(Text.assemble((judgement.verdict.upper(), style)))
        for reason in judgement.reasons:
            self._out(Text(_INDENT + reason))
        self._print_compared(judgement.verification)

    def _print_fix(self, fix: FindingFix) -> None:
        finding = fix.finding
        place = finding.origin or finding.call_site
        head = Text.assemble((_WORDS[fix.status], _STYLES.get(fix.status, "bold")), "  ")
        head.append(finding.relation or ", ".join(finding.models) or finding.kind, "bold")
        head.append(f"  {place.file}:{place.line}" if place else "", "cyan")
        head.append(f"  {finding.id}", "dim")
        self._out(head)
        best = fix.best
        if fix.status == "fixed" and best is not None:
            self._print_best(best, fix.title if self._verbose else best.title)
            if self._verbose:
                self._print_diff(fix.diff)
                for attempt in fix.attempts[:-1]:
                    self._print_refused(attempt)
        elif fix.status == "fixed-along":
            self._out(Text(_INDENT + "an earlier fix repairs it, too"))
        else:
            self._print_failures(fix)
        self._out()

    def _print_best(self, best: Attempt, title: str) -> None:
        self._out(Text(_INDENT + title))
        self._out(Text.assemble(_INDENT, (best.judgement.verdict, "green"), f": {_reasons(best.judgement)}"))
        if self._verbose:
            self._print_compared(best.judgement.verification)

    def _print_compared(self, verification: Verification) -> None:
        word = "the same" if verification.verdict.startswith("verified") else "compared"
        self._out(Text(f"{_INDENT}{word}: {what_stayed(verification)}", style="dim"))
        told = verification.not_compared if self._verbose else verification.not_compared[:_TOLD]
        for sentence in told:
            self._out(Text(f"{_INDENT}not compared: {sentence}", style="dim"))
        if len(told) < len(verification.not_compared):
            more = len(verification.not_compared) - len(told)
            self._out(
                Text(
                    f"{_INDENT}not compared: {more} more (--verbose tells {'it' if more == 1 else 'them'})", style="dim"
                )
            )

    def _print_failures(self, fix: FindingFix) -> None:
        if not fix.attempts:
            what = "the time was up" if fix.status == "not-tried" else "no change of your own files is known to help"
            self._out(Text(_INDENT + what))
        best = fix.best
        for attempt in fix.attempts if self._verbose else (best,) if best else ():
            self._print_refused(attempt)

    def _print_refused(self, attempt: Attempt) -> None:
        self._out(Text.assemble(_INDENT, (attempt.judgement.verdict, "yellow"), f": {attempt.title}"))
        self._out(Text(f"{_INDENT * 2}{attempt.judgement.reasons[0]}", style="dim"))

    def _print_diff(self, diff: str) -> None:
        for line in diff_lines(diff):
            self._out(Text(_INDENT + line.text, style=DIFF_STYLES[line.kind]))

    def _print_summary(self, result: SearchResult) -> None:
        if not result.fixes:
            self._out(Text("nothing to fix: the replayed work shows no finding", style="bold"))
            return
        if self._diff and result.is_whole and result.diff:
            for line in diff_lines(result.diff):
                self._out(Text(line.text, style=DIFF_STYLES[line.kind]))
            self._out()
        whole = result.together or next((fix.best.judgement for fix in result.fixes if fix.is_fixed and fix.best), None)
        if whole is not None and not self._verbose:
            self._print_compared(whole.verification)
        fixed = sum(fix.is_fixed for fix in result.fixes)
        how = "fixed and verified" if result.is_whole else "fixed, but not together: nothing of it is offered"
        self._out(Text(f"{fixed} of {count(len(result.fixes), 'finding')} {how}", style="bold"))
        if result.together is not None:
            self._out(Text(f"all of them together: {result.together.verdict}: {_reasons(result.together)}"))

    def _out(self, text: Text | None = None) -> None:
        self._console.print(text or Text(), soft_wrap=True)


def _reasons(judgement: Judgement) -> str:
    return "; ".join(judgement.reasons)
