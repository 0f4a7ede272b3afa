"""What a reader must know to trust a report: what was dropped, broken, cut off or could not be observed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ennead.agent.places import PROJECT
from ennead.agent.settings import AgentSettings
from ennead.kernel.settings import load_settings, read_pyproject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.runs.folder import RunFacts
    from ennead.runs.reading import PythonProcess, RunRecords

_SHOWN_PROBLEMS = 3
_COUNTER_WORDS = {
    "dropped_units": "units of work were dropped because too many waited or the record file was full",
    "failed_analyses": "analyses failed; what those units of work hold is not told here",
    "unread_models": (
        "model files could not be read: the shipped model or the rules answered instead; ennead doctor tells why"
    ),
    "write_errors": "records could not be written",
    "internal_errors": "internal errors outside of units of work; something may be missing",
}
_LOSES_NOTHING = "unread_models"
"""The counter of what was answered by somebody else: it is told, and nothing is missing."""


def notes_on(facts: RunFacts, records: RunRecords) -> Iterator[str]:
    """One sentence each; none for a run without trouble."""
    if facts.ended_at is None:
        yield "the run has not ended: it still goes on, or ennead was killed"
    yield from _processes(records)
    yield from _losses(records)
    yield from _broken(records)
    yield from _shadow(records)


def notes_on_settings() -> Iterator[str]:
    """What the settings in force hide."""
    if load_settings(AgentSettings, pyproject=read_pyproject(PROJECT.path)).auto_batch:
        yield "automatic batching is on (ENNEAD_AUTO_BATCH, auto_batch): N+1s that it covers are not found"


def is_whole(records: RunRecords) -> bool:
    """Whether what was not found was not there: no process, unit of work, analysis or record is missing."""
    ended = {end.pid for end in records.ends}
    whole = all(process.pid in ended for process in records.processes) and not records.problems
    cut = any(unit.dropped_query_count or unit.internal_error_count for unit in records.units)
    lost = any(number for end in records.ends for name, number in end.counters.items() if name != _LOSES_NOTHING)
    return whole and not cut and bool(records.units) and not lost


def not_observed(process: PythonProcess) -> str:
    """One line on a Python process that runs without Ennead, with the way out."""
    if process.problem == "not installed":
        return (
            f"{process.executable} (Python {process.python}) has no Ennead, so that process is not observed; "
            f"install it there: {process.executable} -m pip install ennead"
        )
    return f"a process of {process.executable} (Python {process.python}) is not observed: {process.problem}"


def _processes(records: RunRecords) -> Iterator[str]:
    if not records.started:
        yield (
            "no Python process was seen: the command started none, or started it without our PYTHONPATH "
            "(python -I and -E ignore it)"
        )
    told = Counter(not_observed(process) for process in records.started if process.problem)
    for text, number in told.items():
        yield text if number == 1 else f"{text} ({number} processes)"
    if records.started and not records.units and not told:
        yield (
            "no unit of work with a query was recorded; 'ennead doctor -- COMMAND' tells what is hooked, and "
            "ennead.wrap_connection() observes a plain DB-API connection"
        )


def _losses(records: RunRecords) -> Iterator[str]:
    counters: Counter[str] = Counter()
    for end in records.ends:
        counters.update(end.counters)
    for name, words in _COUNTER_WORDS.items():
        if counters[name]:
            yield f"{counters[name]:,} {words}"
    dropped = sum(unit.dropped_query_count for unit in records.units)
    if dropped:
        yield f"{dropped:,} queries were counted but not recorded (see ENNEAD_MAX_QUERIES)"
    cut = sum(unit.cut_query_count for unit in records.units)
    if cut:
        yield f"{cut:,} queries were cut off from kept contexts (see ENNEAD_MAX_CONTEXT_QUERIES)"
    errors = sum(unit.internal_error_count for unit in records.units)
    if errors:
        yield f"{errors:,} internal errors while recording; some queries are missing"
    ended = {end.pid for end in records.ends}
    lost = [process.pid for process in records.processes if process.pid not in ended]
    if lost:
        who = f"process {lost[0]}" if len(lost) == 1 else f"{len(lost)} processes"
        yield f"{who} ended by a signal or still running: the last unit of work may be missing"


def _broken(records: RunRecords) -> Iterator[str]:
    for problem in records.problems[:_SHOWN_PROBLEMS]:
        yield f"broken record at {problem}"
    more = len(records.problems) - _SHOWN_PROBLEMS
    if more > 0:
        yield f"{more:,} more broken records"
    full = {finding.id for unit in records.units for finding in unit.findings}
    orphans = {sighting.id for unit in records.units for sighting in unit.sightings} - full
    if orphans:
        yield f"{len(orphans):,} findings are not told because the record with their details is lost"


def _shadow(records: RunRecords) -> Iterator[str]:
    """How a model under test compared with what decides."""
    counters: Counter[str] = Counter()
    for end in records.ends:
        counters.update(end.shadow)
    groups = counters["group_count"]
    if groups:
        yield (
            f"the shadow model agrees on {counters['agreement_count']:,} of {groups:,} repeated groups; it alone would "
            f"report {counters['only_shadow_count']:,}, and not {counters['only_deciding_count']:,} that are reported; "
            f"{counters['microseconds'] / groups:,.0f} µs a group"
        )
    if counters["failure_count"]:
        yield f"the shadow model failed in {counters['failure_count']:,} units of work"
