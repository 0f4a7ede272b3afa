"""A finished run is taken into the memory: what is new, seen again, back after a fix, and gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from ennead.store.baseline import steady_place
from ennead.store.pruning import prune
from ennead.store.schema import FINDINGS, PATTERNS, ROUTES, RUNS
from ennead.store.times import written
from ennead.store.verdicts import write_features

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from ennead.store.finished_run import FinishedRun, SeenFinding, SeenRoute
    from ennead.store.memory import Memory

_MOST_PLACES = 1_000
_MORE_PLACES = "..."
"""The last entry of a list of places that was cut: no run is known to have done all of them."""
_LONGEST_PLACE = 400
_LONGEST_TEMPLATE = 4_000
_LONGEST_ABOUT = 300


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a run was to the memory: hashes of patterns."""

    new: tuple[str, ...] = ()
    recurring: tuple[str, ...] = ()
    regressed: tuple[str, ...] = ()
    """They were fixed before this run."""
    fixed: tuple[str, ...] = ()
    """The run did everything that they were seen in, and did not find them."""
    is_known: bool = False
    """The run was in the memory already, and nothing was done."""


def remember(memory: Memory, run: FinishedRun) -> Remembered:
    """Take a run into the memory; the same run a second time changes nothing.

    A run that is older than what is known adds to the counts, and neither fixes a pattern nor brings one back.

    Parameters
    ----------
    memory
        Of the run's project.
    run
        It has ended.

    Raises
    ------
    EnneadError
        The memory cannot be used.
    """
    return memory.write(lambda connection: _Remembering(connection, memory, run).do())


class _Remembering:
    """One run on its way into the tables, in one transaction."""

    def __init__(self, connection: Connection, memory: Memory, run: FinishedRun) -> None:
        self._connection = connection
        self._memory = memory
        self._project = memory.project
        self._run = run
        self._at = written(run.started_at)

    def do(self) -> Remembered:
        if self._is_known():
            return Remembered(is_known=True)
        is_newest = self._is_newest()
        self._write_run()
        known = self._known_patterns()
        seen = _by_pattern(self._run.findings, known)
        new, recurring, regressed = [], [], []
        for pattern, findings in seen.items():
            before = known.get(pattern)
            self._write_findings(pattern, findings)
            self._write_pattern(pattern, findings, before, is_newest=is_newest)
            if before is None:
                new.append(pattern)
            elif before["fixed"] and is_newest:
                regressed.append(pattern)
            else:
                recurring.append(pattern)
        fixed = self._fix(known, seen) if is_newest and self._run.is_whole else ()
        prune(self._connection, self._memory, self._run.started_at)
        return Remembered(tuple(new), tuple(recurring), tuple(regressed), tuple(fixed))

    def _is_known(self) -> bool:
        asked = select(RUNS.c.run_id).where(RUNS.c.project == self._project, RUNS.c.run_id == self._run.run_id)
        return self._connection.execute(asked).first() is not None

    def _is_newest(self) -> bool:
        later = select(RUNS.c.run_id).where(RUNS.c.project == self._project, RUNS.c.started_at > self._at).limit(1)
        return self._connection.execute(later).first() is None

    def _write_run(self) -> None:
        run = self._run
        values = {
            "project": self._project,
            "run_id": run.run_id,
            "started_at": self._at,
            "command": run.command[:_LONGEST_TEMPLATE],
            "exit_code": run.exit_code,
            "is_whole": run.is_whole,
            "unit_count": sum(route.unit_count for route in run.routes),
            "query_count": sum(route.query_count for route in run.routes),
            "database_ms": sum(route.database_ms for route in run.routes),
            "wasted_ms": sum(seen.total_wasted_ms for seen in run.findings if seen.finding.suppressed is None),
        }
        self._connection.execute(insert(RUNS).values(values))
        routes = [self._key() | {"place": place} | load for place, load in _loads(run.routes).items()]
        if routes:
            self._connection.execute(insert(ROUTES), routes)

    def _key(self) -> dict[str, Any]:
        return {"project": self._project, "run_id": self._run.run_id}

    def _known_patterns(self) -> dict[str, Mapping[str, Any]]:
        asked = select(PATTERNS).where(PATTERNS.c.project == self._project)
        return {row["pattern_hash"]: dict(row) for row in self._connection.execute(asked).mappings()}

    def _write_findings(self, pattern: str, findings: list[SeenFinding]) -> None:
        rows = []
        for seen in _merged(findings):
            finding = seen.finding
            rows.append(
                self._key()
                | {
                    "finding_id": finding.id,
                    "pattern_hash": pattern,
                    "query_count": finding.query_count,
                    "unit_count": seen.unit_count,
                    "total_query_count": seen.total_query_count,
                    "wasted_ms": seen.total_wasted_ms,
                    "severity": finding.severity,
                    "confidence": finding.confidence,
                    "route": finding.route[:_LONGEST_PLACE] if finding.route else None,
                    "level": seen.level,
                    "features": write_features(seen.features),
                    "suppressed": finding.suppressed is not None,
                }
            )
        self._connection.execute(insert(FINDINGS), rows)

    def _write_pattern(
        self, pattern: str, findings: list[SeenFinding], before: Mapping[str, Any] | None, *, is_newest: bool
    ) -> None:
        worst = max(findings, key=lambda seen: (seen.finding.call_site is not None, seen.finding.query_count))
        count = sum(seen.unit_count for seen in findings)
        places = {place for seen in findings for place in map(_place, seen.places)}
        if before is None:
            self._connection.execute(insert(PATTERNS).values(self._new_pattern(pattern, worst, count, places)))
            return
        values: dict[str, Any] = {
            "detection_count": before["detection_count"] + count,
            "first_detected": min(before["first_detected"], self._at),
            "last_detected": max(before["last_detected"], self._at),
            "run_count": before["run_count"] + 1,
            "places": _as_json({*json.loads(before["places"]), *places}),
        }
        if is_newest:
            values |= _known_now(worst)
            if before["fixed"]:
                values |= {
                    "fixed": False,
                    "regressed_at": self._at,
                    "regression_count": before["regression_count"] + 1,
                }
        self._connection.execute(update(PATTERNS).where(*self._is(pattern)).values(values))

    def _new_pattern(self, pattern: str, worst: SeenFinding, count: int, places: set[str]) -> dict[str, Any]:
        finding = worst.finding
        return {
            "project": self._project,
            "pattern_hash": pattern,
            "query_template": finding.statement[:_LONGEST_TEMPLATE],
            "detection_count": count,
            "first_detected": self._at,
            "last_detected": self._at,
            "fixed": False,
            "code": finding.code,
            "kind": finding.kind,
            "about": (finding.relation or finding.statement)[:_LONGEST_ABOUT],
            "weak_id": worst.weak_id,
            "signature": worst.signature,
            "places": _as_json(places),
            "run_count": 1,
            "regression_count": 0,
            **_known_now(worst),
        }

    def _fix(self, known: Mapping[str, Mapping[str, Any]], seen: Mapping[str, object]) -> list[str]:
        """Mark what the run did everything for and did not find."""
        done = {_place(route.place) for route in self._run.routes if route.query_count}
        doubted = {statement[:_LONGEST_TEMPLATE] for statement in self._run.doubted}
        fixed = [
            pattern
            for pattern, before in known.items()
            if pattern not in seen and not before["fixed"] and before["query_template"] not in doubted
            if _all_done(json.loads(before["places"]), done)
        ]
        for pattern in fixed:
            self._connection.execute(
                update(PATTERNS).where(*self._is(pattern)).values(fixed=True, fixed_at=self._at, suppressed=False)
            )
        return fixed

    def _is(self, pattern: str) -> tuple[Any, Any]:
        return PATTERNS.c.project == self._project, PATTERNS.c.pattern_hash == pattern


def _known_now(worst: SeenFinding) -> dict[str, Any]:
    """What the newest run says of a pattern, whatever was said before."""
    finding = worst.finding
    site = finding.call_site
    return {
        "confidence": finding.confidence,
        "severity": finding.severity,
        "suppressed": finding.suppressed is not None,
        **({"signature": worst.signature} if worst.features else {}),
        **({"place": f"{site.file} in {site.function}"} if site is not None else {}),
    }


def _by_pattern(
    findings: Iterable[SeenFinding], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[SeenFinding]]:
    """Findings under the pattern they are: their own id, or of what knows no call sites the one of equal weak id."""
    weak = {row["weak_id"]: pattern for pattern, row in known.items() if row["weak_id"]}
    seen: dict[str, list[SeenFinding]] = {}
    for each in findings:
        pattern = each.finding.id
        linked = weak.get(each.weak_id)
        if pattern not in known and linked is not None:
            is_unplaced = each.finding.call_site is None or known[linked]["place"] is None
            pattern = linked if is_unplaced else pattern
        seen.setdefault(pattern, []).append(each)
    return seen


def _merged(findings: list[SeenFinding]) -> Iterable[SeenFinding]:
    """One for each finding id: what is suppressed here and not there is not suppressed."""
    merged: dict[str, SeenFinding] = {}
    for seen in sorted(findings, key=lambda each: each.finding.suppressed is not None):
        merged.setdefault(seen.finding.id, seen)
    return merged.values()


def _loads(routes: Iterable[SeenRoute]) -> dict[str, dict[str, Any]]:
    """By steady place: the same page with another number in its path is the same place."""
    loads: dict[str, dict[str, Any]] = {}
    for route in routes:
        load = loads.setdefault(
            _place(route.place), {"unit_count": 0, "query_count": 0, "database_ms": 0.0, "wasted_ms": 0.0}
        )
        for name in load:
            load[name] += getattr(route, name)
    return loads


def _place(place: str) -> str:
    return steady_place(place)[:_LONGEST_PLACE]


def _all_done(places: list[str], done: set[str]) -> bool:
    return bool(places) and _MORE_PLACES not in places and done.issuperset(places)


def _as_json(places: set[str]) -> str:
    kept = sorted(set(places) - {_MORE_PLACES})
    is_cut = len(kept) > _MOST_PLACES or _MORE_PLACES in places
    return json.dumps([*kept[:_MOST_PLACES], *([_MORE_PLACES] if is_cut else [])])
