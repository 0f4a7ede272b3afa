"""Curves over the number of verdicts, on an application where the model is wrong in one way."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest

from bench.ml import learning_curves
from bench.ml.learning_curves import VERDICT_COUNTS, Point, curves
from ennead.domains.nplusone.levels import Level
from ennead.training.trained_model import TrainedModel
from tests.bench.ml.labelled_trials import trial


class Told:
    """A model that says what stands in a feature."""

    def probability(self, features: Mapping[str, float]) -> float:
        return features["adjacency"]


MODELS = cast("dict[Level, TrainedModel]", {"sql": Told()})


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_curves, "DRAWS", 2)


def _points(said: list[float], labels: list[bool]) -> list[Point]:
    found = trial(labels, [0.0] * len(labels), [0.0] * len(labels))
    examples = [
        replace(each, features={**each.features, "adjacency": told})
        for each, told in zip(found.examples, said, strict=True)
    ]
    return list(curves([found._replace(examples=examples)], MODELS))


def test_false_alarms_become_fewer_with_verdicts() -> None:
    """What is said with 70 % is wrong here, what is said with 99 % is right."""
    points = _points([0.7] * 30 + [0.99] * 30, [False] * 30 + [True] * 30)
    assert [point.wanted for point in points] == list(VERDICT_COUNTS)
    before, *_, after = points
    assert before.errors > 0.4
    assert after.errors < 0.2
    assert (before.changed, before.harmed) == (0.0, 0.0)


def test_a_model_that_is_right_stays_as_it_is() -> None:
    points = _points([0.05] * 15 + [0.95] * 15, [False] * 15 + [True] * 15)
    assert {point.errors for point in points} == {0.0}
    assert {point.harmed for point in points} == {0.0}


def test_a_small_application_gives_the_verdicts_that_it_has() -> None:
    assert [point.given for point in _points([0.9] * 12, [True] * 12)] == [0, 6, 6, 6]
