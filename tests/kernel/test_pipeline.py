"""Scoring: detectors that answer, fail and are late."""

from collections.abc import Sequence

from ennead.kernel.anomaly import Anomaly
from ennead.kernel.deadline import Deadline
from ennead.kernel.detector import AnomalyDetector
from ennead.kernel.pipeline import Scoring, score
from tests.kernel.clocks import FakeClock

ANOMALY = Anomaly("odd-length", 3.0, 80.0, "length")


class Length:
    """Finds long texts odd."""

    name = "length"

    def detect(self, observation: str, deadline: Deadline, /) -> Sequence[Anomaly]:
        return (ANOMALY,) if len(observation) > 3 else ()


class Failing:
    """Raises."""

    name = "failing"

    def detect(self, observation: str, deadline: Deadline, /) -> Sequence[Anomaly]:
        raise ZeroDivisionError


class Nameless:
    """Raises, and has not even a name."""

    def detect(self, observation: str, deadline: Deadline, /) -> Sequence[Anomaly]:
        raise ZeroDivisionError


class Slow:
    """Takes five seconds, and asks for the time when it is done."""

    name = "slow"

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def detect(self, observation: str, deadline: Deadline, /) -> Sequence[Anomaly]:
        self._clock.advance(5.0)
        deadline.check()
        return (ANOMALY,)


def _forever() -> Deadline:
    return Deadline(3600.0)


def test_the_example_is_a_detector() -> None:
    assert isinstance(Length(), AnomalyDetector)


def test_gathers_what_all_detectors_say() -> None:
    assert score("longer", (Length(), Length()), _forever()) == Scoring("ok", (ANOMALY, ANOMALY))


def test_nothing_odd_is_an_answer_too() -> None:
    assert score("abc", (Length(),), _forever()) == Scoring("ok", ())


def test_a_failing_detector_is_named_and_its_neighbours_are_heard() -> None:
    answer = score("longer", (Length(), Failing(), Length()), _forever())
    assert answer == Scoring("error", (ANOMALY, ANOMALY), ("failing",))


def test_a_failing_detector_without_a_name_is_called_by_its_class() -> None:
    answer = score("longer", (Nameless(), Length()), _forever())  # type: ignore[arg-type]
    assert answer == Scoring("error", (ANOMALY,), ("Nameless",))


def test_what_was_said_before_the_deadline_stands() -> None:
    clock = FakeClock()
    answer = score("longer", (Length(), Slow(clock), Length()), Deadline(2.0, clock))
    assert answer == Scoring("timeout", (ANOMALY,))


def test_failures_before_the_deadline_are_told_as_well() -> None:
    clock = FakeClock()
    answer = score("longer", (Failing(), Slow(clock)), Deadline(2.0, clock))
    assert answer == Scoring("timeout", (), ("failing",))


def test_nobody_is_asked_when_the_time_is_up_already() -> None:
    assert score("longer", (Length(),), Deadline(-1.0)) == Scoring("timeout", ())
