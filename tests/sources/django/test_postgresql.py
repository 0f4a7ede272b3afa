"""The same hooks over PostgreSQL: server-side cursors, real transactions, composed statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import DataError, InternalError, connections, transaction
from psycopg import sql

from ennead.kernel.records import OrmEvidence
from ennead.sources.drivers import psycopg
from tests.sources.django.rows import queries_of
from tests.sources.django.shop.models import Customer, Profile, Tag

ALIAS = "postgresql"

pytestmark = pytest.mark.postgresql


@pytest.fixture(autouse=True)
def _database(postgresql_url: str) -> Iterator[None]:
    url = urlsplit(postgresql_url)
    connections.settings[ALIAS] = {
        **connections.settings["default"],
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": url.username,
        "PASSWORD": url.password or "",
        "HOST": url.hostname,
        "PORT": str(url.port or ""),
        "TIME_ZONE": None,
        "OPTIONS": {},
    }
    models: tuple[Any, ...] = (Customer, Profile, Tag)
    try:
        with connections[ALIAS].schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        yield
        with connections[ALIAS].schema_editor() as editor:
            for model in reversed(models):
                editor.delete_model(model)
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


def tags(count: int) -> None:
    Tag.objects.using(ALIAS).bulk_create(Tag(name=str(number)) for number in range(count))


def test_a_server_side_cursor_counts_its_rows() -> None:
    tags(25)
    names: list[str] = []
    (query,) = queries_of(
        lambda: names.extend(tag.name for tag in Tag.objects.using(ALIAS).order_by("pk").iterator(chunk_size=10))
    )
    assert names == [str(number) for number in range(25)]
    assert (query.row_count, query.connection, query.database) == (25, ALIAS, "postgresql")
    assert query.orm == OrmEvidence(
        library="django", kind="lookup", target="shop.Tag", models=("shop.Tag",), method="iterator"
    )


def test_a_server_side_cursor_that_is_left_early_counts_what_was_fetched() -> None:
    tags(25)
    (query,) = queries_of(lambda: next(Tag.objects.using(ALIAS).iterator(chunk_size=10)))
    assert query.row_count == 10


def test_a_lazy_load() -> None:
    customer = Customer.objects.using(ALIAS).create(name="first")
    Profile.objects.using(ALIAS).create(customer=customer, phone="1")
    found = queries_of(lambda: Profile.objects.using(ALIAS).get().customer)
    assert [query.row_count for query in found] == [1, 1]
    assert found[1].orm is not None
    assert (found[1].orm.relation, found[1].orm.lazy_load) == ("shop.Profile.customer", True)
    assert {source for source, *_ in found[1].supplied_by} == {0}


def test_transactions_and_savepoints() -> None:
    def work() -> None:
        Tag.objects.using(ALIAS).count()
        with transaction.atomic(using=ALIAS):
            Tag.objects.using(ALIAS).count()
            with transaction.atomic(using=ALIAS):
                Tag.objects.using(ALIAS).count()
        with transaction.atomic(using=ALIAS):
            Tag.objects.using(ALIAS).count()

    counts = [query.transaction for query in queries_of(work) if query.operation == "select"]
    assert counts == [None, 1, 1, 2]


def test_a_server_side_cursor_in_a_transaction() -> None:
    tags(5)

    def work() -> None:
        with transaction.atomic(using=ALIAS):
            assert len(list(Tag.objects.using(ALIAS).iterator(chunk_size=2))) == 5

    assert [(query.row_count, query.transaction) for query in queries_of(work)] == [(5, 1)]


def test_an_error_aborts_the_transaction_as_ever() -> None:
    def work() -> None:
        with suppress(LookupError), transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
            with pytest.raises(DataError):
                cursor.execute("SELECT 1 / 0")
            with pytest.raises(InternalError, match="current transaction is aborted"):
                cursor.execute("SELECT 1")
            raise LookupError

    found = queries_of(work)
    assert [(query.error, query.transaction) for query in found] == [("DataError", 1), ("InternalError", 1)]


def test_a_composed_statement_is_recorded_as_text() -> None:
    statement = sql.SQL("SELECT {} FROM {} WHERE name = %s").format(sql.Identifier("name"), sql.Identifier("shop_tag"))

    def work() -> None:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(statement, ["1"])
            assert cursor.fetchall() == []
            cursor.execute(b"SELECT 1")

    found = queries_of(work)
    assert [query.statement for query in found] == ['SELECT "name" FROM "shop_tag" WHERE name = ?', "SELECT ?"]
    assert [query.row_count for query in found] == [0, None]


def test_the_hooked_driver_is_silent_beneath() -> None:
    psycopg.install()
    try:
        tags(3)
        found = queries_of(lambda: list(Tag.objects.using(ALIAS).all()))
    finally:
        psycopg.uninstall()
    assert [query.row_count for query in found] == [3]
