"""Filling and finding a customer's cart."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from storefront.models import Cart, CartLine, Customer, Order, OrderLine, Product
from storefront.services.repository import save


async def cart_of(session: AsyncSession, customer: Customer) -> Cart:
    """The customer's cart with lines and products, made on first use."""
    wanted = select(Cart).where(Cart.customer_id == customer.id)
    wanted = wanted.options(selectinload(Cart.lines).joinedload(CartLine.product))
    cart = await session.scalar(wanted)
    if cart is None:
        cart = await save(session, Cart(customer_id=customer.id, lines=[]))
    return cart


async def refill(session: AsyncSession, cart: Cart, order: Order) -> int:
    """Put everything from an earlier order into the cart again that is still sold."""
    present = {line.product_id for line in cart.lines}
    sold_lines = select(OrderLine).join(OrderLine.product)
    sold_lines = sold_lines.where(OrderLine.order_id == order.id, Product.is_active)
    added = 0
    for line in await session.scalars(sold_lines):
        if line.product_id not in present:
            cart.lines.append(CartLine(product_id=line.product_id, quantity=line.quantity))
            added += 1
    await session.flush()
    return added
