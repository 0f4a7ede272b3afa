from __future__ import annotations

import sys
from dataclasses import replace
from math import exp, nan
from random import Random
from typing import Any

import pytest

from ennead.domains.nplusone.model import LevelModel
from ennead.kernel.errors import EnneadError
from ennead.learners.adaptation import Adaptation
from ennead.training.examples import FEATURES, Example
from ennead.training.full_training import learn_in_full
from ennead.training.learning import Thresholds, adapted, fold_numbers, learn, loss, missing_labels

BASE: dict[str, Any] = {
    "form": 1, "name": "shipped", "version": "1", "level": "sql", "decides": True,
    "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [2.0], "intercept": 0.0,
}  # fmt: skip
THRESHOLDS = Thresholds(60.0, 50.0)
IN_FORCE = LevelModel.from_json(BASE)


def example(number: int, size: float, *, label: bool, veto: str = "") -> Example:
    features = {**dict.fromkeys(FEATURES, nan), "log_count": size}
    return Example("shop", "1", "", 0, "sql", f"{number}", "verdict", label, {"rules": 60.0}, veto, features)


def examples(count: int, edge: float, *, seed: int = 1) -> list[Example]:
    """Groups are an N+1 from a size on; the model believes that the edge is at 2."""
    random = Random(seed)
    sizes = [random.uniform(1.0, 4.0) for _ in range(count)]
    return [example(number, size, label=size + random.gauss(0, 0.3) > edge) for number, size in enumerate(sizes)]


def test_a_project_that_differs_gets_a_model_of_its_own() -> None:
    learnt = learn(examples(60, edge=3.0), "sql", BASE, IN_FORCE, THRESHOLDS)
    assert learnt.refusal is None
    assert learnt.check is not None
    assert learnt.check.label_count == 60
    assert learnt.check.after.error_count < learnt.check.before.error_count
    assert learnt.data is not None
    model = LevelModel.from_json(learnt.data)
    assert model.adaptation is not None
    assert model.adaptation.verdict_count == 60
    assert model.probability({"log_count": 2.5}) < 0.5 < IN_FORCE.probability({"log_count": 2.5})


def test_a_project_like_all_others_keeps_the_model() -> None:
    random = Random(1)
    sizes = [random.uniform(1.0, 4.0) for _ in range(60)]
    as_said = [random.random() < 1.0 / (1.0 + exp(-2.0 * (size - 2.0))) for size in sizes]
    labels = [example(each, size, label=label) for each, (size, label) in enumerate(zip(sizes, as_said, strict=True))]
    learnt = learn(labels, "sql", BASE, IN_FORCE, THRESHOLDS)
    assert learnt.data is None
    assert learnt.refusal is None
    assert learnt.check is not None


@pytest.mark.parametrize("seed", range(3))
def test_labels_by_chance_never_replace_the_model(seed: int) -> None:
    random = Random(seed)
    noise = [example(number, random.uniform(1, 4), label=random.random() < 0.5) for number in range(30)]
    learnt = learn(noise, "sql", BASE, LevelModel.from_json(adapted(BASE, Adaptation(0.0, 0.05))), THRESHOLDS)
    assert learnt.data is None


@pytest.mark.parametrize(
    ("rules", "options", "decides"), [(60.0, {"decide": True}, True), (60.0, {}, False), (0.0, {"decide": True}, False)]
)
def test_it_decides_if_it_is_asked_to_and_errs_less_often_than_the_rules(
    rules: float, options: dict[str, bool], decides: object
) -> None:
    """The rules flag every group, or they know each label."""
    labels = [replace(each, baselines={"rules": rules or 100.0 * each.label}) for each in examples(60, edge=3.0)]
    beside = {**BASE, "decides": False}
    learnt = learn(labels, "sql", beside, LevelModel.from_json(beside), THRESHOLDS, **options)
    assert learnt.data is not None
    assert learnt.data["decides"] is decides


def test_a_model_in_force_that_is_better_stays() -> None:
    labels = examples(60, edge=3.0)
    better = LevelModel.from_json(adapted(BASE, Adaptation(-6.0, 3.0)))
    assert learn(labels, "sql", BASE, better, THRESHOLDS).data is None
    assert learn(labels, "sql", BASE, IN_FORCE, THRESHOLDS).data is not None


def test_a_model_that_was_adapted_is_measured_on_what_came_since() -> None:
    labels = examples(60, edge=3.0)
    known = LevelModel.from_json(adapted(BASE, Adaptation(-2.0, 1.0, verdict_count=40)))
    later = learn(labels, "sql", BASE, known, THRESHOLDS).check
    assert later is not None
    assert later.label_count == 20
    nearly = LevelModel.from_json(adapted(BASE, Adaptation(-2.0, 1.0, verdict_count=55)))
    whole = learn(labels, "sql", BASE, nearly, THRESHOLDS).check
    assert whole is not None
    assert whole.label_count == 60


def test_look_alikes_of_the_rules_are_left_out() -> None:
    vetoed = [example(number, 3.0, label=False, veto="pages") for number in range(100, 130)]
    learnt = learn([*examples(60, edge=3.0), *vetoed], "sql", BASE, IN_FORCE, THRESHOLDS)
    assert learnt.positive_count + learnt.negative_count == 60


@pytest.mark.parametrize(
    ("positives", "negatives", "told"),
    [
        (20, 20, None),
        (15, 5, None),
        (8, 4, "12 verdicts, 20 are needed: 8 more, at least 5 noise among all"),
        (6, 6, "12 verdicts, 20 are needed: 8 more"),
        (30, 2, "30 useful and 2 noise: at least 5 noise are needed, 3 more"),
        (0, 30, "0 useful and 30 noise: at least 5 useful are needed, 5 more"),
    ],
)
def test_what_is_missing_is_told(positives: int, negatives: int, told: str | None) -> None:
    labels = [example(number, 3.0, label=number < positives) for number in range(positives + negatives)]
    assert missing_labels(labels, 20, 5) == told
    learnt = learn(labels, "sql", BASE, IN_FORCE, THRESHOLDS)
    assert learnt.refusal == told


def test_groups_of_one_pattern_are_left_out_together() -> None:
    labels = [example(number // 4, 2.0, label=True) for number in range(40)]
    folds = list(fold_numbers(labels))
    assert len({(each.site, fold) for each, fold in zip(labels, folds, strict=True)}) == 10
    assert set(folds) == {0, 1, 2, 3, 4}


def test_loss_of_certainty_is_finite() -> None:
    assert loss([0.0], [True], 60.0).nats == pytest.approx(9.21, abs=0.01)
    assert loss([], [], 60.0) == (0.0, 0)
    assert loss([0.6], [True], 60.0).error_count == 0


# ---------------------------------------------------------------------------------------------- in full


def test_a_full_training_takes_hundreds() -> None:
    learnt = learn_in_full(examples(60, edge=2.0), "sql", IN_FORCE, THRESHOLDS)
    assert learnt.refusal == (
        "60 verdicts, 200 are needed: 140 more, at least 50 useful and 50 noise among all"
        if learnt.positive_count < 50 and learnt.negative_count < 50
        else learnt.refusal
    )
    assert learnt.data is None


def test_without_lightgbm_the_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(EnneadError, match=r"pip install 'ennead\[train\]'"):
        learn_in_full(examples(300, edge=2.5), "sql", IN_FORCE, THRESHOLDS)
