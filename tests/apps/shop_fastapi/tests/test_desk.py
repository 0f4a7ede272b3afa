import pytest
from httpx import AsyncClient
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Order, OrderStatus, StockLevel

ROWS = 6
PAGES = ["/desk", "/orders", "/customers", "/inventory/low", "/inventory/shelves", "/notes"]


@pytest.mark.parametrize("path", [*PAGES, "/api/orders"])
async def test_strangers_stay_out(anybody: AsyncClient, path: str) -> None:
    assert (await anybody.get(path)).status_code == 403


async def test_desk_counts_by_status(staff: AsyncClient) -> None:
    page = (await staff.get("/desk")).text
    assert page.count("<dd>2</dd>") == 3
    assert page.count("<dd>0</dd>") == 1


async def test_order_list_shows_totals_but_no_cancelled_orders(
    staff: AsyncClient, session: AsyncSession
) -> None:
    first, second = (await session.scalars(select(Order).order_by(Order.id).limit(2))).all()
    await first.awaitable_attrs.lines
    await session.execute(
        update(Order).where(Order.id == second.id).values(status=OrderStatus.CANCELLED)
    )
    await session.commit()
    page = (await staff.get("/orders")).text
    assert f"<td>{first.total_cents / 100:.2f}</td>" in page
    assert first.number in page
    assert second.number not in page


async def test_ticker_names_the_customers(staff: AsyncClient) -> None:
    entries = (await staff.get("/orders/ticker")).json()
    assert entries[0] == {"number": "S-00004", "customer": "Customer 00000"}
    assert len(entries) == ROWS


async def test_order_page(staff: AsyncClient, session: AsyncSession) -> None:
    key = (await session.scalars(select(Order.id).order_by(Order.id))).first()
    page = (await staff.get(f"/orders/{key}")).text
    assert "coupon MINUS5" in page
    assert "3 lines" in page
    assert (await staff.get("/orders/0")).status_code == 404


async def test_customers_with_loyalty_and_last_order(staff: AsyncClient) -> None:
    first, second, *_ = (await staff.get("/customers")).json()
    assert second["loyalty"] == {"tier": "bronze", "points": 10}
    assert first["last_order_at"] > second["last_order_at"]


async def test_low_stock_is_grouped_by_region(staff: AsyncClient, session: AsyncSession) -> None:
    await session.execute(update(StockLevel).values(quantity=10))
    level = (await session.scalars(select(StockLevel).limit(1))).one()
    level.quantity = 1
    await session.commit()
    page = (await staff.get("/inventory/low")).text
    assert "Asia Pacific" in page
    assert page.count("Nothing to do.") == 2
    assert ": 1 in" in page


async def test_shelves_sum_up_all_warehouses(staff: AsyncClient, session: AsyncSession) -> None:
    await session.execute(update(StockLevel).values(quantity=7))
    await session.commit()
    reports = (await staff.get("/inventory/shelves")).json()
    assert reports == [{"sku": f"SKU-{n:05d}", "units": 14} for n in range(ROWS)]


async def test_notes_name_their_targets(staff: AsyncClient) -> None:
    page = (await staff.get("/notes")).text
    assert "on Customer 00000" in page
    assert "on S-00005" in page


async def test_notes_of_one_author(staff: AsyncClient) -> None:
    day = (await staff.get("/notes/by/day-shift")).text
    night = (await staff.get("/notes/by/night-shift")).text
    assert (day.count("case"), night.count("case")) == (4, 2)
    assert "on S-00005" in day
