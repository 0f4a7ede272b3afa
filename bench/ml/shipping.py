"""The shipped models: trained on the training applications, scenarios and generated examples, written as JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from bench.detection.scenario import ROOT
from bench.ml.evaluation import Corpus, Split, Trial, all_of
from bench.ml.verdicts import Verdict
from ennead.domains.nplusone.levels import Level
from ennead.domains.nplusone.model import LevelModel
from ennead.training.examples import Example
from ennead.training.fit import check_equal, fit_booster, matrix
from ennead.training.trained_model import TrainedModel, training_rows

MODELS = ROOT / "src" / "ennead" / "domains" / "nplusone" / "models"
FIXTURE = ROOT / "tests" / "fixtures" / "nplusone" / "models" / "lightgbm.json"
MOST_BYTES = 150_000
_MOST_SCORES = 400
_SCORE_DIGITS = 4
_FIXTURE_ROWS = 40


class Checked(NamedTuple):
    """How near our interpreter is to LightGBM."""

    row_count: int
    farthest: float
    """In log-odds."""
    expected: Sequence[tuple[Example, float]]
    """Some of the tested rows, evenly, with LightGBM's log-odds."""


def document(level: Level, model: TrainedModel, trials: Sequence[Trial], verdict: Verdict) -> str:
    """One level's model as it ships, with the numbers measured on unseen applications."""
    data = {
        "form": 1,
        "name": "trees",
        "version": f"{datetime.now(UTC):%Y-%m}",
        "level": level,
        "decides": verdict.decides,
        "evaluation": _evaluation(level, trials),
        "calibrator": model.calibration.to_json(),
        "calibration": _scores(model),
        **{key: value for key, value in model.data.items() if key != "form"},
    }
    text = json.dumps(data, separators=(",", ":")) + "\n"
    assert len(text) < MOST_BYTES, f"the model for {level} has {len(text):,} bytes"
    LevelModel.from_json(json.loads(text))
    return text


def ship(level: Level, text: str) -> Path:
    """Put a document where it travels with the package."""
    path = MODELS / f"{level}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _evaluation(level: Level, trials: Sequence[Trial]) -> Mapping[str, float]:
    """Over all unseen applications, at the default threshold."""
    found = all_of(trials)[level].figures("trees")
    values = {
        "groups": found.count,
        "precision": found.point.precision,
        "recall": found.point.recall,
        "false_positive_rate": found.point.false_positive_rate,
        "auprc": found.average_precision,
        "calibration_error": found.calibration_error,
    }
    return {name: round(value, _SCORE_DIGITS) for name, value in values.items() if isfinite(value)}


def _scores(model: TrainedModel) -> Mapping[str, Any]:
    """Scores out of fold with their labels, evenly out of the sorted ones, for the intervals of Venn and Abers."""
    scores = sorted((round(score, _SCORE_DIGITS), int(example.label)) for example, score in model.held_out)
    step = max(len(scores) / _MOST_SCORES, 1.0)
    kept = [scores[int(number * step)] for number in range(int(len(scores) / step))]
    return {"form": 1, "scores": [score for score, _ in kept], "labels": [label for _, label in kept]}


def write_fixture(expected: Mapping[Level, Sequence[tuple[Example, float]]]) -> None:
    """Rows with LightGBM's own log-odds: what the tests compare the shipped models with, without LightGBM."""
    told = {level: [_row(example, raw) for example, raw in rows] for level, rows in expected.items()}
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    FIXTURE.write_text(f"{{{', '.join(_lines(level, rows) for level, rows in told.items())}}}\n", encoding="utf-8")


def _lines(level: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """One row on a line: a change shows where it is."""
    texts = (json.dumps(row, separators=(",", ":")) for row in rows)
    return f"{json.dumps(level)}: [\n" + ",\n".join(texts) + "\n]"


def _row(example: Example, raw: float) -> Mapping[str, Any]:
    known = {name: value for name, value in example.features.items() if isfinite(value)}
    return {"raw": raw, "features": known}


def checked(model: TrainedModel, training: Sequence[Example], tested: Sequence[Example]) -> Checked:
    """Compare the trees with LightGBM on every row, trained on or tested; the model that wrote them is fitted again.

    Raises
    ------
    EnneadError
        They differ.
    """
    rows, weights = training_rows(training)
    booster = fit_booster(rows, weights, model.data["features"])
    farthest = check_equal(booster, model.data, [*rows, *tested])
    chosen = tested[:: max(len(tested) // _FIXTURE_ROWS, 1)][:_FIXTURE_ROWS]
    raws = booster.predict(matrix(chosen, model.data["features"]), raw_score=True)
    expected = [(example, float(raw)) for example, raw in zip(chosen, raws, strict=True)]
    return Checked(len(rows) + len(tested), farthest, expected)


def learnt_from(corpus: Corpus, split: Split, level: Level) -> list[Example]:
    """What the shipped model of a level is trained on."""
    return [*corpus.at(level, split.training), *corpus.made(level)]
