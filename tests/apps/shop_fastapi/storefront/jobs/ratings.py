"""Average ratings, stored beside the products so that lists can sort by them."""

from sqlalchemy import select, update

from storefront.database import new_session
from storefront.models import Product
from storefront.services.ratings import average_rating


async def refresh_ratings() -> str:
    async with new_session() as session:
        products = (await session.scalars(select(Product).where(Product.is_active))).all()
        for product in products:
            rating = await average_rating(session, product)
            await session.execute(
                update(Product).where(Product.id == product.id).values(rating=rating)
            )
        await session.commit()
    return f"rated {len(products)} products"
