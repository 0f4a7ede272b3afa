"""E-mails to customers who left something in their cart."""

import logging
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.database import new_session
from storefront.models import Cart, utc_now
from storefront.services.contacts import contact_for

log = logging.getLogger(__name__)
ABANDONED_AFTER = timedelta(days=2)


async def send_reminders() -> str:
    limit = utc_now() - ABANDONED_AFTER
    async with new_session() as session:
        abandoned = select(Cart).where(Cart.updated_at < limit, Cart.lines.any())
        carts = (await session.scalars(abandoned.order_by(Cart.id))).all()
        for cart in carts:
            await remind(session, cart)
    return f"reminded {len(carts)} customers"


async def remind(session: AsyncSession, cart: Cart) -> None:
    name, email = await contact_for(session, cart.customer_id)
    await session.refresh(cart, ["lines"])
    products = [await line.awaitable_attrs.product for line in cart.lines]
    names = ", ".join(product.name for product in products)
    log.info("to %s: dear %s, still in your cart: %s", email, name, names)
