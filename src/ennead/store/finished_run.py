"""A run that has ended, as the memory takes it in: plain data that a front end fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ennead.domains.nplusone.evidence_signature import evidence_signature
from ennead.store.baseline import weak_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ennead.domains.nplusone.levels import Level
    from ennead.kernel.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFinding:
    """A finding over all units of work of a run."""

    finding: Finding
    """Of the unit of work where it was worst."""
    unit_count: int = 1
    total_query_count: int
    total_wasted_ms: float
    places: tuple[str, ...] = ()
    """Routes, or names of units of work that have none."""
    features: Mapping[str, float] = field(default_factory=dict)
    """Of its group, by name; none where its queries were not kept."""
    level: Level = "full"

    @property
    def signature(self) -> str:
        """What kind of evidence it rests on."""
        return evidence_signature(self.finding.code, self.finding.kind, self.features)

    @property
    def weak_id(self) -> str | None:
        """Statement and route."""
        return weak_id_of(self.finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRoute:
    """What the units of work of a route, a job or a test did."""

    place: str
    unit_count: int
    query_count: int
    database_ms: float
    wasted_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """All that is remembered of a run."""

    run_id: str
    started_at: datetime
    command: str
    exit_code: int | None = None
    is_whole: bool = True
    """``False`` if something of it is lost: what was not found may have been there."""
    findings: tuple[SeenFinding, ...] = ()
    """Those of the baseline and the suppressed ones, too."""
    routes: tuple[SeenRoute, ...] = ()
    doubted: frozenset[str] = frozenset()
    """Normalised statements that still repeat and were given too little confidence to be told: they are not fixed."""
