"""From a unit of work that has ended to the record that is written of it. Runs in the backlog's thread."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ennead.agent.snapshot import snapshot
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.look_alikes import LookAlike
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.finding import Finding, severity_rank
from ennead.kernel.settings import load_settings, read_pyproject
from ennead.runs.needed_suppressions import NeededSuppressions
from ennead.runs.records import Sighting, UnitRecord
from ennead.runs.shared_reads import SharedReads

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from ennead.agent.unit_of_work import UnitOfWork
    from ennead.domains.nplusone.rules import Decision, Evidence

_CONTEXTS_PER_FINDING = 1
_GROWTH_WORTH_WRITING = 1.1
_MOST_LOOK_ALIKES = 500


def new_service(project_root: str) -> NPlusOneDetectionService:
    """A service with the settings of the project, wherever in it the process stands.

    Raises
    ------
    EnneadError
        A setting has the wrong form or is out of range.
    """
    settings = load_settings(NPlusOneSettings, pyproject=read_pyproject(project_root))
    return NPlusOneDetectionService(NPlusOneDetectionEngine(settings))


class ExaminedUnit(NamedTuple):
    """A unit of work and what was found in it."""

    unit: UnitOfWork
    internal_error_count: int
    context: QueryExecutionContext
    findings: tuple[Finding, ...]
    """The suppressed ones included."""
    vetoed: tuple[tuple[Evidence, Decision], ...] = ()
    """What the rules let pass."""


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
        self.shared_reads = SharedReads()
        self.suppressions = NeededSuppressions()
        self._written: dict[tuple[str, bool], Finding] = {}
        self._look_alikes: set[Hashable] = set()
        self._kept: dict[str, int] = {}

    @property
    def settings(self) -> NPlusOneSettings:
        """What the rules are asked with."""
        return self._service.engine.settings

    @property
    def failure_count(self) -> int:
        """Analyses whose rules failed or were late."""
        return self._service.counters.rule_failure_count

    @property
    def unread_model_count(self) -> int:
        """Model files that could not be read."""
        return self._service.counters.model_problem_count

    @property
    def shadow(self) -> Mapping[str, float]:
        """How a shadow model compared so far; empty without one."""
        counters = self._service.counters.shadow
        return asdict(counters) if counters.unit_count else {}

    def record(self, unit: UnitOfWork) -> UnitRecord:
        """Analyse one unit of work."""
        examined = self.examine(unit)
        self.shared_reads.note(examined.context)
        return self.record_of(examined)

    def examine(self, unit: UnitOfWork) -> ExaminedUnit:
        """The findings of a unit of work, all of them in full; it may still go on."""
        raw = snapshot(unit)
        context = QueryExecutionContext.from_raw(raw)
        result = self._service.analyze(context)
        findings = (*result.findings, *result.suppressed)
        return ExaminedUnit(unit, raw.internal_error_count, context, findings, result.vetoed)

    def record_of(self, examined: ExaminedUnit, *, test: str | None = None) -> UnitRecord:
        """What is written of an examined unit of work, and of the test that it was done for."""
        unit, internal_error_count, context, findings, vetoed = examined
        self.suppressions.note(context, findings)
        new = tuple(finding for finding in findings if self._says_something_new(finding))
        new_keys = {_key(finding) for finding in new}
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
            internal_error_count=internal_error_count,
            findings=new,
            sightings=tuple(_sighting(finding) for finding in findings if _key(finding) not in new_keys),
            look_alikes=tuple(self._new_look_alikes(vetoed)),
            context=kept,
            cut_query_count=cut,
            outcome=unit.outcome if isinstance(unit.outcome, dict) else None,
            test=test,
        )

    def note_written(self, record: UnitRecord) -> None:
        """Remember that a record reached the disk, so that its findings need not be written in full again."""
        for finding in record.findings:
            self._written[_key(finding)] = finding

    def _new_look_alikes(self, vetoed: Iterable[tuple[Evidence, Decision]]) -> Iterator[LookAlike]:
        """Each of them once, as far as there is room."""
        for evidence, decision in vetoed:
            told = LookAlike.of(evidence, decision)
            if told.key not in self._look_alikes and len(self._look_alikes) < _MOST_LOOK_ALIKES:
                self._look_alikes.add(told.key)
                yield told

    def _says_something_new(self, finding: Finding) -> bool:
        before = self._written.get(_key(finding))
        if before is None:
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


def _key(finding: Finding) -> tuple[str, bool]:
    """Below a threshold here and above it there, a finding is two entries of a report."""
    return (finding.id, finding.suppressed is not None)


def _sighting(finding: Finding) -> Sighting:
    return Sighting(finding.id, finding.query_count, finding.wasted_ms, finding.suppressed is not None)
