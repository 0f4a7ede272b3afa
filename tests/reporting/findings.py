"""Findings as the domain makes them, for tests that need one without running an application."""

from datetime import UTC, datetime
from typing import Any

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Finding, Recommendation

STARTED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

ORIGIN = CallSite("shop/views.py", 21, "order_list", "orders = Order.objects.all()", module="shop.views")
LOOP = CallSite("shop/views.py", 22, "order_list", "for order in orders:", module="shop.views")
ACCESS = CallSite("shop/pricing.py", 7, "total", "return order.customer.discount", module="shop.pricing")
VIA = CallSite("shop/models.py", 40, "Order.total", "return pricing.total(self)", module="shop.models")
COLUMNS = ", ".join(f'"c"."{name}"' for name in ("full_name", "street", "city", "discount"))


def finding(**changes: Any) -> Finding:
    values: dict[str, Any] = {
        "id": "f1:00000000000000aa",
        "domain": "nplusone",
        "code": "n-plus-one",
        "kind": "relation",
        "severity": "high",
        "confidence": 99.0,
        "query_count": 100,
        "queries_needed": 1,
        "duration_ms": 50.0,
        "wasted_ms": 49.5,
        "statement": f'SELECT "c"."id", {COLUMNS} FROM "customer" "c" WHERE "c"."id" = ?',
        "statement_fingerprint": "abc",
        "explanation": "The query at shop/views.py:21 returned 100 rows. The loop loads the customer once per item.",
        "relation": "shop.Order.customer",
        "models": ("shop.Order", "shop.Customer"),
        "route": "orders/",
        "call_site": ACCESS,
        "call_path": (ACCESS, VIA, CallSite("shop/views.py", 23, "order_list", "row(order)", module="shop.views")),
        "loop": LOOP,
        "origin": ORIGIN,
        "origin_row_count": 100,
        "recommendations": (
            Recommendation(
                "Load customer eagerly",
                "Let the query that loads the orders join the customers.",
                'orders = Order.objects.all().select_related("customer")',
                place=ORIGIN,
            ),
        ),
        "evidence": {"reasons": ["lazy load", "inside a loop"], "supplied_ratio": 1.0},
    }
    return Finding(**{**values, **changes})
