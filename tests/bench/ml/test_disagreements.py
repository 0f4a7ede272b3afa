"""Sites on which only one of rules and model is right."""

from dataclasses import replace

from bench.ml.disagreements import Disagreement, disagreements
from bench.ml.evaluation import Trial
from tests.bench.ml.labelled_trials import trial


def test_who_is_right_where_they_differ() -> None:
    found = trial([True, True, False, False], [90.0, 10.0, 90.0, 10.0], [10.0, 90.0, 10.0, 90.0])
    told = {each.site: (each.label, each.right) for each in disagreements(found)}
    assert told == {"s0": (True, "rules"), "s1": (True, "model"), "s2": (False, "model"), "s3": (False, "rules")}


def test_what_both_say_is_not_listed() -> None:
    assert list(disagreements(trial([True, True], [90.0, 10.0], [90.0, 10.0]))) == []


def test_groups_of_a_site_are_one_line() -> None:
    one = trial([True] * 4, [0.0] * 4, [80.0, 90.0, 70.0, 80.0])
    examples = [replace(each, site="s", unit=f"page {number}") for number, each in enumerate(one.examples)]
    found = Trial(one.protocol, one.level, one.application, examples, one.confidences)
    assert list(disagreements(found)) == [
        Disagreement("shop", "s", "page 0, page 1 and 2 more", True, 4, "0", 80.0, "model")  # noqa: FBT003 -- a row
    ]


def test_a_look_alike_is_named() -> None:
    one = trial([False], [0.0], [80.0])
    found = Trial(one.protocol, one.level, "shop", [replace(one.examples[0], veto="pages")], one.confidences)
    assert [each.by_rules for each in disagreements(found)] == ["pages"]
