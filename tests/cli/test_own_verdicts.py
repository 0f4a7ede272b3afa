"""What a user's verdicts become: labels, a model of the project's own, an export, and priors elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

from ennead.cli.labels import own_examples
from ennead.cli.main import ennead
from ennead.domains.nplusone import model as models
from ennead.domains.nplusone.model import LevelModel
from ennead.domains.nplusone.signature_counts import SignatureCount
from ennead.store.hidden import shown_patterns
from ennead.store.history import KnownPattern
from ennead.store.memory import Memory, open_memory
from ennead.store.schema import STEPS, VERDICTS
from ennead.store.verdicts import write_features
from ennead.training import own_models
from ennead.training.own_models import OwnModels

SHIPPED: dict[str, Any] = {
    "form": 1, "name": "shipped", "version": "1", "level": "full", "decides": True,
    "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [2.0], "intercept": 0.0,
}  # fmt: skip
LOOKUP = "n-plus-one/lookup/key+lazy?+supplied?"


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory:
    """The memory of a project that one stands in; a model ships for the agent's level."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / ".ennead").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "full.json").write_text(json.dumps(SHIPPED))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ennead.agent.places.PROJECT.path", str(tmp_path))
    monkeypatch.setattr(own_models, "files", lambda package: tmp_path)
    monkeypatch.setattr(models, "_shipped", lambda level: LevelModel.from_json(SHIPPED) if level == "full" else None)
    return open_memory(str(tmp_path), tmp_path / ".ennead")


def judge(
    memory: Memory,
    number: int,
    features: Mapping[str, float],
    *,
    useful: bool,
    code: str = "n-plus-one",
    signature: str = LOOKUP,
) -> None:
    """A verdict, as it is stored."""
    row = {
        "project": memory.project, "pattern_hash": f"f1:{number:016x}", "verdict": "useful" if useful else "noise",
        "given_at": f"2026-11-02T10:00:{number % 60:02}.000000", "code": code, "signature": signature,
        "confidence": 70.0, "level": "full", "features": write_features(features),
    }  # fmt: skip
    memory.write(lambda connection: connection.execute(insert(VERDICTS).values(**row)))


def judge_by_size(memory: Memory, count: int = 40) -> None:
    """In this project only the larger groups are worth it; the model believes that the edge is at 2."""
    random = Random(1)
    for number in range(count):
        size = random.uniform(1.0, 4.0)
        judge(memory, number, {"log_count": size}, useful=size + random.gauss(0, 0.3) > 3.0)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(ennead, arguments)


def test_verdicts_on_n_plus_ones_whose_queries_were_kept_are_labels(memory: Memory) -> None:
    judge(memory, 1, {"log_count": 2.0}, useful=True)
    judge(memory, 2, {"log_count": 3.0}, useful=False)
    judge(memory, 3, {}, useful=False)
    judge(memory, 4, {"log_count": 3.0}, useful=False, code="repeated-query")
    found = own_examples()
    assert [(each.label, each.features["log_count"], each.source) for each in found] == [
        (True, 2.0, "verdict"),
        (False, 3.0, "verdict"),
    ]
    assert all(isnan(each.features["mean_rows"]) for each in found)


def test_without_kept_queries_it_is_told(memory: Memory) -> None:
    judge(memory, 1, {}, useful=True)
    told = run("train")
    assert told.exit_code == 2
    assert "; 1 have a verdict, but their queries were not kept: " in told.output


def test_own_verdicts_are_measured_with_what_they_cannot_show(memory: Memory) -> None:
    judge_by_size(memory)
    told = run("tune", "--own")
    assert told.exit_code == 0, told.output
    assert "; your own verdicts" in told.output
    assert "note  verdicts are given on what was shown" in told.output
    assert "\nmodel " in told.output


def test_a_project_is_learnt_from_told_and_exported(memory: Memory, tmp_path: Path) -> None:
    judge_by_size(memory)
    assert run("train").exit_code == 0
    assert "the model was adapted at level full" in run("tune", "--own").output
    told = run("model", "show").output
    assert "full  shipped 1, adapted " in told
    assert "adapted by 40 verdicts" in told
    export = json.loads(run("model", "export", "--show").stdout)
    assert export["models"].keys() == {"full"}
    (count,) = export["signatures"]
    assert count["signature"] == LOOKUP
    assert count["useful"] + count["noise"] == 40
    assert count["confidence"] == 70


def test_signatures_with_other_words_stay_at_home(memory: Memory) -> None:
    judge(memory, 1, {"log_count": 2.0}, useful=True, signature="n-plus-one/lookup/customers")
    told = run("model", "export", "--show")
    assert (told.exit_code, told.stdout) == (2, "")


def test_imported_verdicts_are_priors_for_findings_like_them(memory: Memory, tmp_path: Path) -> None:
    for number in range(3):
        judge(memory, number, {"log_count": 2.0}, useful=True, signature="n-plus-one/relation/lazy")
    step = {"project": memory.project, "at": "2026-11-02T10:00:00.000000", "kind": "step", "before": 57.5,
            "after": 60.0, "judged_count": 3, "undone": False}  # fmt: skip
    memory.write(lambda connection: connection.execute(insert(STEPS).values(**step)))
    before = _confidence(memory)
    assert before > 66.0
    OwnModels.of(str(tmp_path)).write_signatures([SignatureCount(LOOKUP, 0, 20, 66)])
    assert _confidence(memory) < before - 5.0
    OwnModels.of(str(tmp_path)).undo_signatures()
    assert _confidence(memory) == before


def _confidence(memory: Memory) -> float:
    """What is said of a finding of a signature that nobody judged here."""
    pattern = _pattern("f1:00000000000000ff")
    return shown_patterns(memory, [pattern])[pattern.pattern].confidence


def _pattern(name: str) -> KnownPattern:
    """A pattern that is remembered, with no more than what is asked of it here."""
    made = object.__new__(KnownPattern)
    for key, value in {"pattern": name, "signature": LOOKUP, "confidence": 66.0}.items():
        object.__setattr__(made, key, value)
    return made
