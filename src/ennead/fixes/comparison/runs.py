"""Whether the runs say anything at all: they took place, came to their end, and do the same work twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ennead.fixes.comparison.texts import excerpt
from ennead.fixes.comparison.units import numbered, size_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace, UnitTrace
    from ennead.kernel.finding import Finding

FEWEST_ORIGINALS = 2


def check_originals(
    small: Sequence[ReplayTrace], large: Sequence[ReplayTrace], findings: Sequence[Finding], notes: Notes
) -> None:
    """Write down why the runs of the original are no measure, if they are none."""
    if len(small) < FEWEST_ORIGINALS:
        notes.fail(f"{len(small)} runs of the original are too few: two tell what the work itself varies in")
        return
    if not small[0].units and small[0].exit_code:
        notes.fail(f"the original itself ended with exit code {small[0].exit_code}{_last_words(small[0])}")
    elif findings and not any(shows(trace, finding) for trace in (*small, *large) for finding in findings):
        notes.fail("the original did not show the finding when it was run again")
    for traces in (small, large):
        _check_counts(traces, notes)


def check_patched(original: ReplayTrace, patched: Sequence[ReplayTrace], notes: Notes) -> None:
    """Write down why the patched runs are no comparison, if they are none."""
    if not patched:
        notes.fail(f"there is no run of the patched work{size_words(original)}")
    for trace in patched:
        if trace.exit_code != original.exit_code and len(trace.units) < len(original.units):
            what = "broke off" if trace.units else "did not start"
            code = f"with exit code {trace.exit_code}{size_words(trace)}"
            notes.fail(f"the patched work {what} {code}{_last_words(trace)}")


def shows(trace: ReplayTrace, finding: Finding) -> bool:
    """Whether a run shows a finding: by its id, or by its statement repeated in one unit of work."""
    return any(
        any(found.id == finding.id for found in unit.findings)
        or any(item.fingerprint == finding.statement_fingerprint and item.count > 1 for item in unit.statements)
        for unit in trace.units
    )


def _check_counts(traces: Sequence[ReplayTrace], notes: Notes) -> None:
    if not traces:
        return
    sides = [numbered(trace.units) for trace in traces]
    for key, unit in sides[0].items():
        others = [side[key] for side in sides if key in side]
        if any(_counts(other) != _counts(unit) for other in others):
            notes.vary(f"{key}{size_words(traces[0])}: two runs of the original execute different statements")


def _counts(unit: UnitTrace) -> Counter[tuple[str, str]]:
    return total_counts([unit])


def total_counts(units: Iterable[UnitTrace]) -> Counter[tuple[str, str]]:
    """Executions by fingerprint and connection, over several units of work."""
    counts: Counter[tuple[str, str]] = Counter()
    for unit in units:
        for statement in unit.statements:
            counts[statement.fingerprint, statement.connection] += statement.count
    return counts


def _last_words(trace: ReplayTrace) -> str:
    lines = [line for line in trace.stderr_tail.splitlines() if line.strip()]
    return f": {excerpt(lines[-1])}" if lines else ""
