"""From a unit of work that has ended to the record that is written of it. Runs in the backlog's thread."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ennead.agent.snapshot import snapshot
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.finding import Finding, severity_rank
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.records import Sighting, UnitRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ennead.agent.unit_of_work import UnitOfWork

_CONTEXTS_PER_FINDING = 1
_GROWTH_WORTH_WRITING = 1.1


def new_service(project_root: str) -> NPlusOneDetectionService:
    """A service with the settings of the project, wherever in it the process stands.

    Raises
    ------
    EnneadError
        A setting has the wrong form or is out of range.
    """
    settings = load_settings(NPlusOneSettings, pyproject=read_pyproject(project_root))
    return NPlusOneDetectionService(NPlusOneDetectionEngine(settings))


class UnitAnalysis:
    """Analyses units of work, and writes a finding in full only when there is something new about it.

    Parameters
    ----------
    service
        Analyses; shared by all units of work, so that its counters add up.
    keep_contexts
        Keep the recorded queries of every unit of work, not only of the first ones with a finding.
    max_context_queries
        Queries beyond it are cut off from a kept context and counted.
    """

    def __init__(
        self, service: NPlusOneDetectionService, *, keep_contexts: bool = False, max_context_queries: int = 2_000
    ) -> None:
        self._service = service
        self._keep_contexts = keep_contexts
        self._max_context_queries = max_context_queries
        self._written: dict[str, Finding] = {}
        self._kept: dict[str, int] = {}

    @property
    def failure_count(self) -> int:
        """Analyses whose rules failed or were late."""
        return self._service.counters.rule_failure_count

    def record(self, unit: UnitOfWork) -> UnitRecord:
        """Analyse one unit of work."""
        raw = snapshot(unit)
        context = QueryExecutionContext.from_raw(raw)
        result = self._service.analyze(context)
        findings = (*result.findings, *result.suppressed)
        new = tuple(finding for finding in findings if self._says_something_new(finding))
        new_ids = {finding.id for finding in new}
        cut, kept = self._context(context, findings)
        return UnitRecord(
            name=context.name,
            kind=context.kind,
            route=context.route,
            trace_id=context.trace_id,
            started_at=context.started_at,
            duration_ms=context.duration_ms,
            query_count=context.query_count + context.dropped_count,
            database_ms=context.database_ms,
            dropped_query_count=context.dropped_count,
            internal_error_count=raw.internal_error_count,
            findings=new,
            sightings=tuple(_sighting(finding) for finding in findings if finding.id not in new_ids),
            context=kept,
            cut_query_count=cut,
        )

    def note_written(self, record: UnitRecord) -> None:
        """Remember that a record reached the disk, so that its findings need not be written in full again."""
        for finding in record.findings:
            self._written[finding.id] = finding

    def _says_something_new(self, finding: Finding) -> bool:
        before = self._written.get(finding.id)
        if before is None or (finding.suppressed is None) != (before.suppressed is None):
            return True
        if severity_rank(finding.severity) > severity_rank(before.severity):
            return True
        return finding.query_count > before.query_count * _GROWTH_WORTH_WRITING

    def _context(
        self, context: QueryExecutionContext, findings: Sequence[Finding]
    ) -> tuple[int, dict[str, Any] | None]:
        """How many queries were cut off, and the rest as JSON values if the context is worth keeping."""
        wanted = self._keep_contexts
        for finding in findings:
            kept = self._kept.get(finding.id, 0)
            if finding.suppressed is None and kept < _CONTEXTS_PER_FINDING:
                self._kept[finding.id] = kept + 1
                wanted = True
        if not wanted:
            return 0, None
        cut = max(len(context.queries) - self._max_context_queries, 0)
        if cut:
            context = replace(context, queries=context.queries[: self._max_context_queries])
        return cut, context.to_dict()


def _sighting(finding: Finding) -> Sighting:
    return Sighting(finding.id, finding.query_count, finding.wasted_ms, finding.suppressed is not None)
