"""What a customer did lately."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Customer, Order


async def last_order_at(session: AsyncSession, customer: Customer) -> datetime | None:
    latest_first = customer.orders.select().order_by(Order.placed_at.desc())
    latest = await session.scalar(latest_first.limit(1))
    return latest.placed_at if latest else None
