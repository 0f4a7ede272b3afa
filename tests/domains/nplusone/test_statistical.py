"""The statistical baseline: what stands out of its context."""

from math import exp, log1p

import pytest
from hypothesis import given

from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.domains.nplusone.statistical import StatisticalDetector
from ennead.kernel.anomaly import Anomaly
from ennead.kernel.deadline import Deadline, DeadlineExceededError
from ennead.kernel.detector import AnomalyDetector
from tests.domains.nplusone.test_observation import CONTEXTS
from tests.domains.nplusone.traces import Trace

DETECTOR = StatisticalDetector()


def _detect(trace: Trace) -> tuple[Anomaly, ...]:
    return tuple(DETECTOR.detect(trace.context(), Deadline(60.0)))


def _page(repeats: int, *, values: int | None = None, others: int = 5) -> Trace:
    """``others`` single statements, and one that is repeated with ``values`` distinct parameters."""
    trace = Trace()
    for name in "abcdefghij"[:others]:
        trace.run(f"SELECT {name} FROM t")
    for number in range(repeats):
        trace.run("SELECT x FROM u WHERE id = ?", number % (values or repeats))
    return trace


def test_is_a_detector() -> None:
    assert isinstance(DETECTOR, AnomalyDetector)


def test_says_what_stands_out_and_by_how_much() -> None:
    trace = _page(30)
    (anomaly,) = _detect(trace)
    score = (log1p(30) - log1p(1)) / 0.35
    assert (anomaly.code, anomaly.detector) == ("n-plus-one", "statistical")
    assert anomaly.score == pytest.approx(score)
    assert anomaly.confidence == pytest.approx(100.0 / (1.0 + exp(-(score - 3.0))))
    fingerprint = trace.context().queries[-1].statement_fingerprint
    assert anomaly.evidence == {"statement_fingerprint": fingerprint, "query_count": 30}


def test_more_repeats_stand_out_more() -> None:
    scores = [_detect(_page(count))[0].score for count in (5, 20, 80)]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]


@pytest.mark.parametrize(
    "trace", [Trace(), _page(0), _page(2), _page(30, values=1)], ids=["empty", "flat", "2", "same"]
)
def test_what_does_not_stand_out(trace: Trace) -> None:
    assert _detect(trace) == ()


@pytest.mark.parametrize(("repeats", "found"), [(3, 0), (4, 1)])
def test_two_standard_deviations_stand_out(repeats: int, found: int) -> None:
    """Three repeats among single statements are 1.98 away, four are 2.6."""
    assert len(_detect(_page(repeats))) == found


def test_where_counts_spread_more_is_needed() -> None:
    trace = Trace()
    for name, times in zip("abcdef", (1, 1, 2, 2, 4, 120), strict=True):
        for number in range(times):
            trace.run(f"SELECT {name} FROM t WHERE id = ?", number)
    logs = sorted(log1p(times) for times in (1, 1, 2, 2, 4, 120))
    centre = (logs[2] + logs[3]) / 2
    deviations = sorted(abs(value - centre) for value in logs)
    spread = 1.4826 * (deviations[2] + deviations[3]) / 2
    (anomaly,) = _detect(trace)
    assert anomaly.score == pytest.approx((log1p(120) - centre) / spread)


def test_where_everything_repeats_alike_nothing_stands_out() -> None:
    trace = Trace()
    for name in "abcd":
        for number in range(10):
            trace.run(f"SELECT {name} FROM t WHERE id = ?", number)
    assert _detect(trace) == ()


def test_the_deadline_is_asked() -> None:
    with pytest.raises(DeadlineExceededError):
        DETECTOR.detect(_page(9).context(), Deadline(-1.0))


@given(CONTEXTS)
def test_confidences_are_within_range(context: QueryExecutionContext) -> None:
    for anomaly in DETECTOR.detect(context, Deadline(60.0)):
        assert 0.0 <= anomaly.confidence <= 100.0
