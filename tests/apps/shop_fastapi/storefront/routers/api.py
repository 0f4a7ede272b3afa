from collections.abc import Sequence

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from storefront.database import SessionDep
from storefront.models import Order, Product, Supplier
from storefront.schemas import OrderOut, ProductOut, SupplierOut
from storefront.security import staff_only
from storefront.services.ratings import average_rating

router = APIRouter(prefix="/api", tags=["api"])

PAGE_SIZE = 50
ORDER_LIST = TypeAdapter(list[OrderOut])


@router.get("/products")
async def products(session: SessionDep) -> list[ProductOut]:
    wanted = select(Product).where(Product.is_active).options(selectinload(Product.images))
    found = (await session.scalars(wanted.order_by(Product.name).limit(PAGE_SIZE))).all()
    answer = []
    for product in found:
        item = await _as_product(session, product)
        item.average_rating = await average_rating(session, product)
        answer.append(item)
    return answer


async def _as_product(session: AsyncSession, product: Product) -> ProductOut:
    return await session.run_sync(lambda _: ProductOut.model_validate(product))


@router.get("/suppliers")
async def suppliers(session: SessionDep) -> Sequence[SupplierOut]:
    sold = selectinload(Supplier.products.and_(Product.is_active))
    found = await session.scalars(select(Supplier).options(sold).order_by(Supplier.name))
    return [SupplierOut.model_validate(supplier) for supplier in found.all()]


@router.get("/orders", dependencies=[Depends(staff_only)])
async def orders(session: SessionDep) -> list[OrderOut]:
    wanted = select(Order).options(joinedload(Order.customer), selectinload(Order.lines))
    latest_first = wanted.order_by(Order.placed_at.desc(), Order.id.desc()).limit(PAGE_SIZE)
    return await _as_orders(session, (await session.scalars(latest_first)).all())


async def _as_orders(session: AsyncSession, found: Sequence[Order]) -> list[OrderOut]:
    return await session.run_sync(lambda _: ORDER_LIST.validate_python(found))
