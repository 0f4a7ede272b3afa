"""What changed from one run to another: plain data, for every renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ennead.kernel.json_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from ennead.kernel.finding import Finding

Status = Literal["new", "grown", "shrunk", "gone", "suppressed", "not-run", "same"]
STATUSES: tuple[Status, ...] = ("new", "grown", "shrunk", "gone", "suppressed", "not-run", "same")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """What became of one finding."""

    status: Status
    """``suppressed`` means in the second run, and ``not-run`` that the second run did nothing of where it was found."""
    finding: Finding
    """Of the second run; of the first where the second one does not have it."""
    before: int | None
    """Queries in the worst unit of work of the first run; ``None`` where it was not found."""
    after: int | None
    routes: tuple[str, ...]
    """Where it was found, in the second run if it has it."""
    note: str = ""
    """What a reader should know before believing the status."""

    @property
    def rank(self) -> tuple[int, int]:
        """The smaller, the further up."""
        return (STATUSES.index(self.status), -max(self.before or 0, self.after or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """Queries in the worst unit of work of a route that both runs did."""

    route: str
    kind: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementChange:
    """Executions of a statement in the worst unit of work of a route whose queries both runs kept."""

    route: str
    statement: str
    statement_fingerprint: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """One side of a comparison."""

    run_id: str | None
    command: str
    started_at: datetime | None
    unit_count: int
    query_count: int
    finding_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs, ready to be shown beside each other."""

    before: ComparedRun
    after: ComparedRun
    project_root: str
    """Absolute folder that the call sites' files are relative to."""
    findings: tuple[FindingChange, ...] = ()
    """All of both runs, new ones first."""
    routes: tuple[RouteChange, ...] = ()
    """Those that changed, the greatest change first."""
    statements: tuple[StatementChange, ...] = ()
    """Those that changed and belong to none of the changed findings; the greatest change first."""
    notes: tuple[str, ...] = ()

    def of(self, *statuses: Status) -> tuple[FindingChange, ...]:
        """The findings with one of these statuses."""
        return tuple(change for change in self.findings if change.status in statuses)

    @property
    def changed(self) -> tuple[FindingChange, ...]:
        """All findings but those that are the same."""
        return tuple(change for change in self.findings if change.status != "same")


def comparison_to_dict(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON values."""
    return {
        "schema": SCHEMA_VERSION,
        "before": _side(comparison.before),
        "after": _side(comparison.after),
        "summary": {status: len(comparison.of(status)) for status in STATUSES},
        "findings": [_finding(change) for change in comparison.findings],
        "routes": [_fields(change) for change in comparison.routes],
        "statements": [_fields(change) for change in comparison.statements],
        "notes": list(comparison.notes),
    }


def _side(run: ComparedRun) -> dict[str, Any]:
    return _fields(run) | {"started_at": run.started_at.isoformat() if run.started_at else None}


def _finding(change: FindingChange) -> dict[str, Any]:
    return _fields(change) | {"finding": change.finding.to_dict(), "routes": list(change.routes)}


def _fields(value: FindingChange | RouteChange | StatementChange | ComparedRun) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
