"""The demo, from a copy of the shop to the report."""

import json
import re
from pathlib import Path

import pytest

from ennead.cli.demo import application
from tests.runs.project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the shop, and what the demo printed."""
    project = Project(tmp_path_factory.mktemp("demo"))
    completed = project.ennead("demo", "--output", "shop", "--rows", "6")
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == ""
    return project.folder / "shop", completed.stderr


def test_tells_what_it_does(shown: tuple[Path, str]) -> None:
    folder, output = shown
    assert output.startswith(f"The shop is in {folder}; files below are relative to it.\n")
    assert "$ python manage.py seed --rows 6\n" in output
    assert "$ ennead run -- python manage.py exercise\n" in output


def test_finds_n_plus_ones_down_to_the_loop(shown: tuple[Path, str]) -> None:
    _, output = shown
    assert re.search(r"━━  \w+  (\d × )?N\+1", output)
    assert re.search(r"^  origin +\w+/\w+\.py:\d+", output, re.MULTILINE)
    assert re.search(r"^  loop +templates/\S+\.html:\d+ +\{% for", output, re.MULTILINE)
    assert re.search(r"ennead  \d+ findings in \d+ places", output)


def test_records_pages_and_commands(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    project = Project.__new__(Project)
    project.folder = folder
    document = project.report()
    assert document["summary"]["unit_counts"]["request"] > 30
    assert {"n-plus-one", "write-n-plus-one"} <= {entry["finding"]["code"] for entry in document["findings"]}
    assert json.dumps(document["notes"]) == "[]"


def test_names_the_page(shown: tuple[Path, str]) -> None:
    folder, output = shown
    page = folder.resolve() / "report.html"
    assert output.rstrip().endswith(f"Open {page} in a browser.")
    assert "N+1" in page.read_text()


def test_leaves_an_existing_folder_alone(tmp_path: Path) -> None:
    completed = Project(tmp_path).ennead("demo", "--output", ".")
    assert completed.returncode == 2
    assert completed.stderr == "Error: . exists: name a new folder with --output\n"


def test_copies_neither_databases_nor_caches(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    assert not list(folder.glob(".ruff_cache"))
    assert (folder / "manage.py").is_file()
    assert application() != folder
