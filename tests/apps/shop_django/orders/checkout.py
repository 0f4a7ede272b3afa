"""From a cart to an order."""

from django.db import transaction

from customers.models import Address
from inventory.availability import reserve
from orders.models import Cart, Order, OrderLine, OutboxMessage, Payment


class EmptyCartError(ValueError):
    """There is nothing in the cart."""


def unused_number() -> str:
    """The next free order number. Numbers of imported orders lie in between."""
    candidate = Order.objects.count()
    while Order.objects.filter(number=f"S-{candidate:05d}").exists():
        candidate += 1
    return f"S-{candidate:05d}"


@transaction.atomic
def place_order(cart: Cart, address: Address) -> Order:
    lines = list(cart.lines.select_related("product"))
    if not lines:
        raise EmptyCartError
    order = Order.objects.create(
        number=unused_number(), customer=cart.customer, shipping_address=address
    )
    for line in lines:
        OrderLine.objects.create(
            order=order,
            product=line.product,
            quantity=line.quantity,
            unit_price=line.product.price,
        )
        reserve(line.product, line.quantity)
    cart.lines.all().delete()
    Payment.objects.create(order=order, reference=f"pay-{order.number}")
    OutboxMessage.objects.create(topic="order-placed", payload={"order": order.number})
    return order
