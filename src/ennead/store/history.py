"""What the memory knows of patterns: status, trend, and what a fix brought."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from sqlalchemy import func, select

from ennead.kernel.errors import EnneadError
from ennead.store.schema import FINDINGS, PATTERNS, ROUTES, RUNS
from ennead.store.times import moment, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ennead.kernel.finding import Severity
    from ennead.store.memory import Memory

Status = Literal["new", "recurring", "regressed", "fixed", "suppressed", "once"]
STATUSES: tuple[Status, ...] = get_args(Status)
TREND_RUNS = 20
_COMPARED_RUNS = 5
_USUAL_RUNS = 20
_FEWEST_USUAL_RUNS = 3
_SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun:
    """A run that is remembered."""

    run_id: str
    started_at: datetime
    command: str
    is_whole: bool
    unit_count: int
    query_count: int
    database_ms: float
    wasted_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPattern:
    """One pattern over all runs that are remembered."""

    pattern: str
    status: Status
    query_template: str
    about: str
    """The relation, or the statement."""
    place: str | None
    code: str
    kind: str
    signature: str
    severity: Severity
    confidence: float
    first_detected: datetime
    last_detected: datetime
    detection_count: int
    """Units of work that had it."""
    run_count: int
    fixed_at: datetime | None
    regressed_at: datetime | None
    regression_count: int
    places: tuple[str, ...]
    trend: tuple[int | None, ...] = ()
    """Queries where it was worst in each of the last runs, the oldest first; ``None`` where not all its places ran."""


class Sighting(NamedTuple):
    """A pattern in one run."""

    run: KnownRun
    query_count: int
    unit_count: int
    wasted_ms: float
    severity: Severity
    confidence: float


class Improvement(NamedTuple):
    """What the places of a pattern cost before and after it was fixed, a unit of work, and the pattern's own share."""

    queries_before: float
    queries_after: float
    database_ms_before: float
    database_ms_after: float
    pattern_queries_before: float
    wasted_ms_before: float
    runs_before: int
    runs_after: int


class UnusualRoute(NamedTuple):
    """A place that does more than it usually did: queries a unit of work."""

    place: str
    now: float
    usual: float


def known_patterns(memory: Memory, *, since: datetime | None = None) -> tuple[KnownPattern, ...]:
    """All patterns, those first that were detected last; with ``since`` those detected or fixed from then on."""
    return memory.read(lambda connection: _patterns(connection, memory.project, since))


def find_pattern(memory: Memory, name: str) -> KnownPattern:
    """The pattern whose hash begins with ``name``, with or without its ``f1:``, or that of a finding taken for it.

    Raises
    ------
    EnneadError
        There is none, or more than one.
    """
    known = known_patterns(memory)
    linked = memory.read(lambda connection: linked_patterns(connection, memory.project))
    called = {pattern for finding, pattern in linked.items() if _is_called(finding, name)}
    found = [each for each in known if name and (each.pattern in called or _is_called(each.pattern, name))]
    if len(found) == 1:
        return found[0]
    if found:
        raise EnneadError(f"{len(found)} patterns begin with {name!r}: {_names(found)}")
    raise EnneadError(f"no pattern called {name!r} is remembered; there are: {_names(known)}")


def sightings(memory: Memory, pattern: str) -> tuple[Sighting, ...]:
    """The runs that had a pattern, the newest first."""
    return memory.read(lambda connection: _sightings(connection, memory.project, pattern))


def improvement(memory: Memory, pattern: KnownPattern) -> Improvement | None:
    """What a fix brought, measured on the runs of the same places before and after; ``None`` where there are none."""
    if pattern.fixed_at is None or pattern.status != "fixed":
        return None
    return memory.read(lambda connection: _improvement(connection, memory.project, pattern))


def unusual_routes(memory: Memory) -> tuple[UnusualRoute, ...]:
    """Places whose queries a unit of work are far above the median of the runs before: the project's own baseline."""
    return memory.read(lambda connection: tuple(_unusual(connection, memory.project)))


def known_runs(memory: Memory, most: int = TREND_RUNS) -> tuple[KnownRun, ...]:
    """The last runs, the newest first."""
    return memory.read(lambda connection: tuple(_runs(connection, memory.project, most)))


# ---------------------------------------------------------------------------------------------- patterns


def linked_patterns(connection: Connection, project: str) -> dict[str, str]:
    """Finding to the pattern that it was taken for last, where that is another one and it has none of its own."""
    own = select(PATTERNS.c.pattern_hash).where(PATTERNS.c.project == project)
    asked = (
        select(FINDINGS.c.finding_id, FINDINGS.c.pattern_hash)
        .where(FINDINGS.c.project == project, FINDINGS.c.finding_id != FINDINGS.c.pattern_hash)
        .where(FINDINGS.c.finding_id.not_in(own))
        .order_by(FINDINGS.c.run_id)
    )
    return dict(connection.execute(asked).tuples().all())


def _patterns(connection: Connection, project: str, since: datetime | None) -> tuple[KnownPattern, ...]:
    asked = select(PATTERNS).where(PATTERNS.c.project == project)
    if since is not None:
        start = written(since)
        asked = asked.where((PATTERNS.c.last_detected >= start) | (PATTERNS.c.fixed_at >= start))
    order = (PATTERNS.c.last_detected.desc(), PATTERNS.c.detection_count.desc(), PATTERNS.c.pattern_hash)
    rows = connection.execute(asked.order_by(*order)).mappings().all()
    runs = list(reversed(_runs(connection, project, TREND_RUNS)))
    places = _places_of_runs(connection, project, runs)
    counts = _counts_of_runs(connection, project, runs)
    newest = max((written(run.started_at) for run in runs), default="")
    return tuple(_pattern(row, _trend(row, runs, places, counts), newest) for row in rows)


def _pattern(row: Mapping[Any, Any], trend: tuple[int | None, ...], newest: str) -> KnownPattern:
    return KnownPattern(
        pattern=row["pattern_hash"],
        status=_status(row, newest),
        query_template=row["query_template"],
        about=row["about"],
        place=row["place"],
        code=row["code"],
        kind=row["kind"],
        signature=row["signature"],
        severity=row["severity"],
        confidence=row["confidence"],
        first_detected=moment(row["first_detected"]),
        last_detected=moment(row["last_detected"]),
        detection_count=row["detection_count"],
        run_count=row["run_count"],
        fixed_at=moment(row["fixed_at"]) if row["fixed_at"] else None,
        regressed_at=moment(row["regressed_at"]) if row["regressed_at"] else None,
        regression_count=row["regression_count"],
        places=tuple(json.loads(row["places"])),
        trend=trend,
    )


def _status(row: Mapping[Any, Any], newest: str) -> Status:
    if row["fixed"]:
        return "fixed"
    if row["suppressed"]:
        return "suppressed"
    if row["regression_count"]:
        return "regressed"
    if row["run_count"] > 1:
        return "recurring"
    return "new" if row["last_detected"] == newest else "once"


def _trend(
    row: Mapping[Any, Any],
    runs: Sequence[KnownRun],
    places: Mapping[str, set[str]],
    counts: Mapping[tuple[str, str], int],
) -> tuple[int | None, ...]:
    own = set(json.loads(row["places"]))
    return tuple(
        counts.get((run.run_id, row["pattern_hash"]), 0 if own <= places[run.run_id] else None) for run in runs
    )


def _runs(connection: Connection, project: str, most: int) -> list[KnownRun]:
    asked = select(RUNS).where(RUNS.c.project == project).order_by(RUNS.c.started_at.desc()).limit(most)
    return [_run(row) for row in connection.execute(asked).mappings()]


def _run(row: Mapping[Any, Any]) -> KnownRun:
    return KnownRun(
        run_id=row["run_id"],
        started_at=moment(row["started_at"]),
        command=row["command"],
        is_whole=row["is_whole"],
        unit_count=row["unit_count"],
        query_count=row["query_count"],
        database_ms=row["database_ms"],
        wasted_ms=row["wasted_ms"],
    )


def _places_of_runs(connection: Connection, project: str, runs: Iterable[KnownRun]) -> Mapping[str, set[str]]:
    places: defaultdict[str, set[str]] = defaultdict(set)
    asked = select(ROUTES.c.run_id, ROUTES.c.place).where(
        ROUTES.c.project == project, ROUTES.c.run_id.in_([run.run_id for run in runs])
    )
    for run_id, place in connection.execute(asked):
        places[run_id].add(place)
    return places


def _counts_of_runs(connection: Connection, project: str, runs: Iterable[KnownRun]) -> Mapping[tuple[str, str], int]:
    asked = (
        select(FINDINGS.c.run_id, FINDINGS.c.pattern_hash, func.max(FINDINGS.c.query_count))
        .where(FINDINGS.c.project == project, FINDINGS.c.run_id.in_([run.run_id for run in runs]))
        .group_by(FINDINGS.c.run_id, FINDINGS.c.pattern_hash)
    )
    return {(run_id, pattern): count for run_id, pattern, count in connection.execute(asked)}


def _sightings(connection: Connection, project: str, pattern: str) -> tuple[Sighting, ...]:
    joined = FINDINGS.join(RUNS, (RUNS.c.project == FINDINGS.c.project) & (RUNS.c.run_id == FINDINGS.c.run_id))
    asked = (
        select(
            RUNS,
            FINDINGS.c.query_count.label("found_count"),
            FINDINGS.c.unit_count.label("found_units"),
            FINDINGS.c.wasted_ms.label("found_wasted"),
            FINDINGS.c.severity,
            FINDINGS.c.confidence,
        )
        .select_from(joined)
        .where(FINDINGS.c.project == project, FINDINGS.c.pattern_hash == pattern)
        .order_by(RUNS.c.started_at.desc())
    )
    return tuple(
        Sighting(
            _run(row), row["found_count"], row["found_units"], row["found_wasted"], row["severity"], row["confidence"]
        )
        for row in connection.execute(asked).mappings()
    )


def _is_called(pattern: str, name: str) -> bool:
    return pattern.startswith(name) or pattern.partition(":")[2].startswith(name)


def _names(patterns: Sequence[KnownPattern]) -> str:
    shown = [each.pattern for each in patterns[:_SHOWN_NAMES]]
    more = [f"{len(patterns) - _SHOWN_NAMES} more"] if len(patterns) > _SHOWN_NAMES else []
    return ", ".join([*shown, *more]) or "none"


# ---------------------------------------------------------------------------------------------- what is usual


def _improvement(connection: Connection, project: str, pattern: KnownPattern) -> Improvement | None:
    fixed_at = pattern.fixed_at
    if fixed_at is None:
        return None
    seen = [each for each in _sightings(connection, project, pattern.pattern) if each.run.started_at < fixed_at]
    loads = _loads(connection, project, pattern.places)
    before = [loads[each.run.run_id] for each in seen[:_COMPARED_RUNS] if each.run.run_id in loads]
    later = select(RUNS.c.run_id).where(RUNS.c.project == project, RUNS.c.started_at >= written(fixed_at))
    after_ids = connection.execute(later.order_by(RUNS.c.started_at)).scalars().all()
    after = [loads[run_id] for run_id in after_ids if run_id in loads][:_COMPARED_RUNS]
    if not before or not after:
        return None
    compared = seen[:_COMPARED_RUNS]
    return Improvement(
        queries_before=fmean(load[0] for load in before),
        queries_after=fmean(load[0] for load in after),
        database_ms_before=fmean(load[1] for load in before),
        database_ms_after=fmean(load[1] for load in after),
        pattern_queries_before=fmean(each.query_count for each in compared),
        wasted_ms_before=fmean(each.wasted_ms / max(each.unit_count, 1) for each in compared),
        runs_before=len(before),
        runs_after=len(after),
    )


def _loads(connection: Connection, project: str, places: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Run to queries and database time a unit of work, in all of the places together."""
    asked = (
        select(
            ROUTES.c.run_id,
            func.sum(ROUTES.c.query_count),
            func.sum(ROUTES.c.database_ms),
            func.sum(ROUTES.c.unit_count),
        )
        .where(ROUTES.c.project == project, ROUTES.c.place.in_(places))
        .group_by(ROUTES.c.run_id)
    )
    return {
        run_id: (float(queries) / units, float(spent) / units)
        for run_id, queries, spent, units in connection.execute(asked)
        if units
    }


def _unusual(connection: Connection, project: str, factor: float = 1.5, least: float = 5.0) -> Iterable[UnusualRoute]:
    """Half as much again as the median of at least three runs before, and five queries more."""
    runs = _runs(connection, project, _USUAL_RUNS + 1)
    if not runs:
        return
    by_run: defaultdict[str, dict[str, float]] = defaultdict(dict)
    asked = select(ROUTES).where(ROUTES.c.project == project, ROUTES.c.run_id.in_([run.run_id for run in runs]))
    for row in connection.execute(asked):
        by_run[row.run_id][row.place] = row.query_count / max(row.unit_count, 1)
    newest, *earlier = [by_run[run.run_id] for run in runs]
    for place, now in sorted(newest.items()):
        before = [loads[place] for loads in earlier if place in loads]
        if len(before) >= _FEWEST_USUAL_RUNS:
            usual = median(before)
            if now > usual * factor and now >= usual + least:
                yield UnusualRoute(place, now, usual)
