"""Assertions for test cases: they need no pytest, and fail as assertions do."""

from __future__ import annotations

import sqlite3
import unittest
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

import ennead
from ennead.testing import NPlusOneMixin

_CONNECTION: list[Any] = []


@pytest.fixture(autouse=True)
def orders() -> Iterator[None]:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    raw.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER)")
    raw.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY)")
    for number in range(4):
        raw.execute("INSERT INTO orders VALUES (?, ?)", (number, number))
        raw.execute("INSERT INTO customer VALUES (?)", (number,))
    _CONNECTION[:] = [ennead.wrap_connection(raw)]
    yield
    raw.close()


def _one_by_one() -> None:
    for (customer_id,) in _CONNECTION[0].execute("SELECT customer_id FROM orders").fetchall():
        _CONNECTION[0].execute("SELECT * FROM customer WHERE id = ?", (customer_id,)).fetchall()


def _at_once() -> None:
    _CONNECTION[0].execute("SELECT * FROM orders JOIN customer ON customer.id = customer_id").fetchall()


class _Checked(NPlusOneMixin, unittest.TestCase):
    __test__ = False  # run by the tests below

    def setUp(self) -> None:
        _one_by_one()

    def tearDown(self) -> None:
        _one_by_one()

    def test_one_by_one(self) -> None:
        _one_by_one()

    def test_at_once(self) -> None:
        _at_once()

    def test_fails_by_itself(self) -> None:
        _one_by_one()
        raise ValueError("its own")

    @unittest.skip("not today")
    def test_skipped(self) -> None:
        _one_by_one()

    @unittest.expectedFailure
    def test_known(self) -> None:
        _one_by_one()


class _Allowing(NPlusOneMixin, unittest.TestCase):
    __test__ = False  # run by the tests below
    n_plus_one_allow: ClassVar[tuple[str, ...]] = ("*test_testing.py",)

    def test_one_by_one(self) -> None:
        with self.assertNoNPlusOne():
            _one_by_one()


class _Limited(NPlusOneMixin, unittest.TestCase):
    __test__ = False  # run by the tests below
    n_plus_one_allow: ClassVar[tuple[str, ...]] = ("*test_testing.py",)
    n_plus_one_max_queries = 3

    def test_one_by_one(self) -> None:
        _one_by_one()

    def test_at_once(self) -> None:
        _at_once()


class _OnlyPart(NPlusOneMixin, unittest.TestCase):
    __test__ = False  # run by the tests below
    n_plus_one_enabled = False

    def test_outside(self) -> None:
        _one_by_one()
        with self.assertNoNPlusOne(max_queries=1):
            _at_once()

    def test_inside(self) -> None:
        with self.assertNoNPlusOne():
            _one_by_one()


class _Asynchronous(NPlusOneMixin, unittest.IsolatedAsyncioTestCase):
    __test__ = False  # run by the tests below

    async def test_one_by_one(self) -> None:
        _one_by_one()

    async def test_at_once(self) -> None:
        _at_once()


@pytest.mark.parametrize(
    ("case", "name", "message"),
    [
        (_Checked, "test_one_by_one", "1 N+1 query found"),
        (_Checked, "test_at_once", None),
        (_Checked, "test_known", None),
        (_Checked, "test_skipped", None),
        (_Allowing, "test_one_by_one", None),
        (_Limited, "test_one_by_one", "5 queries ran, at most 3 are allowed"),
        (_Limited, "test_at_once", None),
        (_OnlyPart, "test_outside", None),
        (_OnlyPart, "test_inside", "1 N+1 query found"),
        (_Asynchronous, "test_one_by_one", "1 N+1 query found"),
        (_Asynchronous, "test_at_once", None),
    ],
)
def test_a_test_method_is_checked(case: type[unittest.TestCase], name: str, message: str | None) -> None:
    result = unittest.TestResult()
    case(name).run(result)
    assert result.errors == []
    if message is None:
        assert result.failures == []
    else:
        ((_, told),) = result.failures
        assert f"NPlusOneError: {message}" in told


def test_its_own_error_comes_first() -> None:
    result = unittest.TestResult()
    _Checked("test_fails_by_itself").run(result)
    ((_, told),) = result.errors
    assert "ValueError: its own" in told
    assert "N+1" not in told


def test_a_method_that_a_runner_put_there_stays() -> None:
    case = _Checked("test_at_once")
    own = case.test_at_once
    case.test_at_once = own  # type: ignore[method-assign]  # as pytest and Django do
    case.run(unittest.TestResult())
    assert vars(case)["test_at_once"] is own
    other = _Checked("test_at_once")
    other.run(unittest.TestResult())
    assert "test_at_once" not in vars(other)
