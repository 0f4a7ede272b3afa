"""Figures that the bookkeeping wants, straight from SQL."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

NET_AMOUNT = text("""
    SELECT COALESCE(SUM(line.quantity * line.unit_price_cents), 0)
    FROM order_lines AS line
    WHERE line.order_id = :order_id
""")


async def net_amount_cents(session: AsyncSession, order_id: int) -> int:
    return int((await session.execute(NET_AMOUNT, {"order_id": order_id})).scalar_one())
