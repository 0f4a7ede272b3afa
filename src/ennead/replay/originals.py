"""What replays of the work as it is tell: its findings, and whether they are a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.runs.bounded_child import TIMED_OUT

if TYPE_CHECKING:
    from ennead.fixes.trace import Outcome, ReplayTrace
    from ennead.kernel.finding import Finding

_TOLD_NOTES = 5
_FAILED_STATUS = ("5", "failed", "raised")


def findings_of(trace: ReplayTrace) -> dict[str, Finding]:
    """Findings of a replay by id, the worst of each, in the order of a report; suppressed ones are left out."""
    found: dict[str, Finding] = {}
    for unit in trace.units:
        for finding in unit.findings:
            known = found.get(finding.id)
            if finding.suppressed is None and (known is None or finding.query_count > known.query_count):
                found[finding.id] = finding
    return found


def notes_on(trace: ReplayTrace) -> tuple[str, ...]:
    """What may explain that the work shows less than a person expects: answers that are no pages, no query at all."""
    answers = dict.fromkeys(
        f"{unit.name} answered {unit.outcome.status}{_aim(unit.outcome)}"
        for unit in trace.units
        if unit.outcome is not None and unit.outcome.kind == "response" and not unit.outcome.status.startswith("2")
    )
    if not trace.statement_count:
        answers["the work ran no query that could be seen"] = None
    elif not any(unit.query_count for unit in trace.units):
        answers["queries ran, none of them observed: ennead.wrap_connection() observes a plain DB-API connection"] = (
            None
        )
    told = tuple(answers)
    return told if len(told) <= _TOLD_NOTES else (*told[:_TOLD_NOTES], f"{len(told) - _TOLD_NOTES} more like this")


def _aim(outcome: Outcome) -> str:
    location = outcome.headers.get("location", "")
    return f" to {location}: is somebody to be logged in?" if "login" in location else location and f" to {location}"


def check_end(trace: ReplayTrace, timeout_seconds: float) -> None:
    """See that the work came to its end by itself.

    Raises
    ------
    EnneadError
        It was ended, so that each replay would show another part of it.
    """
    if trace.exit_code == TIMED_OUT and trace.duration_ms >= timeout_seconds * 1000:
        message = (
            f"the replayed work did not end within {timeout_seconds:g} s: name a narrower command, or give it more time"
        )
        raise EnneadError(message)


def rows_looped_over(trace: ReplayTrace) -> int:
    """Rows of the largest collection behind a finding; 0 without findings."""
    counts = (finding.origin_row_count or finding.query_count for finding in findings_of(trace).values())
    return max(counts, default=0)


def copes_as_well(large: ReplayTrace, small: ReplayTrace) -> bool:
    """Whether the work can cope with more rows as well as with those there were."""
    if large.exit_code != small.exit_code or len(large.units) != len(small.units):
        return False
    return _failure_count(large) <= _failure_count(small)


def grows(small: ReplayTrace, large: ReplayTrace) -> bool:
    """Whether any statement is executed more often, or gives more rows, on more rows."""
    counts = [
        sum(each.count + (each.row_count or 0) for unit in trace.units for each in unit.statements)
        for trace in (small, large)
    ]
    return counts[0] != counts[1]


def _failure_count(trace: ReplayTrace) -> int:
    return sum(unit.outcome is not None and unit.outcome.status.startswith(_FAILED_STATUS) for unit in trace.units)
