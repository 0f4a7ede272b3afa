"""The user's command, found the way a person means it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ennead.runs.command import NOT_EXECUTABLE, NOT_FOUND, CommandError, resolve


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two scripts and a program in an environment of its own; another folder is the working one."""
    folder, elsewhere = tmp_path / "shop", tmp_path / "elsewhere"
    (folder / "env" / "bin").mkdir(parents=True)
    elsewhere.mkdir()
    (folder / "report.py").write_text("")
    (folder / "tool").write_text("#!/bin/sh\n")
    (folder / "env" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.chdir(elsewhere)
    return folder


def test_options_and_scripts_get_this_python(folder: Path) -> None:
    assert resolve(["-c", "pass"], folder) == [sys.executable, "-c", "pass"]
    assert resolve(["report.py", "1"], folder) == [sys.executable, "report.py", "1"]


def test_a_script_that_is_not_there_is_no_script(folder: Path) -> None:
    with pytest.raises(CommandError, match=r"there is no script .*/elsewhere/report\.py$") as caught:
        resolve(["report.py"])
    assert caught.value.exit_code == NOT_FOUND


def test_programs_are_found_on_the_path_and_beside_this_python(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(["sh", "-c", "x"], folder)[1:] == ["-c", "x"]
    assert Path(resolve(["sh"], folder)[0]).is_absolute()
    monkeypatch.setenv("PATH", "")
    assert resolve(["pytest"], folder) == [str(Path(sys.executable).parent / "pytest")]


def test_a_path_is_relative_to_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = str(folder / "env" / "bin" / "python")
    assert resolve(["env/bin/python", "x.py"], folder) == [whole, "x.py"]
    assert resolve([whole], folder) == [whole]
    with pytest.raises(CommandError):
        resolve(["env/bin/python"])
    monkeypatch.chdir(folder)
    assert resolve(["env/bin/python"]) == ["env/bin/python"]


def test_what_may_not_be_run_is_told(folder: Path) -> None:
    with pytest.raises(CommandError, match=r"\./tool is not executable: run it with 'python \./tool'") as caught:
        resolve(["./tool"], folder)
    assert caught.value.exit_code == NOT_EXECUTABLE
