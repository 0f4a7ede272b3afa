import json
import shutil
from pathlib import Path

import pytest

from tests.runs.project import Project

FEW = "from lookups import unit\nunit('orders/', 4)\nunit('basket/', 2)\n"
MANY = "from lookups import unit\nunit('orders/', 9)\nunit('basket/', 2)\n"
MORE = (
    MANY
    + """
from lookups import connection
for (name,) in connection.execute("SELECT name FROM customer WHERE id < 7").fetchall():
    connection.execute("SELECT id FROM customer WHERE name = ?", (name,)).fetchone()
"""
)
NOTHING = "print('hello')\n"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A project with four runs, for copies, and their ids in order."""
    project = Project(tmp_path_factory.mktemp("recorded"))
    ids: list[str] = []
    for script in (FEW, MANY, MORE, NOTHING):
        project.write("script.py", script)
        project.run("script.py", check=True)
        ids += {run.id for run in project.runs} - set(ids)
    return project.folder, ids


@pytest.fixture
def ids(recorded: tuple[Path, list[str]]) -> list[str]:
    return recorded[1]


@pytest.fixture
def project(recorded: tuple[Path, list[str]], tmp_path: Path) -> Project:
    shutil.copytree(recorded[0], tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


def test_what_grew(project: Project, ids: list[str]) -> None:
    output = project.ennead("diff", ids[0], ids[1], check=True).stdout
    assert "×4 → ×9" in output
    assert "lookups.py:13  orders/" in output
    assert "        4 → 9       orders/" in output
    assert output.splitlines()[-1] == "ennead  1 grown"


def test_what_is_new_and_gone(project: Project, ids: list[str]) -> None:
    assert "ennead  1 new, 1 the same" in project.ennead("diff", ids[1], ids[2], check=True).stdout
    back = project.ennead("diff", ids[2], ids[1], check=True).stdout
    assert "ennead  1 gone, 1 the same" in back


def test_the_exit_code_says_whether_something_is_new(project: Project, ids: list[str]) -> None:
    assert project.ennead("diff", "--fail-on-new", ids[0], ids[1]).returncode == 0
    assert project.ennead("diff", "--fail-on-new", ids[1], ids[2]).returncode == 1
    assert project.ennead("diff", ids[1], ids[2]).returncode == 0


def test_a_run_without_records_proves_nothing(project: Project, ids: list[str]) -> None:
    completed = project.ennead("diff", "--fail-on-new", ids[0], ids[3])
    assert completed.returncode == 2
    assert completed.stderr == f"Error: nothing was recorded in {ids[3]}, so --fail-on-new cannot be answered\n"
    assert "1 not run again" in project.ennead("diff", ids[0], ids[3], check=True).stdout


def test_json(project: Project, ids: list[str]) -> None:
    text = project.ennead("diff", "--json", ids[0], ids[1], check=True).stdout
    document = json.loads(text)
    assert (document["before"]["run_id"], document["after"]["run_id"]) == (ids[0], ids[1])
    assert document["summary"]["grown"] == 1
    assert project.ennead("diff", "--format", "json", ids[0], ids[1]).stdout == text


def test_markdown_into_a_file(project: Project, ids: list[str]) -> None:
    completed = project.ennead("diff", "--format", "markdown", "-o", "diff.md", "--map", "lookups.py=x", ids[0], ids[1])
    assert (completed.returncode, completed.stdout) == (0, "")
    assert (project.folder / "diff.md").read_text().startswith("### Ennead: 1 grown\n")


def test_the_second_run_is_the_last_one_by_default(project: Project, ids: list[str]) -> None:
    assert project.last_run.id in project.ennead("diff", ids[0]).stdout


def test_folders_name_runs_too(project: Project, ids: list[str]) -> None:
    folders = [str(project.folder / ".ennead" / "runs" / name) for name in ids[:2]]
    assert "1 grown" in project.ennead("diff", *folders, check=True).stdout


def test_wrong_use_is_told(project: Project, ids: list[str]) -> None:
    no_run = project.ennead("diff", "nonsense")
    assert (no_run.returncode, "called 'nonsense'" in no_run.stderr) == (2, True)
    no_form = project.ennead("diff", "-o", "x", ids[0])
    assert (no_form.returncode, "--output-file needs --format json or --format markdown" in no_form.stderr) == (2, True)
