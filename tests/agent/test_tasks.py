"""Tasks, and the threads they hand work to: their call paths go on where they were created."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ennead.agent import concurrency
from ennead.agent.call_path import Walk, forget_paths
from ennead.agent.unit_of_work import CURRENT, UnitOfWork
from ennead.agent.units import Recording, await_inside
from tests.agent.library import path_of, record
from tests.agent.workers import aload, functions_of, load, unit_of


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    concurrency.uninstall()
    forget_paths()
    concurrency.install()
    yield
    concurrency.uninstall()


def _record_async(function: Callable[[], Any]) -> UnitOfWork:
    async def main() -> UnitOfWork:
        async with Recording("test", "profile", explicit=True) as recording:
            await await_inside(function())
        return unit_of(recording)

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
        names = [name for name in functions_of(unit)[0] if not name.startswith("<")]
        assert names == [unit.hits[0].site.path.sites[0].function, page.__name__]


def test_tasks_inside_tasks_tell_the_whole_story() -> None:
    async def inner(number: int) -> None:
        await asyncio.gather(aload(number), aload(number))

    async def page() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(2):
                group.create_task(inner(number))

    unit = _record_async(page)
    assert functions_of(unit) == [["aload", "inner", "page"]] * 4
    assert len({path_of(hit) for hit in unit.hits}) == 1


def test_a_thread_that_runs_an_event_loop_of_its_own() -> None:
    def work() -> None:
        asyncio.run(_gather())

    def page() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    unit = record(page)
    names = [[name for name in names if not name.startswith("<")] for names in functions_of(unit)]
    assert names == [["aload", "_gather", "work", "page"]] * 3


def test_a_unit_around_an_event_loop() -> None:
    def page() -> None:
        asyncio.run(_one_by_one())

    assert functions_of(record(page)) == [["aload", "_one_by_one", "page"]] * 3


def test_a_runner_made_before_the_unit_carries_it() -> None:
    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(0))

        def page() -> None:
            runner.run(_one_by_one())

        unit = record(page)
        runner.run(_one_by_one())
    assert functions_of(unit) == [["aload", "_one_by_one", "page"]] * 3


def test_a_task_in_the_context_of_another_unit_stays_there() -> None:
    async def main() -> tuple[UnitOfWork, UnitOfWork]:
        with Recording("first", "profile", explicit=True) as first:
            context = contextvars.copy_context()
            with Recording("second", "profile", explicit=True) as second:
                await asyncio.create_task(aload(), context=context)
                await asyncio.create_task(aload(), context=contextvars.copy_context())
                await asyncio.create_task(aload(), context=contextvars.Context())
        return unit_of(first), unit_of(second)

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
        return unit_of(recording), current

    unit, current = asyncio.run(main())
    assert len(unit.hits) == 1
    assert current == [None]


def test_concurrent_units_do_not_mix() -> None:
    async def request(number: int) -> UnitOfWork:
        async with Recording(str(number), "profile", explicit=True) as recording:
            await asyncio.gather(*[aload(number) for _ in range(3)])
        return unit_of(recording)

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
    assert functions_of(unit) == [["load", "at_once", "page"]] * 4


def test_callbacks_of_the_event_loop() -> None:
    async def page() -> None:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.call_soon(lambda: done.set_result(load()))
        await done

    unit = _record_async(page)
    assert [names[:2] for names in functions_of(unit)] == [["load", "<lambda>"]]


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
    assert [names[:2] for names in functions_of(unit)] == [["aload", "rows"]] * 4
    assert {names[-1] for names in functions_of(unit)} == {"page"}
    for hit in unit.hits:
        assert hit.site.path.sites[2].note == "iterates"
