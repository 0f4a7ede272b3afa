"""Extractors, detectors and the learnt model under one deadline; what fails or is late is counted, the rules decide."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from ennead.domains.nplusone.analysis_memory import measured_peak
from ennead.domains.nplusone.clustering import ClusteringDetector
from ennead.domains.nplusone.combining import combine
from ennead.domains.nplusone.engine_counters import EngineCounters, EngineTally
from ennead.domains.nplusone.features import QueryFeatureExtractor
from ennead.domains.nplusone.findings import Decided, RuleFindings, decide_groups, tell
from ennead.domains.nplusone.groups import group_queries
from ennead.domains.nplusone.judging import GroupJudge, Judged, anomalies_of
from ennead.domains.nplusone.levels import LEVELS
from ennead.domains.nplusone.look_alikes import MODEL_VETO
from ennead.domains.nplusone.model import GroupModel, Models
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.shadow import ShadowTally
from ennead.domains.nplusone.statistical import StatisticalDetector
from ennead.kernel.deadline import Deadline, DeadlineExceededError
from ennead.kernel.pipeline import score
from ennead.kernel.sampling import keeps

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ennead.domains.nplusone.observation import QueryExecutionContext
    from ennead.kernel.anomaly import Anomaly
    from ennead.kernel.detector import AnomalyDetector
    from ennead.kernel.features import FeatureExtractor

__all__ = ["EngineCounters", "MLAnalysis", "NPlusOneDetectionEngine"]
MLStatus = Literal["ok", "disabled", "no-model", "timeout", "error"]
_logger = logging.getLogger("ennead")


@dataclass(frozen=True, slots=True)
class MLAnalysis:
    """What the machine-learnt part said of one context."""

    status: MLStatus
    """``no-model``: the baselines ran, no model knows this evidence; ``timeout`` and ``error``: the rules decided."""
    model: str | None = None
    overall_confidence: float = 0.0
    """0-100: the highest that the model gave any group; without a model, of any anomaly."""
    anomalies: tuple[Anomaly, ...] = ()
    analysis_ms: float = 0.0
    features: Mapping[str, float] = field(default_factory=dict)
    """The context's feature vector."""
    judged: Judged | None = None
    """What the model said of each repeated read; ``None`` without one, or if it failed or was late."""


class NPlusOneDetectionEngine:
    """Rules, feature extractor, detectors and the learnt model, under one deadline.

    The rules run first and have a deadline of their own, so that a slow model never costs their answer. A detector that
    raises or is late is counted and the rules' answer stands.

    Parameters
    ----------
    settings
        When to report, and how much time there is.
    extractor, detectors
        Replaced by users with parts of their own.
    model
        Asked at every level of evidence, or one for each level; by default those that ``ENNEAD_MODELS`` names, the
        project's own, or those that travel with the package.
    clock
        Seconds, monotonic; replaced in tests.
    deadline
        One for everything together, where somebody waits for it; by default each part has the time of the settings.

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
        model: GroupModel | Models | None = None,
        clock: Callable[[], float] = perf_counter,
        deadline: Deadline | None = None,
    ) -> None:
        self.settings = settings or NPlusOneSettings()
        self.extractor = extractor or QueryFeatureExtractor()
        self.detectors = tuple(detectors) if detectors is not None else (StatisticalDetector(), ClusteringDetector())
        self.models = model if isinstance(model, Models) else _models(model, self.settings)
        self._shadow = Models(self.settings.shadow_model) if self.settings.shadow_model else None
        self._judge = GroupJudge(self.models, self._shadow, clock=clock)
        self._clock = clock
        self._one_deadline = deadline
        self._tally = EngineTally()
        self._shadow_tally = ShadowTally()

    def find_by_rules(self, context: QueryExecutionContext) -> RuleFindings:
        """The rules' answer; an empty one, counted, if our own code fails or is late."""
        try:
            return tell(context, self._decide(context), self.settings, context.project_root)
        except Exception:
            _logger.debug("the rules failed on %s", context.name, exc_info=True)
            return self._without_rules()

    def find(self, context: QueryExecutionContext, analysis: MLAnalysis | None = None) -> RuleFindings:
        """The answer of rules and model together; that of the rules, counted, if the two cannot be combined.

        Parameters
        ----------
        context
            The recorded queries.
        analysis
            If it was made already. Without it the model is asked about no more groups than the answer needs.
        """
        try:
            decided = by_rules = self._decide(context)
        except Exception:
            _logger.debug("the rules failed on %s", context.name, exc_info=True)
            return self._without_rules()
        try:
            judged = analysis.judged if analysis else self._judged_for(context, by_rules)
            if judged is not None:
                decided = combine(context, by_rules, judged, self.settings, self._deadline())
            found = tell(context, decided, self.settings, context.project_root)
        except Exception as error:
            _logger.debug("rules and model could not be combined on %s", context.name, exc_info=True)
            self._tally.count("timeout" if isinstance(error, DeadlineExceededError) else "error")
            return self._tell_by_rules(context, by_rules)  # not decided again: the one deadline may have passed
        if judged is not None and judged.shadow is not None:
            self._shadow_tally.note(judged.shadow, decided, self.settings.ml_confidence_threshold)
        return found

    def asks_model(self, context: QueryExecutionContext) -> bool:
        """Whether a model has a say in the context's findings: there is one for its evidence, or one in the shadow."""
        if not self.settings.ml_enabled or not keeps(_key(context), self.settings.ml_traffic_ratio):
            return False
        try:
            return self._judge.is_needed(context)
        except Exception:
            _logger.debug("the model could not be looked for", exc_info=True)
            self._tally.count("error")
            return False

    def analyze(self, context: QueryExecutionContext) -> MLAnalysis:
        """The machine-learnt part's answer; never raises."""
        key = _key(context)
        if not self.settings.ml_enabled or not keeps(key, self.settings.ml_traffic_ratio):
            return MLAnalysis("disabled")
        samples_memory = keeps(key, self.settings.analysis_memory_ratio)
        with measured_peak(self._tally.note_peak) if samples_memory else nullcontext():
            return self._analyze(context)

    def note_findings(self, found: RuleFindings) -> None:
        """Count what is told of one unit of work."""
        rejected = sum(decision.veto == MODEL_VETO for _, decision in found.vetoed)
        self._tally.note_findings((finding.decided_by for finding in found.shown), rejected)

    @property
    def counters(self) -> EngineCounters:
        """Counts and times so far."""
        problems = self.models.problem_count + (self._shadow.problem_count if self._shadow else 0)
        return self._tally.read(problems, self._shadow_tally.counters)

    def metrics(self) -> dict[str, Mapping[str, float]]:
        """The same under the names of :data:`~ennead.domains.nplusone.engine_counters.METRICS`, ready to be exported.

        Examples
        --------
        >>> NPlusOneDetectionEngine().metrics()["nplusone_ml_success_rate"]
        {'': 1.0}
        """
        return self.counters.to_metrics()

    @property
    def model_problems(self) -> tuple[str, ...]:
        """Why model files could not be read; the files of all levels are read for it."""
        found = [models for models in (self.models, self._shadow) if models]
        for models in found:
            for level in LEVELS:
                models.at(level)
        return tuple(dict.fromkeys(problem for models in found for problem in models.problems.values()))

    def _analyze(self, context: QueryExecutionContext) -> MLAnalysis:
        started, deadline = self._clock(), self._deadline()
        features = self._extract(context)
        failure, judged = self._judged(context, deadline)
        scoring = score(context, self.detectors, deadline)
        model = judged.model if judged else None
        said = tuple(anomalies_of(context, judged)) if judged else ()
        anomalies = (*said, *scoring.anomalies)
        status: MLStatus = failure or scoring.status
        if status == "ok" and model is None:
            status = "no-model"
        elapsed_ms = (self._clock() - started) * 1000.0
        self._tally.note_analysis(status, anomalies, elapsed_ms)
        highest = _highest(judged, anomalies)
        return MLAnalysis(status, model, highest, anomalies, elapsed_ms, features, judged)

    def _judged_for(self, context: QueryExecutionContext, decided: Decided) -> Judged | None:
        """What the model says of what matters: of what the rules report; if it decides, of all but look-alikes."""
        if self._judge.needs_all(context):
            explained = {evidence.group.number for evidence, decision in decided.vetoed if decision.veto}
            numbers = {group.number for group in group_queries(context) if group.number not in explained}
        else:
            numbers = {evidence.group.number for evidence, _ in decided.reported if evidence.group.first.is_read}
        if not numbers:
            return None
        started = self._clock()
        failure, judged = self._judged(context, self._deadline(), numbers)
        anomalies = tuple(anomalies_of(context, judged)) if judged else ()
        self._tally.note_analysis(failure or "ok", anomalies, (self._clock() - started) * 1000.0)
        return judged

    def _judged(
        self, context: QueryExecutionContext, deadline: Deadline, numbers: Collection[int] | None = None
    ) -> tuple[MLStatus | None, Judged | None]:
        """What went wrong with the model, and what it said."""
        try:
            judged = self._judge.judge(context, deadline, numbers)
        except DeadlineExceededError:
            return "timeout", None
        except Exception:
            _logger.debug("the model failed on %s", context.name, exc_info=True)
            return "error", None
        if judged is not None and judged.extraction_error_count:
            self._tally.count("extraction_error", judged.extraction_error_count)
        return None, judged

    def _extract(self, context: QueryExecutionContext) -> Mapping[str, float]:
        try:
            return self.extractor.extract(context)
        except Exception:
            _logger.debug("feature extraction failed on %s", context.name, exc_info=True)
            self._tally.count("extraction_error")
            return {}

    def _tell_by_rules(self, context: QueryExecutionContext, decided: Decided) -> RuleFindings:
        try:
            return tell(context, decided, self.settings, context.project_root)
        except Exception:
            _logger.debug("the rules failed on %s", context.name, exc_info=True)
            return self._without_rules()

    def _without_rules(self) -> RuleFindings:
        self._tally.count("rule_failure")
        return RuleFindings((), (), ())

    def _decide(self, context: QueryExecutionContext) -> Decided:
        return decide_groups(context, self.settings, context.project_root, self._deadline())

    def _deadline(self) -> Deadline:
        return self._one_deadline or Deadline(self.settings.ml_timeout_ms / 1000.0, self._clock)


def _models(model: GroupModel | None, settings: NPlusOneSettings) -> Models:
    return Models.only(model) if model else Models(settings.models)


def _key(context: QueryExecutionContext) -> str:
    """What chooses the share of the traffic."""
    return context.trace_id or f"{context.name}@{context.started_at.isoformat()}"


def _highest(judged: Judged | None, anomalies: Sequence[Anomaly]) -> float:
    if judged is not None and judged.model is not None:
        return max((judgement.confidence for judgement in judged.judgements.values()), default=0.0)
    return max((anomaly.confidence for anomaly in anomalies), default=0.0)
