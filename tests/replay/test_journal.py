from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ennead.fixes.search_result import Judged
from ennead.fixes.trace import ReplayTrace, StatementTrace, UnitTrace
from ennead.fixes.verdict import Judgement
from ennead.kernel.finding import Verification
from ennead.replay.journal import Journal, key_of
from ennead.replay.replay import Work

TRACE = ReplayTrace(size=10, exit_code=0, stdout="")
JUDGEMENT = Judgement(
    verdict="no-effect",
    reasons=("nothing became fewer",),
    verification=Verification("no-effect", "", {10: 11}, {10: 11}, 1.0, 1.0, ("status",), ()),
)
JUDGED = Judged(JUDGEMENT, {"f1:a": JUDGEMENT}, (), frozenset({"f1:a"}))


def trace(count: int) -> ReplayTrace:
    statement = StatementTrace(
        fingerprint="f", statement="SELECT ?", connection="d", count=count, row_count=1, is_write=False, tables=()
    )
    unit = UnitTrace(
        kind="request",
        name="GET /",
        route=None,
        query_count=count,
        database_ms=1.0,
        duration_ms=1.0,
        statements=(statement,),
    )
    return ReplayTrace(size=10, exit_code=0, stdout="", units=(unit,))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text("x = 1\n")
    return Work(root=root, command=("python", "app.py"))


def test_a_judgement_is_found_by_another_journal_of_the_same_work(tmp_path: Path, work: Work) -> None:
    key = key_of("look", TRACE, {"app.py": "x = 2\n"}, ["f1:a"])
    Journal.of(tmp_path / "journals", work, None).add(key, JUDGED)
    assert Journal.of(tmp_path / "journals", work, None).find(key) == JUDGED


def test_a_change_of_the_project_begins_a_new_journal(tmp_path: Path, work: Work) -> None:
    key = key_of("look", TRACE, {}, None)
    Journal.of(tmp_path / "journals", work, None).add(key, JUDGED)
    os.utime(work.root / "app.py", ns=(1, 1))
    assert Journal.of(tmp_path / "journals", work, None).find(key) is None


def test_other_sizes_begin_a_new_journal(tmp_path: Path, work: Work) -> None:
    key = key_of("look", TRACE, {}, None)
    Journal.of(tmp_path / "journals", work, None).add(key, JUDGED)
    assert Journal.of(tmp_path / "journals", work, (3, 9)).find(key) is None


def test_another_environment_begins_a_new_journal_another_shell_does_not(tmp_path: Path, work: Work) -> None:
    key = key_of("look", TRACE, {}, None)
    there, elsewhere = {"DATABASE_URL": "sqlite:///a"}, {"DATABASE_URL": "sqlite:///b"}
    Journal.of(tmp_path / "journals", replace(work, environment={**there, "SHLVL": "1"}), None).add(key, JUDGED)
    assert Journal.of(tmp_path / "journals", replace(work, environment={**there, "SHLVL": "2"}), None).find(key)
    assert Journal.of(tmp_path / "journals", replace(work, environment=elsewhere), None).find(key) is None
    allowing = replace(work, environment={**there, "SHLVL": "1"}, allowed_addresses=("api.example.org:443",))
    assert Journal.of(tmp_path / "journals", allowing, None).find(key) is None


def test_work_that_executes_other_statements_is_judged_anew() -> None:
    assert key_of("look", trace(11), {}, None) == key_of("look", trace(11), {}, None)
    assert key_of("look", trace(11), {}, None) != key_of("look", trace(12), {}, None)


def test_looking_and_judging_are_told_apart() -> None:
    assert key_of("look", TRACE, {}, None) != key_of("judge", TRACE, {}, None)


def test_a_line_that_was_cut_off_costs_itself_only(tmp_path: Path, work: Work) -> None:
    journal = Journal.of(tmp_path / "journals", work, None)
    journal.add("a", JUDGED)
    journal.add("b", JUDGED)
    (file,) = (tmp_path / "journals").glob("*.jsonl")
    file.write_bytes(file.read_bytes()[:-40])
    again = Journal.of(tmp_path / "journals", work, None)
    assert again.find("a") == JUDGED
    assert again.find("b") is None


def test_a_judgement_of_another_form_is_none(tmp_path: Path, work: Work) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    (tmp_path / "journal.jsonl").write_text('{"key": "a", "judged": {"judgement": 7}}\n')
    assert journal.find("a") is None
    assert Journal(tmp_path / "journal.jsonl").find("a") is None


def test_what_a_busy_machine_may_have_brought_about_is_not_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.add("a", Judged(replace(JUDGEMENT, verdict="worse")))
    assert journal.find("a") is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "journal.jsonl")
    journal.add("a", JUDGED)
    assert journal.find("a") == JUDGED
