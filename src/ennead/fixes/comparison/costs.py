"""What the work costs: queries over all, rows fetched, time, memory, and statements outside of any unit of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.fixes.comparison.caching import lost_tables
from ennead.fixes.comparison.units import numbered, size_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.fixes.comparison.notes import Notes
    from ennead.fixes.trace import ReplayTrace

ROWS_RATIO, ROWS_MORE = 3, 100
TIME_RATIO, TIME_MORE_MS = 1.5, 20.0
CPU_RATIO = 1.2
"""Time is worse only if the processor had so many times more to do, or the databases took so much longer."""
MEMORY_RATIO, MEMORY_MORE_BYTES = 1.5, 32 * 1024 * 1024
_SLOWER = "the work took "
MOST_NEW_OUTSIDE = 3
"""A transaction's begin and end, or what a connection asks first: so many more statements outside of units are none
that were moved there."""


def query_count(trace: ReplayTrace) -> int:
    """Queries of all units of work."""
    return sum(unit.query_count for unit in trace.units)


def duration_ms(traces: Sequence[ReplayTrace]) -> float:
    """Time of the work in the fastest of the runs: of its units where there are any, else of the process."""
    spent = [sum(unit.duration_ms for unit in trace.units) if trace.units else trace.duration_ms for trace in traces]
    return min(spent, default=0.0)


def _works_more(originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace]) -> bool:
    """Whether the processes or the databases had more to do: on a busy machine time alone says little."""
    for is_unwatched in (True, False):
        before = [trace for trace in originals if trace.is_unwatched == is_unwatched]
        after = [trace for trace in patched if trace.is_unwatched == is_unwatched]
        if not before or not after:
            continue
        spent, now = min(trace.cpu_ms for trace in before), min(trace.cpu_ms for trace in after)
        if not spent or not now:
            return True  # not measured
        return now > CPU_RATIO * spent or _database_ms(after) > TIME_RATIO * _database_ms(before) + TIME_MORE_MS
    return False


def _database_ms(traces: Sequence[ReplayTrace]) -> float:
    return min(sum(unit.database_ms for unit in trace.units) for trace in traces)


def durations_ms(originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace]) -> tuple[float, float]:
    """Time of the work before and after, in runs that were watched alike: counting lines slows them."""
    for is_unwatched in (True, False):
        before = [trace for trace in originals if trace.is_unwatched == is_unwatched]
        after = [trace for trace in patched if trace.is_unwatched == is_unwatched]
        if before and after:
            return duration_ms(before), duration_ms(after)
    return 0.0, 0.0


def compare_costs(originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace], notes: Notes) -> list[str]:
    """Sentences about what became more expensive than the stated limits allow."""
    at = size_words(originals[0])
    return [
        *_compare_rows(originals[0], patched[0], notes, at),
        *_compare_times(originals, patched, notes, at),
        *_compare_memory(originals, patched, notes, at),
    ]


def _compare_rows(original: ReplayTrace, patched: ReplayTrace, notes: Notes, at: str) -> list[str]:
    before, after = _rows_fetched(original), _rows_fetched(patched)
    if before is None or after is None:
        notes.leave_out("rows fetched", "the driver does not tell their number for every statement")
        return []
    notes.compare("rows fetched")
    is_worse = after > ROWS_RATIO * before + ROWS_MORE
    return [f"{before} rows were fetched, now {after}{at}"] if is_worse else []


def _rows_fetched(trace: ReplayTrace) -> int | None:
    counts = [item.row_count for unit in trace.units for item in unit.statements if not item.is_write and item.tables]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _compare_times(
    originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace], notes: Notes, at: str
) -> list[str]:
    before, after = durations_ms(originals, patched)
    if not before and not after:
        notes.leave_out("time", "the runs were watched in different ways")
        return []
    notes.compare("time")
    is_worse = after > TIME_RATIO * before and after - before > TIME_MORE_MS and _works_more(originals, patched)
    return [f"{_SLOWER}{before:.0f} ms, now {after:.0f} ms{at}"] if is_worse else []


def is_only_slower(reasons: Sequence[str]) -> bool:
    """Whether time is all that a judgement complains of; a busy machine has much of it to itself.

    Examples
    --------
    >>> is_only_slower(["the work took 20 ms, now 90 ms"]), is_only_slower([])
    (True, False)
    """
    return bool(reasons) and all(reason.startswith(_SLOWER) for reason in reasons)


def _compare_memory(
    originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace], notes: Notes, at: str
) -> list[str]:
    before, after = _least_memory(originals, patched)
    if not before or not after:
        notes.leave_out("peak memory", "it was not measured")
        return []
    notes.compare("peak memory")
    is_worse = after > MEMORY_RATIO * before and after - before > MEMORY_MORE_BYTES
    return [f"peak memory was {before >> 20} MiB, is {after >> 20} MiB{at}"] if is_worse else []


def _least_memory(originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace]) -> tuple[int, int]:
    """Peak memory before and after, in runs that were watched alike."""
    for is_unwatched in (True, False):
        before = [trace.peak_memory_bytes for trace in originals if trace.is_unwatched == is_unwatched]
        after = [trace.peak_memory_bytes for trace in patched if trace.is_unwatched == is_unwatched]
        if before and after:
            return min(before), min(after)
    return 0, 0


def moved_outside(
    before: Sequence[Sequence[ReplayTrace]], after: Sequence[Sequence[ReplayTrace]], notes: Notes
) -> list[str]:
    """Sentences about statements that left the units of work instead of falling away.

    What a driver executes on any connection, thread or process must fall by about as much as what the units count:
    else the queries only went where no unit sees them.

    Parameters
    ----------
    before, after
        Runs at the small size and, where there is one, at the large size.
    """
    if any(not trace.statement_count and query_count(trace) for traces in (*before, *after) for trace in traces):
        notes.leave_out("statements outside of units of work", "the driver's own count is missing")
        return []
    notes.compare("statements outside of units of work")
    most = 0 if _loses_tables(before, after) else MOST_NEW_OUTSIDE
    more = [_more_outside(originals, patched) for originals, patched in zip(before, after, strict=True)]
    sentences = []
    for (rise, fall), originals in zip(more, before, strict=True):
        if rise > min(most, max(0, fall) // 2):
            sentences.append(
                f"the units of work run {fall} queries less, but {rise} more run outside of them"
                " (another connection, thread or process, or an INSERT that is sent row by row)"
                f"{size_words(originals[0])}"
            )
    if not sentences and more[-1][0] > more[0][0]:
        sentences.append("statements outside of the units of work grow with the data more than they did")
    return sentences


def _loses_tables(before: Sequence[Sequence[ReplayTrace]], after: Sequence[Sequence[ReplayTrace]]) -> bool:
    """Whether a unit of work does not read a table any more: a single statement elsewhere may have taken its place."""
    for originals, patched in zip(before, after, strict=True):
        units = numbered(originals[0].units)
        for key, unit in numbered(patched[0].units).items():
            if key in units and lost_tables(units[key], unit):
                return True
    return False


def _more_outside(originals: Sequence[ReplayTrace], patched: Sequence[ReplayTrace]) -> tuple[int, int]:
    """How many more statements run outside of units, beyond what varies by itself; and by how many the units fell."""
    outside = [_outside(trace) for trace in originals]
    rise = min(_outside(trace) for trace in patched) - max(outside)
    return rise, query_count(originals[0]) - query_count(patched[0])


def _outside(trace: ReplayTrace) -> int:
    return trace.statement_count - query_count(trace)
