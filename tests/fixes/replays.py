"""Replays of a small work, built by hand: a list of orders, and for each order its customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ennead.fixes.trace import Outcome, ReplayTrace, StatementTrace, TableContent, UnitTrace
from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding

LIST = "SELECT orders.id, orders.customer_id FROM orders ORDER BY orders.id"
LOOKUP = "SELECT customers.id, customers.name FROM customers WHERE customers.id = ? LIMIT ?"
BATCH = "SELECT customers.id, customers.name FROM customers WHERE customers.id IN (?)"
ITEMS = "SELECT items.id FROM items WHERE items.order_id = ?"
ACCESS = CallSite("shop/views.py", 12, "order_list")
SMALL, LARGE = 10, 50


def statement(sql: str, count: int = 1, rows: int | None = None, **more: Any) -> StatementTrace:
    """A statement; its fingerprint is its text, its tables are read off."""
    words = sql.replace("`", "").split()
    after = {"FROM", "JOIN", "INTO", "UPDATE"}
    tables = [name.strip(",") for word, name in pairwise(words) if word in after]
    is_write = words[0] in {"INSERT", "UPDATE", "DELETE"}
    values = {
        "fingerprint": sql,
        "statement": sql,
        "connection": "default",
        "count": count,
        "row_count": count if rows is None else rows,
        "is_write": is_write,
        "tables": tuple(dict.fromkeys(tables)),
        "is_ordered": "ORDER BY" in sql,
        **more,
    }
    return StatementTrace(**values)


def orders(size: int) -> list[dict[str, Any]]:
    """The body that lists the orders."""
    return [{"id": number, "customer": f"Customer {number}"} for number in range(size)]


def response(body: Any, **more: Any) -> Outcome:
    """An answer with a JSON body."""
    values = {"kind": "response", "status": "200", "body": body, "media_type": "application/json", **more}
    return Outcome(**values)


def unit(statements: Sequence[StatementTrace], outcome: Outcome | None, **more: Any) -> UnitTrace:
    """A unit of work that counts the statements it has."""
    values = {
        "kind": "request",
        "name": "GET /orders",
        "route": "/orders",
        "query_count": sum(item.count for item in statements),
        "database_ms": 1.0,
        "duration_ms": 10.0,
        "statements": tuple(statements),
        "outcome": outcome,
        **more,
    }
    return UnitTrace(**values)


def replay(size: int, units: Sequence[UnitTrace], **more: Any) -> ReplayTrace:
    """A replay whose driver saw what the units count, and two statements more."""
    values = {
        "size": size,
        "exit_code": 0,
        "stdout": "done\n",
        "units": tuple(units),
        "statement_count": sum(item.query_count for item in units) + 2,
        "tables": tables(size),
        "line_counts": {ACCESS.file: {ACCESS.line: size}},
        "peak_memory_bytes": 100 << 20,
        **more,
    }
    return ReplayTrace(**values)


def tables(size: int) -> dict[str, TableContent]:
    """Orders and customers, each order with a customer of its own."""
    order_rows = tuple((str(number), str(number), f"2026-01-{number:02}") for number in range(size))
    return {
        "default.orders": TableContent(
            columns=("id", "customer_id", "placed_at"),
            rows=order_rows,
            not_null=("id", "placed_at"),
            unique=("id",),
            foreign_keys={"customer_id": "customers.id"},
        ),
        "default.customers": TableContent(
            columns=("id", "name"),
            rows=tuple((str(number), f"Customer {number}") for number in range(size)),
            not_null=("id", "name"),
            unique=("id",),
            foreign_keys={},
        ),
    }


def original(size: int, **more: Any) -> ReplayTrace:
    """The work as it is: one lookup for each order."""
    statements = [statement(LIST, rows=size), statement(LOOKUP, count=size)]
    return replay(size, [unit(statements, response(orders(size)))], **more)


def repaired(size: int, **more: Any) -> ReplayTrace:
    """The work with all customers fetched at once."""
    statements = [statement(LIST, rows=size), statement(BATCH, rows=size)]
    return replay(size, [unit(statements, response(orders(size)))], **more)


def with_unit(trace: ReplayTrace, **changes: Any) -> ReplayTrace:
    """The same replay with its first unit of work changed; its counts follow."""
    changed = replace(trace.units[0], **changes)
    if "statements" in changes and "query_count" not in changes:
        changed = replace(changed, query_count=sum(item.count for item in changed.statements))
    units = (changed, *trace.units[1:])
    return replace(trace, units=units, statement_count=sum(item.query_count for item in units) + 2)


def with_statements(trace: ReplayTrace, *statements: StatementTrace) -> ReplayTrace:
    """The same replay whose unit executes these statements."""
    return with_unit(trace, statements=tuple(statements))


def with_body(trace: ReplayTrace, body: Any, **more: Any) -> ReplayTrace:
    """The same replay whose unit answers something else."""
    return with_unit(trace, outcome=response(body, **more))


def finding(sql: str = LOOKUP, **more: Any) -> Finding:
    """The finding that the repair is for."""
    values = {
        "id": "f1:customer",
        "domain": "nplusone",
        "code": "n-plus-one",
        "kind": "relation",
        "severity": "high",
        "confidence": 95.0,
        "query_count": SMALL,
        "queries_needed": 1,
        "duration_ms": 1.0,
        "wasted_ms": 1.0,
        "statement": sql,
        "statement_fingerprint": sql,
        "explanation": "one lookup for each order",
        "route": "/orders",
        "call_site": ACCESS,
        **more,
    }
    return Finding(**values)
