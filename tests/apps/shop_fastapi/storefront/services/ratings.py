"""What customers think of a product."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Product, Review


async def average_rating(session: AsyncSession, product: Product) -> float | None:
    approved = select(func.avg(Review.rating)).where(
        Review.product_id == product.id, Review.approved
    )
    mean = await session.scalar(approved)
    return None if mean is None else round(float(mean), 2)
