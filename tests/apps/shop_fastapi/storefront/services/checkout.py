"""From a cart to an order."""

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storefront.models import Address, Cart, Order, OrderLine, OutboxMessage, Payment
from storefront.services.availability import reserve
from storefront.services.repository import save


class EmptyCartError(ValueError):
    """There is nothing in the cart."""


async def unused_number(session: AsyncSession) -> str:
    """The next free order number. Numbers of imported orders lie in between."""
    candidate = await session.scalar(select(func.count()).select_from(Order)) or 0
    while await session.scalar(select(exists().where(Order.number == f"S-{candidate:05d}"))):
        candidate += 1
    return f"S-{candidate:05d}"


async def place_order(session: AsyncSession, cart: Cart, address: Address) -> Order:
    """Turn a cart, loaded with its lines and products, into an order. The caller commits."""
    if not cart.lines:
        raise EmptyCartError
    order = await save(
        session,
        Order(
            number=await unused_number(session),
            customer_id=cart.customer_id,
            shipping_address_id=address.id,
        ),
    )
    for line in cart.lines:
        await reserve(session, line.product_id, line.quantity)
        ordered = OrderLine(
            order_id=order.id,
            product_id=line.product_id,
            quantity=line.quantity,
            unit_price_cents=line.product.price_cents,
        )
        await save(session, ordered)
    cart.lines.clear()
    await save(session, Payment(order_id=order.id, reference=f"pay-{order.number}"))
    await save(session, OutboxMessage(topic="order-placed", payload={"order": order.number}))
    return order
