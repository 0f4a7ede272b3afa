"""The held-out suites: every scenario runs, its queries grow as its label says, and its places are marked."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from bench.detection.probe import HELD_OUT
from bench.detection.scenario import ROOT

Rows = dict[str, dict[str, Any]]

SMALL, LARGE = 6, 12

# What feeds these loops is no query: a file, a list in the code.
WITHOUT_ORIGIN = {
    "heldout_django": {
        "codes_validated_one_by_one",
        "repository_class_asked_per_line",
        "shortcut_per_posted_id",
        "three_keys",
    },
    "heldout_sqlalchemy": {
        "names_looked_up",
        "repository_asked_per_line",
        "three_keys",
        "unknown_names_collected",
    },
}
# One at a time on purpose, so that another worker can take the next one.
WORKERS = {
    "heldout_django": {"job_worker", "raw_job_worker"},
    "heldout_sqlalchemy": {"task_worker", "raw_task_worker"},
}


@dataclass(frozen=True)
class Runs:
    """One suite under no tool, at both sizes."""

    suite: str
    small: Rows
    large: Rows

    def growth(self, name: str) -> int:
        return int(self.large[name]["queries"] - self.small[name]["queries"])

    def labelled(self, *labels: str) -> Rows:
        return {name: row for name, row in self.small.items() if row["label"] in labels}


def start(suite: str, size: int) -> subprocess.Popen[str]:
    """In a process of its own: Django's settings are for ever."""
    options = ["--suite", suite, "--tool", "none", "--size", str(size)]
    return subprocess.Popen(
        [sys.executable, "-m", "bench.detection.probe", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Rows:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return {row["scenario"]: row for row in map(json.loads, output.splitlines())}


@pytest.fixture(scope="module", params=HELD_OUT)
def runs(request: pytest.FixtureRequest) -> Runs:
    small, large = start(request.param, SMALL), start(request.param, LARGE)
    return Runs(request.param, finish(small), finish(large))


def test_every_scenario_runs_at_both_sizes(runs: Runs) -> None:
    for rows in (runs.small, runs.large):
        assert {name: row["error"] for name, row in rows.items() if row["error"]} == {}
        assert {name for name, row in rows.items() if not row["queries"]} == set()


def test_between_50_and_60_percent_are_n_plus_ones(runs: Runs) -> None:
    counts = Counter(row["label"] for row in runs.small.values())
    assert set(counts) == {"n-plus-one", "look-alike", "duplicate", "write-n-plus-one"}
    assert counts.total() >= 50
    assert 0.5 <= counts["n-plus-one"] / counts.total() <= 0.6


def test_queries_of_a_loop_grow_with_its_rows(runs: Runs) -> None:
    loops = runs.labelled("n-plus-one", "write-n-plus-one")
    follow = {name for name, row in loops.items() if not row["constant"]}
    assert {name: runs.growth(name) for name in follow if runs.growth(name) < (LARGE - SMALL) // 2} == {}


def test_a_constant_loop_repeats_and_does_not_grow(runs: Runs) -> None:
    constant = {name: row for name, row in runs.small.items() if row["constant"]}
    assert constant
    for name, row in constant.items():
        assert (row["label"], runs.growth(name)) == ("n-plus-one", 0)
        assert row["queries"] >= 3


def test_look_alikes_grow_by_less_than_a_query_a_row(runs: Runs) -> None:
    look_alikes = runs.labelled("look-alike")
    assert {name for name in look_alikes if runs.growth(name) >= LARGE - SMALL} == WORKERS[runs.suite]


def test_every_n_plus_one_has_its_places_marked(runs: Runs) -> None:
    for name, row in runs.labelled("n-plus-one").items():
        expected = row["expected"]
        assert expected["loop"], name
        assert expected["access"], name
        assert bool(expected["origin"]) == (name not in WITHOUT_ORIGIN[runs.suite]), name


def test_every_write_loop_has_loop_and_access_marked(runs: Runs) -> None:
    for name, row in runs.labelled("write-n-plus-one").items():
        assert row["expected"]["loop"], name
        assert row["expected"]["access"], name


def test_nothing_else_has_places(runs: Runs) -> None:
    for name, row in runs.labelled("look-alike", "duplicate").items():
        assert not any(row["expected"].values()), name


def test_marks_stand_on_lines_with_code(runs: Runs) -> None:
    places = {tuple(place) for row in runs.small.values() for marked in row["expected"].values() for place in marked}
    for file, line in places:
        code = (ROOT / file).read_text(encoding="utf-8").splitlines()[line - 1].strip()
        assert code, (file, line)
        assert not code.startswith(("#", "{#", "@", "def ", "class ")), (file, line, code)


def test_few_lines_are_marked_for_one_place(runs: Runs) -> None:
    """A place is the one line to look at; two only where two loops, or two equal lines, are at work."""
    for name, row in runs.small.items():
        for marked in row["expected"].values():
            assert len(marked) <= 2, name
