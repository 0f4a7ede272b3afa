"""Tables from other programs."""

import csv
from pathlib import Path

from sqlalchemy import select

from storefront.database import new_session
from storefront.models import Product, StockLevel, Warehouse


async def import_prices(file: Path) -> str:
    """Read new prices: a CSV file with the columns sku, price_cents."""
    count = 0
    async with new_session() as session:
        for row in _rows(file):
            product = (
                await session.scalars(select(Product).where(Product.sku == row["sku"]))
            ).one()
            product.price_cents = int(row["price_cents"])
            count += 1
        await session.commit()
    return f"read {count} prices"


async def import_stock(file: Path) -> str:
    """Read a stocktaking: a CSV file with the columns warehouse, sku, quantity."""
    count = 0
    async with new_session() as session:
        warehouses = {each.code: each.id for each in await session.scalars(select(Warehouse))}
        skus = await session.execute(select(Product.sku, Product.id))
        products = {product.sku: product.id for product in skus}
        for counted in _rows(file):
            level = StockLevel(
                warehouse_id=warehouses[counted["warehouse"]],
                product_id=products[counted["sku"]],
                quantity=int(counted["quantity"]),
            )
            await session.merge(level)
            count += 1
        await session.commit()
    return f"read {count} stock levels"


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))
