"""Shadow mode: a new model is measured beside what decides today, on the user's own work, and decides nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from ennead.domains.nplusone.look_alikes import MODEL_VETO

if TYPE_CHECKING:
    from ennead.domains.nplusone.findings import Decided
    from ennead.domains.nplusone.judging import ShadowJudged

_MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class ShadowCounters:
    """How a shadow model compared so far, over repeated reads that no look-alike explains."""

    unit_count: int = 0
    group_count: int = 0
    agreement_count: int = 0
    only_shadow_count: int = 0
    """It would have reported them; what decides did not."""
    only_deciding_count: int = 0
    """They were reported; it would not have."""
    failure_count: int = 0
    """Units of work in which it failed."""
    microseconds: float = 0.0
    """Spent in it, the features not counted: they are made anyway."""

    @property
    def agreement_ratio(self) -> float:
        """Share of the groups on which both say the same; 1 before the first."""
        return self.agreement_count / self.group_count if self.group_count else 1.0

    @property
    def microseconds_per_group(self) -> float:
        """Mean; 0 before the first."""
        return self.microseconds / self.group_count if self.group_count else 0.0


class ShadowTally:
    """Counts agreement with the answer that is in force; may be used by several threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._seconds = 0.0
        self._lock = Lock()

    def note(self, judged: ShadowJudged, decided: Decided, threshold: float) -> None:
        """Compare one unit of work.

        Parameters
        ----------
        judged
            What the shadow says.
        decided
            What is in force.
        threshold
            Confidence from which on the shadow would report.
        """
        reported = {evidence.group.number for evidence, _ in decided.reported}
        explained = {
            evidence.group.number
            for evidence, decision in decided.vetoed
            if decision.veto is not None and decision.veto != MODEL_VETO
        }
        compared = Counter(
            _COMPARISONS[judgement.confidence >= threshold, number in reported]
            for number, judgement in judged.judgements.items()
            if number not in explained
        )
        with self._lock:
            self._counts.update(compared)
            self._counts["unit"] += 1
            self._counts["failure"] += judged.failed
            self._seconds += judged.seconds

    @property
    def counters(self) -> ShadowCounters:
        """So far."""
        with self._lock:
            counts, seconds = Counter(self._counts), self._seconds
        return ShadowCounters(
            unit_count=counts["unit"],
            group_count=sum(counts[name] for name in set(_COMPARISONS.values())),
            agreement_count=counts["agreement"],
            only_shadow_count=counts["only_shadow"],
            only_deciding_count=counts["only_deciding"],
            failure_count=counts["failure"],
            microseconds=seconds * _MICROSECONDS,
        )


_COMPARISONS = {
    (True, True): "agreement",
    (False, False): "agreement",
    (True, False): "only_shadow",
    (False, True): "only_deciding",
}
"""By what the shadow says, and what is in force."""
