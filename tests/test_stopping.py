"""Profiles that are ended at the n-th query of an N+1."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator

import pytest

import ennead
from ennead.agent.unit_of_work import WATCHERS
from ennead.agent.units import AGENT
from ennead.domains.nplusone import NPlusOneDetectionService
from ennead.domains.nplusone.early_warning import EarlyWarning
from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.errors import EnneadError, NPlusOneError


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    raw = sqlite3.connect(":memory:")
    raw.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
    raw.executemany("INSERT INTO customer VALUES (?, ?)", [(number, f"name {number}") for number in range(1, 9)])
    yield ennead.wrap_connection(raw)
    raw.close()


def one_by_one(connection: sqlite3.Connection) -> list[str]:
    names = []
    for (key,) in connection.execute("SELECT id FROM customer").fetchall():
        names += connection.execute("SELECT name FROM customer WHERE id = ?", (key,)).fetchone()
    return names


def at_once(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM customer").fetchall()]


@pytest.mark.parametrize("at", [2, 3, 5])
def test_the_code_is_ended_at_the_nth_query(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setenv("ENNEAD_EARLY_WARNING", str(at))
    with pytest.raises(NPlusOneError, match=rf"raw-sql ×{at} at .*test_stopping.py"), ennead.profile() as session:
        one_by_one(connection)
    assert session.context.query_count == 1 + at
    assert WATCHERS == []


def test_the_rules_need_one_more_query_than_the_model(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENNEAD_EARLY_WARNING", "2")
    with pytest.raises(NPlusOneError, match=r"is predicted: .* by the backoff model"), ennead.profile():
        one_by_one(connection)


def test_its_negative_twin_runs_to_its_end(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_EARLY_WARNING", "2")
    with ennead.profile() as session:
        assert len(at_once(connection)) == 8
    assert session.findings == ()


def test_it_is_raised_once_and_then_lets_the_code_be(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENNEAD_EARLY_WARNING", "2")
    with ennead.profile() as session:
        with pytest.raises(NPlusOneError):
            one_by_one(connection)
        assert len(one_by_one(connection)) == 8
    assert len(session.findings) == 1


def test_decorated_functions_are_ended_too(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_EARLY_WARNING", "3")
    with pytest.raises(NPlusOneError):
        ennead.profile("page")(one_by_one)(connection)


def stopping_service(at: int) -> NPlusOneDetectionService:
    return NPlusOneDetectionService(NPlusOneDetectionEngine(NPlusOneSettings(early_warning=at)))


def test_a_service_ends_its_functions_at_the_nth_query(connection: sqlite3.Connection) -> None:
    with pytest.raises(NPlusOneError, match=r"raw-sql ×3 at .*test_stopping.py"):
        stopping_service(3).profile(one_by_one, connection)
    assert WATCHERS == []


def test_a_service_ends_coroutines_and_sessions_too(connection: sqlite3.Connection) -> None:
    async def page() -> list[str]:
        return one_by_one(connection)

    with pytest.raises(NPlusOneError):
        asyncio.run(stopping_service(3).aprofile(page))
    with pytest.raises(NPlusOneError), stopping_service(3).session() as session:
        one_by_one(connection)
    assert session.context.query_count == 4


def test_a_service_lets_the_negative_twin_run_and_is_off_by_default(connection: sqlite3.Connection) -> None:
    assert len(stopping_service(2).profile(at_once, connection).result) == 8
    told = stopping_service(0).profile(one_by_one, connection)
    assert len(told.result) == 8
    assert len(told.findings) == 1


def test_off_by_default_nothing_looks(connection: sqlite3.Connection) -> None:
    with ennead.profile() as session:
        assert WATCHERS == []
        assert len(one_by_one(connection)) == 8
    assert len(session.findings) == 1


def test_an_unknown_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_EARLY_WARNING", "2")
    monkeypatch.setenv("ENNEAD_EARLY_WARNING_MODEL", "oracle")
    with pytest.raises(EnneadError, match=r"ENNEAD_EARLY_WARNING_MODEL must be one of"):
        ennead.profile()


def test_an_error_of_ours_is_counted_and_never_raised(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setenv("ENNEAD_EARLY_WARNING", "2")
    monkeypatch.setattr(EarlyWarning, "of", fail)
    before = AGENT.internal_error_count
    with ennead.profile() as session:
        assert len(one_by_one(connection)) == 8
    assert session.findings
    assert AGENT.internal_error_count > before
