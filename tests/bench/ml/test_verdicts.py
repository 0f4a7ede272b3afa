"""A table decides who decides."""

import pytest

from bench.ml.verdicts import verdicts
from ennead.domains.nplusone.levels import Level
from tests.bench.ml.labelled_trials import trial

RIGHT, WRONG = [90.0, 10.0], [10.0, 90.0]
LABELS = [True, False]


@pytest.mark.parametrize(
    ("missed", "met", "decides"),
    [(0, True, True), (6, True, True), (7, False, True), (9, False, False), (10, False, False)],
)
def test_errors_down_by_a_third_meet_the_goal_of_sql(missed: int, met: bool, decides: bool) -> None:  # noqa: FBT001
    """The rules miss nine of twelve."""
    labels = [True] * 12
    found = trial(labels, [10.0] * 9 + [90.0] * 3, [10.0] * missed + [90.0] * (12 - missed))
    assert (verdicts([found])["sql"].is_met, verdicts([found])["sql"].decides) == (met, decides)


def test_a_big_application_alone_does_not_carry_it() -> None:
    big = trial(LABELS * 10, WRONG * 10, RIGHT * 10, name="big")
    small = [trial(LABELS, RIGHT, WRONG, name=name) for name in ("one", "two", "three")]
    found = verdicts([big, *small])["sql"]
    assert not found.decides
    assert "worse on one, two, three" in found.reason


def test_errors_as_many_are_no_win() -> None:
    assert not verdicts([trial(LABELS, RIGHT, RIGHT)])["sql"].decides


@pytest.mark.parametrize("level", ["sql", "spans"])
def test_all_errors_gone_is_a_win(level: Level) -> None:
    found = verdicts([trial(LABELS, WRONG, RIGHT, level)])[level]
    assert found.is_met
    assert found.decides
    assert "down by 100%" in found.measured


def test_with_full_evidence_it_may_be_worse_nowhere() -> None:
    better = trial(LABELS * 5, WRONG * 5, RIGHT * 5, "full", "better")
    worse = trial(LABELS, RIGHT, WRONG, "full", "worse")
    assert verdicts([better])["full"].decides
    found = verdicts([better, worse])["full"]
    assert not found.decides
    assert "worse on worse" in found.measured


def test_with_full_evidence_false_alarms_are_few() -> None:
    labels = [True, *[False] * 9]
    found = verdicts([trial(labels, [10.0] + [90.0] * 9, [90.0] + [90.0] + [10.0] * 8, "full")])["full"]
    assert not found.is_met
    assert not found.decides
