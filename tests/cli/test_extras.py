"""A command whose extra is missing says so in one line, and stands in no other command's way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from ennead.cli.main import ennead

# In a process of its own: a module that is unloaded here would be another one for the tests that follow.
_WITHOUT_LIBCST = "import sys; sys.modules['libcst'] = None; from ennead.cli.main import main; main()"


def _told(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT_LIBCST, *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["fix", "verify"])
@pytest.mark.parametrize("arguments", [["--help"], ["--all", "--", "pytest"]])
def test_a_missing_package_is_told_with_the_pip_command(command: str, arguments: list[str]) -> None:
    told = _told(command, *arguments)
    assert told.returncode == 2
    assert told.stderr.strip() == f"Error: {command} needs libcst: pip install 'ennead[fix]'"


def test_the_list_of_commands_needs_no_extra() -> None:
    told = _told("--help")
    assert (told.returncode, told.stderr) == (0, "")
    commands = dict(line.split(maxsplit=1) for line in told.stdout.partition("Commands:")[2].strip().splitlines())
    assert commands["fix"] == "needs libcst: pip install 'ennead[fix]'"
    assert commands["run"].startswith("Run COMMAND")


def test_completion_needs_no_extra() -> None:
    told = _told(environment={"_ENNEAD_COMPLETE": "bash_complete", "COMP_WORDS": "ennead ", "COMP_CWORD": "1"})
    assert (told.returncode, told.stderr) == (0, "")
    assert {"plain,run", "plain,fix"} <= set(told.stdout.split())


def test_with_the_package_there_is_help() -> None:
    assert CliRunner().invoke(ennead, ["fix", "--help"]).exit_code == 0
