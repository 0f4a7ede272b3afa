"""A model of the project's own, in the place of the one that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ennead.domains.nplusone import model as models
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.judging import GroupJudge
from ennead.domains.nplusone.levels import Level
from ennead.domains.nplusone.model import LevelModel, Models, own_file
from ennead.domains.nplusone.profile import Analysis
from ennead.kernel.errors import EnneadError
from ennead.learners.adaptation import Adaptation

SHIPPED: dict[str, Any] = {
    "form": 1, "name": "shipped", "version": "1", "level": "sql", "decides": True,
    "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [1.0], "intercept": 0.0,
    "calibration": {"form": 1, "scores": [0.1, 0.2, 0.8, 0.9], "labels": [0, 0, 1, 1]},
}  # fmt: skip
FEATURES = {"log_count": 3.0}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project below a folder, and one stands in a folder of it; a model ships."""
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "pyproject.toml").touch()
    monkeypatch.chdir(root / "shop")
    monkeypatch.setattr(models, "_shipped", lambda level: LevelModel.from_json(SHIPPED) if level == "sql" else None)
    return root


def put(root: Path, level: Level, data: object) -> Path:
    file = root / ".ennead" / "model" / f"{level}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data))
    return file


def name_at(level: Level) -> str | None:
    model = Models().at(level)
    return model.name if model else None


def test_without_one_the_shipped_model_is_used(project: Path) -> None:
    assert own_file("sql") is None
    assert name_at("sql") == "shipped 1"


def test_the_projects_own_is_used_from_any_of_its_folders(project: Path) -> None:
    file = put(project, "sql", {**SHIPPED, "name": "own"})
    assert own_file("sql") == file
    assert name_at("sql") == "own 1"
    assert name_at("full") is None


def test_a_model_outside_of_the_project_is_none_of_its_own(project: Path) -> None:
    put(project.parent, "sql", {**SHIPPED, "name": "elsewhere"})
    assert own_file("sql") is None


def test_without_a_project_only_the_folder_itself_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_PROJECT_MARKERS", ("no such marker",))
    inner = tmp_path / "scripts"
    inner.mkdir()
    monkeypatch.chdir(inner)
    put(tmp_path, "sql", {**SHIPPED, "name": "a stranger's"})
    assert own_file("sql") is None
    file = put(inner, "sql", {**SHIPPED, "name": "own"})
    assert own_file("sql") == file


def test_a_folder_that_is_gone_costs_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = project / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert own_file("sql") is None
    assert name_at("sql") == "shipped 1"
    context = example_contexts()[0]
    engine = NPlusOneDetectionEngine()
    assert Analysis(context, engine).findings
    assert engine.counters.failure_count == 0


def test_looking_for_a_model_never_costs_the_rules_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise PermissionError

    monkeypatch.setattr(GroupJudge, "is_needed", fail)
    engine = NPlusOneDetectionEngine()
    assert Analysis(example_contexts()[0], engine).findings
    assert engine.counters.failure_count == 1


def test_models_that_are_named_come_before_it(project: Path) -> None:
    put(project, "sql", {**SHIPPED, "name": "own"})
    named = project / "named"
    named.mkdir()
    (named / "sql.json").write_text(json.dumps({**SHIPPED, "name": "named"}))
    found = Models(str(named)).at("sql")
    assert found is not None
    assert found.name == "named 1"


@pytest.mark.parametrize("data", [{**SHIPPED, "form": 9}, {**SHIPPED, "level": "full"}, [], "text"])
def test_a_broken_one_is_told_and_the_shipped_one_decides(project: Path, data: object) -> None:
    put(project, "sql", data)
    found = Models()
    model = found.at("sql")
    assert model is not None
    assert model.name == "shipped 1"
    assert found.problems.keys() == {"sql"}


def test_an_adaptation_corrects_probability_and_interval() -> None:
    plain = LevelModel.from_json(SHIPPED)
    adaptation = Adaptation(-2.0, 1.0, verdict_count=30)
    lower = LevelModel.from_json({**SHIPPED, "adaptation": adaptation.to_json()})
    before, after = plain.judge(FEATURES), lower.judge(FEATURES)
    assert before.probability == pytest.approx(0.731, abs=1e-3)
    assert after.probability == pytest.approx(0.269, abs=1e-3)
    assert before.interval is not None
    assert after.interval == tuple(adaptation.probability(edge, FEATURES) for edge in before.interval)
    assert after.score == before.score


def test_a_broken_adaptation_makes_a_broken_model() -> None:
    with pytest.raises(EnneadError, match="not a model: slope and verdict_count must not be negative"):
        LevelModel.from_json({**SHIPPED, "adaptation": {**Adaptation().to_json(), "slope": -1.0}})
