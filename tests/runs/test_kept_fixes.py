"""What is known of fixes, beside the records of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.kernel.finding import Finding, Recommendation, Verification
from ennead.runs.folder import RunFolder
from ennead.runs.kept_fixes import keep_fixes, read_fixes, with_fix

SAME = Verification("verified", "-a\n+b\n", {10: 11, 50: 51}, {10: 2, 50: 2}, 3.0, 1.0, ("status",), ("time",))
FIXED = Recommendation("Join", "Faster.", status="verified", verification=SAME)
REFUSED = Recommendation("Prefetch", "Drops rows.", status="refuted", verification=SAME)
ADVICE = Recommendation("Load it eagerly", "Add it to the query.")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def finding(name: str = "f1:a") -> Finding:
    return Finding(
        id=name,
        domain="nplusone",
        code="n-plus-one",
        kind="relation",
        severity="low",
        confidence=99.0,
        query_count=6,
        queries_needed=1,
        duration_ms=1.0,
        wasted_ms=1.0,
        statement="SELECT 1",
        statement_fingerprint="x",
        explanation="",
        recommendations=(ADVICE,),
    )


def test_are_read_as_they_were_kept(run: RunFolder) -> None:
    assert read_fixes(run) == {}
    keep_fixes(run, {"f1:a": FIXED, "f1:b": REFUSED})
    assert read_fixes(run) == {"f1:a": FIXED, "f1:b": REFUSED}
    assert [path.name for path in run.path.iterdir()] == ["fixes.json"]


def test_what_was_verified_stays_unless_something_else_is(run: RunFolder) -> None:
    other = Recommendation("Another", "", status="verified", verification=SAME)
    keep_fixes(run, {"f1:a": REFUSED})
    keep_fixes(run, {"f1:a": FIXED})
    keep_fixes(run, {"f1:a": REFUSED})
    assert read_fixes(run) == {"f1:a": FIXED}
    keep_fixes(run, {"f1:a": other})
    assert read_fixes(run) == {"f1:a": other}


def test_a_verified_fix_stands_before_the_advice_and_a_refused_one_behind_it() -> None:
    found = finding()
    assert with_fix(found, {"f1:a": FIXED}).recommendations == (FIXED, ADVICE)
    assert with_fix(found, {"f1:a": REFUSED}).recommendations == (ADVICE, REFUSED)
    assert with_fix(found, {"f1:b": FIXED}) is found


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 1}', '{"schema": 1, "fixes": {"f1:a": {}}}', "\xff"])
def test_a_broken_file_is_an_error_that_names_it(run: RunFolder, text: str) -> None:
    (run.path / "fixes.json").write_text(text, encoding="latin-1")
    with pytest.raises(EnneadError, match=r"fixes\.json cannot be read .* remove it, and look for fixes again"):
        read_fixes(run)


def test_a_newer_schema_is_an_error(run: RunFolder) -> None:
    (run.path / "fixes.json").write_text(json.dumps({"schema": 1000, "fixes": {}}))
    with pytest.raises(EnneadError):
        read_fixes(run)


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnneadError, match=r"cannot write .*fixes\.json: No such file or directory"):
        keep_fixes(RunFolder(tmp_path / "gone"), {"f1:a": FIXED})
