"""From LightGBM's text to our form, without LightGBM: the libraries stand in as what they give."""

from collections.abc import Sequence
from math import nan
from types import SimpleNamespace
from typing import Any

import pytest

from ennead.domains.nplusone.group_features import GROUP_FEATURES
from ennead.kernel.errors import EnneadError
from ennead.learners.boosted_trees import BoostedTrees
from ennead.training import fit as module
from ennead.training.examples import FEATURES
from ennead.training.fit import MONOTONE, check_equal, known_features, library, trees_of
from tests.training.labelled import example

TEXT = """tree
version=v4
num_class=1
feature_names=log_count adjacency

Tree=0
num_leaves=3
split_feature=0 1
split_gain=10 5
threshold=1.5000000000000002 inf
decision_type=10 8
left_child=1 -1
right_child=-2 -3
leaf_value=-0.25 0.5 0.125
leaf_weight=1 2 3
shrinkage=1


Tree=1
num_leaves=1
leaf_value=0.0625
shrinkage=0.1


end of trees

feature_importances:
log_count=1
"""


def _booster(text: str = TEXT, raws: Sequence[float] = ()) -> Any:
    return SimpleNamespace(model_to_string=lambda: text, predict=lambda rows, raw_score: raws)


def test_lightgbms_text_is_written_down() -> None:
    model = trees_of(_booster(), ["log_count", "adjacency"])
    assert model["features"] == ["log_count", "adjacency"]
    first, second = model["trees"]
    assert first["threshold"] == [1.5000000000000002, None]
    assert (first["split_feature"], first["decision_type"]) == ([0, 1], [10, 8])
    assert (first["left_child"], first["right_child"]) == ([1, -1], [-2, -3])
    assert second == {**{name: [] for name in second}, "leaf_value": [0.0625]}


def test_our_interpreter_reads_what_is_written_down() -> None:
    trees = BoostedTrees.from_json(trees_of(_booster(), ["log_count", "adjacency"]))
    assert trees.raw({"log_count": 1.0, "adjacency": 0.5}) == -0.25 + 0.0625
    assert trees.raw({"log_count": 2.0}) == 0.5 + 0.0625
    assert trees.raw({"log_count": nan, "adjacency": nan}) == 0.125 + 0.0625


@pytest.mark.parametrize("off", [0.0, 5e-10])
def test_equal_is_nearer_than_a_billionth(off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "matrix", lambda examples, features: [])
    model = trees_of(_booster(), ["log_count", "adjacency"])
    booster = _booster(raws=[0.5625 + off])
    assert check_equal(booster, model, [example(label=True, log_count=2.0)]) == pytest.approx(off)


def test_a_difference_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "matrix", lambda examples, features: [])
    model = trees_of(_booster(), ["log_count", "adjacency"])
    with pytest.raises(EnneadError, match="differs from LightGBM by 1e-06"):
        check_equal(_booster(raws=[0.5625 + 1e-6]), model, [example(label=True, log_count=2.0)])


def test_what_never_differs_teaches_nothing() -> None:
    examples = [
        example(label=True, log_count=1.0, mean_rows=nan, adjacency=nan),
        example(label=False, log_count=2.0, mean_rows=nan, adjacency=0.5),
    ]
    assert known_features(examples, ("log_count", "mean_rows", "adjacency", "complexity")) == ("log_count", "adjacency")


def test_a_missing_library_names_the_way_out() -> None:
    with pytest.raises(EnneadError, match=r"training needs no_such_library: pip install 'ennead\[train\]'"):
        library("no_such_library")


def test_directions_are_of_features_that_there_are() -> None:
    assert set(MONOTONE) <= set(FEATURES)
    assert set(MONOTONE.values()) == {1, -1}
    assert len(FEATURES) == len(GROUP_FEATURES)
