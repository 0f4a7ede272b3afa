"""The engine: everything under one deadline; what fails or is late is counted, and the rules' answer stands."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import isnan
from typing import Any

import pytest

from ennead.domains.nplusone.engine import EngineCounters, MLAnalysis, NPlusOneDetectionEngine
from ennead.domains.nplusone.features import CONTEXT_FEATURES
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.anomaly import Anomaly
from ennead.kernel.deadline import Deadline
from ennead.kernel.features import FeatureSpec
from ennead.kernel.settings import load_settings
from tests.domains.nplusone.small_models import NoModels
from tests.domains.nplusone.traces import Trace, joined_orders, lazy_orders
from tests.kernel.clocks import FakeClock

CONTEXT = lazy_orders(6).context()
ANOMALY = Anomaly("n-plus-one", 4.0, 91.0, "fixed", {"statement_fingerprint": "aa"})


class Fixed:
    """Says what it is told to say."""

    name = "fixed"

    def __init__(self, *anomalies: Anomaly) -> None:
        self._anomalies = anomalies
        self.call_count = 0

    def detect(self, observation: QueryExecutionContext, deadline: Deadline, /) -> Sequence[Anomaly]:
        self.call_count += 1
        return self._anomalies


class Failing:
    """Raises."""

    name = "failing"

    def detect(self, observation: QueryExecutionContext, deadline: Deadline, /) -> Sequence[Anomaly]:
        raise MemoryError


class Slow:
    """Takes as long as it is told to."""

    name = "slow"

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    def detect(self, observation: QueryExecutionContext, deadline: Deadline, /) -> Sequence[Anomaly]:
        self._clock.advance(self._seconds)
        deadline.check()
        return (ANOMALY,)


class BrokenExtractor:
    """Cannot extract."""

    specs: Sequence[FeatureSpec] = CONTEXT_FEATURES

    def extract(self, observation: QueryExecutionContext, /) -> Mapping[str, float]:
        raise RuntimeError


class SureModel:
    """A learnt model that is always sure."""

    name = "sure 1.0"

    def probability(self, features: Mapping[str, float], /) -> float:
        return 1.0


def _engine(*detectors: Any, settings: NPlusOneSettings | None = None, **parts: Any) -> NPlusOneDetectionEngine:
    return NPlusOneDetectionEngine(settings, detectors=detectors, **{"model": NoModels(), **parts})


# ------------------------------------------------------------------------------------------------ the plain case


def test_detectors_are_heard_and_the_features_are_there() -> None:
    analysis = _engine(Fixed(ANOMALY), Fixed()).analyze(CONTEXT)
    assert (analysis.anomalies, analysis.overall_confidence) == ((ANOMALY,), 91.0)
    assert list(analysis.features) == [spec.name for spec in CONTEXT_FEATURES]
    assert analysis.features["loop_execution_detected"] == 1.0


def test_without_a_learnt_model_it_says_so() -> None:
    analysis = _engine(Fixed()).analyze(CONTEXT)
    assert (analysis.status, analysis.model, analysis.overall_confidence) == ("no-model", None, 0.0)


def test_with_a_model_it_names_it() -> None:
    analysis = _engine(Fixed(), model=SureModel()).analyze(CONTEXT)
    assert (analysis.status, analysis.model) == ("ok", "sure 1.0")


def test_the_shipped_detectors_see_the_n_plus_one_and_not_its_twin() -> None:
    engine = NPlusOneDetectionEngine(model=NoModels())
    assert {anomaly.detector for anomaly in engine.analyze(lazy_orders(40).context()).anomalies} >= {"clustering"}
    assert engine.analyze(joined_orders().context()).anomalies == ()


def test_the_analysis_is_timed() -> None:
    clock = FakeClock()
    analysis = _engine(Slow(clock, 0.25), clock=clock).analyze(CONTEXT)
    assert analysis.analysis_ms == pytest.approx(250.0)


def test_an_empty_context_is_analysed_like_any_other() -> None:
    analysis = NPlusOneDetectionEngine(model=NoModels()).analyze(Trace().context())
    assert (analysis.status, analysis.anomalies) == ("no-model", ())


# ------------------------------------------------------------------------------------------------ degradation


def test_a_failing_detector_degrades_and_its_neighbour_is_heard() -> None:
    engine = _engine(Failing(), Fixed(ANOMALY))
    analysis = engine.analyze(CONTEXT)
    assert (analysis.status, analysis.anomalies) == ("error", (ANOMALY,))
    assert (engine.counters.failure_count, engine.counters.success_ratio) == (1, 0.0)


def test_a_late_detector_degrades() -> None:
    clock = FakeClock()
    engine = _engine(Fixed(ANOMALY), Slow(clock, 3.0), settings=NPlusOneSettings(ml_timeout_ms=2_000), clock=clock)
    analysis = engine.analyze(CONTEXT)
    assert (analysis.status, analysis.anomalies) == ("timeout", (ANOMALY,))
    assert engine.counters.timeout_count == 1


def test_within_the_timeout_it_does_not() -> None:
    clock = FakeClock()
    engine = _engine(Slow(clock, 2.0), settings=NPlusOneSettings(ml_timeout_ms=2_000), clock=clock)
    assert engine.analyze(CONTEXT).status == "no-model"
    assert engine.counters.timeout_count == 0


def test_a_broken_extractor_is_counted_and_the_detectors_go_on(caplog: pytest.LogCaptureFixture) -> None:
    engine = _engine(Fixed(ANOMALY), extractor=BrokenExtractor())
    with caplog.at_level(logging.DEBUG, "ennead"):
        analysis = engine.analyze(CONTEXT)
    assert (analysis.features, analysis.anomalies) == ({}, (ANOMALY,))
    assert engine.counters.extraction_error_count == 1
    assert "feature extraction failed" in caplog.text


def test_the_rules_answer_whatever_the_detectors_do() -> None:
    clock = FakeClock()
    engine = _engine(Failing(), Slow(clock, 99.0), extractor=BrokenExtractor(), clock=clock)
    engine.analyze(CONTEXT)
    assert [finding.code for finding in engine.find_by_rules(CONTEXT).shown] == ["n-plus-one"]
    assert engine.counters.rule_failure_count == 0


def test_rules_that_fail_answer_nothing_and_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    broken = CONTEXT.queries[2]._replace(call_path=None)  # type: ignore[arg-type]
    engine = NPlusOneDetectionEngine(model=NoModels())
    with caplog.at_level(logging.DEBUG, "ennead"):
        found = engine.find_by_rules(Trace().context(queries=(broken,) * 3))
    assert found.shown == ()
    assert engine.counters.rule_failure_count == 1
    assert "the rules failed" in caplog.text


def test_rules_that_are_late_answer_nothing_and_are_counted() -> None:
    engine = NPlusOneDetectionEngine(NPlusOneSettings(ml_timeout_ms=1), clock=FakeClock(step=1.0))
    assert engine.find_by_rules(CONTEXT).shown == ()
    assert engine.counters.rule_failure_count == 1


def test_the_rules_have_a_timeout_of_their_own_asked_at_each_group() -> None:
    """The clock goes on by a second whenever it is read: once at the start, once for each of two groups."""
    in_time = NPlusOneDetectionEngine(NPlusOneSettings(ml_timeout_ms=2_000), clock=FakeClock(step=1.0))
    late = NPlusOneDetectionEngine(NPlusOneSettings(ml_timeout_ms=1_999), clock=FakeClock(step=1.0))
    assert len(in_time.find_by_rules(CONTEXT).shown) == 1
    assert late.find_by_rules(CONTEXT).shown == ()


# ------------------------------------------------------------------------------------------------ switched off, sampled


def test_switched_off_nobody_is_asked() -> None:
    detector = Fixed(ANOMALY)
    engine = _engine(detector, settings=NPlusOneSettings(ml_enabled=False))
    assert engine.analyze(CONTEXT) == MLAnalysis("disabled", None, 0.0, (), 0.0, {})
    assert (detector.call_count, engine.counters.analysis_count) == (0, 0)
    assert engine.find_by_rules(CONTEXT).shown != ()


def test_the_environment_switches_it_off() -> None:
    settings = load_settings(NPlusOneSettings, {"NPLUSONE_ML_ENABLED": "false"})
    assert _engine(Fixed(ANOMALY), settings=settings).analyze(CONTEXT).status == "disabled"


@pytest.mark.parametrize(("ratio", "low", "high"), [(0.0, 0, 0), (0.3, 40, 80), (1.0, 200, 200)])
def test_a_share_of_the_traffic_is_looked_at(ratio: float, low: int, high: int) -> None:
    engine = _engine(Fixed(), settings=NPlusOneSettings(ml_traffic_ratio=ratio))
    for number in range(200):
        engine.analyze(lazy_orders(1).context(trace_id=f"trace {number}"))
    assert low <= engine.counters.analysis_count <= high


def test_a_unit_of_work_is_in_the_share_on_every_host() -> None:
    settings = NPlusOneSettings(ml_traffic_ratio=0.5)
    chosen = [
        {
            number
            for number in range(50)
            if _engine(Fixed(), settings=settings).analyze(_traced(number)).status != "disabled"
        }
        for _ in range(2)
    ]
    assert chosen[0] == chosen[1]
    assert 0 < len(chosen[0]) < 50


def _traced(number: int) -> QueryExecutionContext:
    return lazy_orders(1).context(trace_id=f"trace {number}")


# ------------------------------------------------------------------------------------------------ counters


def test_counters_begin_at_nothing() -> None:
    counters = _engine().counters
    assert (counters.analysis_count, counters.success_ratio) == (0, 1.0)
    assert all(isnan(value) for value in (counters.average_ms, counters.p50_ms, counters.p99_ms))


def test_counters_add_up() -> None:
    sure, unsure = Anomaly("n-plus-one", 1.0, 80.1, "fixed"), Anomaly("n-plus-one", 1.0, 80.0, "fixed")
    engine = _engine(Fixed(sure, unsure))
    for _ in range(3):
        engine.analyze(CONTEXT)
    counters = engine.counters
    assert (counters.analysis_count, counters.success_count, counters.success_ratio) == (3, 3, 1.0)
    assert (counters.anomaly_count, counters.high_confidence_count) == (6, 3)


def test_quantiles_are_nearest_ranks() -> None:
    clock = FakeClock()
    detector = Slow(clock, 0.0)
    engine = _engine(detector, clock=clock)
    for milliseconds in range(100, 0, -1):
        detector._seconds = milliseconds / 1000.0
        engine.analyze(CONTEXT)
    counters = engine.counters
    found = (counters.average_ms, counters.p50_ms, counters.p95_ms, counters.p99_ms)
    assert found == pytest.approx((50.5, 50.0, 95.0, 99.0))


def test_one_time_is_every_quantile() -> None:
    clock = FakeClock()
    engine = _engine(Slow(clock, 0.007), clock=clock)
    engine.analyze(CONTEXT)
    counters = engine.counters
    assert (counters.p50_ms, counters.p95_ms, counters.p99_ms) == pytest.approx((7.0, 7.0, 7.0))


def test_the_last_thousand_times_are_kept() -> None:
    clock = FakeClock()
    detector = Slow(clock, 1.0)
    engine = _engine(detector, clock=clock)
    engine.analyze(CONTEXT)
    detector._seconds = 0.001
    empty = Trace().context()
    for _ in range(1_000):
        engine.analyze(empty)
    assert engine.counters.analysis_count == 1_001
    assert engine.counters.average_ms == pytest.approx(1.0)


def test_threads_may_share_an_engine() -> None:
    engine = _engine(Fixed(ANOMALY))
    with ThreadPoolExecutor(8) as pool:
        analyses = list(pool.map(engine.analyze, [CONTEXT] * 200))
    assert all(analysis.anomalies == (ANOMALY,) for analysis in analyses)
    assert (engine.counters.analysis_count, engine.counters.anomaly_count) == (200, 200)


def test_counters_are_a_snapshot() -> None:
    engine = _engine(Fixed())
    before = engine.counters
    engine.analyze(CONTEXT)
    assert isinstance(before, EngineCounters)
    assert (before.analysis_count, engine.counters.analysis_count) == (0, 1)
