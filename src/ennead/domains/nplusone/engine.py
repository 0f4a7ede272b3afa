"""Extractors and detectors under one deadline; whatever fails or is late degrades to the rules and is counted."""

from __future__ import annotations

import logging
from collections import Counter, deque
from dataclasses import dataclass, field
from math import ceil, nan
from statistics import fmean
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from ennead.domains.nplusone.clustering import ClusteringDetector
from ennead.domains.nplusone.features import QueryFeatureExtractor
from ennead.domains.nplusone.findings import RuleFindings, find_by_rules
from ennead.domains.nplusone.model import GroupModel, load_model
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.statistical import StatisticalDetector
from ennead.kernel.deadline import Deadline
from ennead.kernel.pipeline import score
from ennead.kernel.sampling import keeps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.anomaly import Anomaly
    from ennead.kernel.detector import AnomalyDetector
    from ennead.kernel.features import FeatureExtractor

MLStatus = Literal["ok", "disabled", "no-model", "timeout", "error"]
_KEPT_TIMES = 1_000
_logger = logging.getLogger("ennead")


@dataclass(frozen=True, slots=True)
class MLAnalysis:
    """What the machine-learnt part said of one context."""

    status: MLStatus
    """``no-model``: the baselines ran, but no learnt model is shipped; ``timeout`` and ``error``: the rules decided."""
    model: str | None = None
    overall_confidence: float = 0.0
    """0-100: the highest confidence of any anomaly."""
    anomalies: tuple[Anomaly, ...] = ()
    analysis_ms: float = 0.0
    features: Mapping[str, float] = field(default_factory=dict)
    """The context's feature vector."""


@dataclass(frozen=True, slots=True)
class EngineCounters:
    """What the engine has done so far. Times in milliseconds, of the last 1,000 analyses."""

    analysis_count: int
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

    @property
    def success_ratio(self) -> float:
        """Analyses in which the machine-learnt part neither failed nor was late; 1 before the first."""
        return self.success_count / self.analysis_count if self.analysis_count else 1.0


class NPlusOneDetectionEngine:
    """Rules, feature extractor, detectors and the model's slot, under one deadline.

    The rules run first and have a deadline of their own, so that a slow model never costs their answer. A detector that
    raises or is late is counted and the rules' answer stands.

    Parameters
    ----------
    settings
        When to report, and how much time there is.
    extractor, detectors, model
        Replaced by users with models of their own.
    clock
        Seconds, monotonic; replaced in tests.

    Examples
    --------
    >>> engine = NPlusOneDetectionEngine()
    >>> engine.counters.analysis_count
    0
    """

    def __init__(
        self,
        settings: NPlusOneSettings | None = None,
        *,
        extractor: FeatureExtractor[QueryExecutionContext] | None = None,
        detectors: Sequence[AnomalyDetector[QueryExecutionContext]] | None = None,
        model: GroupModel | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.settings = settings or NPlusOneSettings()
        self.extractor = extractor or QueryFeatureExtractor()
        self.detectors = tuple(detectors) if detectors is not None else (StatisticalDetector(), ClusteringDetector())
        self.model = model or load_model()
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._times: deque[float] = deque(maxlen=_KEPT_TIMES)
        self._lock = Lock()

    def find_by_rules(self, context: QueryExecutionContext) -> RuleFindings:
        """The rules' answer; an empty one, counted, if our own code fails or is late."""
        deadline = Deadline(self.settings.ml_timeout_ms / 1000.0, self._clock)
        try:
            return find_by_rules(context, self.settings, context.project_root, deadline)
        except Exception:
            _logger.debug("the rules failed on %s", context.name, exc_info=True)
            self._count("rule_failure")
            return RuleFindings((), (), ())

    def analyze(self, context: QueryExecutionContext) -> MLAnalysis:
        """The machine-learnt part's answer; never raises."""
        if not self.settings.ml_enabled or not self._in_traffic(context):
            return MLAnalysis("disabled")
        started = self._clock()
        deadline = Deadline(self.settings.ml_timeout_ms / 1000.0, self._clock)
        features = self._extract(context)
        scoring = score(context, self.detectors, deadline)
        anomalies = scoring.anomalies
        status: MLStatus = "no-model" if scoring.status == "ok" and self.model is None else scoring.status
        elapsed_ms = (self._clock() - started) * 1000.0
        self._note(status, anomalies, elapsed_ms)
        return MLAnalysis(
            status,
            self.model.name if self.model else None,
            max((anomaly.confidence for anomaly in anomalies), default=0.0),
            anomalies,
            elapsed_ms,
            features,
        )

    @property
    def counters(self) -> EngineCounters:
        """Counts and times so far."""
        with self._lock:
            counts, times = Counter(self._counts), sorted(self._times)
        return EngineCounters(
            counts["analysis"],
            counts["success"],
            counts["error"],
            counts["timeout"],
            counts["extraction_error"],
            counts["rule_failure"],
            counts["anomaly"],
            counts["high_confidence"],
            fmean(times) if times else nan,
            _quantile(times, 0.50),
            _quantile(times, 0.95),
            _quantile(times, 0.99),
        )

    def _in_traffic(self, context: QueryExecutionContext) -> bool:
        return keeps(
            context.trace_id or f"{context.name}@{context.started_at.isoformat()}", self.settings.ml_traffic_ratio
        )

    def _extract(self, context: QueryExecutionContext) -> Mapping[str, float]:
        try:
            return self.extractor.extract(context)
        except Exception:
            _logger.debug("feature extraction failed on %s", context.name, exc_info=True)
            self._count("extraction_error")
            return {}

    def _note(self, status: MLStatus, anomalies: Sequence[Anomaly], elapsed_ms: float) -> None:
        with self._lock:
            self._counts["analysis"] += 1
            self._counts["success" if status in ("ok", "no-model") else status] += 1
            self._counts["anomaly"] += len(anomalies)
            self._counts["high_confidence"] += sum(anomaly.confidence > 80 for anomaly in anomalies)  # noqa: PLR2004
            self._times.append(elapsed_ms)

    def _count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1


def _quantile(times: Sequence[float], share: float) -> float:
    """Nearest-rank quantile of sorted times: the smallest that ``share`` of them do not exceed; ``nan`` of nothing."""
    if not times:
        return nan
    return times[max(ceil(share * len(times)) - 1, 0)]
