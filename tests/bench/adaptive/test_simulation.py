"""The bench counts what it says it counts."""

from datetime import date
from random import Random

from bench.adaptive.generalising import generalised
from bench.adaptive.patterns import FALSE_OF_PROJECT, Pattern, one_sided_project
from bench.adaptive.simulation import Project, live
from bench.adaptive.users import Complainer, Honest, Saboteur


def _pattern(name: str, *, truth: bool, groups: int = 2, look_alikes: tuple[str, ...] = ()) -> Pattern:
    return Pattern(name, "s", 66.0, truth, 0 if truth else groups, groups if truth else 0, look_alikes)


PATTERNS = [_pattern(f"true {number}", truth=True) for number in range(30)] + [
    _pattern(f"false {number}", truth=False) for number in range(10)
]


def test_before_any_verdict_everything_is_shown() -> None:
    outcome = Project(PATTERNS).outcome()
    assert (outcome.false_positives, outcome.recall, outcome.unjudged_recall) == (20, 1.0, 1.0)


def test_who_calls_everything_noise_hides_what_was_judged_and_nothing_else() -> None:
    project = Project(PATTERNS)
    live(project, Complainer(), Random(1), verdicts=10, a_day=5)
    outcome = project.outcome()
    assert len(project.said) == 10
    assert outcome.true_positives + outcome.false_positives == 60
    assert (outcome.unjudged_recall, outcome.hidden_by_threshold, project.threshold) == (1.0, 0, 50.0)


def test_who_turns_the_truth_round_leaves_what_is_false() -> None:
    project = Project(PATTERNS)
    live(project, Saboteur(), Random(1), verdicts=20, a_day=5)
    assert project.outcome().false_positives == 20
    assert project.outcome().recall < 1.0


def test_people_who_never_err_lose_nothing() -> None:
    project = Project(PATTERNS)
    live(project, Honest(0.0, 0.0, 0.5), Random(1), verdicts=40, a_day=10)
    assert (project.outcome().false_positives, project.outcome().recall) == (0, 1.0)


def test_attention_meets_more_of_what_is_false() -> None:
    blind, annoyed = Project(PATTERNS), Project(PATTERNS)
    live(blind, Complainer(), Random(1), verdicts=10, a_day=10)
    live(annoyed, Complainer(), Random(1), verdicts=10, a_day=10, attention=50.0)
    assert annoyed.outcome().false_positives < blind.outcome().false_positives


def test_a_project_that_repeats_itself_has_two_idioms() -> None:
    found = [_pattern(f"true {number}", truth=True) for number in range(2 * FALSE_OF_PROJECT)]
    found += [_pattern(f"f {name}", truth=False, groups=1, look_alikes=(name,)) for name in "abcd"]
    drawn = one_sided_project(found, Random(1))
    assert len({each.look_alikes for each in drawn if not each.truth}) == 2
    assert sum(each.false_count for each in drawn) == FALSE_OF_PROJECT
    assert len({each.name for each in drawn}) == len(drawn) == 3 * FALSE_OF_PROJECT


def _told(name: str, probability: float, *, truth: bool, signature: str = "s") -> Pattern:
    return _pattern(name, truth=truth)._replace(probability=probability, signature=signature)


DOUBTED = [_told(f"true {number}", 0.99, truth=True) for number in range(30)] + [
    _told(f"false {number}", 0.7, truth=False) for number in range(10)
]


def test_who_follows_the_proposed_order_is_asked_about_what_is_doubtful() -> None:
    project = Project(DOUBTED)
    live(project, Honest(0.0, 0.0, 0.0), Random(1), verdicts=10, a_day=5, skipping=0.0)
    assert (project.outcome().false_positives, project.outcome().recall) == (0, 1.0)


def test_what_is_skipped_gets_no_verdict_and_others_do() -> None:
    project = Project(DOUBTED)
    live(project, Honest(0.0, 0.0, 0.0), Random(1), verdicts=10, a_day=5, skipping=0.3)
    assert len(project.said) == 10
    assert any(name.startswith("true") for name in project.said)


def test_an_order_by_wrong_probabilities_brings_nothing() -> None:
    project = Project([each._replace(probability=0.99 if not each.truth else 0.7) for each in DOUBTED])
    live(project, Honest(0.0, 0.0, 0.0), Random(1), verdicts=10, a_day=5, skipping=0.0)
    assert project.outcome().false_positives == 20


def test_a_rule_that_hides_kin_is_charged_with_what_it_hides() -> None:
    kin = [_told(f"kin {number}", 0.9, truth=number % 2 == 0, signature="k") for number in range(6)]
    project = Project([*DOUBTED, *kin])
    for each in kin[:2]:
        project.say(each, "noise", date(2026, 11, 2))
    told = {each.name: each for each in generalised("x", [project])}
    by_kin = told["kin: two of a signature noise, at most a fifth useful"]
    assert (by_kin.false_positives, by_kin.true_positives, by_kin.recall) == (4, 4, 1 - 4 / 64)
    assert told["the adapted model gives it less than 50 %"].true_positives == 0
