"""Filling and finding a customer's cart."""

from customers.models import Customer
from orders.models import Cart, CartLine, Order


def cart_of(customer: Customer) -> Cart:
    cart, _ = Cart.objects.get_or_create(customer=customer)
    return cart


def refill(cart: Cart, order: Order) -> int:
    """Put everything from an earlier order into the cart again."""
    added = 0
    for line in order.lines.select_related("product"):
        if not line.product.is_active:
            continue
        CartLine.objects.get_or_create(
            cart=cart, product=line.product, defaults={"quantity": line.quantity}
        )
        added += 1
    return added
