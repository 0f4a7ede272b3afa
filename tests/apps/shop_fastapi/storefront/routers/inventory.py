import asyncio

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from storefront.database import SessionDep, new_session
from storefront.models import Product, Region, StockLevel, Warehouse
from storefront.rendering import render
from storefront.schemas import ShelfReport
from storefront.security import staff_only
from storefront.services.availability import units_on_hand

router = APIRouter(tags=["desk"], dependencies=[Depends(staff_only)])

LOW_STOCK_ROWS = 5


@router.get("/inventory/low")
async def low_stock(request: Request, session: SessionDep) -> Response:
    """The most urgent refills of each region."""
    regions = {}
    for region in Region:
        urgent = (
            select(StockLevel)
            .join(StockLevel.warehouse)
            .where(Warehouse.region == region, StockLevel.quantity <= StockLevel.reorder_point)
            .options(joinedload(StockLevel.product), joinedload(StockLevel.warehouse))
            .order_by(StockLevel.quantity, StockLevel.product_id)
            .limit(LOW_STOCK_ROWS)
        )
        regions[region] = (await session.scalars(urgent)).all()
    return await render(session, request, "low_stock", regions=regions)


@router.get("/inventory/shelves")
async def shelves(session: SessionDep) -> list[ShelfReport]:
    """Stock of every product, asked for at the same time."""
    products = (await session.scalars(select(Product).order_by(Product.sku))).all()
    return await asyncio.gather(*(_shelf(product) for product in products))


async def _shelf(product: Product) -> ShelfReport:
    async with new_session() as session:
        return ShelfReport(sku=product.sku, units=await units_on_hand(session, product.id))
