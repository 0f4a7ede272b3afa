from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ennead.cli.main import ennead
from ennead.domains.nplusone.levels import Level
from ennead.training.examples import Example, write_examples


def example(number: int, *, label: bool, rules: float, level: Level = "full") -> Example:
    return Example("shop", "1", "GET /", 6, level, f"{number}", "scenario", label, {"rules": rules}, "", {})


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten look-alikes of a hundred are flagged at 60, none at 80."""
    monkeypatch.chdir(tmp_path)
    yes = [example(number, label=True, rules=90.0 if number < 40 else 60.0) for number in range(50)]
    no = [example(number, label=False, rules=70.0 if number < 10 else 0.0) for number in range(100)]
    write_examples(tmp_path / "corpus.csv", [*yes, *no])
    return tmp_path / "corpus.csv"


def tune(*arguments: str) -> Result:
    return CliRunner().invoke(ennead, ["tune", *arguments])


def test_a_corpus_is_measured(corpus: Path) -> None:
    told = tune("--corpus", str(corpus))
    assert told.exit_code == 0, told.output
    assert "labels  50 N+1s and 100 look-alikes; corpus corpus.csv" in told.output
    assert "set 71: the highest recall with false positives below 5 % at a precision of 90 %" in told.output
    assert "ENNEAD_MIN_CONFIDENCE=71" in told.output


def test_the_targets_can_be_set(corpus: Path) -> None:
    told = tune("--corpus", str(corpus), "--max-false-positive-rate", "0.2", "--target-precision", "0.8")
    assert "keep 50: the highest recall with false positives below 20 % at a precision of 80 %" in told.output


def test_json_has_the_whole_curve(corpus: Path) -> None:
    document = json.loads(tune("--corpus", str(corpus), "--json").stdout)
    rules = document["deciders"][0]
    assert [row["false_positive_rate"] for row in rules["thresholds"]] == [0.1, 0.1, 0.1, 0.0]
    assert [point["threshold"] for point in rules["curve"]] == [0.0, 60.0, 70.0, 90.0, 100.0]
    assert rules["in_force"]["threshold"] == 50.0


def test_the_threshold_in_force_is_that_of_the_project(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_MIN_CONFIDENCE", "75")
    assert "keep 75" in tune("--corpus", str(corpus)).output


def test_curves_are_written_as_a_page(corpus: Path) -> None:
    told = tune("--corpus", str(corpus), "-o", "curve.html")
    assert told.output.endswith("written curve.html\n")
    assert (corpus.parent / "curve.html").read_text().startswith("<!doctype html>")


def test_a_level_without_labels_is_told(corpus: Path) -> None:
    told = tune("--corpus", str(corpus), "--level", "spans")
    assert (told.exit_code, told.output) == (2, "Error: no labels at level spans: corpus corpus.csv\n")


def test_files_are_checked_before_the_work(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    for file, why in (
        ("curve.pdf", "cannot draw curve.pdf: curves are written as .html or .png"),
        ("missing/curve.html", f"cannot write missing{os.sep}curve.html: there is no such folder"),
        ("curve.png", "a PNG needs Pillow: pip install 'ennead[plot]' (HTML needs nothing: -o curve.html)"),
    ):
        told = tune("--corpus", "not-even-read.csv", "-o", file)
        assert (told.exit_code, told.output) == (2, f"Error: {why}\n")


def test_wrong_labels_are_told_in_one_line(corpus: Path) -> None:
    missing = tune("--corpus", "nowhere.csv")
    assert (missing.exit_code, missing.output) == (2, "Error: cannot read nowhere.csv: No such file or directory\n")
    both = tune("--corpus", str(corpus), "--own")
    assert (both.exit_code, "choose one" in both.output) == (2, True)
    Path("other.csv").write_text("a,b\n1,2\n")
    assert "lacks the columns application, release" in tune("--corpus", "other.csv").output


@pytest.mark.parametrize("level", ["full", "sql", "spans"])
def test_the_shipped_labels_are_measured(level: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    told = tune("--level", level)
    assert told.exit_code == 0, told.output
    assert "shipped labels" in told.output
    assert "note  the rules were tuned on" in told.output
    assert "note  at this level the " in told.output


def test_completion_knows_the_levels() -> None:
    words = {"_ENNEAD_COMPLETE": "bash_complete", "COMP_WORDS": "ennead tune --level ", "COMP_CWORD": "3"}
    told = CliRunner().invoke(ennead, [], prog_name="ennead", env=words)
    assert set(told.output.split()) == {"plain,full", "plain,sql", "plain,spans"}
