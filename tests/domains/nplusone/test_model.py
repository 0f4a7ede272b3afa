"""Model files: read once, checked, one for each level; what is broken or missing is no model."""

import json
from collections.abc import Mapping
from math import nan
from pathlib import Path
from typing import Any

import pytest

from ennead.domains.nplusone.levels import LEVELS
from ennead.domains.nplusone.model import Judgement, LevelModel, Models, decides, judge, load_model, read_model
from ennead.kernel.errors import EnneadError
from ennead.learners.venn_abers import Interval
from tests.domains.nplusone.small_models import stump, written

BETA = {"form": 1, "a": 1.0, "b": 1.0, "c": 1.0}
SCORES = {"form": 1, "scores": [0.1, 0.2, 0.8, 0.9], "labels": [0, 0, 1, 1]}


class OneNumber:
    """A model of somebody's own."""

    name = "own 1"

    def __init__(self, probability: float) -> None:
        self._probability = probability

    def probability(self, features: Mapping[str, float], /) -> float:
        return self._probability


# ------------------------------------------------------------------------------------------------ one model


def test_a_file_of_trees_judges_a_group() -> None:
    model = LevelModel.from_json(stump("sql", decides=True, evaluation={"auprc": 0.97}))

    assert (model.name, model.level, model.decides, model.evaluation) == ("stump 1", "sql", True, {"auprc": 0.97})
    assert model.judge({"log_count": 2.0}) == pytest.approx((3.0, 0.95257, None), abs=1e-4)
    assert model.probability({"log_count": 1.0}) == pytest.approx(0.0474, abs=1e-4)


def test_a_file_of_weights_is_a_logistic_regression() -> None:
    data = stump() | {"mean": [2.0], "scale": [1.0], "weights": [1.0], "intercept": 0.0}
    del data["trees"]

    assert LevelModel.from_json(data).judge({"log_count": 5.0}).score == 3.0


def test_the_calibrator_has_the_last_word() -> None:
    plain, calibrated = (LevelModel.from_json(stump(calibrator=numbers)) for numbers in (None, BETA))

    assert calibrated.judge({"log_count": 2.0}).score == plain.judge({"log_count": 2.0}).score
    assert calibrated.probability({"log_count": 2.0}) == pytest.approx(0.982, abs=1e-3)


def test_calibration_scores_give_an_interval() -> None:
    judgement = LevelModel.from_json(stump(calibration=SCORES)).judge({"log_count": 2.0})

    assert judgement.interval == pytest.approx(Interval(2 / 3, 1.0))
    assert judgement.confidence == 100.0 * judgement.probability


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"level": "logs"}, "not a model: level must be one of full, sql, spans, got 'logs'"),
        ({"decides": 1}, "not a model: decides must be true or false, got 1"),
        ({"version": None}, "not a model: version must be a text, got None"),
        ({"features": ["shoe_size"]}, "not a model: this version does not know the features shoe_size"),
        ({"evaluation": {"auprc": nan}}, "not a model: auprc must be a finite number, got nan"),
        ({"trees": [{}]}, "not a model of boosted trees: leaf_value of tree 0 must be a list, got NoneType"),
        ({"calibrator": {"form": 1}}, "not a beta calibration: a must be a finite number, got None"),
        ({"calibration": []}, "no calibration scores: calibration scores must be an object, got list"),
    ],
)
def test_what_is_no_model_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(EnneadError) as refused:
        LevelModel.from_json(stump(**change))

    assert str(refused.value) == reason


def test_a_model_of_ones_own_needs_a_probability_only() -> None:
    assert judge(OneNumber(0.25), {}) == Judgement(0.25, 0.25)
    assert not decides(OneNumber(1.0))
    assert decides(LevelModel.from_json(stump(decides=True)))


@pytest.mark.parametrize("number", [nan, 1.01, -0.5])
def test_what_is_no_probability_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="own 1 gave the probability"):
        judge(OneNumber(number), {})


# ------------------------------------------------------------------------------------------------ files


def test_each_level_has_its_file(tmp_path: Path) -> None:
    models = Models(written(tmp_path, stump("sql"), stump("spans", name="other")))

    assert [model.name if model else None for model in map(models.at, LEVELS)] == [None, "stump 1", "other 1"]
    assert models.problem_count == 0


def test_one_file_is_for_its_level_alone(tmp_path: Path) -> None:
    models = Models(f"{written(tmp_path, stump('sql'))}/sql.json")

    assert [level for level in LEVELS if models.at(level)] == ["sql"]
    assert models.problems == {}


def test_a_file_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    file = Path(written(tmp_path, stump())) / "full.json"
    first = read_model(file)

    assert read_model(file) is first
    file.write_text(json.dumps(stump(version="22")), encoding="utf-8")
    assert read_model(file).name == "stump 22"


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '{"form": 1}'])
def test_a_broken_file_is_no_model_and_the_reason_is_kept(content: str, tmp_path: Path) -> None:
    (tmp_path / "full.json").write_text(content, encoding="utf-8")
    models = Models(str(tmp_path))

    assert models.at("full") is models.at("full") is None
    assert models.problems["full"].startswith(f"cannot read the model {tmp_path / 'full.json'}: ")
    assert "\n" not in models.problems["full"]


def test_a_file_under_the_name_of_another_level_is_refused(tmp_path: Path) -> None:
    (tmp_path / "full.json").write_text(json.dumps(stump("sql")), encoding="utf-8")
    models = Models(str(tmp_path))

    assert models.at("full") is None
    assert models.problems["full"].endswith("full.json is one for the level sql")


def test_a_place_that_is_not_there_is_a_problem_of_each_level() -> None:
    models = Models("/nowhere/model.json")

    assert [models.at(level) for level in LEVELS] == [None, None, None]
    assert models.problem_count == 3
    assert models.problems["sql"] == "cannot read the model /nowhere/model.json: No such file or directory"


def test_a_folder_without_files_is_no_problem(tmp_path: Path) -> None:
    models = Models(str(tmp_path))

    assert models.at("full") is None
    assert models.problem_count == 0


@pytest.mark.parametrize("level", LEVELS)
def test_what_ships_is_whole_or_not_there(level: Any) -> None:
    models = Models()
    model = models.at(level)

    assert models.problems == {}
    assert model is load_model(level)
    assert model is None or 0.0 <= model.probability({}) <= 1.0
