import csv
import logging
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.jobs.crm import sync_crm
from storefront.jobs.exports import export_orders, export_products
from storefront.jobs.imports import import_prices, import_stock
from storefront.jobs.newsletter import send_newsletter
from storefront.jobs.outbox import deliver_outbox
from storefront.jobs.ratings import refresh_ratings
from storefront.jobs.reminders import send_reminders
from storefront.models import Customer, OutboxMessage, Product, Review, StockLevel, Warehouse

ROWS = 6


async def test_reminders_go_to_owners_of_abandoned_carts(
    session: AsyncSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storefront")
    assert await send_reminders() == "reminded 3 customers"
    assert "to c1@example.com: dear Customer 00001" in caplog.text
    assert "Product 00001, Product 00002" in caplog.text
    assert "c0@example.com" not in caplog.text


async def test_the_newsletter_reaches_every_subscriber_once(
    session: AsyncSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storefront")
    await session.execute(update(Customer).values(newsletter=True))
    await session.commit()
    assert await send_newsletter() == f"sent {ROWS} newsletters"
    assert all(caplog.text.count(f"to c{n}@example.com") == 1 for n in range(ROWS))


async def test_the_outbox_is_emptied(session: AsyncSession) -> None:
    assert await deliver_outbox() == "delivered 3 messages"
    waiting = select(func.count()).where(OutboxMessage.sent_at.is_(None))
    assert await session.scalar(waiting) == 0
    assert await deliver_outbox() == "delivered 0 messages"


async def test_ratings_are_averages_of_approved_reviews(session: AsyncSession) -> None:
    await session.execute(update(Review).values(rating=2, approved=True))
    odd = (await session.scalars(select(Review).order_by(Review.id))).first()
    odd.rating, odd.approved = 5, False
    await session.commit()
    assert await refresh_ratings() == f"rated {ROWS} products"
    assert set(await session.scalars(select(Product.rating))) == {2.0}


async def test_everybody_is_pushed_to_the_crm(session: AsyncSession) -> None:
    assert await sync_crm() == f"pushed {ROWS} customers"
    unsynced = select(func.count()).where(Customer.synced_at.is_(None))
    assert await session.scalar(unsynced) == 0


async def test_exported_orders_carry_their_net_amount(session: AsyncSession) -> None:
    output = StringIO()
    assert await export_orders(output) == f"wrote {ROWS} orders"
    number, name, amount = next(csv.reader(output.getvalue().splitlines()))
    assert (number, name) == ("S-00004", "Customer 00000")
    assert float(amount) > 0


async def test_exported_products_are_complete(session: AsyncSession) -> None:
    output = StringIO()
    assert await export_products(output) == f"wrote {ROWS} products"
    rows = csv.reader(output.getvalue().splitlines())
    assert [row[0] for row in rows] == [f"SKU-{n:05d}" for n in range(ROWS)]


async def test_imported_prices_replace_the_old_ones(session: AsyncSession, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("sku,price_cents\nSKU-00000,111\nSKU-00002,333\n")
    assert await import_prices(file) == "read 2 prices"
    prices = select(Product.price_cents).order_by(Product.sku)
    assert (await session.scalars(prices)).all()[0:3:2] == [111, 333]


async def test_a_stocktaking_corrects_and_adds(session: AsyncSession, tmp_path: Path) -> None:
    before = await session.scalar(select(func.count()).select_from(StockLevel))
    file = tmp_path / "stock.csv"
    file.write_text("warehouse,sku,quantity\nEU1,SKU-00000,77\nAP2,SKU-00000,5\n")
    assert await import_stock(file) == "read 2 stock levels"
    level = select(StockLevel.quantity).join(StockLevel.warehouse).join(StockLevel.product)
    of_product = level.where(Product.sku == "SKU-00000").order_by(Warehouse.code)
    assert (await session.scalars(of_product)).all()[:2] == [5, 77]
    assert await session.scalar(select(func.count()).select_from(StockLevel)) == before + 1
