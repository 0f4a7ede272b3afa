"""Units of work: opening, nesting, sampling, pausing, and leaving them in odd ways."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Generator, Iterator

import pytest

from ennead.agent.call_path import OUTER_PATH
from ennead.agent.rare_names import RareNames
from ennead.agent.settings import AgentSettings
from ennead.agent.unit_of_work import CURRENT, MAX_CAPTURED_ROWS, Connection, UnitOfWork
from ennead.agent.units import AGENT, Recording, pause
from tests.agent.library import execute


@pytest.fixture
def told() -> Iterator[list[UnitOfWork]]:
    units: list[UnitOfWork] = []
    AGENT.add_listener(units.append)
    yield units
    AGENT.remove_listener(units.append)


def _texts(unit: UnitOfWork | None) -> list[str]:
    assert unit is not None
    return [hit.site.statement.sql for hit in unit.hits]


def _sampling(monkeypatch: pytest.MonkeyPatch, ratio: float, *, rare_seconds: float = 0.0) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(sample_ratio=ratio, rare_seconds=rare_seconds))


# ------------------------------------------------------------------------------------------------ one unit


def test_records_between_entering_and_leaving(told: list[UnitOfWork]) -> None:
    execute("SELECT 'before'")
    with Recording("GET /", "request", route="/", trace_id="4bf9") as recording:
        assert CURRENT.get() is recording.unit
        execute("SELECT 1", (1,))
    execute("SELECT 'after'")
    assert CURRENT.get() is None
    assert told == [recording.unit]
    (unit,) = told
    assert (unit.name, unit.kind, unit.route, unit.trace_id) == ("GET /", "request", "/", "4bf9")
    assert _texts(unit) == ["SELECT 1"]
    assert unit.closed
    assert unit.duration_ns >= unit.hits[0].duration_ns > 0


def test_exceptions_pass_through(told: list[UnitOfWork]) -> None:
    error = KeyError("mine")
    with pytest.raises(KeyError) as caught, Recording("GET /", "request"):
        raise error
    assert caught.value is error
    assert len(told) == 1
    assert CURRENT.get() is None


async def test_the_asynchronous_form(told: list[UnitOfWork]) -> None:
    async with Recording("GET /", "request"):
        await asyncio.sleep(0)
        execute("SELECT 1")
    assert [_texts(unit) for unit in told] == [["SELECT 1"]]


def test_leaving_twice_is_leaving_once(told: list[UnitOfWork]) -> None:
    recording = Recording("GET /", "request").__enter__()
    recording.__exit__(None, None, None)
    recording.__exit__(None, None, None)
    assert len(told) == 1


def test_the_buffer_is_bounded_and_drops_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(max_queries=3))
    with Recording("GET /", "request") as recording:
        hits = [execute("SELECT 1") for _ in range(5)]
    assert recording.unit is not None
    assert (len(recording.unit.hits), recording.unit.dropped_count) == (3, 2)
    assert hits[3:] == [None, None]


def test_captured_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ennead.agent.unit_of_work.MAX_CAPTURED_ROWS_OF_UNIT", MAX_CAPTURED_ROWS + 10)
    unit = UnitOfWork("test", "test", provenance=True)
    unit._row_budget.free = MAX_CAPTURED_ROWS + 10  # type: ignore[union-attr]
    connection = Connection("default", "sqlite")
    kept = []
    for _ in range(3):
        hit = unit.record("SELECT 1", None, 0, connection)
        assert hit is not None
        hit.capture_rows([(number,) for number in range(MAX_CAPTURED_ROWS)])
        hit.capture_rows([(0,)])
        assert hit.row_count == MAX_CAPTURED_ROWS + 1
        kept.append(len(hit.rows or ()))
    assert kept == [MAX_CAPTURED_ROWS, 10, 0]


# ------------------------------------------------------------------------------------------------ nesting


def test_the_innermost_unit_records(told: list[UnitOfWork]) -> None:
    with Recording("test_shop", "test"):
        execute("SELECT 'test'")
        with Recording("GET /", "request"):
            execute("SELECT 'request'")
        execute("SELECT 'test again'")
    assert [(unit.name, _texts(unit)) for unit in told] == [
        ("GET /", ["SELECT 'request'"]),
        ("test_shop", ["SELECT 'test'", "SELECT 'test again'"]),
    ]


def test_a_profile_takes_over_what_is_nested_in_it(told: list[UnitOfWork]) -> None:
    with Recording("mine", "profile", explicit=True) as profile:
        execute("SELECT 0")
        with Recording("GET /", "request"):
            execute("SELECT 1")
            with Recording("job", "job"):
                execute("SELECT 'told by itself'")
        with Recording("inner", "profile", explicit=True) as inner:
            execute("SELECT 2")
            with Recording("GET /", "request"):
                execute("SELECT 3")
    assert profile.unit is not None
    assert [(hit.site.statement.sql, hit.unit) for hit in profile.unit.hits] == [
        ("SELECT 0", 0),
        ("SELECT 1", 1),
        ("SELECT 2", 2),
        ("SELECT 3", 3),
    ]
    assert _texts(inner.unit) == ["SELECT 2", "SELECT 3"]
    assert [unit.name for unit in told] == ["job"]


def test_a_profile_is_bounded_by_what_is_nested_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(max_queries=3))
    with Recording("mine", "profile", explicit=True) as profile:
        for _ in range(2):
            with Recording("GET /", "request"):
                for _ in range(4):
                    execute("SELECT 1")
    assert profile.unit is not None
    assert (len(profile.unit.hits), profile.unit.dropped_count) == (3, 5)


@pytest.mark.parametrize("kind", ["request", "test"])
def test_two_hooks_for_one_request_or_test_are_one_unit(kind: str, told: list[UnitOfWork]) -> None:
    with Recording("outer", kind) as outer, Recording("inner", kind) as inner:  # type: ignore[arg-type]
        assert inner.is_joined
        assert not outer.is_joined
        assert inner.unit is outer.unit is CURRENT.get()
        inner.suspend()
        assert CURRENT.get() is outer.unit
        inner.resume()
        execute("SELECT 1")
    assert [(unit.name, _texts(unit)) for unit in told] == [("outer", ["SELECT 1"])]


def test_jobs_in_jobs_are_units_of_their_own(told: list[UnitOfWork]) -> None:
    with Recording("outer", "job"), Recording("inner", "job"):
        execute("SELECT 1")
    assert [(unit.name, len(unit.hits)) for unit in told] == [("inner", 1), ("outer", 0)]


def test_a_unit_that_has_ended_is_nobodys_outer(told: list[UnitOfWork]) -> None:
    profile = Recording("mine", "profile", explicit=True).__enter__()
    context = contextvars.copy_context()
    profile.__exit__(None, None, None)

    def later() -> None:
        with Recording("GET /", "request"):
            execute("SELECT 1")

    context.run(later)
    assert [_texts(unit) for unit in told] == [["SELECT 1"]]
    assert _texts(profile.unit) == []


# ------------------------------------------------------------------------------------------------ suspending


def test_a_suspended_unit_records_nothing_until_it_is_resumed(told: list[UnitOfWork]) -> None:
    recording = Recording("GET /", "request").__enter__()
    execute("SELECT 1")
    recording.suspend()
    execute("SELECT 'server'")
    assert CURRENT.get() is None
    recording.resume()
    execute("SELECT 2")
    recording.suspend()
    recording.suspend()
    recording.__exit__(None, None, None)
    assert [_texts(unit) for unit in told] == [["SELECT 1", "SELECT 2"]]


def test_a_unit_may_be_resumed_in_another_thread(told: list[UnitOfWork]) -> None:
    recording = Recording("GET /", "request").__enter__()
    recording.suspend()

    def stream() -> None:
        recording.resume()
        execute("SELECT 1")
        recording.__exit__(None, None, None)

    thread = threading.Thread(target=stream)
    thread.start()
    thread.join()
    assert [_texts(unit) for unit in told] == [["SELECT 1"]]


# ------------------------------------------------------------------------------------------------ other contexts


def test_left_in_another_context_than_it_was_entered_in(told: list[UnitOfWork]) -> None:
    context = contextvars.copy_context()
    recording = Recording("GET /", "request")
    context.run(recording.__enter__)
    assert CURRENT.get() is None
    recording.__exit__(None, None, None)
    assert CURRENT.get() is None
    assert len(told) == 1
    assert context.run(execute, "SELECT 1") is None
    assert context.run(CURRENT.get) is None
    assert _texts(told[0]) == []


def test_left_in_another_context_it_leaves_that_ones_unit_alone(told: list[UnitOfWork]) -> None:
    context = contextvars.copy_context()
    recording = Recording("first", "job")
    context.run(recording.__enter__)
    with Recording("second", "job") as second:
        recording.__exit__(None, None, None)
        assert CURRENT.get() is second.unit
        execute("SELECT 1")
    assert [(unit.name, len(unit.hits)) for unit in told] == [("first", 0), ("second", 1)]


def test_a_generator_that_holds_a_unit_open(told: list[UnitOfWork]) -> None:
    def rows() -> Generator[int, None, None]:
        with Recording("rows", "job"):
            execute("SELECT 1")
            yield 1

    generator = rows()
    next(generator)
    contextvars.copy_context().run(generator.close)
    assert [_texts(unit) for unit in told] == [["SELECT 1"]]
    assert execute("SELECT 2") is None  # the context it was entered in gets rid of it with the next query
    assert CURRENT.get() is None
    assert OUTER_PATH.get() is None
    assert _texts(told[0]) == ["SELECT 1"]


# ------------------------------------------------------------------------------------------------ pause


def test_nothing_is_recorded_while_paused(told: list[UnitOfWork]) -> None:
    with Recording("GET /", "request"):
        execute("SELECT 1")
        with pause():
            execute("SELECT 'paused'")
            with pause(), Recording("job", "job") as nested:
                execute("SELECT 'nested'")
            assert nested.unit is None
            execute("SELECT 'still paused'")
        execute("SELECT 2")
    assert [(unit.name, _texts(unit)) for unit in told] == [("GET /", ["SELECT 1", "SELECT 2"])]


def test_a_profile_asked_for_while_paused_records() -> None:
    with pause():
        with Recording("mine", "profile", explicit=True) as recording, Recording("GET /", "request"):
            execute("SELECT 1")
        assert CURRENT.get() is None
    assert _texts(recording.unit) == ["SELECT 1"]


def test_one_pause_may_be_entered_again() -> None:
    paused = pause()
    with Recording("GET /", "request") as recording:
        with paused, paused:
            execute("SELECT 'paused'")
        execute("SELECT 1")
        with paused:
            execute("SELECT 'paused'")
    assert _texts(recording.unit) == ["SELECT 1"]


def test_a_pause_left_in_another_context_raises_nothing() -> None:
    paused = pause()
    contextvars.copy_context().run(paused.__enter__)
    with Recording("GET /", "request") as recording:
        paused.__exit__(None, None, None)
        execute("SELECT 1")
    assert _texts(recording.unit) == ["SELECT 1"]


# ------------------------------------------------------------------------------------------------ sampling


def test_sampled_out_units_record_nothing_and_neither_does_what_is_nested(
    told: list[UnitOfWork], monkeypatch: pytest.MonkeyPatch
) -> None:
    _sampling(monkeypatch, 0.0)
    with Recording("GET /", "request") as recording:
        assert recording.unit is None
        assert CURRENT.get() is None
        _sampling(monkeypatch, 1.0)
        with Recording("job", "job"):
            assert execute("SELECT 1") is None
    with Recording("GET /", "request"):
        execute("SELECT 2")
    assert [_texts(unit) for unit in told] == [["SELECT 2"]]


def test_profiles_and_what_is_nested_in_them_are_never_sampled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _sampling(monkeypatch, 0.0)
    with Recording("mine", "profile", explicit=True) as recording, Recording("GET /", "request"):
        execute("SELECT 1")
    assert _texts(recording.unit) == ["SELECT 1"]


def test_a_rare_route_is_recorded_whatever_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    _sampling(monkeypatch, 1e-9, rare_seconds=3_600.0)
    monkeypatch.setattr(AGENT, "_rare", RareNames())
    answers = [AGENT.samples(None, f"GET /orders/{number}/") for number in range(100)]
    assert answers == [True] + [False] * 99
    assert AGENT.samples(None, "GET /reports/")


@pytest.mark.parametrize(("ratio", "rare_seconds"), [(0.0, 3_600.0), (1e-9, 0.0)])
def test_a_rare_route_is_not_recorded_where_nothing_is_or_it_is_not_wanted(
    monkeypatch: pytest.MonkeyPatch, ratio: float, rare_seconds: float
) -> None:
    _sampling(monkeypatch, ratio, rare_seconds=rare_seconds)
    assert not AGENT.samples(None, "GET /reports/")


def test_a_trace_is_sampled_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    _sampling(monkeypatch, 0.5)
    answers = {trace: {AGENT.samples(trace, name) for name in ("a", "b")} for trace in map(str, range(100))}
    assert all(len(answer) == 1 for answer in answers.values())
    assert 20 < sum(answer == {True} for answer in answers.values()) < 80


def test_without_a_trace_a_share_of_the_units_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    _sampling(monkeypatch, 0.25)
    assert 150 < sum(AGENT.samples(None, "GET /") for _ in range(1_000)) < 350


# ------------------------------------------------------------------------------------------------ listeners


def test_a_listener_that_fails_is_counted_and_its_neighbours_are_told(told: list[UnitOfWork]) -> None:
    def fail(unit: UnitOfWork) -> None:
        raise KeyError(unit.name)

    AGENT.add_listener(fail)
    AGENT.add_listener(fail)
    late: list[UnitOfWork] = []
    AGENT.add_listener(late.append)
    errors = AGENT.listener_error_count
    try:
        with Recording("GET /", "request"):
            pass
    finally:
        AGENT.remove_listener(fail)
        AGENT.remove_listener(late.append)
        AGENT.remove_listener(late.append)
    assert AGENT.listener_error_count == errors + 1
    assert (len(told), len(late)) == (1, 1)


def test_provenance_is_for_profiles_and_tests_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = ("request", "test", "profile", "job")
    with Recording("a", "request") as request, Recording("b", "test") as test, Recording("c", "job") as job:
        units = [request.unit, test.unit, job.unit]
    assert [unit.provenance for unit in units if unit is not None] == [False, True, True]
    monkeypatch.setattr(AGENT, "settings", AgentSettings(provenance=True))
    for kind in kinds:
        with Recording("d", kind) as recording:  # type: ignore[arg-type]
            assert recording.unit is not None
            assert recording.unit.provenance
