"""Call paths that go on across the bridges between synchronous and asynchronous code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import get_ident
from typing import Any

import pytest
from asgiref.sync import AsyncToSync, SyncToAsync, async_to_sync, sync_to_async

from ennead.agent import concurrency
from ennead.agent.call_path import OUTER_PATH
from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import CURRENT, Connection
from ennead.agent.units import Recording
from ennead.kernel.records import RawQuery
from ennead.sources import asgiref

CONNECTION = Connection("test", "")


@pytest.fixture(autouse=True)
def _hooked() -> Iterator[None]:
    concurrency.install()
    asgiref.install()
    yield
    asgiref.uninstall()
    concurrency.uninstall()


def execute(statement: str = "SELECT 1") -> int:
    """Stands for a driver's call: this file is the user's, so its frame is the access."""
    unit = CURRENT.get()
    if unit is not None:
        unit.record(statement, None, 0, CONNECTION)
    return get_ident()


def recorded(work: Callable[[], Any]) -> tuple[RawQuery, ...]:
    with Recording("test", "profile", explicit=True) as recording:
        work()
    assert recording.unit is not None
    assert recording.unit.internal_error_count == 0
    return snapshot(recording.unit).queries


def functions(query: RawQuery) -> list[str]:
    """The call path's functions, without those that the test adds around."""
    names = [site.function.rpartition("<locals>.")[2] for site in query.call_path]
    return [name for name in names if name not in ("execute", "recorded", "<lambda>") and not name.startswith("test_")]


async def load_in_thread(*, thread_sensitive: bool = True) -> int:
    return await sync_to_async(execute, thread_sensitive=thread_sensitive)()


async def load_each() -> None:
    for _ in range(2):
        await load_in_thread()


async def load_here() -> int:
    return execute()


def bridged() -> int:
    return async_to_sync(load_here)()


@pytest.mark.parametrize("thread_sensitive", [True, False])
def test_a_thread_goes_on_where_it_was_awaited(thread_sensitive: bool) -> None:  # noqa: FBT001 -- a parameter
    threads: list[int] = []

    async def load() -> None:
        threads.append(await load_in_thread(thread_sensitive=thread_sensitive))

    (query,) = recorded(lambda: asyncio.run(load()))
    assert functions(query) == ["load_in_thread", "load"]
    assert threads != [get_ident()]


def test_repeats_at_one_place_have_one_path() -> None:
    found = recorded(lambda: asyncio.run(load_each()))
    assert len(found) == 2
    assert found[0].call_path == found[1].call_path
    assert functions(found[0]) == ["load_in_thread", "load_each"]


def test_two_places_have_two_paths() -> None:
    async def load_twice() -> None:
        await load_in_thread()
        await load_in_thread()

    found = recorded(lambda: asyncio.run(load_twice()))
    assert len({query.call_path for query in found}) == 2


def test_a_loop_goes_on_where_it_was_called() -> None:
    (query,) = recorded(bridged)
    assert functions(query) == ["load_here", "bridged"]


def test_there_and_back_again() -> None:
    async def outermost() -> None:
        await sync_to_async(bridged)()

    (query,) = recorded(lambda: asyncio.run(outermost()))
    assert functions(query) == ["load_here", "bridged", "outermost"]


def test_a_thread_on_top_of_its_waiting_caller_has_each_place_once() -> None:
    threads: list[int] = []

    async def load() -> None:
        threads.append(await load_in_thread())

    def caller() -> None:
        async_to_sync(load)()

    (query,) = recorded(caller)
    assert threads == [get_ident()]  # the main thread runs it while it waits
    assert functions(query) == ["load_in_thread", "load", "caller"]


def test_gathered_tasks_keep_their_places() -> None:
    async def gathering() -> None:
        await asyncio.gather(*(load_in_thread(thread_sensitive=False) for _ in range(3)))

    found = recorded(lambda: asyncio.run(gathering()))
    assert {tuple(functions(query)) for query in found} == {("load_in_thread", "gathering")}


def test_results_and_errors_are_passed_on() -> None:
    def fail() -> None:
        raise LookupError("from the thread")

    async def fail_later() -> None:
        raise LookupError("from the loop")

    async def work() -> str:
        with pytest.raises(LookupError, match="from the thread"):
            await sync_to_async(fail)()
        return await sync_to_async(lambda: "result")()

    def both() -> None:
        assert async_to_sync(work)() == "result"
        with pytest.raises(LookupError, match="from the loop"):
            async_to_sync(fail_later)()

    assert recorded(both) == ()


def test_the_callers_path_is_restored() -> None:
    async def work() -> None:
        before = OUTER_PATH.get()
        await load_in_thread()
        assert OUTER_PATH.get() is before

    def caller() -> None:
        before = OUTER_PATH.get()
        async_to_sync(work)()
        assert OUTER_PATH.get() is before

    recorded(caller)


def test_a_coroutine_closed_elsewhere_is_closed_quietly() -> None:
    waiting = asyncio.Event

    async def never() -> None:
        await sync_to_async(lambda: None)()
        await waiting().wait()

    async def start() -> Any:
        coroutine = never()
        task = asyncio.create_task(coroutine)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return coroutine

    with Recording("test", "profile", explicit=True), closing(asyncio.run(start())):
        pass


def test_outside_of_a_unit_nothing_is_carried() -> None:
    assert async_to_sync(load_in_thread)() == get_ident()
    assert OUTER_PATH.get() is None


def test_nothing_is_left_behind() -> None:
    asgiref.uninstall()
    before = dict(vars(SyncToAsync)), dict(vars(AsyncToSync))
    asgiref.install()
    asgiref.install()
    assert dict(vars(SyncToAsync)) != before[0]
    asgiref.uninstall()
    assert (dict(vars(SyncToAsync)), dict(vars(AsyncToSync))) == before
