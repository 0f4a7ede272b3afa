"""Orders as rows of a table."""

from collections.abc import Iterable, Iterator

from orders.models import Order

HEADER = ["number", "placed", "customer", "status", "coupon"]


def order_rows(orders: Iterable[Order]) -> Iterator[list[str]]:
    yield HEADER
    for order in orders:
        coupon = order.coupon.code if order.coupon_id else ""
        yield [
            order.number,
            order.placed_at.date().isoformat(),
            order.customer.name,
            order.status,
            coupon,
        ]
