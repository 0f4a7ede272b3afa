from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.database import SessionDep
from storefront.models import Customer, Order, OrderStatus
from storefront.rendering import render
from storefront.schemas import TickerEntry
from storefront.security import staff_only

router = APIRouter(tags=["desk"], dependencies=[Depends(staff_only)])

ORDERS_SHOWN = 50


@router.get("/orders")
async def order_list(request: Request, session: SessionDep) -> Response:
    wanted = select(Order).where(Order.status != OrderStatus.CANCELLED)
    latest_first = wanted.order_by(Order.placed_at.desc(), Order.id.desc())
    orders = (await session.scalars(latest_first.limit(ORDERS_SHOWN))).all()
    return await render(session, request, "order_list", orders=orders)


@router.get("/orders/ticker")
async def order_ticker(session: SessionDep) -> list[TickerEntry]:
    """The latest orders for the screen in the warehouse."""
    latest = select(Order).order_by(Order.placed_at.desc(), Order.id.desc()).limit(ORDERS_SHOWN)
    entries = []
    for order in await session.scalars(latest):
        customer = await session.get_one(Customer, order.customer_id)
        entries.append(TickerEntry(number=order.number, customer=customer.name))
    return entries


async def existing_order(session: SessionDep, order_id: int) -> Order:
    order = await session.get(Order, order_id)
    if order is None:
        raise HTTPException(404)
    return order


@router.get("/orders/{order_id}")
async def order_detail(
    request: Request, session: SessionDep, order: Annotated[Order, Depends(existing_order)]
) -> Response:
    return await render(session, request, "order_detail", order=order)


@router.get("/desk")
async def desk(request: Request, session: SessionDep) -> Response:
    """What the staff sees in the morning."""
    pending = await _count(session, OrderStatus.PENDING)
    paid = await _count(session, OrderStatus.PAID)
    shipped = await _count(session, OrderStatus.SHIPPED)
    cancelled = await _count(session, OrderStatus.CANCELLED)
    return await render(
        session,
        request,
        "desk",
        counts={"Pending": pending, "Paid": paid, "Shipped": shipped, "Cancelled": cancelled},
    )


async def _count(session: AsyncSession, status: OrderStatus) -> int:
    return await session.scalar(select(func.count(Order.id)).where(Order.status == status)) or 0
