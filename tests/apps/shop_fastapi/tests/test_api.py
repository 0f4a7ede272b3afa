import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Order, OrderLine, Product, Review

ROWS = 6


async def test_products_are_nested(anybody: AsyncClient, session: AsyncSession) -> None:
    first, *others = (await anybody.get("/api/products")).json()
    approved = select(func.avg(Review.rating)).where(Review.approved)
    mean = await session.scalar(approved.join(Review.product).where(Product.slug == "product-0"))
    assert len(others) == ROWS - 1
    assert len(first["images"]) == len(first["tags"]) == 2
    assert first["average_rating"] == pytest.approx(float(mean), abs=0.01)


async def test_suppliers_list_what_is_sold(anybody: AsyncClient, session: AsyncSession) -> None:
    await session.execute(
        update(Product).where(Product.slug == "product-0").values(is_active=False)
    )
    await session.commit()
    first, second, *_ = (await anybody.get("/api/suppliers")).json()
    assert [product["sku"] for product in first["products"]] == ["SKU-00003"]
    assert len(second["products"]) == 2


async def test_orders_carry_customer_and_lines(staff: AsyncClient, session: AsyncSession) -> None:
    wanted = select(func.count(OrderLine.id)).join(OrderLine.order).where(Order.number == "S-00004")
    first = (await staff.get("/api/orders")).json()[0]
    assert first["number"] == "S-00004"
    assert first["customer"] == {"name": "Customer 00000"}
    assert len(first["lines"]) == await session.scalar(wanted)
    assert first["lines"][0]["product_name"] == "Product 00000"
