"""Small hand-made contexts: a lazy load in a loop, and its negative twin. For the conformance suite and the docs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
from ennead.kernel.call_site import CallSite
from ennead.kernel.records import OrmEvidence

_START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
_ORIGIN = CallSite("shop/views.py", 10, "order_list", "orders = Order.objects.all()", module="shop.views")
_ACCESS = CallSite("shop/views.py", 12, "order_list", "names.append(order.customer.name)", module="shop.views")
_CUSTOMER = OrmEvidence(
    "django",
    lazy_load=True,
    kind="relation",
    relation="shop.Order.customer",
    owner="shop.Order",
    target="shop.Customer",
    cardinality="one",
    models=("shop.Customer",),
    method="get",
)


def example_contexts() -> tuple[QueryExecutionContext, ...]:
    """Five orders whose customers are loaded one by one, and the same page with the customers joined."""
    orders = _query(0, "SELECT id, customer_id FROM shop_order", "a1", None, 5, _ORIGIN, _orders_evidence())
    customers = [
        _query(n, "SELECT id, name FROM shop_customer WHERE id = ?", "b2", f"h{n}", 1, _ACCESS, _CUSTOMER)
        for n in range(1, 6)
    ]
    return (_context("order_list", (orders, *customers)), _context("order_list joined", (orders,)))


def _orders_evidence() -> OrmEvidence:
    return OrmEvidence("django", target="shop.Order", models=("shop.Order",), method="all")


def _query(
    position: int, statement: str, fingerprint: str, parameter: str | None, rows: int, site: CallSite, orm: OrmEvidence
) -> QueryRecord:
    return QueryRecord(
        statement=statement,
        statement_fingerprint=fingerprint,
        parameters_hash=parameter,
        started_at=_START + timedelta(milliseconds=2 * position),
        offset_ms=2.0 * position,
        duration_ms=1.0,
        row_count=rows,
        call_path=(site,),
        relation=orm.relation,
        lazy_load=orm.lazy_load,
        connection="default",
        database="sqlite",
        transaction=None,
        batch_size=1,
        error=None,
        tables=(statement.split(" FROM ")[1].split(maxsplit=1)[0],),
        parameter_hashes=(parameter,) if parameter else (),
        orm=orm,
    )


def _context(name: str, queries: tuple[QueryRecord, ...]) -> QueryExecutionContext:
    return QueryExecutionContext(name, "orders/", None, _START, 2.0 * len(queries) + 1.0, queries)
