"""Rows are counted as they are fetched, and nobody notices."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import CursorResult, delete, insert, select, text, update
from sqlalchemy.orm import Session

from ennead.agent.unit_of_work import Hit
from ennead.sources.sqlalchemy import cursor as module
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Customer, Order, Tag

TABLE = Order.metadata.tables["orders"]
ORDERS = select(TABLE.c.id, TABLE.c.total).order_by(TABLE.c.id)


@pytest.fixture(params=[True, False], ids=["provenance", "no provenance"])
def provenance(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


FETCHES: dict[str, tuple[Callable[[Any], Any], int]] = {
    "all": (lambda result: result.all(), 6),
    "iteration": (list, 6),
    "first": (lambda result: result.first(), 1),
    "one after another": (lambda result: [result.fetchone() for _ in range(4)], 4),
    "beyond the end": (lambda result: [result.fetchone() for _ in range(9)], 6),
    "two pages": (lambda result: [result.fetchmany(2), result.fetchmany(3)], 5),
    "partitions": (lambda result: [list(part) for part in result.partitions(4)], 6),
    "scalars": (lambda result: result.scalars().all(), 6),
    "mappings": (lambda result: result.mappings().all(), 6),
    "frozen": (lambda result: result.freeze()().all(), 6),
    "yield per": (lambda result: result.yield_per(2).all(), 6),
    "none": (lambda result: result.close(), 0),
}


@pytest.mark.parametrize(("fetch", "count"), FETCHES.values(), ids=list(FETCHES))
def test_counts_what_is_fetched(session: Session, fetch: Callable[[Any], Any], count: int, *, provenance: bool) -> None:
    expected = fetch(session.execute(ORDERS))
    with record(provenance=provenance) as recorded:
        assert fetch(session.execute(ORDERS)) == expected
    assert recorded.row_counts == [count or None]


@pytest.mark.parametrize("options", [{"stream_results": True}, {"yield_per": 2}])
def test_buffered_rows(session: Session, options: dict[str, Any], *, provenance: bool) -> None:
    with record(provenance=provenance) as recorded:
        assert len(session.scalars(select(Order), execution_options=options).all()) == 6
    assert recorded.row_counts == [6]


def test_model_rows_are_fetched_at_once(session: Session, *, provenance: bool) -> None:
    with record(provenance=provenance) as recorded:
        assert session.scalars(select(Order)).first()
    assert recorded.row_counts == [6]


def test_relations(session: Session, *, provenance: bool) -> None:
    with record(provenance=provenance) as recorded:
        for customer in session.scalars(select(Customer)):
            assert customer.orders
    assert recorded.row_counts == [3, 2, 2, 2]


def test_no_rows(session: Session, *, provenance: bool) -> None:
    with record(provenance=provenance) as recorded:
        assert session.scalars(select(Order).where(Order.id > 100)).all() == []
        assert session.get(Order, 100) is None
    assert recorded.row_counts == [0, 0]


def test_writes_return_no_rows_but_for_returning(session: Session, *, provenance: bool) -> None:
    with record(provenance=provenance) as recorded:
        assert session.execute(insert(Tag).values(name="x")).rowcount == 1  # type: ignore[attr-defined]
        assert session.execute(update(Tag).values(name="y")).rowcount == 3  # type: ignore[attr-defined]
        assert len(session.execute(update(Tag).values(name="z").returning(Tag.id)).all()) == 3
        assert len(session.execute(text("UPDATE tag SET name = 'a' RETURNING id")).all()) == 3
        assert session.execute(delete(Tag).where(Tag.id == 3)).rowcount == 1  # type: ignore[attr-defined]
        session.execute(text("CREATE TABLE thing (id INTEGER)"))
        session.execute(text("PRAGMA user_version = 1"))
    assert recorded.row_counts == [None, None, 3, 3, None, None, None]


def test_values_only_with_provenance(session: Session) -> None:
    with record(provenance=True) as with_values:
        session.execute(ORDERS.limit(2)).all()
    with record(provenance=False) as without:
        session.execute(ORDERS.limit(2)).all()
    assert with_values.hits[0].rows == [(1, 10), (2, 20)]
    assert without.hits[0].rows is None


def test_provenance_leads_from_the_lazy_load_to_the_rows(session: Session) -> None:
    with record() as recorded:
        for customer in session.scalars(select(Customer)).all():
            assert customer.orders
    for query in recorded.queries[1:]:
        assert (0, 0) in [(supply.query, supply.column) for supply in query.supplied_by]


class TestStandIn:
    @pytest.fixture
    def result(self, session: Session) -> CursorResult[Any]:
        with record():
            result = session.connection().execute(ORDERS)
        assert type(result.cursor) is module.CapturingCursor
        return result

    def test_looks_like_the_cursor(self, result: CursorResult[Any]) -> None:
        cursor: Any = result.cursor
        assert isinstance(cursor, sqlite3.Cursor)
        assert [column[0] for column in cursor.description] == ["id", "total"]
        assert cursor.rowcount == -1
        assert repr(cursor).startswith("<sqlite3.Cursor")

    def test_sets_and_gets_what_the_cursor_has(self, result: CursorResult[Any]) -> None:
        cursor: Any = result.cursor
        cursor.arraysize = 3
        assert cursor.arraysize == 3
        assert cursor._ennead_cursor.arraysize == 3
        with pytest.raises(AttributeError, match=r"'sqlite3.Cursor' object has no attribute 'nonsense'"):
            cursor.nonsense  # noqa: B018 -- the access is the test
        with pytest.raises(AttributeError, match="nonsense"):
            del cursor.nonsense

    def test_counts_for_whoever_uses_it_directly(self, session: Session) -> None:
        with record() as recorded:
            cursor: Any = session.connection().execute(ORDERS).cursor
            assert next(cursor) == (1, 10)
            assert list(cursor) == [(2, 20), (3, 10), (4, 20), (5, 10), (6, 20)]
            assert cursor.fetchmany(size=1) == []
        assert recorded.row_counts == [6]

    def test_closed_cursor_raises_its_own_error(self, result: CursorResult[Any]) -> None:
        cursor: Any = result.cursor
        cursor.close()
        with pytest.raises(sqlite3.ProgrammingError, match="closed cursor"):
            cursor.fetchall()

    def test_rows_after_the_unit_of_work(self, result: CursorResult[Any]) -> None:
        assert len(result.all()) == 6

    @pytest.mark.parametrize("method", ["count_rows", "capture_rows"])
    def test_failing_to_count_is_not_noticed(
        self, session: Session, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> None:
        def fail(self: Hit, rows: object) -> None:
            raise RuntimeError

        with record() as recorded:
            monkeypatch.setattr(Hit, method, fail)
            assert len(session.execute(ORDERS).all()) == 6
            recorded.unit.internal_error_count = 0
        assert len(recorded.hits) == 1
