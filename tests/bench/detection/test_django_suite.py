"""The suite itself: every scenario runs, its marks are there, and its queries grow as its label says."""

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from bench.detection.scenario import ROOT

Rows = dict[str, dict[str, Any]]

SMALL, LARGE = 8, 16

# What feeds these loops is no query: a file, a list in the code.
WITHOUT_ORIGIN = {
    "customer_of_each_document",
    "customers_named_in_a_file",
    "fixed_list_of_port_codes",
    "import_that_looks_up_each_customer",
    "raw_literals_on_the_archive",
    "service_object_asked_once_a_line",
    "unknown_numbers_of_a_file",
}
# One at a time on purpose, so that another worker can take the next one.
WORKERS = {"queue_worker", "raw_worker"}

# Prints how often each duplicate runs its most frequent statement, parameters included.
COUNT_REPEATS = """
import json, pathlib, tempfile
from collections import Counter
from bench.detection.django_suite import suite
from bench.detection.scenario import load

repeats = {}
with tempfile.TemporaryDirectory() as directory:
    suite.set_up(pathlib.Path(directory), 8)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for name, scenario in load("bench.detection.django_suite").items():
        if scenario.label == "duplicate":
            with CaptureQueriesContext(connection) as queries:
                scenario.run()
            repeats[name] = max(Counter(query["sql"] for query in queries).values())
print(json.dumps(repeats))
"""


def start(size: int) -> subprocess.Popen[str]:
    """Run the suite under no tool, in a process of its own: Django's settings are for ever."""
    command = [
        sys.executable,
        "-m",
        "bench.detection.probe",
        "--suite",
        "django",
        "--tool",
        "none",
        "--size",
        str(size),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> Rows:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return {row["scenario"]: row for row in map(json.loads, output.splitlines())}


@pytest.fixture(scope="module")
def runs() -> tuple[Rows, Rows]:
    small, large = start(SMALL), start(LARGE)
    return finish(small), finish(large)


@pytest.fixture
def small(runs: tuple[Rows, Rows]) -> Rows:
    return runs[0]


@pytest.fixture
def growth(runs: tuple[Rows, Rows]) -> dict[str, int]:
    """How many queries more each scenario makes when the rows double."""
    small, large = runs
    return {name: large[name]["queries"] - row["queries"] for name, row in small.items()}


def labelled(rows: Rows, *labels: str) -> Rows:
    return {name: row for name, row in rows.items() if row["label"] in labels}


def test_every_scenario_runs_at_both_sizes(runs: tuple[Rows, Rows]) -> None:
    for rows in runs:
        assert {name: row["error"] for name, row in rows.items() if row["error"]} == {}
        assert {name for name, row in rows.items() if not row["queries"]} == set()


def test_between_50_and_60_percent_are_n_plus_ones(small: Rows) -> None:
    counts = Counter(row["label"] for row in small.values())
    assert set(counts) == {"n-plus-one", "look-alike", "duplicate", "write-n-plus-one"}
    assert len(small) >= 50
    assert 0.5 <= counts["n-plus-one"] / len(small) <= 0.6


def test_queries_of_a_loop_grow_with_its_rows(small: Rows, growth: dict[str, int]) -> None:
    loops = labelled(small, "n-plus-one", "write-n-plus-one")
    assert {name: growth[name] for name, row in loops.items() if not row["constant"] and growth[name] < 2} == {}


def test_a_constant_loop_repeats_and_does_not_grow(small: Rows, growth: dict[str, int]) -> None:
    constant = {name: row for name, row in small.items() if row["constant"]}
    assert constant
    for name, row in constant.items():
        assert (row["label"], growth[name]) == ("n-plus-one", 0)
        assert row["queries"] >= 3


def test_look_alikes_grow_by_less_than_a_query_a_row(small: Rows, growth: dict[str, int]) -> None:
    look_alikes = labelled(small, "look-alike")
    assert {name for name in look_alikes if growth[name] >= LARGE - SMALL} == WORKERS


def test_a_duplicate_repeats_one_statement_with_the_same_parameters(small: Rows) -> None:
    run = subprocess.run([sys.executable, "-c", COUNT_REPEATS], cwd=ROOT, capture_output=True, text=True, check=True)
    repeats = json.loads(run.stdout)
    assert set(repeats) == set(labelled(small, "duplicate"))
    assert {name: count for name, count in repeats.items() if count < 3} == {}


def test_every_n_plus_one_has_its_places_marked(small: Rows) -> None:
    for name, row in labelled(small, "n-plus-one").items():
        expected = row["expected"]
        assert expected["loop"], name
        assert expected["access"], name
        assert bool(expected["origin"]) == (name not in WITHOUT_ORIGIN), name


def test_every_write_loop_has_loop_and_access_marked(small: Rows) -> None:
    for name, row in labelled(small, "write-n-plus-one").items():
        assert row["expected"]["loop"], name
        assert row["expected"]["access"], name


def test_nothing_else_has_places(small: Rows) -> None:
    for name, row in labelled(small, "look-alike", "duplicate").items():
        assert not any(row["expected"].values()), name


def test_marks_stand_on_lines_with_code(small: Rows) -> None:
    places = {tuple(place) for row in small.values() for marked in row["expected"].values() for place in marked}
    for file, line in places:
        code = (ROOT / file).read_text(encoding="utf-8").splitlines()[line - 1].strip()
        assert code, (file, line)
        assert not code.startswith(("#", "{#", "@", "def ", "class ")), (file, line, code)
