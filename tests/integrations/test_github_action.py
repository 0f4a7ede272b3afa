"""The action as GitHub runs it: the same script, with the variables that a runner sets."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.reporting.sarif_schema import problems
from tests.runs.project import Project

ACTION = Path(__file__).parents[2] / "integrations" / "github-action"
SCRIPT = "import sys\nfrom lookups import unit\nprint(sys.argv[1:])\nunit('orders/', 60)\n"


class Runner:
    """What a runner gives to a step."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "checkout"
        self.workspace.mkdir()
        (self.workspace / "shop").mkdir()
        self.project = Project(self.workspace / "shop")
        self.project.write("script.py", SCRIPT)
        self.temporary = folder / "temp"
        self.output, self.summary = folder / "output", folder / "summary"

    def step(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            **{f"ENNEAD_ACTION_{name.upper()}": value for name, value in inputs.items()},
        }
        return subprocess.run(
            [sys.executable, ACTION / "run.py"],
            cwd=self.project.folder,
            env=self.project.environment({**variables, "PATH": os.environ["PATH"]})
            | {name: value for name, value in variables.items() if name.startswith("ENNEAD_")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_a_step_annotates_sums_up_and_writes_files(runner: Runner) -> None:
    completed = runner.step(command="script.py 'two words' $HOME", options="--no-baseline")
    assert completed.returncode == 0, completed.stderr
    shown, annotation, total = completed.stdout.splitlines()
    assert shown == "['two words', '$HOME']"
    assert annotation.startswith("::warning file=shop/lookups.py,line=13,title=N+1")
    assert total.startswith("ennead: 1 finding in 1 place")
    assert runner.summary.read_text().startswith("### Ennead: 1 finding in 1 place")
    outputs = runner.outputs
    log = json.loads(Path(outputs["sarif"]).read_text())
    assert problems(log) == []
    assert len(log["runs"][0]["results"]) == 1
    assert ET.parse(outputs["junit"]).getroot().get("failures") == "1"  # noqa: S314 -- our own
    assert Path(outputs["markdown"]).read_text() == runner.summary.read_text()


@pytest.mark.parametrize(("fail_on", "code"), [("low", 1), ("critical", 0), ("", 0)])
def test_the_exit_code_is_that_of_the_run(runner: Runner, fail_on: str, code: int) -> None:
    assert runner.step(command="script.py", fail_on=fail_on).returncode == code
    assert runner.outputs.keys() == {"sarif", "junit", "markdown"}


def test_without_a_command_it_says_so(runner: Runner) -> None:
    completed = runner.step(command=" ")
    assert completed.returncode == 2
    assert completed.stdout.startswith("::error title=ennead::name the command")


def test_a_wrong_option_leaves_no_old_files(runner: Runner) -> None:
    runner.step(command="script.py")
    runner.output.unlink()
    completed = runner.step(command="script.py", options="--nonsense")
    assert completed.returncode == 2
    assert runner.outputs == {}


def test_the_action_hands_every_input_to_the_script() -> None:
    action: dict[str, Any] = yaml.safe_load((ACTION / "action.yml").read_text())
    (step,) = action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    assert step["run"] == 'python "$GITHUB_ACTION_PATH/run.py"'
    assert "${{" not in step["run"]
    handed = {value.strip("${ }").removeprefix("inputs."): name for name, value in step["env"].items()}
    assert handed.keys() | {"working-directory"} == action["inputs"].keys()
    script = (ACTION / "run.py").read_text()
    read = {
        name for name in ("COMMAND", "INSTALL", "FAIL_ON", "OPTIONS") if f'"{name}"' in script or f"_{name}" in script
    }
    assert set(handed.values()) == {f"ENNEAD_ACTION_{name}" for name in read}
    assert {value["value"] for value in action["outputs"].values()} == {
        f"${{{{ steps.{step['id']}.outputs.{name} }}}}" for name in ("sarif", "junit", "markdown")
    }
