import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.runs.folder import RunFacts, RunFolder, RunsFolder, runs_folder
from tests.reporting.findings import STARTED

FACTS = RunFacts(
    command=("python", "manage.py", "check"),
    started_at=STARTED,
    working_folder="/srv",
    project_root="/srv",
    pid=os.getpid(),
    versions={"ennead": "0.1.0"},
    ended_at=STARTED,
    exit_code=0,
)


def _run(runs: RunsFolder, second: int, facts: RunFacts = FACTS) -> RunFolder:
    run = RunFolder(runs.path / "runs" / f"20261102T0930{second:02}Z-abcde{second % 10}")
    run.path.mkdir(parents=True)
    run.write_facts(facts)
    return run


def test_a_new_run_has_a_folder_that_git_ignores(tmp_path: Path) -> None:
    run = runs_folder(".ennead", str(tmp_path)).create()
    assert run.path.parent == tmp_path / ".ennead" / "runs"
    assert (tmp_path / ".ennead" / ".gitignore").read_text() == "*\n"
    assert run.path.is_dir()


def test_a_folder_that_was_there_is_left_as_it_is(tmp_path: Path) -> None:
    RunsFolder(tmp_path).create()
    assert not (tmp_path / ".gitignore").exists()


def test_two_runs_of_one_second_have_two_folders(tmp_path: Path) -> None:
    runs = RunsFolder(tmp_path)
    assert len({runs.create().id for _ in range(5)}) == 5


def test_a_folder_that_cannot_be_made_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnneadError, match="name another folder with --output"):
        RunsFolder(tmp_path / "file").create()


@pytest.mark.parametrize("facts", [FACTS, replace(FACTS, ended_at=None, exit_code=None)], ids=["ended", "running"])
def test_facts_round_trip(tmp_path: Path, facts: RunFacts) -> None:
    run = RunFolder(tmp_path)
    run.write_facts(facts)
    assert run.read_facts() == facts


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1, "command": 3}', "\udcff"])
def test_broken_facts_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EnneadError, match="is no complete run"):
        RunFolder(tmp_path).read_facts()


def test_facts_of_a_newer_schema_are_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({**FACTS.to_dict(), "schema": 2}))
    with pytest.raises(EnneadError, match="upgrade ennead"):
        RunFolder(tmp_path).read_facts()


class TestFind:
    def test_the_last_one_by_default(self, tmp_path: Path) -> None:
        runs = RunsFolder(tmp_path)
        ids = [_run(runs, second).id for second in (3, 1, 2)]
        assert runs.find(None).id == max(ids)

    def test_by_a_part_of_its_id(self, tmp_path: Path) -> None:
        runs = RunsFolder(tmp_path)
        run = _run(runs, 1)
        _run(runs, 2)
        assert runs.find("20261102T093001Z") == runs.find("abcde1") == runs.find(run.id) == run

    def test_by_its_folder(self, tmp_path: Path) -> None:
        run = _run(RunsFolder(tmp_path / "elsewhere"), 1)
        assert RunsFolder(tmp_path).find(str(run.path)) == run

    @pytest.mark.parametrize(("name", "message"), [("nothing", "no run"), ("2026", "2 runs")])
    def test_names_what_there_is(self, tmp_path: Path, name: str, message: str) -> None:
        runs = RunsFolder(tmp_path)
        _run(runs, 1)
        _run(runs, 2)
        with pytest.raises(EnneadError, match=f"{message}.*20261102T093002Z-abcde2"):
            runs.find(name)

    def test_says_how_to_get_a_first_run(self, tmp_path: Path) -> None:
        with pytest.raises(EnneadError, match="ennead run -- COMMAND"):
            RunsFolder(tmp_path).find(None)

    def test_other_folders_are_no_runs(self, tmp_path: Path) -> None:
        (tmp_path / "runs" / "notes").mkdir(parents=True)
        (tmp_path / "runs" / "20261102T093001Z-abcdef").mkdir()
        assert RunsFolder(tmp_path).runs() == []


class TestPrune:
    def test_removes_the_oldest(self, tmp_path: Path) -> None:
        runs = RunsFolder(tmp_path)
        ids = [_run(runs, second).id for second in range(5)]
        runs.prune(2)
        assert [run.id for run in runs.runs()] == ids[-2:]

    def test_leaves_what_still_goes_on(self, tmp_path: Path) -> None:
        runs = RunsFolder(tmp_path)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
            going_on = _run(runs, 1, replace(FACTS, ended_at=None, pid=process.pid))
            _run(runs, 2)
            runs.prune(1)
            assert going_on in runs.runs()
            process.communicate(b"\n")
        runs.prune(1)
        assert going_on not in runs.runs()

    def test_leaves_what_is_no_run(self, tmp_path: Path) -> None:
        runs = RunsFolder(tmp_path)
        kept = tmp_path / "runs" / "20261102T093000Z-mine"
        kept.mkdir(parents=True)
        _run(runs, 1)
        _run(runs, 2)
        runs.prune(1)
        assert kept.is_dir()
