"""What the engine has done so far, in memory, and under the names of the metrics."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from math import ceil, nan
from statistics import fmean
from threading import Lock
from typing import TYPE_CHECKING

from ennead.domains.nplusone.shadow import ShadowCounters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ennead.kernel.anomaly import Anomaly

_KEPT_TIMES = 1_000
_HIGH_CONFIDENCE = 80.0
METRICS: Mapping[str, str] = {
    "nplusone_ml_success_rate": "Share of analyses in which the machine-learnt part neither failed nor was late.",
    "nplusone_ml_analysis_time_ms": "Time of an analysis by the machine-learnt part, in milliseconds.",
    "nplusone_ml_anomalies_detected": "Anomalies reported by the detectors.",
    "ennead_nplusone_analyses_total": "Units of work that the machine-learnt part looked at.",
    "ennead_nplusone_high_confidence_anomalies_total": "Anomalies with a confidence above 80.",
    "ennead_nplusone_findings_total": "Findings that were told, by who decided them.",
    "ennead_nplusone_rejected_findings_total": "Findings of the rules that a deciding model rejected.",
    "ennead_nplusone_engine_failures_total": "Analyses in which a detector or the model failed.",
    "ennead_nplusone_rule_failures_total": "Analyses in which the rules failed or were late.",
    "ennead_nplusone_timeouts_total": "Analyses in which the machine-learnt part was late.",
    "ennead_nplusone_extraction_errors_total": "Feature vectors that could not be made.",
    "ennead_nplusone_model_load_errors_total": "Model files that could not be read.",
    "ennead_nplusone_analysis_memory_bytes": "Peak memory of an analysis; of sampled ones only.",
    "ennead_nplusone_shadow_groups_total": "Groups on which a shadow model was compared, by outcome.",
}
"""Name to meaning."""


@dataclass(frozen=True, slots=True)
class EngineCounters:
    """What the engine has done so far. Times in milliseconds, of the last 1,000 analyses."""

    analysis_count: int
    """Of the machine-learnt part: for findings, for ``ml_analysis``, or once for both if the latter is read first."""
    success_count: int
    failure_count: int
    timeout_count: int
    extraction_error_count: int
    rule_failure_count: int
    anomaly_count: int
    high_confidence_count: int
    """Anomalies with a confidence above 80."""
    average_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    finding_counts: Mapping[str, int] = field(default_factory=dict)
    """Findings that were told, by who decided them: ``rules``, ``ml``, ``both``."""
    rejected_count: int = 0
    """Findings of the rules that a deciding model rejected."""
    model_problem_count: int = 0
    """Model files that could not be read."""
    average_peak_bytes: float = nan
    """Memory of an analysis beyond what was there before; of the sampled ones, ``nan`` without any."""
    highest_peak_bytes: float = nan
    shadow: ShadowCounters = field(default_factory=ShadowCounters)

    @property
    def success_ratio(self) -> float:
        """Analyses in which the machine-learnt part neither failed nor was late; 1 before the first."""
        return self.success_count / self.analysis_count if self.analysis_count else 1.0

    def to_metrics(self) -> dict[str, Mapping[str, float]]:
        """Samples of all :data:`METRICS`: by name, and by what tells the samples of one name apart (else ``""``)."""
        shadow = self.shadow
        findings = {who: float(self.finding_counts.get(who, 0)) for who in ("rules", "ml", "both")}
        samples: dict[str, Mapping[str, float]] = {
            "nplusone_ml_success_rate": {"": self.success_ratio},
            "nplusone_ml_analysis_time_ms": {
                "average": self.average_ms,
                "p50": self.p50_ms,
                "p95": self.p95_ms,
                "p99": self.p99_ms,
            },
            "ennead_nplusone_findings_total": findings,
            "ennead_nplusone_analysis_memory_bytes": {
                "average": self.average_peak_bytes,
                "highest": self.highest_peak_bytes,
            },
            "ennead_nplusone_shadow_groups_total": {
                "agreement": float(shadow.agreement_count),
                "only_shadow": float(shadow.only_shadow_count),
                "only_deciding": float(shadow.only_deciding_count),
            },
        }
        plain = {
            "nplusone_ml_anomalies_detected": self.anomaly_count,
            "ennead_nplusone_analyses_total": self.analysis_count,
            "ennead_nplusone_high_confidence_anomalies_total": self.high_confidence_count,
            "ennead_nplusone_rejected_findings_total": self.rejected_count,
            "ennead_nplusone_engine_failures_total": self.failure_count,
            "ennead_nplusone_rule_failures_total": self.rule_failure_count,
            "ennead_nplusone_timeouts_total": self.timeout_count,
            "ennead_nplusone_extraction_errors_total": self.extraction_error_count,
            "ennead_nplusone_model_load_errors_total": self.model_problem_count,
        }
        samples.update({name: {"": float(count)} for name, count in plain.items()})
        return {name: samples[name] for name in METRICS}


class EngineTally:
    """Counts for the engine; may be used by several threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._findings: Counter[str] = Counter()
        self._times: deque[float] = deque(maxlen=_KEPT_TIMES)
        self._peaks: deque[float] = deque(maxlen=_KEPT_TIMES)
        self._lock = Lock()

    def count(self, what: str, number: int = 1) -> None:
        """Count something that went wrong."""
        with self._lock:
            self._counts[what] += number

    def note_analysis(self, status: str, anomalies: Sequence[Anomaly], elapsed_ms: float) -> None:
        """Note one analysis of the machine-learnt part."""
        with self._lock:
            self._counts["analysis"] += 1
            self._counts["success" if status in ("ok", "no-model") else status] += 1
            self._counts["anomaly"] += len(anomalies)
            self._counts["high_confidence"] += sum(anomaly.confidence > _HIGH_CONFIDENCE for anomaly in anomalies)
            self._times.append(elapsed_ms)

    def note_peak(self, peak_bytes: float) -> None:
        """Note the memory of one analysis."""
        with self._lock:
            self._peaks.append(peak_bytes)

    def note_findings(self, deciders: Iterable[str], rejected_count: int) -> None:
        """Note what was told of one unit of work."""
        with self._lock:
            self._findings.update(deciders)
            self._counts["rejected"] += rejected_count

    def read(self, model_problem_count: int, shadow: ShadowCounters) -> EngineCounters:
        """All figures so far."""
        with self._lock:
            counts, times, peaks = Counter(self._counts), sorted(self._times), list(self._peaks)
            findings = dict(self._findings)
        return EngineCounters(
            analysis_count=counts["analysis"],
            success_count=counts["success"],
            failure_count=counts["error"],
            timeout_count=counts["timeout"],
            extraction_error_count=counts["extraction_error"],
            rule_failure_count=counts["rule_failure"],
            anomaly_count=counts["anomaly"],
            high_confidence_count=counts["high_confidence"],
            average_ms=fmean(times) if times else nan,
            p50_ms=_quantile(times, 0.50),
            p95_ms=_quantile(times, 0.95),
            p99_ms=_quantile(times, 0.99),
            finding_counts=findings,
            rejected_count=counts["rejected"],
            model_problem_count=model_problem_count,
            average_peak_bytes=fmean(peaks) if peaks else nan,
            highest_peak_bytes=max(peaks, default=nan),
            shadow=shadow,
        )


def _quantile(times: Sequence[float], share: float) -> float:
    """Nearest-rank quantile of sorted times: the smallest that ``share`` of them do not exceed; ``nan`` of nothing."""
    if not times:
        return nan
    return times[max(ceil(share * len(times)) - 1, 0)]
