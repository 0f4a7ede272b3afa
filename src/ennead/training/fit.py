"""Fitting models on examples: boosted trees by LightGBM, and a logistic baseline; written in the forms of the learners.

The heavy libraries are loaded on first use. Everything is seeded, so the same examples give the same model.
"""

from __future__ import annotations

from importlib import import_module
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from ennead.kernel.errors import EnneadError
from ennead.learners.boosted_trees import BoostedTrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ennead.training.examples import Example

TOLERANCE = 1e-9
"""How far our interpreter may be from LightGBM, in log-odds."""
TREE_COUNT = 50
_SEED = 1
_PARAMETERS: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 12,
    "min_data_in_leaf": 20,
    "min_sum_hessian_in_leaf": 2.0,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 63,
    "seed": _SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
MONOTONE: Mapping[str, int] = {
    "log_count": 1,
    "failed_ratio": -1,
    "connection_count": -1,
    "locks_rows": -1,
    "distinct_parameter_ratio": 1,
    "varies_by_key": 1,
    "varies_by_page": -1,
    "varies_by_list": -1,
    "largest_list": -1,
    "rows_match": 1,
    "lazy_load_ratio": 1,
    "is_eager": -1,
    "supplied_ratio": 1,
    "origin_supplied_ratio": 1,
    "origin_rows": 1,
    "chain_ratio": -1,
    "loop_over_rows": 1,
    "loop_asks": -1,
}
"""Features of which more can only speak for an N+1 (1) or only against one (-1), whatever else is known."""
_RIDGE = 3.0
_MOST_STEPS = 12
_LEAST_WEIGHT = 1e-6
_SMALL_STEP = 1e-4


def library(name: str) -> Any:
    """A module that only training needs.

    Raises
    ------
    EnneadError
        It is not installed; the message says how it would be.
    """
    try:
        return import_module(name)
    except ImportError as error:
        message = f"training needs {name}: pip install 'ennead[train]'"
        raise EnneadError(message) from error


def known_features(examples: Sequence[Example], features: Sequence[str]) -> tuple[str, ...]:
    """The features that differ between the examples: of what is always missing or always the same nothing is learnt."""
    return tuple(name for name in features if _differs([example.features[name] for example in examples]))


def _differs(values: Sequence[float]) -> bool:
    first = values[0] if values else nan
    if isnan(first):
        return not all(map(isnan, values))
    return any(value != first for value in values)


def fit_trees(
    examples: Sequence[Example], weights: Sequence[float], features: Sequence[str], tree_count: int = TREE_COUNT
) -> dict[str, Any]:
    """Boosted trees in the form of :mod:`ennead.learners.boosted_trees`; :func:`check_equal` compares what ships.

    Raises
    ------
    EnneadError
        LightGBM is not installed.
    """
    return trees_of(fit_booster(examples, weights, features, tree_count), features)


def fit_booster(
    examples: Sequence[Example], weights: Sequence[float], features: Sequence[str], tree_count: int = TREE_COUNT
) -> Any:
    """LightGBM's own model."""
    lightgbm = library("lightgbm")
    monotone = [MONOTONE.get(name, 0) for name in features]
    data = lightgbm.Dataset(
        matrix(examples, features),
        label=[int(example.label) for example in examples],
        weight=list(weights),
        feature_name=list(features),
    )
    return lightgbm.train({**_PARAMETERS, "monotone_constraints": monotone}, data, num_boost_round=tree_count)


def matrix(examples: Sequence[Example], features: Sequence[str]) -> Any:
    """One row for each example, as numpy has it."""
    numpy = library("numpy")
    return numpy.array([[example.features[name] for name in features] for example in examples], dtype=float)


def trees_of(booster: Any, features: Sequence[str]) -> dict[str, Any]:
    """LightGBM's text model as JSON values."""
    trees = [_tree(text) for text in booster.model_to_string().split("\nTree=")[1:]]
    return {"form": 1, "features": list(features), "sigmoid": 1.0, "trees": trees}


def check_equal(booster: Any, model: Mapping[str, Any], examples: Sequence[Example]) -> float:
    """The largest distance of our interpreter's log-odds from LightGBM's, over the examples.

    Raises
    ------
    EnneadError
        It is above :data:`TOLERANCE`.
    """
    ours = BoostedTrees.from_json(model)
    theirs = booster.predict(matrix(examples, model["features"]), raw_score=True) if examples else ()
    farthest = max(
        (abs(ours.raw(example.features) - float(raw)) for example, raw in zip(examples, theirs, strict=True)),
        default=0.0,
    )
    if farthest > TOLERANCE:
        message = f"our interpreter differs from LightGBM by {farthest:g}: the trees were written down wrongly"
        raise EnneadError(message)
    return farthest


def _tree(text: str) -> dict[str, list[float | None]]:
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    whole = ("split_feature", "decision_type", "left_child", "right_child")
    tree: dict[str, list[float | None]] = {name: [int(word) for word in lines.get(name, "").split()] for name in whole}
    tree["threshold"] = [_finite(word) for word in lines.get("threshold", "").split()]
    tree["leaf_value"] = [float(word) for word in lines["leaf_value"].split()]
    if len(tree["leaf_value"]) == 1:
        return {**{name: [] for name in tree}, "leaf_value": tree["leaf_value"]}
    return tree


def _finite(word: str) -> float | None:
    number = float(word)
    return number if abs(number) < float("inf") else None


# ------------------------------------------------------------------------------------------------ the baseline


def fit_logistic(examples: Sequence[Example], weights: Sequence[float], features: Sequence[str]) -> dict[str, Any]:
    """Logistic regression with a ridge, in the form of :mod:`ennead.learners.logistic`, by Newton's method."""
    numpy = library("numpy")
    means, scales = zip(*(_mean_and_scale(examples, name) for name in features), strict=True)
    values = matrix(examples, features)
    missing = numpy.isnan(values)
    standard = numpy.where(missing, 0.0, (values - numpy.array(means)) / numpy.array(scales))
    design = numpy.hstack([standard, missing.astype(float), numpy.ones((len(examples), 1))])
    truth = numpy.array([example.label for example in examples], dtype=float)
    found = _newton(numpy, design, truth, numpy.array(weights))
    count = len(features)
    return {
        "form": 1,
        "features": list(features),
        "mean": list(means),
        "scale": list(scales),
        "weights": [float(value) for value in found[:count]],
        "missing_weights": [float(value) for value in found[count : 2 * count]],
        "intercept": float(found[-1]),
    }


def _newton(numpy: Any, design: Any, truth: Any, weights: Any) -> Any:
    ridge = numpy.full(design.shape[1], _RIDGE)
    ridge[-1] = 0.0
    found = numpy.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        probability = 1.0 / (1.0 + numpy.exp(-numpy.clip(design @ found, -30.0, 30.0)))
        gradient = design.T @ (weights * (probability - truth)) + ridge * found
        bend = numpy.maximum(weights * probability * (1.0 - probability), _LEAST_WEIGHT)
        step = numpy.linalg.solve(design.T @ (design * bend[:, None]) + numpy.diag(ridge), gradient)
        found = found - step
        if float(numpy.abs(step).max()) < _SMALL_STEP:
            break
    return found


def _mean_and_scale(examples: Sequence[Example], name: str) -> tuple[float, float]:
    values = list(_there(examples, name))
    mean = sum(values) / len(values) if values else 0.0
    spread = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5 if values else 0.0
    return mean, spread or 1.0


def _there(examples: Sequence[Example], name: str) -> Iterator[float]:
    return (example.features[name] for example in examples if not isnan(example.features[name]))
