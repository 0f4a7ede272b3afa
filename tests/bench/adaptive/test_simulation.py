"""The bench counts what it says it counts."""

from random import Random

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
