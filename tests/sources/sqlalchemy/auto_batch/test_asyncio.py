"""Asynchronous sessions, and sessions of several threads."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from ennead.sources.sqlalchemy.auto_batch.counts import COUNTS
from tests.sources.sqlalchemy.auto_batch import models
from tests.sources.sqlalchemy.auto_batch.comparison import batching
from tests.sources.sqlalchemy.auto_batch.models import Person

PEOPLE = select(Person).order_by(Person.id)
COUNTS_OF_TASKS = [0, 1, 2, 3, 0, 1, 2, 3]


@pytest.fixture
def company_file(tmp_path: Path) -> Path:
    path = tmp_path / "company.db"
    engine = create_engine(f"sqlite:///{path}")
    models.Base.metadata.create_all(engine)
    with Session(engine) as session:
        models.fill(session)
    engine.dispose()
    return path


@pytest.fixture
async def async_engine(company_file: Path) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{company_file}")
    yield engine
    await engine.dispose()


@pytest.fixture
def statements(async_engine: AsyncEngine) -> list[str]:
    seen: list[str] = []
    event.listen(async_engine.sync_engine, "before_cursor_execute", lambda *details: seen.append(details[2]))
    return seen


async def test_awaitable_attributes(async_engine: AsyncEngine, statements: list[str]) -> None:
    with batching():
        async with AsyncSession(async_engine) as session:
            people = (await session.scalars(PEOPLE)).all()
            assert [len(await person.awaitable_attrs.tasks) for person in people] == COUNTS_OF_TASKS
    assert len(statements) == 3


async def test_run_sync(async_engine: AsyncEngine, statements: list[str]) -> None:
    def count(session: Session) -> list[int]:
        return [len(person.tasks) for person in session.scalars(PEOPLE)]

    with batching():
        async with AsyncSession(async_engine) as session:
            assert await session.run_sync(count) == COUNTS_OF_TASKS
    assert len(statements) == 3


# SQLAlchemy 2.1 makes the driver's coroutine before it raises.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_outside_of_the_greenlet_it_raises_as_ever(async_engine: AsyncEngine) -> None:
    with batching():
        async with AsyncSession(async_engine) as session:
            people = (await session.scalars(PEOPLE)).all()
            _ = [await person.awaitable_attrs.tasks for person in people[:3]]
            with pytest.raises((MissingGreenlet, StatementError), match="greenlet_spawn has not been called"):
                _ = people[5].tasks
            gc.collect()  # what that leaves behind is warned of here
            assert len(await people[6].awaitable_attrs.tasks) == 2


async def test_gathered_sessions(async_engine: AsyncEngine) -> None:
    async def count() -> list[int]:
        async with AsyncSession(async_engine) as session:
            return [len(await person.awaitable_attrs.tasks) for person in await session.scalars(PEOPLE)]

    with batching():
        assert await asyncio.gather(*(count() for _ in range(4))) == [COUNTS_OF_TASKS] * 4


def test_a_session_for_each_thread(company_file: Path) -> None:
    engine = create_engine(f"sqlite:///{company_file}")

    def count(_: int) -> list[int]:
        with Session(engine) as session:
            return [len(person.tasks) for person in session.scalars(PEOPLE)]

    with batching(), ThreadPoolExecutor(4) as pool:
        assert list(pool.map(count, range(12))) == [COUNTS_OF_TASKS] * 12
    engine.dispose()
    assert COUNTS["batched"] == 12


def test_a_session_that_goes_to_another_thread(company_file: Path) -> None:
    """What that thread has written since is not known: the ORM loads as ever."""
    engine = create_engine(f"sqlite:///{company_file}", connect_args={"check_same_thread": False})
    with batching(), Session(engine) as session:
        people = session.scalars(PEOPLE).all()
        assert [len(person.tasks) for person in people[:3]] == COUNTS_OF_TASKS[:3]

        def go_on() -> None:
            session.connection().execute(text("DELETE FROM task WHERE owner_id = 4"))
            counts.extend(len(person.tasks) for person in people[3:])

        counts: list[int] = []
        thread = threading.Thread(target=go_on)
        thread.start()
        thread.join()
    engine.dispose()
    assert counts == [0, *COUNTS_OF_TASKS[4:]]
