"""What every renderer gets: findings merged over units of work, and the numbers around them. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from ennead.kernel.finding import Finding, severity_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ennead.domains.nplusone.look_alikes import LookAlike
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Recommendation


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding over all units of work that had it."""

    finding: Finding
    """Of the unit of work where it was worst."""
    occurrence_count: int = 1
    """Units of work."""
    total_query_count: int
    total_wasted_ms: float
    routes: Mapping[str, int] = field(default_factory=dict)
    """Route, or name of the unit of work where it has none, to the number of units of work; the most frequent first."""
    tests: Mapping[str, int] = field(default_factory=dict)
    """Test to the number of its units of work that had it, in the order they ran; told by the pytest plugin only."""

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """The entry of a finding that was seen in a single unit of work."""
        return cls(
            finding=finding,
            total_query_count=finding.query_count,
            total_wasted_ms=finding.wasted_ms,
            routes={finding.route: 1} if finding.route else {},
        )

    @property
    def rank(self) -> tuple[int, float, float]:
        """The greater, the further up in a report."""
        return (severity_rank(self.finding.severity), self.total_wasted_ms, self.finding.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLoad:
    """What the units of work of one route did, all together."""

    route: str
    kind: str
    unit_count: int
    query_count: int
    max_query_count: int
    """Of the unit of work with the most queries."""
    database_ms: float
    duration_ms: float
    wasted_ms: float
    finding_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """A read that many units of work ran with the same parameters. No finding: each of them asked once."""

    kind: str
    """Of the units of work: ``request`` or ``job``."""
    statement: str
    statement_fingerprint: str
    call_site: CallSite
    """The access."""
    unit_count: int
    unit_total: int
    """Units of work of that kind that asked the database anything."""
    execution_count: int
    duration_ms: float
    row_count: int
    """The most that it returned."""
    places: tuple[str, ...]
    """Routes; the first few."""
    change_count: int
    """Units of work that wrote to its tables meanwhile."""
    cache_key: str
    ttl_seconds: int
    recommendations: tuple[Recommendation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run, ready to be shown.

    Examples
    --------
    >>> Report(title="manage.py check").unit_count
    0
    """

    title: str
    """What was run, as it was typed."""
    run_id: str | None = None
    started_at: datetime | None = None
    duration_seconds: float | None = None
    exit_code: int | None = None
    project_root: str = ""
    """Absolute folder that the call sites' files are relative to."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Ennead, Python and the hooked libraries."""
    process_count: int = 0
    """Processes that did a unit of work."""
    unit_counts: Mapping[str, int] = field(default_factory=dict)
    """Kind of unit of work to count."""
    query_count: int = 0
    database_ms: float = 0.0
    entries: tuple[Entry, ...] = ()
    """The worst first."""
    suppressed: tuple[Entry, ...] = ()
    known: tuple[Entry, ...] = ()
    """In the project's baseline, the worst first: told as a number, and no reason to fail."""
    hidden_count: int = 0
    """Findings that the user's verdicts keep back; they are not among the entries."""
    look_alikes: tuple[LookAlike, ...] = ()
    """What repeats and is no N+1, the most queries first."""
    unused_suppressions: tuple[str, ...] = ()
    """Comments and patterns of the settings that nothing was found for, each with its place."""
    is_whole: bool = True
    """``False`` if something of the run is lost: what was not found may have been there."""
    routes: tuple[RouteLoad, ...] = ()
    """The one with the most wasted time first."""
    asked_again: tuple[AskedAgain, ...] = ()
    """Advice only: it counts neither as a finding nor as time wasted."""
    notes: tuple[str, ...] = ()
    """What the reader must know to trust the rest: drops, broken records, processes that were not observed."""

    @classmethod
    def of_findings(cls, title: str, findings: Iterable[Finding]) -> Self:
        """A report without a run: the findings of one profile or test."""
        entries = sorted(map(Entry.of, findings), key=lambda entry: entry.rank, reverse=True)
        return cls(
            title=title,
            entries=tuple(entry for entry in entries if entry.finding.suppressed is None),
            suppressed=tuple(entry for entry in entries if entry.finding.suppressed is not None),
        )

    @property
    def unit_count(self) -> int:
        """Units of work of every kind."""
        return sum(self.unit_counts.values())

    @property
    def wasted_ms(self) -> float:
        """Over all findings and units of work."""
        return sum(entry.total_wasted_ms for entry in self.entries)
