"""Delivery of the outbox: each message once, in order, by as many workers as there are."""

import logging

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.database import new_session
from storefront.models import OutboxMessage, utc_now

log = logging.getLogger(__name__)


async def deliver_outbox() -> str:
    delivered = 0
    async with new_session() as session:
        while await deliver_next(session):
            delivered += 1
    return f"delivered {delivered} messages"


async def deliver_next(session: AsyncSession) -> bool:
    """Take one waiting message, hand it on and tick it off; false when nothing waits."""
    waiting = select(OutboxMessage).where(OutboxMessage.sent_at.is_(None))
    oldest = waiting.order_by(OutboxMessage.id).limit(1).with_for_update(skip_locked=True)
    message = await session.scalar(oldest)
    if message is not None:
        log.info("deliver %s %s", message.topic, message.payload)
        message.sent_at = utc_now()
    await session.commit()
    return message is not None
