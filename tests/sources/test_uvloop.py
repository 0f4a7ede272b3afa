"""uvloop: the same call paths as with asyncio's own event loop."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import pytest

from ennead.agent import concurrency
from ennead.agent.units import Recording, await_inside
from ennead.sources import uvloop as source
from ennead.sources.dbapi import wrap_connection

uvloop = pytest.importorskip("uvloop")


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    concurrency.install()
    source.install()
    yield
    source.uninstall()
    concurrency.uninstall()


def _in_a_runner(main: Coroutine[Any, Any, Recording]) -> Recording:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _in_a_loop(main: Coroutine[Any, Any, Recording]) -> Recording:
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(main)  # type: ignore[no-any-return,unused-ignore]
    finally:
        loop.close()


@pytest.mark.parametrize("run", [_in_a_runner, _in_a_loop])
def test_paths_go_on_where_a_task_was_created(run: Callable[[Coroutine[Any, Any, Recording]], Recording]) -> None:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    connection = wrap_connection(raw)

    def load(number: int) -> None:
        connection.execute("SELECT ?", (number,))

    async def aload(number: int) -> None:
        await asyncio.sleep(0.001)
        load(number)

    async def gathered() -> None:
        await asyncio.gather(*[aload(number) for number in range(3)])

    async def threads() -> None:
        for number in range(3):
            await asyncio.to_thread(load, number)

    async def recorded(page: Callable[[], Awaitable[None]]) -> Recording:
        async with Recording("test", "profile", explicit=True) as recording:
            await await_inside(page())
        return recording

    for page, inner in ((gathered, ["load", "aload"]), (threads, ["load"])):
        recording = run(recorded(page))
        assert recording.unit is not None
        for hit in recording.unit.hits:
            assert [site.function.rpartition(".")[2] for site in hit.site.path.sites] == [*inner, page.__name__]
        assert len(recording.unit.hits) == 3
    raw.close()


def test_a_unit_around_an_event_loop() -> None:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    connection = wrap_connection(raw)

    async def main() -> None:
        connection.execute("SELECT 1")
        await asyncio.gather(*[asyncio.to_thread(connection.execute, "SELECT 2") for _ in range(2)])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # noqa: SIM117 -- the unit is around the run
        with Recording("test", "profile", explicit=True) as recording:
            runner.run(main())
    assert recording.unit is not None
    assert {hit.site.path.sites[0].function.rpartition(".")[2] for hit in recording.unit.hits} == {"main"}
    assert {hit.site.path.sites[-1].function for hit in recording.unit.hits} == {"test_a_unit_around_an_event_loop"}
    raw.close()


def test_uninstall_leaves_no_trace() -> None:
    source.uninstall()
    plain = uvloop.Loop.create_task
    own = set(vars(uvloop.Loop))
    source.install()
    assert uvloop.Loop.create_task is not plain
    source.uninstall()
    assert set(vars(uvloop.Loop)) == own
