"""Candidates for annotated code: they give the same result, and mypy is as content with them as with the original."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixes.sqlalchemy.trying import expectations, try_candidates

FILE = "typed_trials.py"
ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_what_is_added_to_annotated_functions_type_checks_strictly(tmp_path: Path) -> None:
    texts: dict[str, str] = {}
    for name, before, after in expectations(FILE):
        count, tried = try_candidates(name, tmp_path, FILE)
        best = tried[0]
        assert (count, f"{best.queries} {best.candidate.strategy}", best.is_same) == (before, after, True)
        texts[name] = best.candidate.files[FILE]
    assert len(texts) == 7
    assert mypy(tmp_path / "checked", texts) == "Success: no issues found in 7 source files\n"
    unannotated = {"wrong": texts["column_of_a_function"].replace(": dict[Any, int | None] | None = None", "=None")}
    assert "missing a type annotation" in mypy(tmp_path / "wrong", unannotated)


def mypy(folder: Path, texts: dict[str, str]) -> str:
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    words = [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", "--follow-imports", "silent"]
    cache = str(folder.parent / "mypy_cache")
    done = subprocess.run(
        [*words, "--config-file", "", "--cache-dir", cache, *sorted(str(path) for path in folder.glob("*.py"))],
        env={"MYPYPATH": f"{ROOT}/src:{ROOT}:{folder}", "PATH": ""},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout
