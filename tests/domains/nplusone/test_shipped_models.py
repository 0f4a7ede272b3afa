"""The models that travel with the package: as LightGBM says, small, and honest about what was measured."""

import json
from math import isnan
from pathlib import Path
from typing import Any

import pytest

import ennead
from ennead.domains.nplusone.levels import LEVELS, Level
from ennead.domains.nplusone.model import LevelModel, load_model
from ennead.learners.boosted_trees import BoostedTrees

FIXTURE = Path(__file__).parents[2] / "fixtures" / "nplusone" / "models" / "lightgbm.json"
FOLDER = Path(ennead.__file__).parent / "domains" / "nplusone" / "models"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads(FIXTURE.read_text(encoding="utf-8"))
TOLERANCE = 1e-9

levels = pytest.mark.parametrize("level", LEVELS)


def _model(level: Level) -> LevelModel:
    model = load_model(level)
    assert isinstance(model, LevelModel)
    return model


@levels
def test_our_interpreter_says_what_lightgbm_said(level: Level) -> None:
    """On groups of applications that were not learnt from; `python -m bench.ml --train` wrote what LightGBM said."""
    model = _model(level)
    rows = EXPECTED[level]
    assert len(rows) >= 30
    assert [model.judge(row["features"]).score for row in rows] == pytest.approx(
        [row["raw"] for row in rows], rel=0, abs=TOLERANCE
    )


@levels
def test_the_rows_are_of_both_kinds_and_lack_what_the_level_lacks(level: Level) -> None:
    raws = [row["raw"] for row in EXPECTED[level]]
    assert min(raws) < 0 < max(raws)
    assert any("lazy_load_ratio" in row["features"] for row in EXPECTED[level]) == (level == "full")
    assert any("largest_list" in row["features"] for row in EXPECTED[level]) or level == "spans"


@levels
def test_a_model_is_small(level: Level) -> None:
    assert (FOLDER / f"{level}.json").stat().st_size < 150_000
    learner = _model(level).learner
    assert isinstance(learner, BoostedTrees)
    assert learner.tree_count < 60


@levels
def test_a_model_says_what_was_measured(level: Level) -> None:
    evaluation = _model(level).evaluation
    assert evaluation["groups"] > 500
    assert {"precision", "recall", "false_positive_rate", "auprc", "calibration_error"} <= set(evaluation)
    assert not any(map(isnan, evaluation.values()))


@levels
def test_nothing_known_gives_a_probability(level: Level) -> None:
    judgement = _model(level).judge({})
    assert 0.0 < judgement.probability < 1.0
    assert judgement.interval is not None
    assert judgement.interval.low <= judgement.interval.high


@levels
def test_more_repeats_never_speak_against_an_n_plus_one(level: Level) -> None:
    model = _model(level)
    for row in EXPECTED[level][:10]:
        told = [model.probability({**row["features"], "log_count": count / 4}) for count in range(4, 24)]
        assert told == sorted(told)


def test_no_name_of_a_table_or_application_travels() -> None:
    text = "".join((FOLDER / f"{level}.json").read_text(encoding="utf-8") for level in LEVELS)
    words = ("oscar", "wagtail", "mlflow", "zenml", "helpdesk", "mailman", "optuna", "prefect", "SELECT", "/")
    assert [word for word in words if word in text] == []
