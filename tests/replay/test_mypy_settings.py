"""Whether mypy is configured, and for which files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ennead.replay.mypy_settings import MypySettings
from tests.replay.project import ReplayedProject

CONFIGURED = {
    "mypy.ini": "[mypy]\nstrict = True\n",
    ".mypy.ini": "",
    "pyproject.toml": "[tool.mypy]\nstrict = true\n",
    "setup.cfg": "[mypy]\nstrict = True\n",
}
OTHERS = {
    "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
    "setup.cfg": "[flake8]\nmax-line-length = 100\n[mypy-django.*]\nignore_missing_imports = True\n",
    "tox.ini": "[mypy]\n",
}


@pytest.mark.parametrize(("name", "text"), CONFIGURED.items())
def test_a_project_is_checked_if_one_of_mypys_files_says_so(project: ReplayedProject, name: str, text: str) -> None:
    project.write(name, text)
    settings = MypySettings.find(project.root, project.root)
    assert settings is not None
    assert (settings.folder, settings.file) == (project.root, name)
    assert settings.is_checked("shop/views.py")


@pytest.mark.parametrize(("name", "text"), [*OTHERS.items(), ("pyproject.toml", "[tool"), ("setup.cfg", "[mypy")])
def test_it_is_not_if_they_are_about_other_things(project: ReplayedProject, name: str, text: str) -> None:
    project.write(name, text)
    assert MypySettings.find(project.root, project.root) is None


def test_the_nearest_configuration_between_the_working_folder_and_the_root_is_taken(project: ReplayedProject) -> None:
    project.write("mypy.ini", "[mypy]\n")
    project.write("backend/tools/seed.py", "")
    inner = project.root / "backend" / "tools"
    found = MypySettings.find(inner, project.root)
    assert found is not None
    assert found.folder == project.root
    project.write("backend/pyproject.toml", "[tool.mypy]\n")
    nearer = MypySettings.find(inner, project.root)
    assert nearer is not None
    assert nearer.folder == project.root / "backend"
    assert MypySettings.find(project.folder, project.root) is None  # what stands above the project is not its own


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mypy.ini", "[mypy]\nfiles = src, tools/*.py\nexclude = (?x)(\n  /migrations/\n  | ^src/old\\.py$ )\n"),
        (
            "pyproject.toml",
            "[tool.mypy]\nfiles = ['$MYPY_CONFIG_FILE_DIR/src', 'tools/*.py']\nexclude = ['/migrations/', 'old']\n",
        ),
    ],
)
def test_files_that_are_not_checked_are_told_apart(project: ReplayedProject, name: str, text: str) -> None:
    project.write(name, text)
    settings = MypySettings.find(project.root, project.root)
    assert settings is not None
    names = [
        "src/shop/views.py",
        "tools/seed.py",
        "src/shop/migrations/0001.py",
        "src/old.py",
        "web/a.py",
        "src/a.html",
    ]
    assert [file for file in names if settings.is_checked(file)] == ["src/shop/views.py", "tools/seed.py"]


def test_a_broken_pattern_excludes_nothing() -> None:
    settings = MypySettings(Path("/srv/shop"), "mypy.ini", (".",), ())
    assert settings.is_checked("a.py")
    assert not settings.is_checked("../a.py")
