"""Figures that the bookkeeping wants, straight from SQL."""

from decimal import Decimal

from django.db import connection

NET_AMOUNT = """
    SELECT COALESCE(SUM(line.quantity * line.unit_price), 0)
    FROM orders_orderline AS line
    WHERE line.order_id = %s
"""


def net_amount(order_id: int) -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute(NET_AMOUNT, [order_id])
        (amount,) = cursor.fetchone()
    return Decimal(str(amount))
