"""What is measured of an early warning, on courses small enough to count by hand."""

from math import isnan, log

import pytest

from bench.early_warning.measure import GroupCourse, Run, best_threshold, first_alarm_precision, quality, run
from ennead.domains.nplusone.query_stream import POSITION_OF, SIZES
from ennead.learners.repetition import RepetitionRule
from ennead.learners.sequence import LabelledStream
from ennead.training.streams import UnitStream


def course(truth: int, *alarms: float, unit: int = 0, start: int = 0, site: str = "s") -> GroupCourse:
    return GroupCourse(unit, ("app", site), truth, tuple(range(start, start + len(alarms))), alarms)


def a_run(*courses: GroupCourse, units: int = 2) -> Run:
    return Run(courses, units, 10, 5, 5 * log(2), 10, 0.001)


LATE = course(1, 0.1, 0.2, 0.9, 0.9, 0.9, site="late")
MISSED = course(1, 0.1, 0.1, 0.1, unit=1, site="missed")
FALSE = course(0, 0.9, unit=1, start=5, site="false")


def test_avoidable_repeats_are_those_after_the_alarm() -> None:
    assert quality(a_run(LATE), 0.5).avoidable == 2 / 4
    assert quality(a_run(LATE), 0.2).avoidable == 3 / 4
    assert quality(a_run(LATE), 0.95).avoidable == 0.0


def test_what_is_missed_counts_nothing_avoidable() -> None:
    told = quality(a_run(LATE, MISSED), 0.5)
    assert (told.avoidable, told.recall, told.median_execution) == (0.25, 0.5, 3)


def test_false_alarms_are_counted_by_units_of_work() -> None:
    told = quality(a_run(LATE, FALSE, units=4), 0.5)
    assert told.false_per_thousand == 250.0
    assert told.precision == 0.5


def test_only_the_first_alarm_of_a_unit_decides_its_precision() -> None:
    wrong_first = course(0, 0.9, start=0, site="a")
    right_later = course(1, 0.9, 0.9, start=1, site="b")
    assert first_alarm_precision([wrong_first, right_later], 0.5) == 0.0
    assert first_alarm_precision([course(1, 0.9, 0.9, start=0), course(0, 0.9, start=5)], 0.5) == 1.0
    assert isnan(first_alarm_precision([LATE], 0.95))


def test_sights_of_one_place_weigh_as_one() -> None:
    twice = [course(1, 0.9, 0.9, 0.9, unit=unit, site="seen often") for unit in range(9)]
    told = quality(a_run(*twice, MISSED), 0.5)
    assert told.recall == pytest.approx(0.5)


def test_the_threshold_is_the_earliest_that_is_precise_enough() -> None:
    risky = course(0, 0.3, unit=1, site="risky")
    assert best_threshold(a_run(LATE, risky), 0.95) > 0.3
    assert quality(a_run(LATE, risky), best_threshold(a_run(LATE, risky), 0.95)).precision == 1.0
    assert best_threshold(a_run(LATE, risky), 0.4) <= 0.2


def test_a_model_reads_each_unit() -> None:
    first = tuple([8] + [0] * (len(SIZES) - 1))
    again = tuple([0, 0, 1, 1] + [0] * (len(SIZES) - 4))
    stream = LabelledStream((first, again, again), (0, 1, 1), (1.0,) * 3)
    unit = UnitStream("app", "", "GET /", 12, "full", stream, (0, 1, 1), ("a", "b"))
    told = run(RepetitionRule(SIZES[0], 0, POSITION_OF["distinct"]), [unit])
    assert [each.truth for each in told.courses] == [0, 1]
    assert told.courses[1].alarms == (0.5, 0.5)
    assert (told.step_count, told.next_count, told.next_right) == (3, 2, 2)
    assert told.next_log_loss == pytest.approx(2 * log(2))


def test_runs_add_up_and_their_units_stay_apart() -> None:
    both = Run.together([a_run(LATE), a_run(FALSE)])
    assert both.unit_count == 4
    assert [each.unit for each in both.courses] == [0, 3]
    assert both.step_count == 20
