"""The cursors of every connection."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

from ennead.agent.units import Recording, pause
from ennead.sources.django import queries
from ennead.sources.registry import UnsupportedVersionError
from tests.sources.django.rows import orders, queries_of, recorded
from tests.sources.django.shop.models import Order, Tag


def statements(found: Any) -> list[str]:
    return [query.statement for query in found]


def test_a_query_is_recorded_with_its_connection() -> None:
    (query,) = queries_of(lambda: list(Tag.objects.using("archive").all()))
    assert (query.connection, query.database, query.operation, query.error) == ("archive", "sqlite", "select", None)
    assert query.batch_size == 1
    assert query.duration_ns > 0


def test_each_alias_has_its_own_name() -> None:
    found = queries_of(lambda: [Tag.objects.count(), Tag.objects.using("archive").count()])
    assert [query.connection for query in found] == ["default", "archive"]


def test_the_debug_wrapper_records_once() -> None:
    def debugged() -> None:
        connection.force_debug_cursor = True
        try:
            with connection.cursor() as cursor:
                assert isinstance(cursor, CursorDebugWrapper)
                cursor.execute("SELECT 1")
                cursor.executemany("UPDATE shop_tag SET name = %s", [("a",), ("b",)])
        finally:
            connection.force_debug_cursor = False

    found = queries_of(debugged)
    assert len(found) == 2
    assert len(connection.queries) == 2


def test_a_connection_that_was_open_before_is_recorded() -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        assert len(queries_of(lambda: cursor.execute("SELECT 1"))) == 1


def test_other_threads_are_recorded() -> None:
    def elsewhere() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(copy_context().run, in_thread).result()

    def in_thread() -> None:
        Tag.objects.count()
        connections.close_all()

    assert len(queries_of(elsewhere)) == 1


FETCHES: dict[str, tuple[Any, int | None]] = {
    "one": (lambda cursor: cursor.fetchone(), 1),
    "many": (lambda cursor: cursor.fetchmany(2), 2),
    "many twice": (lambda cursor: [cursor.fetchmany(2), cursor.fetchmany(2)], 3),
    "all": (lambda cursor: cursor.fetchall(), 3),
    "iteration": (list, 3),
    "one after the last": (lambda cursor: [cursor.fetchone() for _ in range(5)], 3),
    "nothing": (lambda _: None, None),
}


@pytest.mark.parametrize(("fetch", "row_count"), FETCHES.values(), ids=FETCHES)
def test_fetched_rows_are_counted(fetch: Any, row_count: int | None) -> None:
    Tag.objects.bulk_create(Tag(name=name) for name in "abc")

    def work() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM shop_tag ORDER BY name")
            fetched.append(fetch(cursor))

    fetched: list[Any] = []
    work()
    (query,) = queries_of(work)
    assert query.row_count == row_count
    assert fetched[0] == fetched[1]


def test_no_rows_are_zero_rows() -> None:
    (query,) = queries_of(lambda: list(Tag.objects.all()))
    assert query.row_count == 0


def test_rows_of_a_chunked_read_are_counted_as_they_come() -> None:
    Tag.objects.bulk_create(Tag(name=str(number)) for number in range(25))
    (query,) = queries_of(lambda: list(Tag.objects.iterator(chunk_size=10)))
    assert query.row_count == 25


def test_rows_fetched_outside_of_the_unit_belong_to_nobody() -> None:
    Tag.objects.create(name="a")
    with connection.cursor() as cursor:

        def work() -> None:
            cursor.execute("SELECT name FROM shop_tag")
            with pause():
                cursor.execute("SELECT name FROM shop_tag")
                cursor.fetchall()

        (query,) = queries_of(work)
    assert query.row_count is None


def test_values_are_kept_to_tell_which_query_supplied_a_parameter() -> None:
    orders(2)
    found = queries_of(lambda: [order.customer for order in Order.objects.all()])
    assert [[source for source, *_ in query.supplied_by][:1] for query in found] == [[], [0], [0]]


def test_a_batch_counts_its_rows() -> None:
    def work() -> None:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO shop_tag (name) VALUES (%s)", [("a",), ("b",), ("c",)])
            cursor.executemany("INSERT INTO shop_tag (name) VALUES (%s)", ((name,) for name in "de"))

    assert [query.batch_size for query in queries_of(work)] == [3, 2]
    assert Tag.objects.count() == 5


def test_rows_are_counted_for_the_last_statement_of_a_cursor() -> None:
    Tag.objects.create(name="a")

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM shop_tag")
            cursor.executemany("UPDATE shop_tag SET name = %s", [("b",)])
            assert cursor.fetchall() == []

    assert [query.row_count for query in queries_of(work)] == [None, 0]


def test_an_error_is_recorded_and_raised_as_it_is() -> None:
    def work() -> None:
        with pytest.raises(OperationalError, match="no such table"), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")
        Tag.objects.create(name="a")
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.executemany("INSERT INTO shop_tag (name) VALUES (%s)", [("a",)])

    found = queries_of(work)
    assert [query.error for query in found] == ["OperationalError", None, "IntegrityError"]


class Composed:
    """A statement in parts, as some drivers take it; SQLite does not."""

    def as_string(self, _context: object) -> str:
        return "SELECT 1"


def test_a_composed_statement_is_recorded_as_text() -> None:
    def work() -> None:
        with pytest.raises(TypeError), connection.cursor() as cursor:
            cursor.execute(Composed())

    (query,) = queries_of(work)
    assert query.statement == "SELECT ?"


def test_each_atomic_block_is_a_transaction_and_a_savepoint_is_none() -> None:
    def work() -> None:
        Tag.objects.count()
        with transaction.atomic():
            Tag.objects.count()
            with transaction.atomic():
                Tag.objects.count()
            Tag.objects.count()
        with transaction.atomic():
            Tag.objects.count()
        Tag.objects.count()

    counts = [query.transaction for query in queries_of(work) if query.operation == "select"]
    assert counts == [None, 1, 1, 1, 2, None]


def test_a_transaction_that_was_open_before_has_an_ordinal() -> None:
    with transaction.atomic():
        (query,) = queries_of(Tag.objects.count)
    assert query.transaction == 1


def test_transactions_without_autocommit_end_with_each_commit() -> None:
    def work() -> None:
        transaction.set_autocommit(False)
        try:
            Tag.objects.count()
            transaction.commit()
            Tag.objects.count()
            transaction.rollback()
            Tag.objects.count()
        finally:
            transaction.rollback()
            transaction.set_autocommit(True)
        Tag.objects.count()

    assert [query.transaction for query in queries_of(work)] == [1, 2, 3, None]


def test_a_failed_atomic_block_is_over() -> None:
    def work() -> None:
        with suppress(LookupError), transaction.atomic():
            Tag.objects.count()
            raise LookupError
        with transaction.atomic():
            Tag.objects.count()

    assert [query.transaction for query in queries_of(work) if query.operation == "select"] == [1, 2]


def test_nothing_is_left_behind() -> None:
    before = dict(vars(CursorWrapper)), dict(vars(BaseDatabaseWrapper))
    connection.ensure_connection()
    recorded(lambda: [Tag.objects.count(), list(Tag.objects.all())])
    assert (dict(vars(CursorWrapper)), dict(vars(BaseDatabaseWrapper))) == before
    assert not [name for name in vars(connections["default"]) if "ennead" in name]


def test_installing_twice_records_once() -> None:
    queries.install()
    assert len(queries_of(Tag.objects.count)) == 1
    queries.uninstall()


def test_outside_of_a_unit_nothing_is_recorded() -> None:
    queries.install()
    try:
        with Recording("test", "profile", explicit=True) as recording, pause():
            assert Tag.objects.count() == 0
        assert recording.unit is not None
        assert recording.unit.hits == []
    finally:
        queries.uninstall()


def test_an_older_django_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.VERSION", (3, 2, 0, "final", 0))
    with pytest.raises(UnsupportedVersionError, match=r"4\.2 is the oldest"):
        queries.install()
