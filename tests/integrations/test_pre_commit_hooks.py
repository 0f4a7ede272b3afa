"""The hook as pre-commit runs it: its entry, then its arguments, in the project's environment."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runs.project import Project

ROOT = Path(__file__).parents[2]
TEST = "from lookups import unit\n\n\ndef test_orders():\n    unit('orders/', 60)\n"


@pytest.fixture
def hook() -> dict[str, Any]:
    (told,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return dict(told)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def run(project: Project, hook: dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [*shlex.split(hook["entry"]), *(arguments or hook["args"])],
        cwd=project.folder,
        env=project.environment({"PATH": path}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_is_a_hook_of_the_users_own_environment(hook: dict[str, Any]) -> None:
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("ennead", "system", False)
    assert hook["args"][0] == "--"


def test_new_findings_of_the_tests_stop_the_push(project: Project, hook: dict[str, Any]) -> None:
    project.write("test_orders.py", TEST)
    project.write("conftest.py", "import sys\nsys.path.insert(0, '.')\n")
    completed = run(project, hook)
    assert completed.returncode == 1, completed.stdout + completed.stderr
    assert "60 queries where 1 would do" in completed.stderr


@pytest.mark.parametrize(
    ("script", "options", "code"),
    [
        ("from lookups import unit\nunit('orders/', 60)\n", (), 1),
        ("from lookups import unit\nunit('orders/', 60)\n", ("--fail-on", "critical"), 0),
        ("from lookups import unit\nunit('orders/', 2)\n", (), 0),
        ("raise SystemExit(3)\n", (), 3),
    ],
)
def test_another_command(
    project: Project, hook: dict[str, Any], script: str, options: tuple[str, ...], code: int
) -> None:
    project.write("script.py", script)
    assert run(project, hook, *options, "--", "script.py").returncode == code
