"""No call site, no big application and no generator dominates."""

import pytest

from ennead.training.weights import GENERATED_SHARE, weigh
from tests.training.labelled import example


def test_weights_are_one_on_average() -> None:
    examples = [example(label=True, site=site, application=name) for name in ("a", "b") for site in "xyzz"]
    assert sum(weigh(examples)) == pytest.approx(len(examples))


def test_examples_of_one_site_count_together_as_one() -> None:
    weights = weigh([example(label=True, site="x")] * 4 + [example(label=True, site="y")])
    assert sum(weights[:4]) == pytest.approx(weights[4])


def test_a_site_with_both_labels_is_two() -> None:
    weights = weigh([example(label=True), example(label=False), example(label=False)])
    assert weights[0] == pytest.approx(weights[1] + weights[2])


def test_an_application_counts_with_the_root_of_its_sites() -> None:
    big = [example(label=True, application="big", site=str(number)) for number in range(16)]
    weights = weigh([*big, example(label=True, application="small")])
    assert sum(weights[:16]) == pytest.approx(4 * weights[16])


def test_all_generated_examples_together_count_little() -> None:
    made = [example(label=True, application="made", site=str(number), source="generated") for number in range(900)]
    weights = weigh([example(label=True), *made])
    assert sum(weights[1:]) == pytest.approx(GENERATED_SHARE * weights[0])


def test_a_few_generated_examples_are_not_counted_more() -> None:
    real = [example(label=True, application=str(number)) for number in range(100)]
    weights = weigh([*real, example(label=True, application="made", source="generated")])
    assert weights[-1] == pytest.approx(weights[0])


def test_nothing_has_no_weights() -> None:
    assert weigh([]) == []
