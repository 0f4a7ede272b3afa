"""unittest: each test method is a unit of work, whatever kind of test case it is in."""

from __future__ import annotations

import asyncio
import sqlite3
import unittest
from collections.abc import Iterator
from typing import Any

import pytest

from ennead.agent import concurrency
from ennead.agent.unit_of_work import CURRENT, UnitOfWork
from ennead.sources import unittest as source
from ennead.sources.dbapi import wrap_connection
from tests.sources.listening import texts, units_of_work

_CONNECTION: list[Any] = []


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    _CONNECTION[:] = [wrap_connection(raw)]
    concurrency.install()
    source.install()
    yield
    source.uninstall()
    concurrency.uninstall()
    raw.close()


def _query(text: str) -> None:
    _CONNECTION[0].execute(f"SELECT '{text}'").fetchall()


def _run(case: type[unittest.TestCase]) -> tuple[list[UnitOfWork], unittest.TestResult]:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    result = unittest.TestResult()
    with units_of_work() as units:
        suite.run(result)
    return units, result


def _told(unit: UnitOfWork) -> list[str]:
    return [text.split("'")[1] for text in texts(unit)]


def _case(base: type[unittest.TestCase]) -> type[unittest.TestCase]:
    class Case(base):  # type: ignore[misc, valid-type]
        @classmethod
        def setUpClass(cls) -> None:
            _query("class")

        def setUp(self) -> None:
            _query("setUp")
            self.addCleanup(_query, "cleanup")

        def tearDown(self) -> None:
            _query("tearDown")

        def test_passes(self) -> None:
            for _ in range(2):
                _query("test")

        def test_fails(self) -> None:
            _query("test")
            self.fail("mine")

        @unittest.skip("not today")
        def test_is_skipped(self) -> None:
            _query("test")

        def test_has_parts(self) -> None:
            for number in range(2):
                with self.subTest(number=number):
                    _query("part")

    return Case


@pytest.mark.parametrize("base", [unittest.TestCase, unittest.IsolatedAsyncioTestCase])
def test_each_test_method_is_a_unit_of_work(base: type[unittest.TestCase]) -> None:
    units, result = _run(_case(base))
    assert (len(result.failures), len(result.skipped), result.errors) == (1, 1, [])
    assert {unit.kind for unit in units} == {"test"}
    prefix = f"{__name__}._case.<locals>.Case."
    assert {unit.name.removeprefix(prefix): _told(unit) for unit in units} == {
        "test_passes": ["setUp", "test", "test", "tearDown", "cleanup"],
        "test_fails": ["setUp", "test", "tearDown", "cleanup"],
        "test_is_skipped": [],
        "test_has_parts": ["setUp", "part", "part", "tearDown", "cleanup"],
    }
    passing = next(unit for unit in units if unit.name.endswith("test_passes"))
    assert [site.function.rpartition(".")[2] for site in passing.hits[1].site.path.sites] == ["_query", "test_passes"]
    assert CURRENT.get() is None


def test_coroutines_in_test_cases() -> None:
    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self) -> None:
            _query("setUp")

        async def test_gathers(self) -> None:
            async def load() -> None:
                await asyncio.sleep(0)
                _query("load")

            await asyncio.gather(load(), load())
            await asyncio.to_thread(_query, "thread")

        async def test_again(self) -> None:
            _query("again")

    units, result = _run(Case)
    assert result.wasSuccessful()
    assert sorted(map(_told, units)) == [["setUp", "again"], ["setUp", "load", "load", "thread"]]
    gathering = max(units, key=lambda unit: len(unit.hits))
    functions = [[site.function.rpartition(".")[2] for site in hit.site.path.sites] for hit in gathering.hits]
    assert functions[1:] == [["_query", "load", "test_gathers"]] * 2 + [["_query", "test_gathers"]]


def test_failures_look_as_without_us() -> None:
    _, hooked_result = _run(_case(unittest.TestCase))
    source.uninstall()
    units, result = _run(_case(unittest.TestCase))
    assert units == []
    assert [text for _, text in hooked_result.failures] == [text for _, text in result.failures]


def test_a_test_that_a_runner_stops() -> None:
    class Case(unittest.TestCase):
        def test_stops(self) -> None:
            _query("test")
            raise KeyboardInterrupt

    with units_of_work() as units, pytest.raises(KeyboardInterrupt):
        Case("test_stops").run()
    assert list(map(_told, units)) == [["test"]]
    assert CURRENT.get() is None


def test_uninstall_leaves_no_trace() -> None:
    source.uninstall()
    plain = unittest.TestCase.run
    source.install()
    source.install()
    assert unittest.TestCase.run is not plain
    source.uninstall()
    source.uninstall()
    assert unittest.TestCase.run is plain
