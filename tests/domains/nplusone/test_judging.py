"""The model over a context's groups: which are asked about, what fails, and what is measured in the shadow."""

from collections.abc import Mapping
from math import inf
from pathlib import Path

import pytest

from ennead.domains.nplusone.groups import QueryGroup
from ennead.domains.nplusone.judging import GroupJudge, ModelDetector, anomalies_of
from ennead.domains.nplusone.levels import LEVELS, reduce_to
from ennead.domains.nplusone.model import Models
from ennead.kernel.deadline import Deadline, DeadlineExceededError
from ennead.kernel.detector import AnomalyDetector
from tests.domains.nplusone.small_models import always, stump, written
from tests.domains.nplusone.traces import Trace, joined_orders, lazy_orders, look_ups
from tests.kernel.clocks import FakeClock

CONTEXT = lazy_orders(6).context()
NO_END = Deadline(inf)


class Broken:
    """A model that fails."""

    name = "broken 1"

    def probability(self, features: Mapping[str, float], /) -> float:
        raise ZeroDivisionError


def sure(level: str = "full") -> Models:
    return Models.only(always(3.0, level))


def test_repeated_reads_are_judged_and_nothing_else() -> None:
    trace = look_ups(3)
    for number in range(3):
        trace.run("INSERT INTO shop_line (id) VALUES (?)", number)
    judged = GroupJudge(sure()).judge(trace.context(), NO_END)

    assert judged is not None
    assert list(judged.judgements) == [1]
    assert judged.judgements[1].score == 3.0


@pytest.mark.parametrize("level", LEVELS)
def test_the_model_of_the_contexts_level_is_asked(level: str, tmp_path: Path) -> None:
    models = Models(written(tmp_path, *(stump(each, name=each) for each in LEVELS)))
    judged = GroupJudge(models).judge(reduce_to(CONTEXT, level), NO_END)  # type: ignore[arg-type]

    assert judged is not None
    assert (judged.level, judged.model) == (level, f"{level} 1")


def test_without_a_model_for_the_level_nobody_is_asked(tmp_path: Path) -> None:
    judge = GroupJudge(Models(written(tmp_path, stump("sql"))))

    assert (judge.is_needed(CONTEXT), judge.judge(CONTEXT, NO_END)) == (False, None)
    assert judge.is_needed(reduce_to(CONTEXT, "sql"))


def test_a_group_whose_features_fail_is_left_out_and_counted() -> None:
    def features(group: QueryGroup) -> Mapping[str, float]:
        if group.first.tables == ("shop_line",):
            raise ValueError
        return {}

    trace = lazy_orders(3)
    for number in range(3):
        trace.run("SELECT x FROM shop_line WHERE id = ?", number)
    judged = GroupJudge(sure(), features=features).judge(trace.context(), NO_END)

    assert judged is not None
    assert (list(judged.judgements), judged.extraction_error_count) == ([1], 1)


def test_a_model_that_fails_says_so_to_whoever_asked() -> None:
    with pytest.raises(ZeroDivisionError):
        GroupJudge(Models.only(Broken())).judge(CONTEXT, NO_END)


def test_the_deadline_is_asked_at_each_group() -> None:
    with pytest.raises(DeadlineExceededError):
        GroupJudge(sure()).judge(CONTEXT, Deadline(-1.0))


# ------------------------------------------------------------------------------------------------ shadow


def test_a_shadow_is_asked_beside_the_model_and_timed() -> None:
    judge = GroupJudge(sure(), Models.only(always(-3.0)), clock=FakeClock(step=0.5))
    judged = judge.judge(CONTEXT, NO_END)

    assert judged is not None
    assert judged.shadow is not None
    assert judged.judgements[1].score == 3.0
    assert judged.shadow.judgements[1].score == -3.0
    assert (judged.shadow.seconds, judged.shadow.failed) == (0.5, False)


def test_a_shadow_alone_is_no_model() -> None:
    judged = GroupJudge(Models("/nowhere"), Models.only(always(3.0))).judge(CONTEXT, NO_END)

    assert judged is not None
    assert (judged.model, judged.decides, judged.judgements) == (None, False, {})
    assert judged.shadow is not None
    assert list(judged.shadow.judgements) == [1]


def test_a_shadow_that_fails_harms_nobody() -> None:
    judged = GroupJudge(sure(), Models.only(Broken())).judge(CONTEXT, NO_END)

    assert judged is not None
    assert judged.judgements[1].score == 3.0
    assert judged.shadow is not None
    assert judged.shadow.failed


# ------------------------------------------------------------------------------------------------ as a detector


def test_it_is_a_detector_that_names_the_likely_groups() -> None:
    detector = ModelDetector(sure())
    (anomaly,) = detector.detect(CONTEXT, NO_END)

    assert isinstance(detector, AnomalyDetector)
    assert (anomaly.code, anomaly.detector, anomaly.score) == ("n-plus-one", "trees", 3.0)
    assert anomaly.confidence == pytest.approx(95.26, abs=0.01)
    assert anomaly.evidence == {
        "statement_fingerprint": CONTEXT.queries[1].statement_fingerprint,
        "query_count": 6,
        "level": "full",
        "model": "stump 1",
    }


def test_what_is_unlikely_is_no_anomaly() -> None:
    assert ModelDetector(Models.only(always(-0.1))).detect(CONTEXT, NO_END) == ()
    assert ModelDetector(sure()).detect(joined_orders().context(), NO_END) == ()
    assert ModelDetector(Models("/nowhere")).detect(CONTEXT, NO_END) == ()


def test_the_interval_is_evidence(tmp_path: Path) -> None:
    scores = {"form": 1, "scores": [0.1, 0.9], "labels": [0, 1]}
    models = Models(written(tmp_path, stump(calibration=scores)))
    judged = GroupJudge(models).judge(CONTEXT, NO_END)

    assert judged is not None
    assert [anomaly.evidence["interval"] for anomaly in anomalies_of(CONTEXT, judged)] == [[0.5, 1.0]]


def test_an_empty_context_has_nothing_to_judge() -> None:
    judged = GroupJudge(sure()).judge(Trace().context(), NO_END)

    assert judged is not None
    assert judged.judgements == {}
