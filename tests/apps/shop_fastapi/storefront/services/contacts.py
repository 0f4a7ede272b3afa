"""Whom to write to."""

from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Customer


async def contact_for(session: AsyncSession, customer_id: int) -> tuple[str, str]:
    """Name and e-mail address, as the mails want them."""
    customer = await session.get_one(Customer, customer_id)
    return customer.name, customer.email
