"""Threads, pools and tasks belong to the unit of work that started them, and their call paths go on where it did."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from ennead.agent import concurrency
from ennead.agent.call_path import OUTER_PATH, Walk, forget_paths
from ennead.agent.unit_of_work import CURRENT, UnitOfWork
from ennead.agent.units import AGENT, Recording, await_inside, call_inside, pause
from tests.agent.library import execute, path_of

QUERY = "SELECT name FROM customer WHERE id = ?"


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    concurrency.uninstall()
    forget_paths()
    concurrency.install()
    yield
    concurrency.uninstall()


def load(number: int = 0) -> int:
    execute(QUERY, (number,))
    return number


async def aload(number: int = 0) -> int:
    await asyncio.sleep(0)
    execute(QUERY, (number,))
    return number


def _unit(recording: Recording) -> UnitOfWork:
    assert recording.unit is not None
    assert recording.unit.internal_error_count == 0
    return recording.unit


def _record(function: Callable[[], object]) -> UnitOfWork:
    with Recording("test", "profile", explicit=True) as recording:
        call_inside(function)
    return _unit(recording)


def _functions(unit: UnitOfWork) -> list[list[str]]:
    return [[place.function.rpartition(".")[2] for place in path_of(hit)] for hit in unit.hits]


# ------------------------------------------------------------------------------------------------ threads


def test_a_thread_records_into_the_unit_that_started_it() -> None:
    def page() -> None:
        for number in range(3):
            thread = threading.Thread(target=load, args=(number,))
            thread.start()
            thread.join()

    unit = _record(page)
    assert _functions(unit) == [["load", "page"]] * 3
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

    assert _functions(_record(page)) == [["load", "run", "page"], ["load", "page"], ["load", "page"]]


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
    assert len(_unit(recording).hits) == 1


@pytest.mark.parametrize("way", ["submit", "map"])
def test_pools_carry_the_unit_and_the_path(way: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        pool.submit(load).result()  # the workers exist before the unit of work

        def page() -> list[int]:
            if way == "map":
                return list(pool.map(load, range(4)))
            return [future.result() for future in [pool.submit(load, number) for number in range(4)]]

        unit = _record(page)
        assert sorted(hit.parameters for hit in unit.hits) == [(0,), (1,), (2,), (3,)]  # type: ignore[type-var]
        assert {tuple(names[:1] + names[-1:]) for names in _functions(unit)} == {("load", "page")}
        pool.submit(load).result()
        assert len(unit.hits) == 4


def test_the_workers_of_a_pool_made_inside_do_not_stay_in_the_unit() -> None:
    pool = ThreadPoolExecutor(1)

    def page() -> None:
        pool.submit(load).result()

    unit = _record(page)
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
    unit = _record(lambda: results.extend(page()))
    assert results == [7, 7]
    assert [names[:2] for names in _functions(unit)] == [["load", "read"]] * 2
    assert all("page" in names for names in _functions(unit))


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
    assert len(_unit(recording).hits) == 1
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

    assert len(_record(page).hits) == 2


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

    assert _record(page).hits == []


# ------------------------------------------------------------------------------------------------ tasks


def _record_async(function: Callable[[], Any]) -> UnitOfWork:
    async def main() -> UnitOfWork:
        async with Recording("test", "profile", explicit=True) as recording:
            await await_inside(function())
        return _unit(recording)

    return asyncio.run(main())


async def _gather() -> None:
    await asyncio.gather(*[aload(number) for number in range(3)])


async def _tasks() -> None:
    for task in [asyncio.create_task(aload(number)) for number in range(3)]:
        await task


async def _task_group() -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(aload(number))


async def _one_by_one() -> None:
    for number in range(3):
        await aload(number)


async def _to_thread() -> None:
    for number in range(3):
        await asyncio.to_thread(load, number)


async def _in_executor() -> None:
    for number in range(3):
        await asyncio.get_running_loop().run_in_executor(None, load, number)


async def _wait_for() -> None:
    for number in range(3):
        await asyncio.wait_for(aload(number), 10)


@pytest.mark.parametrize(
    "page",
    [_gather, _tasks, _task_group, _one_by_one, _to_thread, _in_executor, _wait_for],
    ids=lambda page: page.__name__,
)
def test_paths_go_on_where_a_task_was_created(page: Callable[[], Any]) -> None:
    for _ in range(2):
        unit = _record_async(page)
        assert [hit.parameters for hit in unit.hits] == [(0,), (1,), (2,)]
        assert len({path_of(hit) for hit in unit.hits}) == 1
        names = [name for name in _functions(unit)[0] if not name.startswith("<")]
        assert names == [unit.hits[0].site.path.sites[0].function, page.__name__]


def test_tasks_inside_tasks_tell_the_whole_story() -> None:
    async def inner(number: int) -> None:
        await asyncio.gather(aload(number), aload(number))

    async def page() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(2):
                group.create_task(inner(number))

    unit = _record_async(page)
    assert _functions(unit) == [["aload", "inner", "page"]] * 4
    assert len({path_of(hit) for hit in unit.hits}) == 1


def test_a_thread_that_runs_an_event_loop_of_its_own() -> None:
    def work() -> None:
        asyncio.run(_gather())

    def page() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    unit = _record(page)
    names = [[name for name in names if not name.startswith("<")] for names in _functions(unit)]
    assert names == [["aload", "_gather", "work", "page"]] * 3


def test_a_unit_around_an_event_loop() -> None:
    def page() -> None:
        asyncio.run(_one_by_one())

    assert _functions(_record(page)) == [["aload", "_one_by_one", "page"]] * 3


def test_a_runner_made_before_the_unit_carries_it() -> None:
    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(0))

        def page() -> None:
            runner.run(_one_by_one())

        unit = _record(page)
        runner.run(_one_by_one())
    assert _functions(unit) == [["aload", "_one_by_one", "page"]] * 3


def test_a_task_in_the_context_of_another_unit_stays_there() -> None:
    async def main() -> tuple[UnitOfWork, UnitOfWork]:
        with Recording("first", "profile", explicit=True) as first:
            context = contextvars.copy_context()
            with Recording("second", "profile", explicit=True) as second:
                await asyncio.create_task(aload(), context=context)
                await asyncio.create_task(aload(), context=contextvars.copy_context())
                await asyncio.create_task(aload(), context=contextvars.Context())
        return _unit(first), _unit(second)

    first, second = asyncio.run(main())
    assert [hit.unit for hit in first.hits] == [0, 1, 1]
    assert len(second.hits) == 2


def test_a_task_that_goes_on_after_the_unit_records_nothing_more() -> None:
    async def main() -> tuple[UnitOfWork, list[object]]:
        ended = asyncio.Event()
        current: list[object] = []

        async def background() -> None:
            await aload()
            await ended.wait()
            await aload()
            current.append(CURRENT.get())

        async with Recording("test", "profile", explicit=True) as recording:
            task = asyncio.create_task(background())
            await asyncio.sleep(0.01)
        ended.set()
        await task
        return _unit(recording), current

    unit, current = asyncio.run(main())
    assert len(unit.hits) == 1
    assert current == [None]


def test_concurrent_units_do_not_mix() -> None:
    async def request(number: int) -> UnitOfWork:
        async with Recording(str(number), "profile", explicit=True) as recording:
            await asyncio.gather(*[aload(number) for _ in range(3)])
        return _unit(recording)

    async def main() -> list[UnitOfWork]:
        return await asyncio.gather(*[request(number) for number in range(5)])

    for number, unit in enumerate(asyncio.run(main())):
        assert [hit.parameters for hit in unit.hits] == [(number,)] * 3


def test_the_places_of_tasks_are_known_in_the_next_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    _record_async(_task_group)
    _record_async(_task_group)  # the second hit of a place may stand at another instruction of the same call
    walks: list[str] = []
    visit = Walk._visit

    def noting(self: Walk, *args: Any) -> None:
        walks.append(args[1].co_name)
        visit(self, *args)

    monkeypatch.setattr(Walk, "_visit", noting)
    unit = _record_async(_task_group)
    assert len(unit.hits) == 3
    assert "aload" not in walks  # only where the tasks were created is walked, once for each unit


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
def test_eager_tasks_are_told_once() -> None:
    async def page() -> None:
        asyncio.get_running_loop().set_task_factory(vars(asyncio)["eager_task_factory"])

        async def at_once() -> None:
            load()
            await asyncio.sleep(0)
            load()

        for _ in range(2):
            await asyncio.create_task(at_once())

    unit = _record_async(page)
    assert _functions(unit) == [["load", "at_once", "page"]] * 4


def test_callbacks_of_the_event_loop() -> None:
    async def page() -> None:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.call_soon(lambda: done.set_result(load()))
        await done

    unit = _record_async(page)
    assert [names[:2] for names in _functions(unit)] == [["load", "<lambda>"]]


def test_async_generators_and_comprehensions() -> None:
    async def rows() -> Any:
        for number in range(2):
            await aload(number)
            yield number

    async def page() -> None:
        async for _ in rows():
            pass
        _ = [row async for row in rows()]

    unit = _record_async(page)
    assert [names[:2] for names in _functions(unit)] == [["aload", "rows"]] * 4
    assert {names[-1] for names in _functions(unit)} == {"page"}
    for hit in unit.hits:
        assert hit.site.path.sites[2].note == "iterates"


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
