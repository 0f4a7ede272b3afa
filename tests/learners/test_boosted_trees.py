"""Boosted trees: LightGBM's own answers, and refusal of everything that is no model."""

import json
from contextlib import suppress
from copy import deepcopy
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.learners.boosted_trees import BoostedTrees

CASES = json.loads((Path(__file__).parent.parent / "fixtures/learners/lightgbm_rows.json").read_text("utf-8"))
STUMP: dict[str, Any] = {
    "split_feature": [0],
    "threshold": [1.0],
    "decision_type": [0],
    "left_child": [-1],
    "right_child": [-2],
    "leaf_value": [-1.0, 1.0],
}
NESTED: dict[str, Any] = {
    "split_feature": [0, 1],
    "threshold": [1.0, 0.5],
    "decision_type": [2, 10],
    "left_child": [1, -1],
    "right_child": [-3, -2],
    "leaf_value": [1.0, 2.0, 4.0],
}
VALUES = st.one_of(st.floats(allow_infinity=False), st.sampled_from([0.0, -0.0, 1e-36, 1.0, 0.5]))


def a_model(*trees: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {"form": 1, "features": ["one", "two"], "trees": list(trees), **changes}


def kind_of_stump(decision_type: int) -> BoostedTrees:
    return BoostedTrees.from_json(a_model({**STUMP, "threshold": [-1.0], "decision_type": [decision_type]}))


@pytest.mark.parametrize("name", CASES)
def test_every_answer_is_lightgbms(name: str) -> None:
    case = CASES[name]
    model = BoostedTrees.from_json(case["model"])
    rows = [[nan if value is None else value for value in row] for row in case["rows"]]

    assert [model.raw_of(row) for row in rows] == pytest.approx(case["raw"], abs=1e-12)
    assert [model.probability(dict(zip(model.features, row, strict=True))) for row in rows] == pytest.approx(
        case["probability"], abs=1e-12
    )


def test_a_value_at_the_threshold_goes_left() -> None:
    model = BoostedTrees.from_json(a_model(STUMP))

    assert [model.raw({"one": value}) for value in (1.0, 1.0000001)] == [-1.0, 1.0]


@pytest.mark.parametrize(
    ("decision_type", "of_nan", "of_zero"),
    [(0, 1.0, 1.0), (2, 1.0, 1.0), (4, 1.0, 1.0), (6, -1.0, -1.0), (8, 1.0, 1.0), (10, -1.0, 1.0)],
)
def test_missing_values_go_their_way(decision_type: int, of_nan: float, of_zero: float) -> None:
    model = kind_of_stump(decision_type)

    assert [model.raw_of([value, 0.0]) for value in (nan, 0.0, 1e-36, -2.0)] == [of_nan, of_zero, of_zero, -1.0]


def test_nan_is_zero_where_it_is_not_missing() -> None:
    assert BoostedTrees.from_json(a_model(STUMP)).raw_of([nan, nan]) == -1.0
    assert BoostedTrees.from_json(a_model({**STUMP, "threshold": [-0.5]})).raw_of([nan, nan]) == 1.0


@pytest.mark.parametrize("threshold", [None, inf])
def test_below_an_infinite_threshold_is_everything_but_what_is_missing(threshold: float | None) -> None:
    model = BoostedTrees.from_json(a_model({**STUMP, "threshold": [threshold], "decision_type": [8]}))

    assert [model.raw_of([value, 0.0]) for value in (1e308, inf, -inf, nan)] == [-1.0, -1.0, -1.0, 1.0]


def test_a_feature_without_a_value_is_missing() -> None:
    model = BoostedTrees.from_json(a_model(NESTED))

    assert model.raw({"one": 0.0}) == model.raw({"one": 0.0, "two": nan, "three": 5.0}) == 1.0


def test_leaves_add_up() -> None:
    model = BoostedTrees.from_json(a_model(STUMP, NESTED, STUMP))

    assert model.raw({"one": 2.0, "two": 0.0}) == 1.0 + 4.0 + 1.0
    assert model.tree_count == 3


def test_no_tree_says_nothing() -> None:
    assert BoostedTrees.from_json(a_model()).probability({}) == 0.5


def test_a_tree_may_be_one_leaf() -> None:
    leaf: dict[str, Any] = {key: [] for key in STUMP} | {"leaf_value": [0.25]}

    assert BoostedTrees.from_json(a_model(leaf)).raw({}) == 0.25


def test_a_chain_of_nodes_is_read_without_recursion() -> None:
    count = 5_000
    chain = {
        "split_feature": [0] * count,
        "threshold": [float(-number) for number in range(count)],
        "decision_type": [0] * count,
        "left_child": [*range(1, count), -1],
        "right_child": [~number for number in range(1, count + 1)],
        "leaf_value": [float(number) for number in range(count + 1)],
    }

    assert BoostedTrees.from_json(a_model(chain)).raw({"one": -99.5}) == 101.0


def test_the_sigmoid_steepens() -> None:
    steep = BoostedTrees.from_json(a_model(STUMP, sigmoid=2.0))

    assert steep.probability({"one": 2.0}) == pytest.approx(0.8807970779778823)
    assert steep.to_probability(-1e9) == 0.0
    assert steep.to_probability(1e9) == 1.0


@given(st.lists(VALUES, min_size=4, max_size=4), st.sampled_from(sorted(CASES)))
def test_probabilities_are_within_0_and_1_and_the_same_twice(row: list[float], name: str) -> None:
    model = BoostedTrees.from_json(CASES[name]["model"])

    assert 0.0 < model.to_probability(model.raw_of(row)) < 1.0
    assert model.raw_of(row) == model.raw_of(row)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_order_of_the_trees_hardly_matters(one: float, two: float) -> None:
    trees = CASES["missing is NaN"]["model"]["trees"]
    forwards, backwards = (
        BoostedTrees.from_json({**CASES["missing is NaN"]["model"], "trees": order}) for order in (trees, trees[::-1])
    )

    assert forwards.raw_of([one, two, 0.0, 0.0]) == pytest.approx(backwards.raw_of([one, two, 0.0, 0.0]), abs=1e-12)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ([], "a model must be an object, got list"),
        (a_model(form=2), "its form is 2, this version reads form 1"),
        (a_model(features=["one", "one"]), "features must be different names"),
        (a_model(sigmoid=0), "sigmoid must be above 0, got 0.0"),
        (a_model(sigmoid=True), "sigmoid must be a finite number, got True"),
        (a_model(trees={}), "trees must be a list, got dict"),
        (a_model({}), "leaf_value of tree 0 must be a list, got NoneType"),
        (a_model(STUMP, {**STUMP, "leaf_value": []}), "tree 1 has no leaf"),
        (a_model({**STUMP, "leaf_value": [1, nan]}), "leaf_value of tree 0 must be a finite number, got nan"),
        (
            a_model({**STUMP, "leaf_value": [1, 10**400]}),
            "leaf_value of tree 0 must be a finite number, got 1" + 39 * "0",
        ),
        (a_model({**STUMP, "threshold": [-inf]}), "threshold of tree 0 must be a finite number, got -inf"),
        (a_model({**STUMP, "threshold": []}), "threshold of tree 0 has 0 entries, 2 leaves need 1"),
        (a_model({**STUMP, "split_feature": [2]}), "tree 0 splits feature 2, there are 2"),
        (a_model({**STUMP, "decision_type": [1]}), "tree 0 has the decision type 1: only numerical splits are read"),
        (a_model({**STUMP, "left_child": ["x"]}), "child of tree 0 must be a whole number, got 'x'"),
        (a_model({**STUMP, "left_child": [1]}), "tree 0 has no node 1"),
        (a_model({**STUMP, "left_child": [-3]}), "tree 0 has no node -3"),
        (a_model({**STUMP, "left_child": [0]}), "tree 0 is no tree: node 0 below node 0"),
        (a_model({**STUMP, "left_child": [-2]}), "tree 0 is no tree: node -2 below node 0"),
        (a_model({**NESTED, "right_child": [1, -2]}), "tree 0 is no tree: node 1 below node 0"),
    ],
)
def test_what_is_no_model_is_refused(model: object, reason: str) -> None:
    with pytest.raises(EnneadError) as refused:
        BoostedTrees.from_json(model)

    assert str(refused.value) == f"not a model of boosted trees: {reason}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(STUMP)), inner, max_size=6),
    max_leaves=8,
)


@given(st.sampled_from(["form", "features", "sigmoid", "trees", *STUMP]), JSON)
def test_damage_is_refused_or_still_a_model(key: str, damage: object) -> None:
    model = a_model(deepcopy(NESTED), STUMP)
    (model if key in model else model["trees"][0])[key] = damage

    with suppress(EnneadError):
        assert 0.0 <= BoostedTrees.from_json(model).probability({"one": 0.5}) <= 1.0
