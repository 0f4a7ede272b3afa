import threading
from collections.abc import Callable

from ennead.agent.unit_of_work import CURRENT, Hit, UnitOfWork
from ennead.runs.backlog import Backlog


class _Hits(list[Hit]):
    """So many hits: the backlog looks at their number only."""

    def __init__(self, count: int, when_counted: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._count = count
        self._when_counted = when_counted

    def __len__(self) -> int:
        self._when_counted()
        return self._count


def _unit(name: str = "unit", queries: int = 0) -> UnitOfWork:
    unit = UnitOfWork(name, "job")
    unit.hits = _Hits(queries)
    return unit


def _backlog(work: Callable[[UnitOfWork], None], *, max_units: int = 100, max_queries: int = 1000) -> Backlog:
    return Backlog(work, max_units=max_units, max_queries=max_queries)


def test_works_in_a_thread_of_its_own_and_in_order() -> None:
    done: list[tuple[str, str]] = []
    backlog = _backlog(lambda unit: done.append((unit.name, threading.current_thread().name)))
    for number in range(3):
        backlog.put(_unit(str(number)))
    backlog.drain(5.0)
    assert [name for name, _ in done] == ["0", "1", "2"]


def test_the_thread_belongs_to_no_unit_of_work() -> None:
    seen: list[UnitOfWork | None] = []
    worked = threading.Event()

    def work(_unit: UnitOfWork) -> None:
        seen.append(CURRENT.get())
        worked.set()

    backlog = _backlog(work)
    token = CURRENT.set(_unit("running"))
    try:
        backlog.put(_unit())
        assert worked.wait(5.0)
    finally:
        CURRENT.reset(token)
        backlog.stop()
    assert seen == [None]


def test_draining_in_the_hosts_thread_records_nothing() -> None:
    seen: list[UnitOfWork | None] = []
    backlog = _backlog(lambda _unit: seen.append(CURRENT.get()))
    backlog.stop()
    backlog.put(_unit())
    token = CURRENT.set(_unit("running"))
    try:
        backlog.drain(5.0)
    finally:
        CURRENT.reset(token)
    assert seen == [None]


def test_drops_and_counts_units_that_are_too_many() -> None:
    done: list[str] = []
    backlog = _backlog(lambda unit: done.append(unit.name), max_units=2)
    backlog.stop()
    for number in range(5):
        backlog.put(_unit(str(number)))
    backlog.drain(5.0)
    assert (done, backlog.dropped_count) == (["0", "1"], 3)


def test_drops_and_counts_units_with_too_many_queries() -> None:
    backlog = _backlog(lambda _unit: None, max_queries=10)
    backlog.stop()
    for queries in (8, 3, 2):
        backlog.put(_unit(queries=queries))
    assert (len(backlog), backlog.dropped_count) == (2, 1)


def test_a_single_unit_that_is_too_large_is_taken() -> None:
    backlog = _backlog(lambda _unit: None, max_queries=10)
    backlog.stop()
    backlog.put(_unit(queries=11))
    assert (len(backlog), backlog.dropped_count) == (1, 0)


def test_a_failing_analysis_is_counted_and_the_next_unit_is_done() -> None:
    done: list[str] = []

    def work(unit: UnitOfWork) -> None:
        if unit.name == "bad":
            raise ValueError(unit.name)
        done.append(unit.name)

    backlog = _backlog(work)
    for name in ("bad", "good"):
        backlog.put(_unit(name))
    backlog.drain(5.0)
    assert (done, backlog.error_count) == (["good"], 1)


def test_stopping_keeps_what_waits_and_resuming_goes_on() -> None:
    done = threading.Event()
    backlog = _backlog(lambda _unit: done.set())
    assert backlog.stop()
    backlog.put(_unit())
    assert not done.wait(0.05)
    backlog.resume()
    assert done.wait(5.0)
    assert backlog.stop()
    assert not any(thread.name == "ennead-analysis" for thread in threading.enumerate())


def test_stopping_does_not_wait_for_ever() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_unit: UnitOfWork) -> None:
        begun.set()
        go_on.wait(10.0)

    backlog = _backlog(work)
    backlog.put(_unit())
    assert begun.wait(5.0)
    assert not backlog.stop(0.05)
    go_on.set()
    assert backlog.stop()


def test_draining_gives_up_in_time_and_counts_the_rest() -> None:
    backlog = _backlog(lambda _unit: None)
    backlog.stop()
    for _ in range(4):
        backlog.put(_unit())
    backlog.drain(0.0)
    assert (len(backlog), backlog.dropped_count) == (0, 4)


def test_a_unit_that_ends_inside_the_backlog_does_not_lock_it_up() -> None:
    """A destructor may end a unit of work at any line of ours, in the same thread."""
    backlog = _backlog(lambda _unit: None)
    backlog.stop()
    outer = _unit("outer")
    inner = [_unit("inner")]

    def end_another() -> None:
        if inner:
            backlog.put(inner.pop())

    backlog.put(outer)
    outer.hits = _Hits(0, when_counted=end_another)
    backlog.drain(5.0)
    assert (len(backlog), backlog.dropped_count, inner) == (0, 0, [])
