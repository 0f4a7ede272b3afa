"""Reads whose answer another unit of work could use as well, and those that look like it."""

from typing import Any

import pytest

from ennead.domains.nplusone.cacheable_reads import MOST_ROWS, cacheable_reads
from ennead.kernel.records import OrmEvidence
from tests.domains.nplusone.traces import CUSTOMER, Trace, site

RATES = "SELECT percent FROM tax_rate WHERE country = ?"


def _found(trace: Trace) -> list[tuple[str, bool]]:
    return [(read.query.tables[0], read.is_ruled_out) for read in cacheable_reads(trace.context())]


def _read(sql: str, *values: object, **fields: Any) -> list[tuple[str, bool]]:
    trace = Trace()
    trace.run(sql, *values, **{"rows": 1, **fields})
    return _found(trace)


def test_a_small_table_read_with_a_constant() -> None:
    assert _read(RATES, "de") == [("tax_rate", False)]


@pytest.mark.parametrize(
    ("rows", "ruled_out"), [(0, False), (MOST_ROWS, False), (MOST_ROWS + 1, True), (None, True)], ids=str
)
def test_many_rows_are_not_kept(rows: int | None, *, ruled_out: bool) -> None:
    assert _read(RATES, "de", rows=rows) == [("tax_rate", ruled_out)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT session_data FROM django_session WHERE session_key = ?",
        "SELECT model FROM django_content_type WHERE app_label = ?",
        "SELECT name FROM django_migrations",
        "SELECT name FROM auth_user WHERE id = ?",
        "SELECT name FROM app_users WHERE id = ?",
        "SELECT id FROM basket WHERE user_id = ?",
        "SELECT id FROM orders WHERE customer_id = ?",
        "SELECT token FROM authtoken_token WHERE key = ?",
        "SELECT percent FROM tax_rate WHERE country = ? FOR UPDATE",
        "SELECT percent FROM tax_rate WHERE since < now()",
        "SELECT percent FROM tax_rate ORDER BY RANDOM() LIMIT 1",
        "SELECT 1",
        "SAVEPOINT a",
        "UPDATE tax_rate SET percent = ?",
    ],
)
def test_what_is_personal_of_the_moment_or_the_frameworks(sql: str) -> None:
    assert _read(sql, *["1"] * sql.count("?")) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM auth_user",
        "SELECT percent FROM tax_rate WHERE country_id = ?",
        "SELECT name FROM menu_item WHERE parent_id IS NULL ORDER BY place",
        "SELECT known_since FROM tax_rate",
    ],
)
def test_what_only_looks_like_it(sql: str) -> None:
    assert len(_read(sql, *["1"] * sql.count("?"))) == 1


@pytest.mark.parametrize("orm", [CUSTOMER, OrmEvidence("django", eager=True)], ids=["lazy", "eager"])
def test_loads_of_relations_belong_to_their_root(orm: OrmEvidence) -> None:
    assert _read(RATES, "de", orm=orm) == []
    assert len(_read(RATES, "de", orm=OrmEvidence("django", target="shop.TaxRate"))) == 1


def test_what_failed_or_has_no_line_of_ours() -> None:
    assert _read(RATES, "de", error="OperationalError") == []
    assert _read(RATES, "de", at=()) == []


def test_a_write_to_the_table_before() -> None:
    trace = Trace()
    trace.run(RATES, "de", rows=1)
    trace.run("UPDATE other SET a = 1")
    trace.run(RATES, "de", rows=1)
    trace.run("UPDATE tax_rate SET percent = 1")
    trace.run(RATES, "de", rows=1)
    assert _found(trace) == [("tax_rate", False), ("tax_rate", False), ("tax_rate", True)]


def test_reads_of_a_transaction_that_locks() -> None:
    trace = Trace()
    trace.run(RATES, "de", rows=1, transaction=1)
    trace.run("SELECT id FROM stock WHERE place = ? FOR UPDATE", 3, rows=1, transaction=1)
    trace.run(RATES, "fr", rows=1, transaction=2)
    (read,) = cacheable_reads(trace.context())
    assert read.query.transaction == 2


@pytest.mark.parametrize(
    ("sql", "line", "told"),
    [
        ("SELECT name FROM shop WHERE id = ?", "shop = Shop.objects.get(pk=place.shop_id)", False),
        ("SELECT name FROM shop WHERE id = ?", "shop = Shop.objects.get(pk=1)", True),
        ("SELECT name FROM shop WHERE active = ?", "shops = Shop.objects.filter(active=flag)", True),
        ("SELECT name FROM shop WHERE id IN (?)", "shops = Shop.objects.filter(pk__in=keys)", False),
    ],
)
def test_keys_out_of_rows_read_before_unless_they_are_written_out(sql: str, line: str, *, told: bool) -> None:
    trace = Trace()
    trace.run("SELECT id FROM basket WHERE user_id = ?", 5, rows=1)
    trace.run(sql, 1, rows=1, supplied_by=((0, 0, 0),), at=site("shop/views.py:9", source=line))
    assert len(_found(trace)) == told
