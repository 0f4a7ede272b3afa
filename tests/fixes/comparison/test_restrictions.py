"""A restriction is refused if no row at hand tests it, and accepted if one does or the schema rules a loss out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ennead.fixes.comparison.notes import Notes
from ennead.fixes.comparison.restrictions import compare_restrictions
from ennead.fixes.comparison.select_shape import select_shape
from ennead.fixes.trace import ReplayTrace, TableContent
from tests.fixes.replays import BATCH, LARGE, LIST, LOOKUP, SMALL, original, repaired, statement, with_statements

JOINED = "SELECT orders.id, customers.name FROM orders {} JOIN customers ON orders.customer_id = customers.id"
INNER, OUTER = JOINED.format("INNER"), JOINED.format("LEFT OUTER")
TO_MANY = "SELECT customers.id, orders.id FROM customers LEFT OUTER JOIN orders ON customers.id = orders.customer_id"
PAID = "SELECT orders.id FROM orders WHERE orders.{} ORDER BY orders.id"


def refused(patched: str, before: ReplayTrace | None = None, rows: int = SMALL, *more: str) -> list[str]:
    """What is said about the patched statement in place of all others."""
    first = before or original(SMALL)
    after = with_statements(repaired(SMALL), statement(patched, rows=rows), *(statement(sql) for sql in more))
    notes = Notes()
    compare_restrictions([[first]], [[after]], notes)
    return list(notes.differences)


def with_orders(**changes: object) -> ReplayTrace:
    first = original(SMALL)
    content = first.tables["default.orders"]
    return replace(first, tables={**first.tables, "default.orders": replace(content, **changes)})  # type: ignore[arg-type]


@pytest.mark.parametrize("patched", [LIST, BATCH, OUTER, INNER.replace("INNER", "LEFT")])
def test_what_loses_no_rows_is_accepted(patched: str) -> None:
    assert refused(patched) == []


@pytest.mark.parametrize("tail", ["LIMIT ?", "LIMIT ? OFFSET ?", "OFFSET ?", "FETCH FIRST ? ROWS ONLY"])
def test_a_new_limit_is_refused(tail: str) -> None:
    (sentence,) = refused(f"{LIST} {tail}")
    assert sentence == "GET /orders: a query of orders has a LIMIT that it had not: with more rows it loses some"


def test_a_limit_that_takes_the_place_of_another_is_accepted() -> None:
    other = LOOKUP.replace("customers.id = ?", "customers.name = ?")
    assert not any("LIMIT" in sentence for sentence in refused(other))
    assert any("LIMIT" in sentence for sentence in refused(other.replace("customers", "orders")))


def test_a_limit_where_there_is_one_row_at_most_is_accepted() -> None:
    lookup = "SELECT orders.id FROM orders WHERE orders.{} = ? LIMIT ?"
    assert not any("LIMIT" in sentence for sentence in refused(lookup.format("id")))
    assert any("LIMIT" in sentence for sentence in refused(lookup.format("customer_id")))
    either = lookup.format("id").replace(" LIMIT", " OR orders.customer_id = ? LIMIT")
    assert any("LIMIT" in sentence for sentence in refused(either))


def test_a_limit_of_a_value_or_of_a_test_for_rows_is_accepted() -> None:
    inside = "SELECT customers.id FROM customers WHERE customers.id = orders.customer_id LIMIT ?"
    assert refused(f"SELECT orders.id, ({inside}) AS last FROM orders") == []
    assert refused(f"SELECT orders.id, EXISTS({inside}) AS has FROM orders") == []


def test_an_inner_join_that_may_lose_null_keys_is_refused() -> None:
    (sentence,) = refused(INNER)
    assert sentence.startswith("GET /orders: the new inner join orders.customer_id = customers.id drops rows of orders")


def test_an_inner_join_over_a_key_that_cannot_be_null_is_accepted() -> None:
    assert refused(INNER, with_orders(not_null=("id", "customer_id"))) == []


def test_an_inner_join_that_no_reference_backs_is_refused() -> None:
    assert refused(INNER, with_orders(not_null=("id", "customer_id"), foreign_keys={})) != []


def test_an_inner_join_that_the_rows_at_hand_test_is_accepted() -> None:
    rows = original(SMALL).tables["default.orders"].rows
    assert refused(INNER, with_orders(rows=(*rows, ("99", None, "2026-01-01")))) == []


def test_a_join_written_as_a_condition_is_a_join() -> None:
    assert refused("SELECT orders.id FROM orders, customers WHERE orders.customer_id = customers.id") != []


def test_an_inner_join_that_the_original_had_is_accepted() -> None:
    first = with_statements(original(SMALL), statement(INNER.replace("orders.id,", "")), statement(LOOKUP))
    assert refused(INNER, first) == []


def test_a_load_of_further_rows_by_keys_may_join() -> None:
    assert refused(TO_MANY.replace("LEFT OUTER", "INNER") + " WHERE customers.id IN (?)") == []


@pytest.mark.parametrize("join", ["LEFT OUTER", "INNER"])
def test_a_condition_of_a_join_that_all_rows_meet_is_refused(join: str) -> None:
    columns = ("id", "name", "is_blocked")
    rows = tuple((str(number), "a", "0") for number in range(SMALL))
    key = with_orders(not_null=("id", "customer_id"))
    first = replace(
        key, tables={**key.tables, "default.customers": TableContent(columns=columns, rows=rows, unique=("id",))}
    )
    joined = JOINED.format(join) + " AND NOT customers.is_blocked"
    assert len(refused(joined, first, SMALL - 1)) == 1
    mixed = TableContent(columns=columns, rows=(*rows, ("99", "b", "1")), unique=("id",))
    tested = replace(first, tables={**first.tables, "default.customers": mixed})
    assert refused(joined, tested, SMALL - 1) == []


def test_distinct_is_refused_unless_it_drops_rows_or_cannot() -> None:
    asked = "SELECT DISTINCT orders.placed_at FROM orders"
    (sentence,) = refused(asked)
    assert "the new DISTINCT makes one row of orders of several that are equal in placed_at" in sentence
    assert refused(asked, rows=SMALL - 1) == []
    assert refused(asked.replace("placed_at", "placed_at, orders.id")) == []
    before = with_statements(original(SMALL), statement(f"{asked} ORDER BY orders.placed_at"))
    assert refused(asked, before) == []


def test_exists_is_refused_unless_it_drops_rows() -> None:
    asked = (
        "SELECT orders.id FROM orders WHERE EXISTS (SELECT ? FROM customers WHERE customers.id = orders.customer_id)"
    )
    (sentence,) = refused(asked)
    assert sentence.startswith("GET /orders: the new condition EXISTS drops rows of orders without a row of customers")
    assert refused(asked, rows=SMALL - 1) == []
    before = with_statements(original(SMALL), statement(asked.replace("orders.id FROM", "orders.* FROM")))
    assert refused(asked, before) == []


def test_without_a_schema_it_is_told() -> None:
    notes = Notes()
    first = with_orders(foreign_keys=None)
    compare_restrictions([[first]], [[with_statements(repaired(SMALL), statement(INNER))]], notes)
    assert notes.differences == {}
    assert list(notes.not_compared) == [
        "rows that the new join orders.customer_id = customers.id drops or doubles: the schema is not known"
    ]


def test_a_join_with_several_partners_is_refused_unless_some_row_has_several() -> None:
    assert len(refused(TO_MANY)) == 1
    rows = original(SMALL).tables["default.orders"].rows
    assert refused(TO_MANY, with_orders(rows=(*rows, ("99", "1", "2026-01-01")))) == []
    assert refused(TO_MANY, with_orders(unique=("id", "customer_id"))) == []
    assert refused(f"{TO_MANY} GROUP BY customers.id") == []


@pytest.mark.parametrize(
    "condition", ["is_paid", "is_paid = ?", "is_paid IS NULL", "is_paid <> ?", "is_paid IN (SELECT ?)"]
)
def test_a_condition_that_all_rows_meet_is_refused(condition: str) -> None:
    columns = TableContent(
        columns=("id", "customer_id", "is_paid"), rows=tuple((str(n), str(n), "1") for n in range(SMALL))
    )
    first = replace(original(SMALL), tables={"default.orders": columns})
    assert len(refused(PAID.format(condition), first)) == 1
    mixed = replace(columns, rows=(*columns.rows, ("99", "1", "0")))
    everything = with_statements(original(SMALL), statement(LIST, rows=SMALL + 1))
    tested = replace(everything, tables={"default.orders": mixed})
    assert refused(PAID.format(condition), tested) == []
    assert len(refused(PAID.format(condition), tested, SMALL + 1)) == 1
    as_many = with_statements(original(SMALL), statement(LIST, rows=SMALL))
    assert len(refused(PAID.format(condition), replace(as_many, tables=tested.tables))) == 1


def test_a_condition_that_the_original_had_is_accepted() -> None:
    first = with_statements(original(SMALL), statement("SELECT orders.note FROM orders WHERE orders.placed_at < ?"))
    assert refused(PAID.format("placed_at < ?"), first) == []
    assert refused(PAID.format("placed_at < ?")) != []


def test_rows_of_both_sizes_count() -> None:
    large = original(LARGE)
    content = large.tables["default.orders"]
    rows = (*content.rows, ("99", None, "2026-01-01"))
    large = replace(large, tables={**large.tables, "default.orders": replace(content, rows=rows)})
    notes = Notes()
    patched = [[with_statements(repaired(size), statement(INNER))] for size in (SMALL, LARGE)]
    compare_restrictions([[original(SMALL)], [large]], patched, notes)
    assert notes.differences == {}


def test_a_statement_that_was_cut_is_told() -> None:
    assert select_shape("SELECT a …") is None
    notes = Notes()
    cut = with_statements(repaired(SMALL), statement("SELECT orders.id FROM orders …"))
    compare_restrictions([[original(SMALL)]], [[cut]], notes)
    assert list(notes.not_compared) == ["new limits, joins and conditions: some statements could not be parsed"]
