"""Waits for the payment provider."""

import asyncio

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.database import new_session
from storefront.models import Payment, PaymentStatus

ASKS_UNTIL_SETTLED = 4


class StillPendingError(TimeoutError):
    """The provider took too long."""


async def ask_provider(session: AsyncSession, reference: str) -> None:
    """Make the provider's sandbox look at a payment. Its webhook then changes our row."""
    settled = Payment.attempts + 1 >= ASKS_UNTIL_SETTLED
    asked = update(Payment).where(Payment.reference == reference)
    await session.execute(
        asked.values(
            attempts=Payment.attempts + 1,
            status=case((settled, PaymentStatus.SETTLED.value), else_=Payment.status),
        ).execution_options(synchronize_session=False)
    )
    await session.commit()


async def settle_payment(reference: str, tries: int = 20, pause: float = 1.0) -> str:
    """Wait until the provider has settled a payment; `pause` seconds between two tries."""
    async with new_session() as session:
        payment = (
            await session.scalars(select(Payment).where(Payment.reference == reference))
        ).one()
        for _ in range(tries):
            await ask_provider(session, reference)
            await session.refresh(payment, ["status"])
            if payment.status != PaymentStatus.PENDING:
                return f"{reference} is {payment.status}"
            await asyncio.sleep(pause)
    msg = f"{reference} is still pending after {tries} tries"
    raise StillPendingError(msg)
