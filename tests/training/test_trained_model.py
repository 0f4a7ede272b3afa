"""What a model may see: never the application that it is measured on, nor anything but features and labels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ennead.kernel.errors import EnneadError
from ennead.training import trained_model
from ennead.training.examples import FEATURES, Example
from ennead.training.leakage import shuffle_labels
from ennead.training.trained_model import out_of_fold, train, training_rows
from tests.training.labelled import example

APPLICATIONS = ("blog", "forum", "shop", "suite", "tracker", "wiki", "zoo")


class Watched:
    """In the place of the fitting: notes what it is given, and learns one weight."""

    def __init__(self) -> None:
        self.seen: list[list[Example]] = []
        self.features: list[tuple[str, ...]] = []

    def __call__(self, rows: Sequence[Example], weights: Sequence[float], features: Sequence[str]) -> dict[str, Any]:
        assert len(rows) == len(weights)
        self.seen.append(list(rows))
        self.features.append(tuple(features))
        return {
            "form": 1, "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [4.0], "intercept": 0.0,
        }  # fmt: skip


@pytest.fixture
def fitting(monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    monkeypatch.setattr(trained_model, "fit_logistic", watched)
    return watched


def _examples() -> list[Example]:
    return [
        example(label, application=name, site=f"{name}{label}", log_count=3.0 if label else 1.0)
        for name in APPLICATIONS
        for label in (True, False)
    ]


def test_each_example_is_scored_by_a_model_that_never_saw_its_application(fitting: Watched) -> None:
    held_out = out_of_fold(_examples(), "logistic")
    assert sorted(each.application for each, _ in held_out) == sorted(APPLICATIONS * 2)
    left_out = [set(APPLICATIONS) - {each.application for each in seen} for seen in fitting.seen]
    assert all(left_out)
    assert set().union(*left_out) == set(APPLICATIONS)
    assert sum(map(len, left_out)) == len(APPLICATIONS)


def test_sites_never_straddle(fitting: Watched) -> None:
    out_of_fold(_examples(), "logistic")
    for seen in fitting.seen:
        names = {each.application for each in seen}
        unseen_sites = {each.site for each in _examples() if each.application not in names}
        assert unseen_sites
        assert unseen_sites.isdisjoint(each.site for each in seen)


def test_generated_examples_are_learnt_from_and_never_calibrated_on(fitting: Watched) -> None:
    made = example(label=True, application="generated", source="generated", log_count=2.5)
    held_out = out_of_fold([*_examples(), made], "logistic")
    assert all(made in seen for seen in fitting.seen)
    assert made not in [each for each, _ in held_out]


def test_names_sites_and_rules_are_no_input(fitting: Watched) -> None:
    train(_examples(), "logistic")
    assert all(set(features) <= set(FEATURES) for features in fitting.features)
    assert not {"application", "release", "unit", "site", "rows", "rules", "veto"} & set(FEATURES)


def test_other_names_and_other_rules_lead_to_the_same_rows_and_weights() -> None:
    """What leaks must come in by a feature or a weight; renaming everything else changes neither."""
    renamed = [
        replace(each, application=f"x-{each.application}", site=f"x-{each.site}", unit="y", release="z", veto="pages")
        for each in _examples()
    ]
    rows, weights = training_rows(_examples())
    other_rows, other_weights = training_rows(renamed)
    assert [(row.features, row.label) for row in rows] == [(row.features, row.label) for row in other_rows]
    assert weights == other_weights


def test_the_whole_model_is_calibrated_on_scores_out_of_fold(fitting: Watched) -> None:
    model = train(_examples(), "logistic")
    assert len(model.held_out) == len(_examples())
    assert model.probability({"log_count": 3.0}) > 0.9
    assert model.probability({"log_count": 1.0}) < 0.1
    assert 0.5 < model.score({"log_count": 2.5}) < model.score({"log_count": 3.0}) < 1.0


@pytest.mark.parametrize(
    "examples",
    [
        [example(label=True), example(label=False)],
        [example(label=True), example(label=True, application="blog")],
        [],
    ],
    ids=["one application", "one label", "nothing"],
)
def test_what_cannot_be_learnt_from_is_an_error(examples: list[Example]) -> None:
    with pytest.raises(EnneadError, match="two applications and of both labels"):
        train(examples, "logistic")


# ------------------------------------------------------------------------------------------------ shuffled labels


def test_shuffled_labels_stay_with_their_sites() -> None:
    examples = [
        example(number % 3 == 0, application=name, site=f"{name}{number}")
        for name in APPLICATIONS
        for number in range(12)
        for _ in range(2)
    ]
    shuffled = shuffle_labels(examples, seed=1)
    assert len({(each.application, each.site, each.label) for each in shuffled}) == len(examples) // 2
    assert sum(each.label for each in shuffled) == sum(each.label for each in examples)
    assert [each.label for each in shuffled] != [each.label for each in examples]
    assert [each.features for each in shuffled] == [each.features for each in examples]
