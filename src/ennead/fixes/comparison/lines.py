"""How often the watched lines ran: a fix changes what an access costs, not how often it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.comparison.units import size_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.fixes.comparison.edit import Edit
    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace
    from ennead.kernel.finding import Finding


def compare_lines(originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace], edit: Edit, notes: Notes) -> None:
    """Compare the executions of every line that was watched in the original with those of its counterpart.

    Watching slows a run, so not every run is watched: those that were are compared. If no patched run saw anything
    though one of the original did, the lines did not run.
    """
    watching = [trace for trace in originals if trace.line_counts]
    lines = {(file, line) for trace in watching for file, counts in trace.line_counts.items() for line in counts}
    for file, line in sorted(lines):
        counts = [trace.line_counts.get(file, {}).get(line, 0) for trace in watching]
        for trace in [trace for trace in patched if trace.line_counts] or patched:
            _compare_line(file, line, counts, trace, edit, notes)


def note_unwatched(findings: Iterable[Finding], notes: Notes) -> None:
    """Tell the accesses whose executions no run was watched for."""
    for site in dict.fromkeys(finding.call_site for finding in findings if finding.call_site is not None):
        what = f"executions of {site}"
        if what not in notes.compared and not any(told.startswith(f"{what}:") for told in notes.not_compared):
            notes.leave_out(what, "the line could not be watched")


def _compare_line(file: str, line: int, counts: Sequence[int], patched: ReplayTrace, edit: Edit, notes: Notes) -> None:
    place = f"{file}:{line}"
    now = edit.line_after(file, line)
    if not any(counts):
        return
    if len(set(counts)) > 1:
        notes.leave_out(f"executions of {place}", "two runs of the original differ in them")
    elif now is None:
        notes.leave_out(f"executions of {place}", "the change leaves no line in its place")
    elif edit.is_rewritten(file, line) and patched.line_counts.get(file, {}).get(now, 0):
        notes.leave_out(f"executions of {place}", "the change rewrites the line; it still runs")
    else:
        notes.compare(f"executions of {place}")
        count = patched.line_counts.get(file, {}).get(now, 0)
        if count != counts[0]:
            moved = f" (now line {now})" if now != line else ""
            notes.differ(f"{place}{moved} ran {counts[0]} times, now {count} times{size_words(patched)}")
