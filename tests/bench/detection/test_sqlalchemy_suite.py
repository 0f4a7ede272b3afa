"""The SQLAlchemy scenarios keep what their labels and marks promise, measured by running every one of them."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bench.detection.scenario import ROOT, Place, Places, Scenario, load, load_suite, read_places

greenlet: Any = import_module("greenlet")  # carries no types

PACKAGE = "bench.detection.sqlalchemy_suite"
FOLDER = str(ROOT / PACKAGE.replace(".", "/"))
SMALL, LARGE = 6, 10

SUITE = load_suite(PACKAGE)
SCENARIOS = load(PACKAGE)
PLACES = read_places(PACKAGE)

# The loop runs over something that no query returned.
WITHOUT_ORIGIN = {
    "customer_of_each_document",
    "product_lookup_per_file_line",
    "async_insert_for_each_item",
    "flush_after_each_add",
    "get_or_create_for_each_item",
    "upsert_for_each_item",
}


@dataclass
class Run:
    """What one run of a scenario did."""

    result: object = None
    error: Exception | None = None
    statements: list[tuple[str, str]] = field(default_factory=list)
    """SQL text and parameters of each execution."""
    lines: list[Place | None] = field(default_factory=list)
    """The suite's innermost line that fired it."""


def scenarios(*labels: str) -> list[Any]:
    return [pytest.param(each, id=name) for name, each in SCENARIOS.items() if each.label in labels]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, list[Run]]]:
    """Size -> scenario -> its runs, each after a restore; two of them at the larger size."""
    return {
        SMALL: run_all(tmp_path_factory.mktemp("small"), SMALL, times=1),
        LARGE: run_all(tmp_path_factory.mktemp("large"), LARGE, times=2),
    }


def run_all(directory: Path, size: int, times: int) -> dict[str, list[Run]]:
    SUITE.set_up(directory, size)
    return {name: [run(each) for _ in range(times)] for name, each in SCENARIOS.items()}


def run(scenario: Scenario) -> Run:
    SUITE.restore()
    seen = Run()
    with recorded_into(seen):
        try:
            seen.result = scenario.run()
        except Exception as error:  # noqa: BLE001  - the test of this scenario reports it
            seen.error = error
    return seen


@contextmanager
def recorded_into(seen: Run) -> Iterator[None]:
    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.statements.append((statement, repr(parameters)))
        seen.lines.append(next(suite_lines(sys._getframe()), None))

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", remember)


def suite_lines(frame: FrameType | None) -> Iterator[Place]:
    """Walk the suite's own lines outwards, through the greenlets that asynchronous sessions run in."""
    current = greenlet.getcurrent()
    while current is not None:
        while frame is not None:
            if frame.f_code.co_filename.startswith(FOLDER):
                yield place_of(frame)
            frame = frame.f_back
        current = current.parent
        frame = current.gr_frame if current is not None else None


def place_of(frame: FrameType) -> Place:
    template = frame.f_globals.get("__jinja_template__")
    line = template.get_corresponding_lineno(frame.f_lineno) if template is not None else frame.f_lineno
    return Path(frame.f_code.co_filename).relative_to(ROOT).as_posix(), line


@pytest.mark.parametrize("scenario", scenarios("n-plus-one", "look-alike", "duplicate", "write-n-plus-one"))
def test_runs_and_runs_again_alike_after_restore(scenario: Scenario, runs: dict[int, dict[str, list[Run]]]) -> None:
    first, second = runs[LARGE][scenario.name]
    assert [each.error for each in (first, second, *runs[SMALL][scenario.name])] == [None, None, None]
    assert first.result is not None
    assert first.result == second.result
    assert Counter(first.statements) == Counter(second.statements)


@pytest.mark.parametrize("scenario", scenarios("n-plus-one"))
def test_queries_of_an_n_plus_one_grow_with_the_rows(scenario: Scenario, runs: dict[int, dict[str, list[Run]]]) -> None:
    small, large = (len(runs[size][scenario.name][0].statements) for size in (SMALL, LARGE))
    assert small == large if scenario.constant else small < large


@pytest.mark.parametrize("scenario", scenarios("n-plus-one", "write-n-plus-one"))
def test_each_access_mark_fires_differing_statements(scenario: Scenario, runs: dict[int, dict[str, list[Run]]]) -> None:
    seen = runs[LARGE][scenario.name][0]
    fired = {
        access: {each for each, line in zip(seen.statements, seen.lines, strict=True) if line == access}
        for access in PLACES[scenario.name].access
    }
    assert fired
    assert {access: len(different) for access, different in fired.items() if len(different) < 2} == {}


@pytest.mark.parametrize("scenario", scenarios("n-plus-one"))
def test_repeats_of_an_n_plus_one_fire_at_marked_lines(
    scenario: Scenario, runs: dict[int, dict[str, list[Run]]]
) -> None:
    seen = runs[LARGE][scenario.name][0]
    reads = [line for (sql, _), line in zip(seen.statements, seen.lines, strict=True) if sql.startswith("SELECT")]
    often = {line for line, count in Counter(reads).items() if count > 3}
    places = PLACES[scenario.name]
    assert often <= {*places.access, *places.origin}


@pytest.mark.parametrize("scenario", scenarios("n-plus-one", "write-n-plus-one"))
def test_marks_are_found(scenario: Scenario, runs: dict[int, dict[str, list[Run]]]) -> None:
    places = PLACES[scenario.name]
    assert places.loop
    assert bool(places.origin) is (scenario.name not in WITHOUT_ORIGIN)
    assert set(places.origin) <= set(runs[LARGE][scenario.name][0].lines)


@pytest.mark.parametrize("scenario", scenarios("duplicate"))
def test_a_duplicate_repeats_one_statement_with_equal_parameters(
    scenario: Scenario, runs: dict[int, dict[str, list[Run]]]
) -> None:
    seen = runs[LARGE][scenario.name][0]
    counts = Counter(each for each in seen.statements if each[0].startswith("SELECT"))
    assert counts.most_common(1)[0][1] >= 3
    parameters_of = Counter(statement for statement, _ in counts)
    assert set(parameters_of.values()) == {1}


def test_look_alikes_and_duplicates_carry_no_marks() -> None:
    unmarked = [PLACES[each.name] for each in SCENARIOS.values() if each.label in {"look-alike", "duplicate"}]
    assert set(unmarked) == {Places()}


def test_positives_make_up_half_to_three_fifths() -> None:
    labels = Counter(each.label for each in SCENARIOS.values())
    assert labels.total() >= 48
    assert 0.5 <= labels["n-plus-one"] / labels.total() <= 0.6
    assert set(labels) == {"n-plus-one", "look-alike", "duplicate", "write-n-plus-one"}


def test_every_kind_of_a_label_appears() -> None:
    kinds = {(each.label, each.kind) for each in SCENARIOS.values()}
    assert {kind for label, kind in kinds if label == "n-plus-one"} == {
        "relation",
        "deferred",
        "lookup",
        "aggregate",
        "raw-sql",
    }
    assert {kind for label, kind in kinds if label == "write-n-plus-one"} == {"insert", "update", "delete", "upsert"}
    assert {kind for label, kind in kinds if label == "duplicate"} == {"same-parameters"}
    assert {kind for label, kind in kinds if label == "look-alike"} == {None}
