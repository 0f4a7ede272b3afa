"""The clustering baseline: executions that lie close together in the sequence."""

import pytest
from hypothesis import given

from ennead.domains.nplusone.clustering import ClusteringDetector
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.kernel.anomaly import Anomaly
from ennead.kernel.deadline import Deadline, DeadlineExceededError
from ennead.kernel.detector import AnomalyDetector
from tests.domains.nplusone.test_observation import CONTEXTS
from tests.domains.nplusone.traces import Trace

SQL = "SELECT x FROM u WHERE id = ?"


def _detect(trace: Trace, **parameters: int) -> tuple[Anomaly, ...]:
    return tuple(ClusteringDetector(**parameters).detect(trace.context(), Deadline(60.0)))


def _repeats(count: int, *, between: int = 0, values: int | None = None) -> Trace:
    """``count`` executions, with ``between`` others after each."""
    trace = Trace()
    for number in range(count):
        trace.run(SQL, number % (values or count))
        for other in range(between):
            trace.run(f"SELECT {'abcdefghij'[other]}{number} FROM t")
    return trace


def test_is_a_detector() -> None:
    assert isinstance(ClusteringDetector(), AnomalyDetector)


def test_says_how_large_the_cluster_is() -> None:
    trace = _repeats(10)
    (anomaly,) = _detect(trace)
    assert (anomaly.code, anomaly.detector, anomaly.score) == ("n-plus-one", "clustering", 10.0)
    assert anomaly.confidence == pytest.approx(90.0)
    fingerprint = trace.context().queries[0].statement_fingerprint
    assert anomaly.evidence == {"statement_fingerprint": fingerprint, "query_count": 10}


def test_few_executions_are_no_cluster() -> None:
    assert _detect(_repeats(3)) == ()
    assert len(_detect(_repeats(4))) == 1
    assert len(_detect(_repeats(3), min_points=3)) == 1


def test_executions_far_apart_are_no_cluster() -> None:
    assert len(_detect(_repeats(6, between=5))) == 1
    assert _detect(_repeats(6, between=6)) == ()
    assert len(_detect(_repeats(6, between=6), neighbourhood=7)) == 1


def test_the_same_parameters_are_no_n_plus_one() -> None:
    assert _detect(_repeats(10, values=3)) == ()


def test_the_largest_cluster_counts() -> None:
    trace = Trace()
    for number in range(12):
        if number == 4:
            for name in "abcdefgh":
                trace.run(f"SELECT {name} FROM t")
        trace.run(SQL, number)
    (anomaly,) = _detect(trace)
    assert anomaly.score == 8.0
    assert anomaly.confidence == pytest.approx(100.0 * 8 / 12 * 7 / 8)


def test_the_deadline_is_asked() -> None:
    with pytest.raises(DeadlineExceededError):
        ClusteringDetector().detect(_repeats(9).context(), Deadline(-1.0))


@given(CONTEXTS)
def test_confidences_are_within_range(context: QueryExecutionContext) -> None:
    for anomaly in ClusteringDetector(min_points=1).detect(context, Deadline(60.0)):
        assert 0.0 <= anomaly.confidence <= 100.0
