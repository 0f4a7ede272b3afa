from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ennead.cli.main import ennead
from ennead.domains.nplusone import model as models
from ennead.domains.nplusone.levels import Level
from ennead.domains.nplusone.model import LevelModel, Models
from ennead.training import own_models
from ennead.training.examples import Example, write_examples

SHIPPED: dict[str, Any] = {
    "form": 1, "name": "shipped", "version": "1", "level": "sql", "decides": True,
    "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [2.0], "intercept": 0.0,
}  # fmt: skip


def examples(count: int, edge: float, level: Level = "sql") -> list[Example]:
    """Groups are an N+1 from a size on; the model believes that the edge is at 2, and is not sure of it."""
    random = Random(1)
    sizes = [random.uniform(1.0, 4.0) for _ in range(count)]
    return [
        Example(
            "shop", "1", "", 0, level, f"{number}", "verdict", size + random.gauss(0, 0.3) > edge, {"rules": 60.0}, "",
            {"log_count": size},
        )
        for number, size in enumerate(sizes)
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a model that ships for the level of logs."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ennead.agent.places.PROJECT.path", str(tmp_path))
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "sql.json").write_text(json.dumps(SHIPPED))
    monkeypatch.setattr(own_models, "files", lambda package: _Package(shipped))
    monkeypatch.setattr(models, "_shipped", lambda level: LevelModel.from_json(SHIPPED) if level == "sql" else None)
    write_examples(tmp_path / "different.csv", examples(40, edge=3.0))
    write_examples(tmp_path / "few.csv", examples(12, edge=2.0))
    return tmp_path


class _Package:
    """Stands for the folder of the package, whose models are elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __truediv__(self, name: str) -> Path:
        assert name == "models"
        return self._folder


def train(*arguments: str) -> Result:
    return CliRunner().invoke(ennead, ["train", *arguments])


def name_in_force() -> str:
    model = Models().at("sql")
    assert model is not None
    return model.name


def test_what_is_better_is_written_used_and_undone(project: Path) -> None:
    told = train("--corpus", "different.csv")
    assert told.exit_code == 0, told.output
    assert "on 40 labels that it did not see: log-loss" in told.output
    assert "better: written to .ennead/model/sql.json, used from the next run on" in told.output
    assert name_in_force().startswith("shipped 1, adapted ")
    undone = train("--undo")
    assert (undone.exit_code, undone.output) == (0, "sql: the model that ships is in force again\n")
    assert name_in_force() == "shipped 1"


def test_undo_leaves_alone_what_was_not_trained_last(project: Path) -> None:
    own = own_models.OwnModels.of(str(project))
    own.write("spans", {**SHIPPED, "level": "spans"})
    train("--corpus", "different.csv")
    assert train("--undo", "--level", "spans").output.startswith("Error: there is nothing left to undo at level spans")
    assert train("--undo").output == "sql: the model that ships is in force again\n"
    again = train("--undo")
    assert (again.exit_code, again.output.count("\n")) == (2, 1)
    assert again.output.startswith("Error: there is nothing left to undo of the last import or training")
    assert own.file("spans").is_file()


def test_what_is_no_better_is_not_written(project: Path) -> None:
    train("--corpus", "different.csv")
    written = (project / ".ennead" / "model" / "sql.json").read_bytes()
    again = train("--corpus", "different.csv")
    assert again.exit_code == 1
    assert "the model in force stays: what was learnt predicts unseen labels no better" in again.output
    assert (project / ".ennead" / "model" / "sql.json").read_bytes() == written


def test_a_dry_run_writes_nothing(project: Path) -> None:
    told = train("--corpus", "different.csv", "--dry-run")
    assert told.exit_code == 0
    assert "better; without --dry-run it would be written" in told.output
    assert not (project / ".ennead").exists()


def test_too_few_labels_are_told_with_what_is_missing() -> None:
    told = train("--corpus", "few.csv")
    assert told.exit_code == 1
    assert told.output.startswith("sql: nothing learnt: 12 verdicts, 20 are needed: 8 more")


def test_json() -> None:
    (told,) = json.loads(train("--corpus", "different.csv", "--dry-run", "--json").stdout)
    assert (told["level"], told["is_better"], told["check"]["labels"]) == ("sql", True, 40)
    assert told["check"]["after"]["error_count"] < told["check"]["before"]["error_count"]


def test_a_level_without_a_model_is_told(project: Path) -> None:
    write_examples(project / "full.csv", examples(60, edge=3.0, level="full"))
    told = train("--corpus", "full.csv")
    assert (told.exit_code, told.output) == (1, "full: nothing learnt: no model ships for it; --full trains one\n")


def test_a_full_training_tells_what_it_takes() -> None:
    assert "40 verdicts, 200 are needed: 160 more" in train("--corpus", "different.csv", "--full").output


def test_models_that_are_named_elsewhere_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_MODELS", "shipped")
    assert "note: ENNEAD_MODELS names other models" in train("--corpus", "different.csv").output


def test_wrong_use_is_told() -> None:
    assert train("--undo").output == "Error: there is nothing to undo: the project has no model of its own\n"
    assert "--undo stands alone" in train("--undo", "--dry-run").output
    assert train("--corpus", "few.csv", "--level", "full").output == "Error: there is no label at level full\n"
    assert train("--corpus", "none.csv").output == "Error: cannot read none.csv: No such file or directory\n"


def test_a_corpus_without_labels_is_told(project: Path) -> None:
    write_examples(project / "empty.csv", [])
    assert train("--corpus", "empty.csv").output == "Error: the corpus has no labels\n"
    assert train("--corpus", "empty.csv", "--level", "sql").output == "Error: there is no label at level sql\n"


def test_without_verdicts_it_is_told_how_they_are_given() -> None:
    told = train()
    assert told.exit_code == 2
    assert told.output == (
        "Error: no finding has a verdict to learn from: ennead verdict FINDING useful|noise|wontfix\n"
    )


def test_a_model_beside_the_rules_is_told_and_may_be_let_decide(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = {**SHIPPED, "decides": False}
    (project / "shipped" / "sql.json").write_text(json.dumps(beside))
    monkeypatch.setattr(models, "_shipped", lambda level: LevelModel.from_json(beside) if level == "sql" else None)
    told = train("--corpus", "different.csv", "--dry-run")
    assert "it stands beside the rules, which decide; --decide lets it decide" in told.output
    assert "it decides at this level" in train("--corpus", "different.csv", "--decide").output
    found = Models().at("sql")
    assert isinstance(found, LevelModel)
    assert found.decides
