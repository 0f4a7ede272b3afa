"""The same query with the same parameters."""

from collections.abc import Callable

import pytest

from ennead.domains.nplusone.repeated import repeated_queries
from tests.domains.nplusone.traces import ACCESS, CALLER, ORIGIN, Trace

SETTINGS = "SELECT value FROM setting WHERE name = ?"


def _found(trace: Trace, taken: set[int] | None = None, minimum: int = 3) -> list[tuple[int, ...]]:
    return [repeated.indexes for repeated in repeated_queries(trace.context(), taken or set(), minimum)]


def _settings(*names: str, between: Callable[[Trace], object] | None = None, **fields: object) -> Trace:
    trace = Trace()
    for number, name in enumerate(names):
        if number and between:
            between(trace)
        trace.run(SETTINGS, name, **fields)  # type: ignore[arg-type]
    return trace


def test_identical_executions_are_told() -> None:
    assert _found(_settings("a", "a", "a")) == [(0, 1, 2)]


def test_the_place_does_not_matter() -> None:
    trace = Trace()
    for place in (ORIGIN, ACCESS, CALLER):
        trace.run(SETTINGS, "a", at=place)
    assert _found(trace) == [(0, 1, 2)]


def test_other_parameters_are_another_query() -> None:
    assert _found(_settings("a", "b", "a", "b", "a", "c")) == [(0, 2, 4)]


@pytest.mark.parametrize(("minimum", "found"), [(2, [(0, 1)]), (3, [])])
def test_the_minimum_is_that_of_the_settings(minimum: int, found: list[tuple[int, ...]]) -> None:
    assert _found(_settings("a", "a"), minimum=minimum) == found


def test_another_connection_is_another_query() -> None:
    trace = Trace()
    for connection in ("default", "replica", "shard"):
        trace.run(SETTINGS, "a", connection=connection)
    assert _found(trace) == []


def test_what_another_finding_tells_is_not_told_again() -> None:
    assert _found(_settings("a", "a", "a", "a"), taken={1, 2}) == []
    assert _found(_settings("a", "a", "a", "a"), taken={1}) == [(0, 2, 3)]


def test_a_write_to_the_table_makes_the_answer_another_one() -> None:
    rewrite = _settings("a", "a", "a", between=lambda trace: trace.run("UPDATE setting SET value = 1"))
    assert _found(rewrite) == []


def test_a_write_to_another_table_does_not() -> None:
    log = _settings("a", "a", "a", between=lambda trace: trace.run("INSERT INTO log (a) VALUES (1)"))
    assert _found(log) == [(0, 2, 4)]


def test_runs_before_and_after_a_write_are_told_apart() -> None:
    trace = _settings("a", "a", "a")
    trace.run("DELETE FROM setting WHERE name = 'b'")
    for _ in range(3):
        trace.run(SETTINGS, "a")
    assert _found(trace) == [(0, 1, 2), (4, 5, 6)]


def test_a_poll_waits_and_is_none() -> None:
    assert _found(_settings("a", "a", "a", ms=1.0, gap_ms=60.0)) == []


@pytest.mark.parametrize(
    ("ms", "gap_ms", "count"),
    [(0.1, 49.0, 1), (0.1, 51.0, 0), (10.0, 199.0, 1), (10.0, 201.0, 0)],
    ids=["short", "longer than a page's own work", "less than 20 times", "more than 20 times"],
)
def test_a_poll_waits_long_and_longer_than_it_asks(ms: float, gap_ms: float, count: int) -> None:
    assert len(_found(_settings("a", "a", "a", ms=ms, gap_ms=gap_ms))) == count


def test_pauses_like_a_pages_own_work_are_no_poll() -> None:
    assert _found(_settings("a", "a", "a", ms=1.0, gap_ms=40.0)) == [(0, 1, 2)]


def test_one_pause_does_not_make_a_poll() -> None:
    trace = _settings("a", "a", ms=1.0, gap_ms=1.0)
    trace.run(SETTINGS, "a", gap_ms=500.0)
    assert _found(trace) == [(0, 1, 2)]


@pytest.mark.parametrize(
    "sql", ["SELECT id FROM job LIMIT 1 FOR UPDATE", "SELECT id FROM job LIMIT 1 FOR UPDATE SKIP LOCKED", "SELECT 1"]
)
def test_locking_reads_and_reads_of_no_table_are_none(sql: str) -> None:
    trace = Trace()
    for _ in range(4):
        trace.run(sql)
    assert _found(trace) == []


def test_failed_executions_and_writes_are_none() -> None:
    trace = _settings("a", "a", "a", error="OperationalError")
    for _ in range(4):
        trace.run("UPDATE setting SET value = 1")
    assert _found(trace) == []


def test_nested_units_of_work_are_apart() -> None:
    trace = Trace()
    for unit in (0, 1, 2):
        trace.run(SETTINGS, "a", unit=unit)
    assert _found(trace) == []


def test_parameters_that_were_not_recorded_are_not_taken_for_the_same() -> None:
    """A plain span has the statement alone; one without parameters is the same whoever listens."""
    spans = Trace()
    for _ in range(3):
        spans.run(SETTINGS, "a", parameters_hash=None, parameter_hashes=())
    for _ in range(3):
        spans.run("SELECT value FROM setting")
    assert _found(spans) == [(3, 4, 5)]
