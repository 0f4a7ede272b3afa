from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ennead.cli.main import ennead
from ennead.domains.nplusone import model as models
from ennead.domains.nplusone.signature_counts import SignatureCount
from ennead.learners.adaptation import Adaptation
from ennead.training.own_models import OwnModels

OWN: dict[str, Any] = {
    "form": 1, "name": "trees of app_customer", "version": "1", "level": "sql", "decides": True,
    "features": ["log_count"], "mean": [2.0], "scale": [1.0], "weights": [2.0], "intercept": 0.0,
    "adaptation": Adaptation(-0.5, 1.1, verdict_count=60).to_json(),
    "evaluation": {"precision": 0.97, "recall": 0.95, "false_positive_rate": 0.021},
}  # fmt: skip
EXPORT = {"form": 1, "kind": "ennead-model-export", "models": {"sql": OWN}, "signatures": [
    {"signature": "n-plus-one/lookup/key", "useful": 3, "noise": 1, "confidence": 78}]}  # fmt: skip


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnModels:
    """A project without a model of its own; none ships."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ennead.agent.places.PROJECT.path", str(tmp_path))
    monkeypatch.setattr(models, "_shipped", lambda level: None)
    (tmp_path / "export.json").write_text(json.dumps(EXPORT))
    return OwnModels.of(str(tmp_path))


def model(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(ennead, ["model", *arguments], input=text)


# ---------------------------------------------------------------------------------------------- show


def test_without_a_model_the_rules_decide() -> None:
    assert model("show").output == "".join(
        f"{level:<6}no model: the rules decide\n" for level in ("full", "sql", "spans")
    )


def test_the_model_in_force_is_told(own: OwnModels) -> None:
    own.write("sql", OWN)
    told = model("show").output
    assert "sql   trees of app_customer 1 (own): logistic regression on 1 feature; decides" in told
    assert "adapted by 60 verdicts" in told
    assert (
        "before that, on applications that it had not seen: precision 0.970, recall 0.950, false positive rate 0.021"
        in told
    )
    (_, described, _) = json.loads(model("show", "--json").stdout)["models"]
    assert (described["origin"], described["adapted_by"], described["decides"]) == ("own", 60, True)


def test_a_broken_model_is_told(own: OwnModels) -> None:
    own.write("sql", OWN)
    own.file("sql").write_text("{}")
    told = model("show")
    assert told.exit_code == 0
    assert "not a model: name must be a text" in told.output
    assert told.output.count("no model: the rules decide") == 3


# ---------------------------------------------------------------------------------------------- export


def test_what_would_leave_is_what_leaves(own: OwnModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ennead.cli.model._today", lambda: "2026-11-24")
    own.write("sql", OWN)
    shown = model("export", "--show")
    assert shown.exit_code == 0
    assert [path.name for path in tmp_path.iterdir() if "shared" in path.name] == []
    written = model("export", "shared.json")
    assert written.output == "shared.json: models: sql; verdicts on 0 kinds of evidence\n"
    assert (tmp_path / "shared.json").read_text() == shown.stdout == model("export", "-").stdout
    assert "app_customer" not in shown.stdout
    assert json.loads(shown.stdout)["models"]["sql"]["version"] == "2026-11-24"


def test_without_anything_learnt_there_is_nothing_to_export() -> None:
    told = model("export", "--show")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith("Error: there is nothing to export: ")


def test_without_sqlalchemy_the_models_are_exported_alone(own: OwnModels, monkeypatch: pytest.MonkeyPatch) -> None:
    own.write("sql", OWN)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    told = model("export", "--show")
    assert told.exit_code == 0, told.output
    assert told.stderr == "verdicts are left out: they need sqlalchemy: pip install 'ennead[store]'\n"
    assert json.loads(told.stdout)["models"].keys() == {"sql"}


def test_where_nothing_is_remembered_the_models_are_exported_alone(
    own: OwnModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.write("sql", OWN)
    monkeypatch.setenv("ENNEAD_STORE", "off")
    told = model("export", "--show")
    assert told.exit_code == 0, told.output
    assert told.stderr == "verdicts are left out: nothing is remembered: ENNEAD_STORE is off\n"
    assert json.loads(told.stdout)["models"].keys() == {"sql"}


def test_with_a_broken_memory_the_models_are_exported_alone(own: OwnModels, tmp_path: Path) -> None:
    own.write("sql", OWN)
    (tmp_path / ".ennead" / "memory.sqlite").write_text("no database " * 100)
    told = model("export", "--show")
    assert told.exit_code == 0, told.output
    assert told.stderr.startswith("verdicts are left out: the memory in ")
    assert json.loads(told.stdout)["models"].keys() == {"sql"}


def test_a_broken_model_is_told_with_the_way_out(own: OwnModels) -> None:
    own.write("sql", OWN)
    own.file("sql").write_text("{")
    told = model("export", "--show")
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(f"Error: nothing is exported: cannot read the model {own.file('sql')}: ")
    assert told.stderr.endswith(
        "'ennead model undo' puts back what was there before, or remove the file: without it the model that ships is "
        "in force\n"
    )
    model("undo")
    assert "there is nothing to export" in model("export", "--show").stderr


def test_where_there_is_nothing_to_undo_a_broken_model_is_to_be_removed(own: OwnModels) -> None:
    own.write("sql", OWN)
    (own.folder / "last-change.json").unlink()
    own.file("sql").write_text("{")
    told = model("export", "--show").stderr
    assert "undo" not in told
    assert told.endswith("; remove the file: without it the model that ships is in force\n")


def test_a_file_or_show() -> None:
    assert "name a FILE, or ask for --show" in model("export").output
    assert "name a FILE, or ask for --show" in model("export", "x.json", "--show").output
    assert model("export", "missing/x.json").output.startswith("Error: cannot write missing")


# ---------------------------------------------------------------------------------------------- import


def test_what_is_imported_is_in_force_and_undone(own: OwnModels) -> None:
    own.write("sql", {**OWN, "version": "mine"})
    told = model("import", "export.json")
    assert told.output == (
        "sql: model taken over; it stands beside the rules, which decide; --decide lets it decide\n"
        "verdicts on 1 kind of evidence taken over\n"
    )
    found = own.read("sql")
    assert found is not None
    assert found.name.startswith("shared ")
    assert not found.decides
    assert own.read_signatures() == (SignatureCount("n-plus-one/lookup/key", 3, 1, 78),)
    assert "imported: 4 verdicts on 1 kind of evidence" in model("show").output
    assert model("undo").output == "sql: the former model is in force again\nimported verdicts: none\n"
    former = own.read("sql")
    assert former is not None
    assert former.name.endswith("mine")


def test_what_is_imported_decides_only_if_it_is_asked_for(own: OwnModels, tmp_path: Path) -> None:
    told = model("import", "export.json", "--decide")
    assert told.output.startswith("sql: model taken over; it decides at this level\n")
    found = own.read("sql")
    assert found is not None
    assert found.decides
    beside = {**EXPORT, "models": {"sql": {**OWN, "decides": False}}}
    (tmp_path / "beside.json").write_text(json.dumps(beside))
    told = model("import", "beside.json", "--decide")
    assert told.output.startswith("sql: model taken over; it stands beside the rules, which decide\n")
    found = own.read("sql")
    assert found is not None
    assert not found.decides


def test_undo_leaves_alone_what_the_last_import_did_not_touch(own: OwnModels) -> None:
    own.write("full", {**OWN, "level": "full"})
    model("import", "export.json")
    assert model("undo").output == "sql: the model that ships is in force again\nimported verdicts: none\n"
    again = model("undo")
    assert again.exit_code == 2
    assert again.output.startswith("Error: there is nothing left to undo of the last import or training; ")
    assert own.data("full") == {**OWN, "level": "full"}


def test_a_dry_run_imports_nothing(own: OwnModels) -> None:
    assert "sql: model would be taken over" in model("import", "export.json", "--dry-run").output
    assert own.read("sql") is None


def test_an_import_can_come_from_a_pipe(own: OwnModels) -> None:
    assert model("import", "-", text=json.dumps(EXPORT)).exit_code == 0
    assert own.read("sql") is not None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not an export of ennead: "),
        (b"\xff\xfe", "not an export of ennead: invalid start byte"),
        (b'{"kind": "ennead-model-export", "form": 1}', "broken.json has neither models nor verdicts"),
        (b" " * 5_000_001, "an export has at most 5,000,000 bytes"),
    ],
)
def test_a_broken_import_changes_nothing(own: OwnModels, tmp_path: Path, content: bytes, told: str) -> None:
    own.write("sql", OWN)
    (tmp_path / "broken.json").write_bytes(content)
    refused = model("import", "broken.json")
    assert refused.exit_code == 2
    assert refused.output.startswith(f"Error: {told}")
    assert refused.output.count("\n") == 1
    assert own.data("sql") == OWN


def test_a_file_that_is_not_there_and_nothing_to_undo_are_told() -> None:
    assert model("import", "none.json").output == "Error: cannot read none.json: No such file or directory\n"
    assert model("undo").output == "Error: there is nothing to undo: the project has no model of its own\n"


def test_an_export_is_imported_elsewhere(own: OwnModels, tmp_path: Path) -> None:
    own.write("sql", OWN)
    model("export", "shared.json")
    model("undo")
    model("import", "shared.json")
    found = own.read("sql")
    assert found is not None
    assert found.adaptation == Adaptation.from_json(OWN["adaptation"])
