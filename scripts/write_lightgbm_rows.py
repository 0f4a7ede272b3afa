"""Trains three small models with LightGBM and writes them, with rows and LightGBM's own answers, for the tests.

``python -m scripts.write_lightgbm_rows`` where lightgbm and numpy are installed; the tests need neither.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent.parent / "tests/fixtures/learners/lightgbm_rows.json"
_LISTS = {
    "split_feature": int,
    "threshold": float,
    "decision_type": int,
    "left_child": int,
    "right_child": int,
    "leaf_value": float,
}
_SORTS: dict[str, dict[str, Any]] = {
    "missing is NaN": {},
    "missing is zero": {"zero_as_missing": True},
    "nothing is missing": {"use_missing": False},
}
_TRAINED, _KEPT = 400, 60
_RARE = 0.2


def main() -> None:
    """Write the file."""
    cases = {name: _case(parameters) for name, parameters in _SORTS.items()}
    FILE.write_text(json.dumps(cases, separators=(",", ":")) + "\n", encoding="utf-8")


def _case(parameters: dict[str, Any]) -> dict[str, Any]:
    numpy, lightgbm = import_module("numpy"), import_module("lightgbm")
    random = numpy.random.default_rng(7)
    rows = random.normal(size=(_TRAINED, 4)).round(3)
    rows[random.random(rows.shape) < _RARE] = numpy.nan
    rows[random.random(rows.shape) < _RARE] = 0.0
    odd = numpy.isnan(rows[:, 2]) + numpy.nan_to_num(rows[:, 0]) * numpy.nan_to_num(rows[:, 1])
    labels = odd + random.normal(size=_TRAINED) * 0.3 > 0
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 7, "min_data_in_leaf": 5, "verbose": -1, "seed": 7, **parameters},
        lightgbm.Dataset(rows, labels, feature_name=["one", "two", "three", "four"]),
        num_boost_round=6,
    )
    kept = rows[:_KEPT]
    return {
        "model": {"form": 1, "features": booster.feature_name(), "sigmoid": 1.0, "trees": list(_trees(booster))},
        "rows": [[None if value != value else value for value in row] for row in kept.tolist()],  # noqa: PLR0124 -- nan
        "raw": booster.predict(kept, raw_score=True).tolist(),
        "probability": booster.predict(kept).tolist(),
    }


def _trees(booster: Any) -> Any:
    for text in booster.model_to_string().split("\nTree=")[1:]:
        lines = dict(line.split("=", 1) for line in text.split("\n\n")[0].splitlines() if "=" in line)
        yield {name: [_finite(kind(value)) for value in lines[name].split()] for name, kind in _LISTS.items()}


def _finite(value: float) -> float | None:
    return None if value == float("inf") else value


if __name__ == "__main__":
    main()
