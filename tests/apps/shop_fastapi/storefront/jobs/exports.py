"""Tables for other programs."""

import csv
import sys
from itertools import islice
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from storefront.database import new_session
from storefront.models import Order, Product
from storefront.services.reporting import net_amount_cents

CHUNK = 5


async def export_orders(output: TextIO | None = None) -> str:
    """Write all orders with their net amounts as CSV."""
    writer = csv.writer(output or sys.stdout)
    count = 0
    async with new_session() as session:
        by_number = select(Order).options(joinedload(Order.customer)).order_by(Order.number)
        for order in (await session.scalars(by_number)).all():
            cents = await net_amount_cents(session, order.id)
            writer.writerow([order.number, order.customer.name, cents / 100])
            count += 1
    return f"wrote {count} orders"


async def export_products(output: TextIO | None = None) -> str:
    """Write all products as CSV, a few at a time so that memory stays flat."""
    writer = csv.writer(output or sys.stdout)
    count = 0
    async with new_session() as session:
        keys = iter((await session.scalars(select(Product.id).order_by(Product.id))).all())
        while chunk := list(islice(keys, CHUNK)):
            wanted = select(Product).where(Product.id.in_(chunk)).order_by(Product.id)
            for product in await session.scalars(wanted.options(joinedload(Product.category))):
                writer.writerow([product.sku, product.name, product.category.name])
                count += 1
            session.expunge_all()
    return f"wrote {count} products"
