"""Models in the ONNX format: what our own interpreter says of the same trees, and refusal of everything else.

What runs a graph needs ``onnxruntime`` and ``onnx``, which have an environment of their own: ``nox --session onnx``.
"""

from __future__ import annotations

import json
import random
import sys
from importlib.resources import files
from math import nan
from pathlib import Path
from typing import Any

import pytest

from ennead.domains.nplusone.model import LevelModel, Models, read_model
from ennead.kernel.errors import EnneadError
from ennead.learners.boosted_trees import BoostedTrees
from ennead.learners.model_form import FormError
from ennead.learners.onnx_model import OnnxModel

HEADER: dict[str, Any] = {"form": 1, "features": ["log_count"], "onnx": "full.onnx"}
LEVEL: dict[str, Any] = HEADER | {"name": "large", "version": "1", "level": "full", "decides": False}


def _shipped(level: str) -> dict[str, Any]:
    text = (files("ennead.domains.nplusone") / "models" / f"{level}.json").read_text("utf-8")
    shipped: dict[str, Any] = json.loads(text)
    return shipped


def _as_onnx(folder: Path, model: dict[str, Any]) -> Path:
    """Both files of the same model in the other format; the JSON one."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    from tests.learners.onnx_trees import onnx_trees

    (folder / "model.onnx").write_bytes(onnx_trees(model))
    header = {key: value for key, value in model.items() if key not in {"trees", "sigmoid"}}
    file = folder / f"{model['level']}.json"
    file.write_text(json.dumps(header | {"onnx": "model.onnx"}), encoding="utf-8")
    return file


# ---------------------------------------------------------------------------------------------- with onnxruntime


@pytest.mark.parametrize("level", ["full", "sql", "spans"])
def test_it_says_what_our_interpreter_says_of_the_same_trees(level: str, tmp_path: Path) -> None:
    model = _shipped(level)
    ours, theirs = LevelModel.from_json(model), read_model(_as_onnx(tmp_path, model))
    thresholds = sorted({value for tree in model["trees"] for value in tree["threshold"] if value is not None})
    chance = random.Random(5)
    for _ in range(500):
        row = {
            name: chance.choice([nan, 0.0, chance.choice(thresholds), chance.gauss(1.0, 3.0)])
            for name in model["features"]
        }
        known = {name: value for name, value in row.items() if chance.random() < 0.9}
        assert theirs.learner.probability(known) == pytest.approx(ours.learner.probability(known), abs=1e-6)
        assert theirs.judge(known).probability == pytest.approx(ours.judge(known).probability, abs=1e-6)


def test_other_trees_say_something_else(tmp_path: Path) -> None:
    """The negative twin: the comparison sees a single leaf."""
    model = _shipped("full")
    ours = BoostedTrees.from_json(model)
    model["trees"][0]["leaf_value"] = [value + 0.01 for value in model["trees"][0]["leaf_value"]]
    theirs = read_model(_as_onnx(tmp_path, model)).learner
    assert abs(theirs.probability({}) - ours.probability({})) > 1e-6


def test_it_is_the_model_of_its_level(tmp_path: Path) -> None:
    _as_onnx(tmp_path, _shipped("full"))
    models = Models(str(tmp_path))
    found = models.at("full")
    assert isinstance(found, LevelModel)
    assert isinstance(found.learner, OnnxModel)
    assert models.problem_count == 0


def test_a_graph_of_other_columns_is_refused(tmp_path: Path) -> None:
    file = _as_onnx(tmp_path, _shipped("full"))
    data = json.loads(file.read_text("utf-8"))
    data["features"].pop()
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EnneadError, match=r"the graph takes \d+ features, the model names \d+"):
        read_model(file)


def test_what_is_no_graph_is_refused_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "full.onnx").write_bytes(b"no graph")
    with pytest.raises(FormError, match=r"^onnxruntime refuses the file: [^\n]*$"):
        OnnxModel.from_json(HEADER, tmp_path)


# ---------------------------------------------------------------------------------------------- without


def test_without_the_extra_one_line_tells_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (tmp_path / "full.json").write_text(json.dumps(LEVEL), encoding="utf-8")
    models = Models(str(tmp_path))
    assert models.at("full") is None
    assert models.problems["full"].endswith("a model in the ONNX format needs onnxruntime: pip install 'ennead[onnx]'")


@pytest.mark.parametrize("name", ["../full.onnx", "/tmp/full.onnx", "..", "a/b.onnx"])
def test_a_file_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FormError, match=r"^onnx must be the name of a file beside the model"):
        OnnxModel.from_json(HEADER | {"onnx": name}, tmp_path)


def test_the_header_alone_is_no_model() -> None:
    with pytest.raises(EnneadError, match=r"^not a model: one in the ONNX format has two files"):
        LevelModel.from_json(LEVEL)
