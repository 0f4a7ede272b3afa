"""Memory: nothing is kept alive for longer than its session needs it, and no more than a bound."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from ennead.sources.sqlalchemy.auto_batch import loads, siblings, waiting
from ennead.sources.sqlalchemy.auto_batch.siblings import rows_of
from tests.sources.sqlalchemy.auto_batch.comparison import Seen, batching, compare, new_engine
from tests.sources.sqlalchemy.auto_batch.models import Person, Task

PEOPLE = select(Person).order_by(Person.id)


@pytest.fixture
def company() -> Iterator[Engine]:
    engine = new_engine()
    yield engine
    engine.dispose()


def read_all(session: Session, seen: Seen) -> None:
    for person in session.scalars(PEOPLE).all():
        seen.read(person, "tasks")


def waiting_count(session: Session) -> int:
    rows = rows_of(session)
    return 0 if rows is None else len(rows.waiting)


def test_rows_are_not_kept_alive(company: Engine) -> None:
    with batching(), Session(company) as session:
        people = [weakref.ref(person) for person in session.scalars(PEOPLE)]
        gc.collect()
        assert [person() for person in people] == [None] * 8


def test_a_session_is_not_kept_alive(company: Engine) -> None:
    with batching():
        session = Session(company)
        people = session.scalars(PEOPLE).all()
        assert [len(person.tasks) for person in people[:3]] == [0, 1, 2]
        gone = weakref.ref(session)
        del session, people
        gc.collect()
        assert gone() is None


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_nothing_waits_after_the_transaction(company: Engine, end: str) -> None:
    with batching(), Session(company, expire_on_commit=False) as session:
        people = session.scalars(PEOPLE).all()
        _ = [person.tasks for person in people[:2]]
        assert waiting_count(session) == 1
        getattr(session, end)()
        assert waiting_count(session) == 0


def test_nothing_waits_after_a_write(company: Engine) -> None:
    with batching(), Session(company) as session:
        people = session.scalars(PEOPLE).all()
        _ = [person.tasks for person in people[:2]]
        key = (Task, (7,), None)
        assert key in session.identity_map
        session.connection().exec_driver_sql("UPDATE task SET points = 9")
        assert waiting_count(session) == 0
        assert key not in session.identity_map


def test_batches_of_a_bounded_number_of_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "MOST_PARENTS", 2)
    _, batched = compare(read_all)
    assert batched.select_count == 5  # the rows, the first, and 3 + 3 + 1


def test_batches_of_a_bounded_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "MOST_RELATED_ROWS", 6)

    def from_the_last(session: Session, seen: Seen) -> None:
        for person in session.scalars(PEOPLE.order_by(None).order_by(Person.id.desc())).all():
            seen.read(person, "tasks")

    _, batched = compare(from_the_last)  # the first has three tasks: two more at once
    assert batched.select_count == 5


def test_waiting_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST_WAITING_ROWS", 3)
    plain, batched = compare(read_all)
    assert batched.select_count == plain.select_count  # they were dropped, and no batch is made twice


def test_known_rows_are_bounded(company: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings, "MOST_ROWS", 3)
    with batching(), Session(company) as session:
        people = session.scalars(PEOPLE).all()
        rows = rows_of(session)
        assert rows is not None
        assert [rows.result_of(inspect(person).key or ()) is not None for person in people] == [False] * 5 + [True] * 3
        assert [len(person.tasks) for person in people] == [0, 1, 2, 3, 0, 1, 2, 3]
