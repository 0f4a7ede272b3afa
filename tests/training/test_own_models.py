from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ennead.domains.nplusone.signature_counts import SignatureCount
from ennead.kernel.errors import EnneadError
from ennead.learners.adaptation import Adaptation
from ennead.training.own_models import OwnModels, base_data

MODEL: dict[str, Any] = {
    "form": 1, "name": "shipped", "version": "1", "level": "sql", "decides": True,
    "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [1.0], "intercept": 0.0,
}  # fmt: skip


def model(version: str) -> dict[str, Any]:
    return {**MODEL, "version": version}


def version_in_force(own: OwnModels) -> str | None:
    found = own.read("sql")
    return found.name.split()[-1] if found else None


@pytest.fixture
def own(tmp_path: Path) -> OwnModels:
    return OwnModels.of(str(tmp_path))


def test_a_model_is_written_and_git_leaves_it_alone(own: OwnModels, tmp_path: Path) -> None:
    assert own.read("sql") is None
    assert own.write("sql", model("1")) == tmp_path / ".ennead" / "model" / "sql.json"
    assert version_in_force(own) == "1"
    assert own.data("sql") == model("1")
    assert (tmp_path / ".ennead" / ".gitignore").read_text() == "*\n"


def test_a_folder_that_was_there_is_not_ours_to_ignore(own: OwnModels, tmp_path: Path) -> None:
    (tmp_path / ".ennead").mkdir()
    own.write("sql", model("1"))
    assert not (tmp_path / ".ennead" / ".gitignore").exists()


def test_undo_brings_the_former_one_back(own: OwnModels) -> None:
    own.write("sql", model("1"))
    own.write("sql", model("2"))
    assert own.undo("sql") == "former"
    assert version_in_force(own) == "1"
    with pytest.raises(EnneadError, match=r"nothing left to undo at level sql .* without .*sql\.json"):
        own.undo("sql")
    assert version_in_force(own) == "1"


def test_undo_without_a_former_one_brings_the_one_that_ships(own: OwnModels) -> None:
    own.write("sql", model("1"))
    assert own.undo("sql") == "shipped"
    with pytest.raises(EnneadError, match="nothing to undo: the project has no model of its own at level sql"):
        own.undo("sql")


def test_undo_leaves_alone_what_the_last_change_did_not_touch(own: OwnModels) -> None:
    own.write("sql", model("1"))
    own.change({"full": {**MODEL, "level": "full"}}, [SignatureCount("n-plus-one/lookup/key", 3, 1, 78)])
    assert (own.undoable, own.has_undoable_signatures) == (("full",), True)
    with pytest.raises(EnneadError, match="nothing left to undo at level sql"):
        own.undo("sql")
    assert own.undo("full") == "shipped"
    own.undo_signatures()
    assert (own.undoable, own.has_undoable_signatures) == ((), False)
    assert version_in_force(own) == "1"


def test_a_change_that_fails_halfway_is_undone_by_what_was_written(own: OwnModels) -> None:
    own.write("full", {**MODEL, "level": "full"})
    own.file("sql").mkdir()
    with pytest.raises(EnneadError, match="cannot write "):
        own.change({"full": {**MODEL, "level": "full", "version": "2"}, "sql": MODEL})
    assert own.undoable == ("full",)


def test_a_broken_note_of_the_last_change_is_told_and_replaced_by_the_next(own: OwnModels) -> None:
    own.write("sql", model("1"))
    (own.folder / "last-change.json").write_text("{")
    with pytest.raises(EnneadError, match=r"cannot read .*last-change\.json"):
        own.undo("sql")
    own.write("sql", model("2"))
    assert own.undo("sql") == "former"


def test_undo_after_the_first_one_never_brings_an_older_time_back(own: OwnModels) -> None:
    own.write("sql", model("1"))
    own.write("sql", model("2"))
    own.undo("sql")
    own.file("sql").unlink()
    own.write("sql", model("3"))
    assert own.undo("sql") == "shipped"


def test_what_is_no_model_is_not_written(own: OwnModels) -> None:
    own.write("sql", model("1"))
    with pytest.raises(EnneadError, match="not a model"):
        own.write("sql", {**MODEL, "form": 2})
    with pytest.raises(EnneadError, match="one for the level sql, not full"):
        own.write("full", MODEL)
    assert version_in_force(own) == "1"
    assert not own.file("full").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / ".ennead").write_text("a file in the way")
    with pytest.raises(EnneadError, match=r"^cannot write "):
        OwnModels.of(str(tmp_path)).write("sql", MODEL)


def test_the_base_is_without_what_was_adapted(tmp_path: Path) -> None:
    (tmp_path / "sql.json").write_text(json.dumps({**MODEL, "adaptation": Adaptation(-1.0).to_json()}))
    assert base_data("sql", str(tmp_path)) == MODEL
    assert base_data("sql", str(tmp_path / "sql.json")) == MODEL
    assert base_data("full", str(tmp_path)) is None
    assert base_data("full", str(tmp_path / "sql.json")) is None
    assert base_data("full", str(tmp_path / "missing")) is None
