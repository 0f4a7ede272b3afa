"""Threads and pools belong to the unit of work that started them, and their call paths go on where it did."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from ennead.agent import concurrency
from ennead.agent.call_path import OUTER_PATH, forget_paths
from ennead.agent.unit_of_work import CURRENT, UnitOfWork
from ennead.agent.units import AGENT, Recording, pause
from tests.agent.library import path_of, record
from tests.agent.workers import functions_of, load, unit_of


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    concurrency.uninstall()
    forget_paths()
    concurrency.install()
    yield
    concurrency.uninstall()


# ------------------------------------------------------------------------------------------------ threads


def test_a_thread_records_into_the_unit_that_started_it() -> None:
    def page() -> None:
        for number in range(3):
            thread = threading.Thread(target=load, args=(number,))
            thread.start()
            thread.join()

    unit = record(page)
    assert functions_of(unit) == [["load", "page"]] * 3
    assert [hit.parameters for hit in unit.hits] == [(0,), (1,), (2,)]
    assert path_of(unit.hits[0])[1].line == page.__code__.co_firstlineno + 3


def test_threads_with_a_run_of_their_own_and_timers_too() -> None:
    class Loader(threading.Thread):
        def run(self) -> None:
            load()

    def page() -> None:
        own = threading.Thread()
        own.run = load  # type: ignore[assignment, method-assign]
        for thread in (Loader(), threading.Timer(0, load), own):
            thread.start()
            thread.join()
        assert own.run is load  # type: ignore[comparison-overlap]

    assert functions_of(record(page)) == [["load", "run", "page"], ["load", "page"], ["load", "page"]]


def test_nothing_of_ours_is_left_in_a_thread_object() -> None:
    def page() -> threading.Thread:
        thread = threading.Thread(target=load)
        attributes = set(vars(thread))
        thread.start()
        thread.join()
        assert set(vars(thread)) - attributes <= {"_target", "_args", "_kwargs"}
        assert "run" not in vars(thread)
        with pytest.raises(RuntimeError, match="threads can only be started once"):
            thread.start()
        assert "run" not in vars(thread)
        return thread

    with Recording("test", "profile", explicit=True) as recording:
        thread = weakref.ref(page())
        gc.disable()
        try:
            assert thread() is None
        finally:
            gc.enable()
    assert len(unit_of(recording).hits) == 1


@pytest.mark.parametrize("way", ["submit", "map"])
def test_pools_carry_the_unit_and_the_path(way: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        pool.submit(load).result()  # the workers exist before the unit of work

        def page() -> list[int]:
            if way == "map":
                return list(pool.map(load, range(4)))
            return [future.result() for future in [pool.submit(load, number) for number in range(4)]]

        unit = record(page)
        assert sorted(hit.parameters for hit in unit.hits) == [(0,), (1,), (2,), (3,)]  # type: ignore[type-var]
        assert {tuple(names[:1] + names[-1:]) for names in functions_of(unit)} == {("load", "page")}
        pool.submit(load).result()
        assert len(unit.hits) == 4


def test_the_workers_of_a_pool_made_inside_do_not_stay_in_the_unit() -> None:
    pool = ThreadPoolExecutor(1)

    def page() -> None:
        pool.submit(load).result()

    unit = record(page)
    with pool:
        assert pool.submit(CURRENT.get).result() is None
        pool.submit(load).result()
    assert len(unit.hits) == 1


def test_a_context_handed_to_a_pool_is_kept() -> None:
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(7)

    def read() -> int:
        load()
        return variable.get()

    def page() -> list[int]:
        context = contextvars.copy_context()
        with ThreadPoolExecutor(1) as pool:
            return [
                pool.submit(context.run, read).result(),
                pool.submit(partial(contextvars.copy_context().run, read)).result(),
            ]

    results: list[int] = []
    unit = record(lambda: results.extend(page()))
    assert results == [7, 7]
    assert [names[:2] for names in functions_of(unit)] == [["load", "read"]] * 2
    assert all("page" in names for names in functions_of(unit))


def test_a_thread_that_goes_on_after_the_unit_records_nothing_more() -> None:
    ended, recorded = threading.Event(), threading.Event()
    current: list[object] = []

    def work() -> None:
        load()
        recorded.set()
        ended.wait(10)
        load()
        current.append(CURRENT.get())

    with Recording("test", "profile", explicit=True) as recording:
        thread = threading.Thread(target=work)
        thread.start()
        recorded.wait(10)
    ended.set()
    thread.join()
    assert len(unit_of(recording).hits) == 1
    assert current == [None]


def test_a_thread_that_goes_on_does_not_keep_the_hits_alive() -> None:
    goes_on = threading.Event()
    told: list[UnitOfWork] = []
    AGENT.add_listener(told.append)
    try:
        with Recording("GET /", "request") as recording:
            load()
            held_by_the_thread = recording.unit
            thread = threading.Thread(target=goes_on.wait)
            thread.start()
    finally:
        AGENT.remove_listener(told.append)
    assert held_by_the_thread is not None
    assert held_by_the_thread.hits == []
    assert [len(unit.hits) for unit in told] == [1]
    assert recording.unit is told[0]
    goes_on.set()
    thread.join()


def test_exceptions_and_results_of_threads_are_their_own() -> None:
    def fail() -> None:
        load()
        raise KeyError("mine")

    def page() -> None:
        with ThreadPoolExecutor(1) as pool:
            with pytest.raises(KeyError, match="mine"):
                pool.submit(fail).result()
            assert pool.submit(load, 5).result() == 5

    assert len(record(page).hits) == 2


def test_outside_of_a_unit_threads_and_pools_are_left_alone() -> None:
    thread = threading.Thread(target=load)
    run = thread.run
    thread.start()
    assert thread.run == run
    thread.join()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(CURRENT.get).result() is None


def test_a_paused_thread_records_nothing() -> None:
    def page() -> None:
        with pause(), ThreadPoolExecutor(1) as pool:
            pool.submit(load).result()

    assert record(page).hits == []


# ------------------------------------------------------------------------------------------------ coming and going


def test_uninstall_leaves_no_trace() -> None:
    concurrency.uninstall()
    plain = (ThreadPoolExecutor.submit, threading.Thread.start, asyncio.BaseEventLoop.create_task)
    concurrency.install()
    concurrency.install()
    assert ThreadPoolExecutor.submit is not plain[0]
    concurrency.uninstall()
    concurrency.uninstall()
    assert (ThreadPoolExecutor.submit, threading.Thread.start, asyncio.BaseEventLoop.create_task) == plain
    assert OUTER_PATH.get() is None


def test_hooks_keep_names_and_signatures() -> None:
    assert threading.Thread.start.__name__ == "start"
    assert threading.Thread.start.__doc__
    assert hasattr(ThreadPoolExecutor.submit, "__wrapped__")
