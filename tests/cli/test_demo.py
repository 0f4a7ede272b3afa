"""The demo, from a copy of the shop to the report."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ennead.cli.demo import application
from tests.runs.project import ENNEAD, Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the shop, and what the demo printed."""
    project = Project(tmp_path_factory.mktemp("demo"))
    completed = project.ennead("demo", "--output", "shop", "--rows", "6")
    assert completed.returncode == 0, completed.stderr
    (project.folder / "repaired.txt").write_text(completed.stdout)
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


def test_ends_with_a_page_repaired_and_verified(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    repaired = (folder.parent / "repaired.txt").read_text()
    assert '+        .select_related("customer", "shipping_address")\n' in repaired
    assert re.search(r"verified: .*: (\d+) → 4 queries at \d+ rows, (\d+) → 4 queries at \d+ rows", repaired)
    assert "3 of 3 findings fixed and verified" in repaired
    assert "select_related" not in (folder / "orders" / "views.py").read_text().partition("def order_list")[2][:200]
    assert "fix verified" in (folder / "report.html").read_text()


def test_names_the_page(shown: tuple[Path, str]) -> None:
    folder, output = shown
    page = folder.resolve() / "report.html"
    assert output.rstrip().endswith(f"Open {page} in a browser.")
    assert "N+1" in page.read_text()


def test_leaves_an_existing_folder_alone(tmp_path: Path) -> None:
    completed = Project(tmp_path).ennead("demo", "--output", ".")
    assert completed.returncode == 2
    assert completed.stderr == "Error: . exists: name a new folder with --output\n"


def test_an_interruption_while_the_shop_is_filled_is_told_in_one_word(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with subprocess.Popen(
        [*ENNEAD, "demo", "--output", "shop"],
        cwd=project.folder,
        env=project.environment({}),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("$ python manage.py migrate"):
            pass
        time.sleep(0.2)  # so that its Python is up, and would tell where it was
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted\n")


def test_copies_neither_databases_nor_caches(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    assert not list(folder.glob(".ruff_cache"))
    assert (folder / "manage.py").is_file()
    assert application() != folder
