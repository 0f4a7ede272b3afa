"""A walk through the whole shop: every page, every API, every job, once."""

import csv
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from storefront import settings
from storefront.database import new_session
from storefront.jobs.crm import sync_crm
from storefront.jobs.exports import export_orders, export_products
from storefront.jobs.imports import import_prices, import_stock
from storefront.jobs.newsletter import send_newsletter
from storefront.jobs.outbox import deliver_outbox
from storefront.jobs.payments import settle_payment
from storefront.jobs.ratings import refresh_ratings
from storefront.jobs.reminders import send_reminders
from storefront.main import app
from storefront.models import Customer, Order, Payment, Product, StockLevel, Warehouse


@dataclass(frozen=True)
class Visit:
    """One request to the application, without a network in between."""

    client: httpx.AsyncClient
    route: str
    method: str = "GET"
    values: dict[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.method} {self.route}"

    async def run(self) -> str:
        response = await self.client.request(self.method, self.route.format(**self.values))
        response.raise_for_status()
        return f"{response.status_code}, {len(response.content)} bytes"


@dataclass(frozen=True)
class Run:
    """One job."""

    label: str
    job: Callable[[], Awaitable[str]]

    async def run(self) -> str:
        return await self.job()


@asynccontextmanager
async def visitor(**headers: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://shop.test", headers=headers
    ) as client:
        yield client


async def walk() -> AsyncIterator[Visit | Run]:
    """Yield the steps one by one: a later step may depend on what an earlier one did."""
    async with visitor() as anybody:
        for visit in _public(anybody):
            yield visit
    async with visitor(**{"X-Staff-Token": settings.load().staff_token}) as staff:
        for visit in _desk(staff, await _first_order()):
            yield visit
    async with visitor(**{"X-Customer-Token": "customer-0"}) as customer:
        for visit in _purchase(customer, await _first_order()):
            yield visit
    async for job in _jobs():
        yield job


def _public(anybody: httpx.AsyncClient) -> Iterator[Visit]:
    yield Visit(anybody, "/")
    yield Visit(anybody, "/products")
    yield Visit(anybody, "/products/{slug}", values={"slug": "product-0"})
    yield Visit(anybody, "/categories")
    yield Visit(anybody, "/categories/{slug}", values={"slug": "garden"})
    yield Visit(anybody, "/suppliers")
    yield Visit(anybody, "/feeds/prices.csv")
    yield Visit(anybody, "/feeds/catalogue.json")
    yield Visit(anybody, "/api/products")
    yield Visit(anybody, "/api/suppliers")


def _desk(staff: httpx.AsyncClient, order_id: int) -> Iterator[Visit]:
    yield Visit(staff, "/desk")
    yield Visit(staff, "/orders")
    yield Visit(staff, "/orders/ticker")
    yield Visit(staff, "/orders/{order_id}", values={"order_id": order_id})
    yield Visit(staff, "/customers")
    yield Visit(staff, "/inventory/low")
    yield Visit(staff, "/inventory/shelves")
    yield Visit(staff, "/notes")
    yield Visit(staff, "/notes/by/{author}", values={"author": "day-shift"})
    yield Visit(staff, "/api/orders")


def _purchase(customer: httpx.AsyncClient, order_id: int) -> Iterator[Visit]:
    yield Visit(customer, "/cart/again/{order_id}", "POST", {"order_id": order_id})
    yield Visit(customer, "/cart")
    yield Visit(customer, "/cart/checkout", "POST")


async def _jobs() -> AsyncIterator[Run]:
    reference = await _latest_payment()
    yield Run("settle-payment", lambda: settle_payment(reference, pause=0.01))
    yield Run("send-reminders", send_reminders)
    yield Run("send-newsletter", send_newsletter)
    yield Run("deliver-outbox", deliver_outbox)
    yield Run("refresh-ratings", refresh_ratings)
    yield Run("sync-crm", sync_crm)
    yield Run("export-orders", lambda: export_orders(StringIO()))
    yield Run("export-products", lambda: export_products(StringIO()))
    with tempfile.TemporaryDirectory() as folder:
        prices, stock = Path(folder) / "prices.csv", Path(folder) / "stock.csv"
        await _write_tables(prices, stock)
        yield Run("import-prices", lambda: import_prices(prices))
        yield Run("import-stock", lambda: import_stock(stock))


async def _first_order() -> int:
    async with new_session() as session:
        mine = select(Order.id).join(Order.customer).where(Customer.token == "customer-0")
        return (await session.execute(mine.order_by(Order.id).limit(1))).scalar_one()


async def _latest_payment() -> str:
    async with new_session() as session:
        latest = select(Payment.reference).order_by(Payment.id.desc()).limit(1)
        return (await session.execute(latest)).scalar_one()


async def _write_tables(prices: Path, stock: Path) -> None:
    async with new_session() as session:
        price_rows = await session.execute(select(Product.sku, Product.price_cents))
        levels = select(Warehouse.code, Product.sku, StockLevel.quantity + 1)
        levels = levels.join(StockLevel.warehouse).join(StockLevel.product)
        stock_rows = await session.execute(levels)
        _write(prices, ["sku", "price_cents"], price_rows)
        _write(stock, ["warehouse", "sku", "quantity"], stock_rows)


def _write(file: Path, header: list[str], rows: Iterable[Iterable[Any]]) -> None:
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(header)
        writer.writerows(rows)
