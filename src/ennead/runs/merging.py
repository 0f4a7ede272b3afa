"""From records to a report: the same finding in many units of work is one entry."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from ennead.kernel.finding import severity_rank
from ennead.reporting.report import Entry, Report, RouteLoad
from ennead.runs.asked_again import asked_again
from ennead.runs.folder import command_line
from ennead.runs.kept_fixes import with_fix
from ennead.runs.notes import is_whole, notes_on

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from ennead.domains.nplusone.look_alikes import LookAlike
    from ennead.kernel.finding import Finding, Recommendation
    from ennead.runs.folder import RunFacts
    from ennead.runs.reading import RunRecords
    from ennead.runs.records import UnitRecord


def report_of(
    run_id: str, facts: RunFacts, records: RunRecords, fixes: Mapping[str, Recommendation] | None = None
) -> Report:
    """Everything about a run, ready to be shown.

    Parameters
    ----------
    run_id
        Name of its folder.
    facts, records
        What is on disk.
    fixes
        What is known of the fixes of findings, by id.
    """
    entries = sorted(merge(records.units), key=lambda entry: entry.rank, reverse=True)
    if fixes:
        entries = [replace(entry, finding=with_fix(entry.finding, fixes)) for entry in entries]
    hooked = _hooked(records)
    return Report(
        title=command_line(facts.command),
        run_id=run_id,
        started_at=facts.started_at,
        duration_seconds=(facts.ended_at - facts.started_at).total_seconds() if facts.ended_at else None,
        exit_code=facts.exit_code,
        project_root=facts.project_root,
        versions={**facts.versions, **{name: hooked[name] for name in sorted(hooked)}},
        process_count=len(records.processes),
        unit_counts=dict(Counter(unit.kind for unit in records.units).most_common()),
        query_count=sum(unit.query_count for unit in records.units),
        database_ms=sum(unit.database_ms for unit in records.units),
        entries=tuple(entry for entry in entries if entry.finding.suppressed is None),
        suppressed=tuple(entry for entry in entries if entry.finding.suppressed is not None),
        look_alikes=tuple(_look_alikes(records.units)),
        is_whole=is_whole(records),
        routes=tuple(_loads(records.units)),
        asked_again=asked_again(records.shared_reads),
        notes=tuple(notes_on(facts, records)),
    )


def _hooked(records: RunRecords) -> dict[str, str]:
    """Library to version, over all processes."""
    hooked: dict[str, str] = {}
    for process in records.processes:
        hooked.update(process.hooked)
    for end in records.ends:
        hooked.update(end.hooked)
    return hooked


def merge(units: Iterable[UnitRecord]) -> list[Entry]:
    """One entry for each finding id, in the order they were first seen.

    A finding that a comment suppresses in one place and not in another (the comment came while the server ran) has two
    entries.
    """
    merging: dict[tuple[str, bool], _Merging] = defaultdict(_Merging)
    for unit in units:
        for finding in unit.findings:
            entry = merging[finding.id, finding.suppressed is not None]
            entry.see(finding)
            entry.count(unit, finding.query_count, finding.wasted_ms)
        for sighting in unit.sightings:
            merging[sighting.id, sighting.suppressed].count(unit, sighting.query_count, sighting.wasted_ms)
    return [entry for merged in merging.values() for entry in merged.finished()]


class _Merging:
    """One finding while its units of work are being gone through."""

    def __init__(self) -> None:
        self._worst: Finding | None = None
        self._total_query_count = 0
        self._total_wasted_ms = 0.0
        self._routes: Counter[str] = Counter()
        self._tests: Counter[str] = Counter()

    def see(self, finding: Finding) -> None:
        worst = self._worst
        if worst is None or _badness(finding) > _badness(worst):
            self._worst = finding

    def count(self, unit: UnitRecord, query_count: int, wasted_ms: float) -> None:
        self._routes[unit.place] += 1
        if unit.test is not None:
            self._tests[unit.test] += 1
        self._total_query_count += query_count
        self._total_wasted_ms += wasted_ms

    def finished(self) -> Iterator[Entry]:
        """Nothing, if the record with the finding itself was lost."""
        if self._worst is None:
            return
        yield Entry(
            finding=self._worst,
            occurrence_count=self._routes.total(),
            total_query_count=self._total_query_count,
            total_wasted_ms=self._total_wasted_ms,
            routes=dict(self._routes.most_common()),
            tests=dict(self._tests),
        )


def _badness(finding: Finding) -> tuple[int, int, float]:
    return (severity_rank(finding.severity), finding.query_count, finding.wasted_ms)


def _look_alikes(units: Iterable[UnitRecord]) -> list[LookAlike]:
    """Each of them once, as it was in the process where it had most queries."""
    largest: dict[Hashable, LookAlike] = {}
    for told in (look_alike for unit in units for look_alike in unit.look_alikes):
        known = largest.setdefault(told.key, told)
        if told.query_count > known.query_count:
            largest[told.key] = told
    return sorted(largest.values(), key=lambda told: (-told.query_count, str(told.call_site), told.statement))


def _loads(units: Iterable[UnitRecord]) -> list[RouteLoad]:
    gathered: dict[tuple[str, str], list[UnitRecord]] = defaultdict(list)
    for unit in units:
        gathered[unit.place, unit.kind].append(unit)
    loads = [_load(route, kind, members) for (route, kind), members in gathered.items()]
    return sorted(loads, key=lambda load: (load.wasted_ms, load.query_count), reverse=True)


def _load(route: str, kind: str, units: list[UnitRecord]) -> RouteLoad:
    ids = {finding.id for unit in units for finding in unit.findings if finding.suppressed is None}
    ids |= {sighting.id for unit in units for sighting in unit.sightings if not sighting.suppressed}
    return RouteLoad(
        route=route,
        kind=kind,
        unit_count=len(units),
        query_count=sum(unit.query_count for unit in units),
        max_query_count=max(unit.query_count for unit in units),
        database_ms=sum(unit.database_ms for unit in units),
        duration_ms=sum(unit.duration_ms for unit in units),
        wasted_ms=sum(unit.wasted_ms for unit in units),
        finding_count=len(ids),
    )
