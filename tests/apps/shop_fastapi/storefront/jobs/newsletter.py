"""The monthly newsletter."""

import logging
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.database import new_session
from storefront.models import Customer

log = logging.getLogger(__name__)
PAGE = 4


async def subscribers(session: AsyncSession) -> AsyncIterator[Sequence[Customer]]:
    """All who want the newsletter, page by page in the order of their keys."""
    last = 0
    while True:
        following = select(Customer).where(Customer.newsletter, Customer.id > last)
        page = (await session.scalars(following.order_by(Customer.id).limit(PAGE))).all()
        if not page:
            return
        yield page
        last = page[-1].id


async def send_newsletter() -> str:
    sent = 0
    async with new_session() as session:
        async for page in subscribers(session):
            for customer in page:
                log.info("to %s: dear %s, here is what came in", customer.email, customer.name)
                sent += 1
    return f"sent {sent} newsletters"
