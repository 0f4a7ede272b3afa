"""The counter on real databases, and the worker's loop over actions."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from bench.real_apps.counting import count
from bench.real_apps.worker import run_actions


def test_sqlalchemy_is_counted_by_normalised_statement_and_by_line() -> None:
    engine = sqlalchemy.create_engine("sqlite://")

    def work() -> None:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE book (id INTEGER)"))
            for number in range(4):
                connection.execute(sqlalchemy.text(f"SELECT id FROM book WHERE id = {number}"))

    told = count(work, "sqlalchemy", ("tests/bench/real_apps",))

    assert list(told["counts"].values()) == [4]
    assert list(told["statements"].values()) == ["SELECT id FROM book WHERE id = ?"]
    (line,) = told["lines"].values()
    assert "test_counting.py:" in line


def test_the_line_of_an_asynchronous_engine_is_that_of_the_coroutine() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")

    async def work() -> None:
        async with engine.connect() as connection:
            await connection.execute(sqlalchemy.text("SELECT 1"))
        await engine.dispose()

    told = count(lambda: asyncio.run(work()), "sqlalchemy", ("tests/bench/real_apps",))

    (line,) = told["lines"].values()
    assert "test_counting.py:" in line


def test_the_counter_leaves_when_the_action_ends() -> None:
    engine = sqlalchemy.create_engine("sqlite://")

    def work() -> None:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))

    first = count(work, "sqlalchemy", ())
    work()

    assert list(first["counts"].values()) == [1]


def test_an_action_is_warmed_up_unseen_and_its_failure_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[str] = []

    def well() -> None:
        calls.append("well")

    def ill() -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("SELECT * FROM missing")

    def look(run: object) -> dict[str, int]:
        assert callable(run)
        run()
        return {"seen": len(calls)}

    answers = dict(run_actions(iter([("well", well), ("ill", ill), ("again", well)]), look))

    assert answers["well"] == {"status": "ok", "seen": 2}
    assert answers["ill"] == {"status": "OperationalError: no such table: missing"}
    assert answers["again"] == {"status": "ok", "seen": 4}
    assert "no such table" in capsys.readouterr().err
