"""Prices as the customer sees them: with tax."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import CartLine, TaxRate
from storefront.schemas import PricedLine


async def tax_percent(session: AsyncSession, country: str) -> int:
    rate = select(TaxRate.percent).where(TaxRate.country == country)
    return (await session.execute(rate)).scalar_one()


async def priced(session: AsyncSession, line: CartLine, country: str) -> PricedLine:
    percent = await tax_percent(session, country)
    net_cents = line.quantity * line.product.price_cents
    return PricedLine(
        name=line.product.name,
        quantity=line.quantity,
        gross_cents=round(net_cents * (100 + percent) / 100),
    )
