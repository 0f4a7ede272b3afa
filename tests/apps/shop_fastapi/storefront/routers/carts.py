from fastapi import APIRouter, HTTPException, status
from sqlalchemy import select

from storefront.database import SessionDep
from storefront.models import Address, Customer, Order
from storefront.schemas import CartOut, PlacedOrder
from storefront.security import CustomerDep
from storefront.services.carts import cart_of, refill
from storefront.services.checkout import EmptyCartError, place_order
from storefront.services.pricing import priced

router = APIRouter(tags=["cart"])


async def _home_of(session: SessionDep, customer: Customer) -> Address:
    home = select(Address).where(Address.customer_id == customer.id, Address.is_default)
    return (await session.scalars(home)).one()


@router.get("/cart")
async def show_cart(session: SessionDep, customer: CustomerDep) -> CartOut:
    home = await _home_of(session, customer)
    cart = await cart_of(session, customer)
    lines = [await priced(session, line, home.country) for line in cart.lines]
    return CartOut(lines=lines, total_cents=sum(line.gross_cents for line in lines))


@router.post("/cart/again/{order_id}")
async def order_again(session: SessionDep, customer: CustomerDep, order_id: int) -> int:
    order = await session.get(Order, order_id)
    if order is None or order.customer_id != customer.id:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    added = await refill(session, await cart_of(session, customer), order)
    await session.commit()
    return added


@router.post("/cart/checkout", status_code=status.HTTP_201_CREATED)
async def checkout(session: SessionDep, customer: CustomerDep) -> PlacedOrder:
    home = await _home_of(session, customer)
    cart = await cart_of(session, customer)
    try:
        order = await place_order(session, cart, home)
    except EmptyCartError:
        raise HTTPException(status.HTTP_409_CONFLICT, "the cart is empty") from None
    await session.commit()
    return PlacedOrder(number=order.number)
