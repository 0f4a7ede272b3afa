"""How many pieces of a product are on the shelves."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import StockLevel


async def units_on_hand(session: AsyncSession, product_id: int) -> int:
    units = select(func.coalesce(func.sum(StockLevel.quantity), 0)).where(
        StockLevel.product_id == product_id, StockLevel.quantity > 0
    )
    return await session.scalar(units) or 0


async def reserve(session: AsyncSession, product_id: int, quantity: int) -> None:
    """Take the pieces from the warehouse that has most of them."""
    fullest = (
        select(StockLevel)
        .where(StockLevel.product_id == product_id)
        .order_by(StockLevel.quantity.desc(), StockLevel.warehouse_id)
        .limit(1)
    )
    level = await session.scalar(fullest)
    if level is not None:
        level.quantity -= quantity
