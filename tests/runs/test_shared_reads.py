"""Counting what units of work have in common."""

import json
from datetime import timedelta

import pytest

from ennead.runs.shared_reads import MOST_CHANGES, SharedReads
from ennead.runs.shared_reads_record import SharedRead, SharedReadsRecord
from tests.domains.nplusone.traces import STARTED_AT, Trace

RATES = "SELECT percent FROM tax_rate WHERE country = ?"


def _request(
    reads: SharedReads, *countries: str, route: str = "/orders", kind: str = "request", write: str = ""
) -> None:
    trace = Trace()
    for country in countries:
        trace.run(RATES, country, rows=2)
    if write:
        trace.run(write)
    reads.note(trace.context(route=route, kind=kind))


def _record(reads: SharedReads) -> SharedReadsRecord:
    record = reads.record("7")
    assert record is not None
    return record


def _counts(reads: SharedReads) -> list[tuple[int, int]]:
    return [(read.unit_count, read.execution_count) for read in _record(reads).reads]


def test_a_unit_of_work_counts_once() -> None:
    reads = SharedReads()
    _request(reads, "de", "de", route="/orders")
    _request(reads, "de", route="/basket")
    (read,) = _record(reads).reads
    assert (read.unit_count, read.execution_count, read.duration_ms, read.row_count) == (2, 3, 3.0, 2)
    assert (read.places, read.tables, read.is_ruled_out) == (("/orders", "/basket"), ("tax_rate",), False)
    assert _record(reads).unit_counts == {"request": 2}


def test_other_parameters_are_another_read() -> None:
    reads = SharedReads()
    for country in ("de", "fr", "it"):
        _request(reads, country)
    assert reads.record("7") is None
    _request(reads, "fr")
    assert _counts(reads) == [(2, 2)]


@pytest.mark.parametrize(("kind", "told"), [("request", True), ("job", True), ("test", False), ("script", False)])
def test_only_what_comes_again_and_again_counts(kind: str, *, told: bool) -> None:
    reads = SharedReads()
    for _ in range(3):
        _request(reads, "de", kind=kind)
    assert (reads.record("7") is not None) is told


def test_a_unit_of_work_without_a_query_does_not_count() -> None:
    reads = SharedReads()
    for _ in range(3):
        _request(reads, "de")
        reads.note(Trace().context(kind="request"))
    assert _record(reads).unit_counts == {"request": 3}


def test_a_write_before_the_read_rules_it_out_for_good() -> None:
    reads = SharedReads()
    _request(reads, "de", write="UPDATE tax_rate SET percent = 1")
    _request(reads, "de")
    assert not _record(reads).reads[0].is_ruled_out
    trace = Trace()
    trace.run("UPDATE tax_rate SET percent = 1")
    trace.run(RATES, "de", rows=2)
    reads.note(trace.context(kind="request"))
    _request(reads, "de")
    assert _record(reads).reads[0].is_ruled_out


def test_writes_are_told_of_tables_that_are_read() -> None:
    reads = SharedReads()
    _request(reads, "de", write="DELETE FROM tax_rate")
    _request(reads, "de", write="DELETE FROM basket")
    _request(reads, kind="script", write="UPDATE tax_rate SET percent = 1")
    changes = _record(reads).changes
    assert list(changes) == ["tax_rate"]
    assert changes["tax_rate"] == (STARTED_AT + timedelta(milliseconds=3), STARTED_AT + timedelta(milliseconds=1))


def test_a_read_of_every_unit_of_work_outlives_any_number_of_others() -> None:
    reads = SharedReads(most_tracked=10)
    for number in range(500):
        _request(reads, "de", f"{number}", f"{-number - 1}")
        assert len(reads._reads) <= 10
    assert _counts(reads) == [(500, 500)]


def test_the_record_is_bounded() -> None:
    reads = SharedReads()
    for _ in range(3):
        _request(reads, *map(str, range(400)), write="DELETE FROM tax_rate")
    for _ in range(2 * MOST_CHANGES):
        _request(reads, "de", write="DELETE FROM tax_rate")
    record = _record(reads)
    assert len(record.reads) == 50
    assert record.reads[0].unit_count == 2 * MOST_CHANGES
    assert len(record.changes["tax_rate"]) == MOST_CHANGES
    assert len(json.dumps(record.to_dict())) < 100_000


def test_a_record_is_due_after_16_units_and_then_each_time_they_have_doubled() -> None:
    reads = SharedReads()
    due = []
    for number in range(1, 70):
        _request(reads, "de")
        if reads.is_due:
            due.append(number)
            reads.record("7")
    assert due == [16, 32, 64]


def test_the_place_is_that_of_the_first() -> None:
    reads = SharedReads()
    for _ in range(2):
        _request(reads, "de")
    read: SharedRead = _record(reads).reads[0]
    assert (str(read.call_site), read.library, read.model) == ("shop/views.py:12", None, None)
