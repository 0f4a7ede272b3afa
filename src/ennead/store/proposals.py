"""What to judge next: reported findings of the last runs without a verdict, where one teaches most first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from ennead.domains.nplusone.model import judge
from ennead.domains.nplusone.verdict_order import Unjudged, in_order
from ennead.store.hidden import shown_patterns
from ennead.store.history import known_patterns, known_runs
from ennead.store.schema import FINDINGS, RUNS
from ennead.store.verdicts import judged_patterns, read_features

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection, Row

    from ennead.domains.nplusone.model import Models
    from ennead.store.history import KnownPattern
    from ennead.store.memory import Memory

_OF_THE_MODEL = "n-plus-one"
"""Code of the findings that a model is asked about: writes and identical queries are the rules' business."""
_GONE = ("fixed", "suppressed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A finding to judge, as it was seen last."""

    known: KnownPattern
    run_id: str
    finding_id: str
    query_count: int
    """Where it was worst."""
    unit_count: int
    model_probability: float | None
    """0 to 1, calibrated; ``None`` where no model is asked or its queries were not kept."""

    @property
    def probability(self) -> float:
        """0 to 1, that it is worth it: the model's word, or else that of the rules."""
        told = self.model_probability
        return self.known.confidence / 100.0 if told is None else told


def proposals(memory: Memory, models: Models) -> tuple[Proposal, ...]:
    """Findings that are shown, were seen in one of the last runs and have no verdict, in the order to judge them.

    Parameters
    ----------
    memory
        Of the project.
    models
        Asked again about what is remembered of a finding: the ones in force now, not those of the run.
    """
    judged = judged_patterns(memory)
    settled = {each.pattern for each in judged}
    runs = [run.run_id for run in known_runs(memory)]
    seen = memory.read(lambda connection: _newest(connection, memory.project, runs))
    open_patterns = [each for each in known_patterns(memory) if each.status not in _GONE and each.pattern in seen]
    shown = shown_patterns(memory, open_patterns)
    found = {
        each.pattern: _proposal(each, seen[each.pattern], models)
        for each in open_patterns
        if each.pattern not in settled and shown[each.pattern].is_shown
    }
    unjudged = [Unjudged(name, each.known.signature, each.probability, each.unit_count) for name, each in found.items()]
    return tuple(found[each.pattern] for each in in_order(unjudged, Counter(each.signature for each in judged)))


def _newest(connection: Connection, project: str, runs: Sequence[str]) -> Mapping[str, Row[Any]]:
    """Pattern to what was found of it in the newest of the runs that had it, where it had most queries."""
    asked = (
        select(FINDINGS)
        .join(RUNS, (RUNS.c.project == FINDINGS.c.project) & (RUNS.c.run_id == FINDINGS.c.run_id))
        .where(FINDINGS.c.project == project, FINDINGS.c.run_id.in_(runs))
        .order_by(RUNS.c.started_at, FINDINGS.c.query_count)
    )
    return {row.pattern_hash: row for row in connection.execute(asked)}


def _proposal(known: KnownPattern, row: Row[Any], models: Models) -> Proposal:
    return Proposal(
        known=known,
        run_id=row.run_id,
        finding_id=row.finding_id,
        query_count=row.query_count,
        unit_count=row.unit_count,
        model_probability=_probability(known, row, models),
    )


def _probability(known: KnownPattern, row: Row[Any], models: Models) -> float | None:
    features = read_features(row.features) if known.code == _OF_THE_MODEL else {}
    model = models.at(row.level) if features else None
    if model is None:
        return None
    try:
        return judge(model, features).probability
    except Exception:  # noqa: BLE001 -- a model of somebody's own may do anything; the rules' word stands in its place
        return None
