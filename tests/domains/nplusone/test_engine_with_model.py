"""The engine with a learnt model: what it reports, how it degrades, and what it counts."""

from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from ennead.domains.nplusone.domain import DOMAIN
from ennead.domains.nplusone.engine import MLAnalysis, NPlusOneDetectionEngine
from ennead.domains.nplusone.engine_counters import METRICS
from ennead.domains.nplusone.findings import Decided
from ennead.domains.nplusone.judging import Judged
from ennead.domains.nplusone.model import GroupModel, Judgement
from ennead.domains.nplusone.profile import Analysis
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.deadline import Deadline, DeadlineExceededError
from ennead.kernel.settings import load_settings
from tests.domains.nplusone.small_models import always, stump, written
from tests.domains.nplusone.traces import lazy_orders, look_ups
from tests.kernel.clocks import FakeClock

CONTEXT = lazy_orders(6).context()
TWO = look_ups(2).context()


class Broken:
    """A model that fails."""

    name = "broken 1"

    def probability(self, features: Mapping[str, float], /) -> float:
        raise ZeroDivisionError


class Slow:
    """A model that takes a second."""

    name = "slow 1"

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def probability(self, features: Mapping[str, float], /) -> float:
        self._clock.advance(1.0)
        return 0.9


def engine_with(model: GroupModel | None = None, clock: FakeClock | None = None, **settings: Any) -> Any:
    parts: dict[str, Any] = {"clock": clock} if clock else {}
    return NPlusOneDetectionEngine(NPlusOneSettings(**settings), detectors=(), model=model, **parts)


def deciders(engine: NPlusOneDetectionEngine, context: Any = CONTEXT) -> list[str]:
    return [finding.decided_by for finding in Analysis(context, engine).findings]


def test_the_model_is_heard_and_named() -> None:
    analysis = engine_with(always(2.0)).analyze(CONTEXT)

    assert (analysis.status, analysis.model) == ("ok", "stump 1")
    assert analysis.overall_confidence == pytest.approx(88.08, abs=0.01)
    assert [anomaly.detector for anomaly in analysis.anomalies] == ["trees"]


def test_an_unlikely_group_is_confidence_and_no_anomaly() -> None:
    analysis = engine_with(always(-2.0)).analyze(CONTEXT)

    assert analysis.overall_confidence == pytest.approx(11.92, abs=0.01)
    assert analysis.anomalies == ()


def test_the_baselines_do_not_raise_the_models_confidence() -> None:
    engine = NPlusOneDetectionEngine(NPlusOneSettings(), model=always(-2.0))
    analysis = engine.analyze(lazy_orders(40).context())

    assert "clustering" in {anomaly.detector for anomaly in analysis.anomalies}
    assert analysis.overall_confidence == pytest.approx(11.92, abs=0.01)


def test_rules_and_model_stand_side_by_side() -> None:
    assert deciders(engine_with(always(2.0))) == ["both"]
    assert deciders(engine_with(always(-2.0))) == ["rules"]
    assert deciders(engine_with(always(2.0)), TWO) == []


def test_a_model_that_decides_decides() -> None:
    assert deciders(engine_with(always(2.0, decides=True))) == ["both"]
    assert deciders(engine_with(always(-2.0, decides=True))) == []
    assert deciders(engine_with(always(2.0, decides=True)), TWO) == ["ml"]


def test_the_rules_alone_are_still_told() -> None:
    analysis = Analysis(CONTEXT, engine_with(always(-2.0, decides=True)))

    assert [finding.decided_by for finding in analysis.detections] == ["rules"]
    assert analysis.findings == ()
    assert [decision.veto for _, decision in analysis.vetoed] == ["model"]


def test_without_a_model_nothing_is_asked_and_nothing_changes(tmp_path: Path) -> None:
    engine = engine_with(models=str(tmp_path))
    analysis = Analysis(CONTEXT, engine)

    assert analysis.findings is analysis.detections
    assert engine.counters.analysis_count == 0
    assert not engine.asks_model(CONTEXT)


def test_switched_off_the_rules_decide_alone() -> None:
    assert deciders(engine_with(always(-2.0, decides=True), ml_enabled=False)) == ["rules"]
    assert deciders(engine_with(always(-2.0, decides=True), ml_traffic_ratio=0.0)) == ["rules"]


def test_the_settings_name_models_of_ones_own(tmp_path: Path) -> None:
    environment = {"ENNEAD_MODELS": written(tmp_path, stump(decides=True)), "NPLUSONE_ML_CONFIDENCE_THRESHOLD": "96"}
    engine = NPlusOneDetectionEngine(load_settings(NPlusOneSettings, environment))

    assert engine.analyze(CONTEXT).model == "stump 1"
    assert deciders(engine) == []


# ------------------------------------------------------------------------------------------------ degrading


def test_a_model_that_fails_leaves_the_rules(caplog: pytest.LogCaptureFixture) -> None:
    engine = engine_with(Broken())
    with caplog.at_level("DEBUG", "ennead"):
        assert deciders(engine) == ["rules"]

    counters = engine.counters
    assert (counters.analysis_count, counters.failure_count, counters.success_ratio) == (1, 1, 0.0)
    assert "the model failed" in caplog.text


def test_a_model_that_is_late_leaves_the_rules() -> None:
    clock = FakeClock()
    trace = lazy_orders(3)
    for number in range(3):
        trace.run("SELECT x FROM shop_line WHERE line_id = ?", number)
    engine = engine_with(Slow(clock), clock, ml_timeout_ms=500)

    assert set(deciders(engine, trace.context())) == {"rules"}
    assert (engine.counters.timeout_count, engine.counters.success_ratio) == (1, 0.0)


def test_one_deadline_may_be_set_for_everything() -> None:
    late = NPlusOneDetectionEngine(NPlusOneSettings(), model=always(2.0), deadline=Deadline(-1.0))

    assert deciders(late) == []
    assert (late.counters.failure_count, late.counters.rule_failure_count) == (0, 1)
    assert late.analyze(CONTEXT).status == "timeout"
    assert deciders(NPlusOneDetectionEngine(model=always(2.0), deadline=Deadline(60.0))) == ["both"]


def test_what_the_rules_decided_outlives_the_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    engine = NPlusOneDetectionEngine(model=always(2.0), clock=clock, deadline=Deadline(0.5, clock))

    def too_slow(*parts: Any) -> Decided:
        clock.advance(1.0)
        raise DeadlineExceededError

    monkeypatch.setattr("ennead.domains.nplusone.engine.combine", too_slow)

    assert [finding.decided_by for finding in engine.find(CONTEXT).shown] == ["rules"]
    counters = engine.counters
    assert (counters.timeout_count, counters.failure_count, counters.rule_failure_count) == (1, 0, 0)
    assert engine.find(CONTEXT).shown == ()  # the negative twin: it had passed before the rules decided


def test_a_broken_model_file_is_no_model_and_counted(tmp_path: Path) -> None:
    (tmp_path / "full.json").write_text("{", encoding="utf-8")
    engine = engine_with(models=str(tmp_path))

    assert engine.analyze(CONTEXT).status == "no-model"
    assert deciders(engine) == ["rules"]
    assert engine.counters.model_problem_count == 1
    assert len(engine.model_problems) == 1
    assert str(tmp_path / "full.json") in engine.model_problems[0]


def test_what_cannot_be_combined_is_left_to_the_rules(caplog: pytest.LogCaptureFixture) -> None:
    engine = engine_with(always(2.0))
    odd = Judged("odd", "full", decides=True, judgements={99: Judgement(9.0, 1.0)})
    with caplog.at_level("DEBUG", "ennead"):
        found = engine.find(CONTEXT, MLAnalysis("ok", judged=odd))

    assert [finding.decided_by for finding in found.shown] == ["rules"]
    assert (engine.counters.failure_count, engine.counters.timeout_count) == (1, 0)
    assert "could not be combined" in caplog.text


def test_features_that_fail_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(group: object) -> Mapping[str, float]:
        raise KeyError(group)

    engine = engine_with(always(2.0))
    monkeypatch.setattr(engine._judge, "_features", failing)

    assert deciders(engine) == ["rules"]
    assert engine.counters.extraction_error_count == 1


# ------------------------------------------------------------------------------------------------ counting


def test_findings_are_counted_by_who_decided() -> None:
    engine = engine_with(always(2.0, decides=True))
    for context in (CONTEXT, TWO, CONTEXT):
        deciders(engine, context)
    assert engine.counters.finding_counts == {"both": 2, "ml": 1}

    rejecting = engine_with(always(-2.0, decides=True))
    deciders(rejecting)
    assert (rejecting.counters.finding_counts, rejecting.counters.rejected_count) == ({}, 1)


def test_findings_are_counted_once_however_often_they_are_read() -> None:
    engine = engine_with(always(2.0))
    analysis = Analysis(CONTEXT, engine)
    for _ in range(3):
        assert len(analysis.findings) == 1
        assert analysis.suppressed == ()
    assert engine.counters.finding_counts == {"both": 1}
    assert engine.counters.analysis_count == 1


def test_the_model_is_asked_about_no_more_than_the_answer_needs() -> None:
    """Beside the rules it judges what these report; where it decides all but look-alikes; in a full analysis all."""
    trace = lazy_orders(6)
    for offset in (0, 10, 20):
        trace.run("SELECT name FROM shop_line LIMIT 10 OFFSET ?", offset, rows=10)
    for number in range(2):
        trace.run("SELECT name FROM shop_tag WHERE id = ?", number, rows=1)
    context = trace.context()
    asked: dict[str, int] = {}
    for name, decides in (("beside", False), ("decides", True)):
        engine = engine_with(always(2.0, decides=decides))
        deciders(engine, context)
        asked[name] = engine.counters.anomaly_count
    assert asked == {"beside": 1, "decides": 2}
    assert len(engine_with(always(2.0)).analyze(context).anomalies) == 3


def test_where_nothing_is_reported_a_model_beside_the_rules_is_not_asked() -> None:
    engine = engine_with(always(2.0))

    assert deciders(engine, TWO) == []
    assert engine.counters.analysis_count == 0


def test_an_analysis_that_was_made_is_not_made_again() -> None:
    engine = engine_with(always(2.0))
    analysis = Analysis(CONTEXT, engine)

    assert analysis.ml_analysis.status == "ok"
    assert [finding.decided_by for finding in analysis.findings] == ["both"]
    assert engine.counters.analysis_count == 1


def test_a_shadow_is_measured_and_decides_nothing(tmp_path: Path) -> None:
    place = written(tmp_path, stump())
    engine = engine_with(always(2.0), shadow_model=f"{place}/full.json")

    assert (deciders(engine), deciders(engine, TWO)) == (["both"], [])
    shadow = engine.counters.shadow
    assert (shadow.unit_count, shadow.group_count, shadow.agreement_count) == (2, 2, 2)


def test_a_shadow_without_a_model_is_measured_beside_the_rules(tmp_path: Path) -> None:
    engine = engine_with(models=str(tmp_path / "none"), shadow_model=written(tmp_path, stump()))

    assert [deciders(engine, look_ups(count).context()) for count in (3, 4)] == [["rules"], ["rules"]]
    assert engine.counters.shadow.only_deciding_count == 1
    assert engine.counters.shadow.agreement_count == 1


def test_a_shadow_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = str(tmp_path / "new.json")
    engine = engine_with(models=str(tmp_path), shadow_model=missing)

    assert deciders(engine) == ["rules"]
    assert engine.model_problems == (f"cannot read the model {missing}: No such file or directory",)


def test_memory_is_looked_at_only_if_asked() -> None:
    plain, asked = engine_with(always(2.0)), engine_with(always(2.0), analysis_memory_ratio=1.0)
    for engine in (plain, asked):
        engine.analyze(CONTEXT)

    assert isnan(plain.counters.average_peak_bytes)
    assert 0 < asked.counters.average_peak_bytes <= asked.counters.highest_peak_bytes < 5_000_000


def test_every_metric_of_the_manifest_has_its_figures() -> None:
    engine = engine_with(always(2.0))
    deciders(engine)
    metrics = engine.metrics()

    assert list(metrics) == list(METRICS) == list(DOMAIN.metrics)
    assert metrics["nplusone_ml_success_rate"] == {"": 1.0}
    assert metrics["nplusone_ml_anomalies_detected"] == {"": 1.0}
    assert list(metrics["nplusone_ml_analysis_time_ms"]) == ["average", "p50", "p95", "p99"]
    assert metrics["ennead_nplusone_findings_total"] == {"rules": 0.0, "ml": 0.0, "both": 1.0}
    assert metrics["ennead_nplusone_high_confidence_anomalies_total"] == {"": 1.0}
    assert metrics["ennead_nplusone_timeouts_total"] == {"": 0.0}
