"""Every query of a Peewee database, its rows, its transaction and its errors."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import peewee
import pytest
from peewee import Database, SqliteDatabase, fn

from ennead.sources.peewee import queries
from ennead.sources.registry import UnsupportedVersionError
from tests.sources.peewee.shop import Line, Order, Tag
from tests.sources.sqlalchemy.recording import record


def test_every_way_to_ask_is_recorded_once(database: Any) -> None:
    with record() as recorded:
        assert len(Order.select()) == 4
        assert Order.select().count() == 4
        assert Order.get_by_id(1).day == 0
        assert list(Order.select(Order.day).tuples()) == [(0,), (1,), (2,), (3,)]
        assert [row["day"] for row in Order.select(Order.day).dicts().iterator()] == [0, 1, 2, 3]
        assert Line.select(fn.SUM(Line.price)).scalar() == 12
        assert database.execute_sql("SELECT id FROM tag WHERE id < ?", (3,)).fetchall() == [(1,), (2,)]
        assert list(database.execute_sql("SELECT id FROM tag")) == [(1,), (2,), (3,), (4,)]
        Tag.create(name="new")
        Tag.update(name="old").where(Tag.name == "new").execute()
        Tag.delete().where(Tag.name == "old").execute()
        Tag.insert_many([{"name": "a"}, {"name": "b"}]).execute()
    assert recorded.row_counts == [4, 1, 1, 4, 4, 1, 2, 4, None, None, None, None]
    assert [query.operation for query in recorded.queries[8:]] == ["insert", "update", "delete", "insert"]
    assert recorded.queries[-1].batch_size == 2
    assert all(query.database == "sqlite" for query in recorded.queries)


def test_only_the_rows_that_were_fetched_are_counted(database: Any) -> None:
    with record() as recorded:
        next(iter(Order.select()))
    assert recorded.row_counts == [1]


def test_outside_of_units_of_work_nothing_is_in_between(database: Any) -> None:
    cursor = database.execute_sql("SELECT 1")
    assert type(cursor).__module__ == "sqlite3"


def test_the_cursor_is_the_drivers(database: Any) -> None:
    with record():
        cursor = database.execute_sql("SELECT id AS number FROM tag")
        written = database.execute_sql("UPDATE tag SET name = 'x'")
    assert cursor.description[0][0] == "number"
    assert cursor.fetchmany(2) == [(1,), (2,)]
    assert isinstance(cursor, type(written))
    assert written.rowcount == 4


def test_errors_pass_and_are_recorded(database: Any) -> None:
    with record() as recorded, pytest.raises(peewee.OperationalError, match="no such table"):
        database.execute_sql("SELECT * FROM absent")
    assert [query.error for query in recorded.queries] == ["OperationalError"]


def test_transactions_have_ordinals(database: Any) -> None:
    with record() as recorded:
        Tag.get_by_id(1)
        for _ in range(2):
            with database.atomic():
                Tag.get_by_id(1)
                with database.atomic():
                    Tag.get_by_id(1)
        Tag.get_by_id(1)
    found = [query.transaction for query in recorded.queries if query.operation == "select"]
    assert found == [None, 1, 1, 2, 2, None]


def test_databases_are_told_apart(hooks: None, tmp_path: Path) -> None:
    names = []
    for path in (tmp_path / "a" / "shop.db", tmp_path / "b" / "shop.db", tmp_path / "a" / "shop.db"):
        path.parent.mkdir(exist_ok=True)
        database = SqliteDatabase(path)
        with record() as recorded:
            database.execute_sql("SELECT 1")
        database.close()
        names.append(recorded.queries[0].connection)
    assert names == ["shop.db", "shop.db#2", "shop.db"]


def test_each_thread_has_its_own_transaction(hooks: None, tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "shop.db")
    seen: list[int | None] = []

    def ask() -> None:
        with record() as recorded:
            database.execute_sql("SELECT 1")
        database.close()
        seen.extend(query.transaction for query in recorded.queries)

    with record() as recorded, database.atomic():
        database.execute_sql("SELECT 1")
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    database.close()
    assert seen == [None]
    assert next(query.transaction for query in recorded.queries if query.operation == "select") == 1


def test_uninstall_leaves_no_trace() -> None:
    plain = Database.execute_sql
    queries.install()
    queries.install()
    assert Database.execute_sql is not plain
    queries.uninstall()
    queries.uninstall()
    assert Database.execute_sql is plain


def test_an_old_peewee_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "3.9.6")
    with pytest.raises(UnsupportedVersionError, match=r"3\.17 is the oldest"):
        queries.supported_version()
