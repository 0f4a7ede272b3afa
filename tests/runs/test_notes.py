import re
from dataclasses import replace

import pytest

from ennead.runs.notes import is_whole, notes_on, notes_on_settings
from ennead.runs.reading import Problem, PythonProcess, RunRecords
from ennead.runs.records import EndRecord, Sighting
from tests.reporting.findings import STARTED, finding
from tests.runs.test_folder import FACTS
from tests.runs.test_records import PROCESS
from tests.runs.units import unit

OBSERVED = PythonProcess(7, "/bin/python", "3.11.7", None)
GOOD = RunRecords(
    processes=(PROCESS,), units=(unit(finding()),), ends=(EndRecord(pid=7, ended_at=STARTED),), started=(OBSERVED,)
)
UNREAD = "1 model files could not be read: the shipped model or the rules answered instead"


def test_nothing_to_note_on_a_run_without_trouble() -> None:
    assert list(notes_on(FACTS, GOOD)) == []


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (replace(GOOD, started=()), "no Python process was seen"),
        (
            replace(GOOD, started=(OBSERVED, replace(OBSERVED, executable="/opt/py", problem="not installed"))),
            "install it there: /opt/py -m pip install ennead",
        ),
        (replace(GOOD, started=(replace(OBSERVED, problem="ValueError: x"),) * 2), r"ValueError: x \(2 processes\)"),
        (replace(GOOD, units=(), processes=()), "no unit of work with a query"),
        (replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, counters={"dropped_units": 1234}),)), "1,234 units"),
        (replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, counters={"failed_analyses": 2}),)), "2 analyses"),
        (replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, counters={"write_errors": 2}),)), "2 records"),
        (replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, counters={"unread_models": 1}),)), UNREAD),
        (replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, shadow={"failure_count": 2}),)), "failed in 2 units"),
        (
            replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, counters={"internal_errors": 2}),)),
            "2 internal errors",
        ),
        (replace(GOOD, units=(unit(finding(), dropped_query_count=9),)), "9 queries .* ENNEAD_MAX_QUERIES"),
        (replace(GOOD, units=(unit(finding(), cut_query_count=9),)), "9 queries were cut off"),
        (replace(GOOD, units=(unit(finding(), internal_error_count=9),)), "9 internal errors"),
        (replace(GOOD, ends=()), "process 7 ended by a signal"),
        (replace(GOOD, problems=(Problem("1-a.jsonl", 3, "no valid JSON"),)), r"1-a\.jsonl:3: no valid JSON"),
        (replace(GOOD, units=(unit(sightings=(Sighting("f1:zz", 3, 1.0),)),)), "1 findings are not told"),
    ],
)
def test_trouble_is_told_in_one_sentence(records: RunRecords, words: str) -> None:
    (note,) = notes_on(FACTS, records)

    assert re.search(words, note)


@pytest.mark.parametrize(
    "records",
    [
        replace(GOOD, ends=()),
        replace(GOOD, units=()),
        replace(GOOD, problems=(Problem("1-a.jsonl", 3, "no valid JSON"),)),
        replace(GOOD, units=(unit(finding(), dropped_query_count=9),)),
        replace(GOOD, units=(unit(finding(), internal_error_count=1),)),
        replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, counters={"failed_analyses": 2}),)),
    ],
)
def test_a_run_that_something_is_lost_of_is_not_whole(records: RunRecords) -> None:
    assert is_whole(GOOD)
    assert not is_whole(records)


def test_a_run_is_whole_where_another_model_answered() -> None:
    counters = {"unread_models": 1, "failed_analyses": 0}
    assert is_whole(replace(GOOD, ends=(EndRecord(pid=7, ended_at=STARTED, counters=counters),)))


def test_many_broken_records_are_not_all_told() -> None:
    problems = tuple(Problem("1-a.jsonl", line, "no valid JSON") for line in range(1, 11))
    notes = list(notes_on(FACTS, replace(GOOD, problems=problems)))
    assert len(notes) == 4
    assert notes[-1] == "7 more broken records"


def test_a_run_that_goes_on_says_so() -> None:
    assert "has not ended" in next(notes_on(replace(FACTS, ended_at=None), GOOD))


@pytest.mark.parametrize(("value", "count"), [("true", 1), ("false", 0)])
def test_batching_hides_what_it_covers(monkeypatch: pytest.MonkeyPatch, value: str, count: int) -> None:
    monkeypatch.setenv("ENNEAD_AUTO_BATCH", value)
    notes = list(notes_on_settings())
    assert len(notes) == count
    assert all("automatic batching is on" in note for note in notes)


def test_a_shadow_model_is_told_over_all_processes() -> None:
    said = {"group_count": 1000, "agreement_count": 990, "only_shadow_count": 8, "only_deciding_count": 2}
    ends = (
        EndRecord(pid=7, ended_at=STARTED, shadow={**said, "microseconds": 5_000.0}),
        EndRecord(pid=8, ended_at=STARTED, shadow={"group_count": 1000, "agreement_count": 1000, "microseconds": 9e3}),
    )
    (note,) = notes_on(FACTS, replace(GOOD, ends=ends))
    assert note == (
        "the shadow model agrees on 1,990 of 2,000 repeated groups; it alone would report 8, and not 2 that are "
        "reported; 7 µs a group"
    )
