"""E-mails to customers who left something in their cart."""

from datetime import timedelta

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from customers.contacts import contact_for
from orders.models import Cart

ABANDONED_AFTER = timedelta(days=2)


def abandoned_carts() -> list[Cart]:
    limit = timezone.now() - ABANDONED_AFTER
    carts = Cart.objects.filter(updated_at__lt=limit, lines__isnull=False)
    return list(carts.distinct().order_by("pk"))


def remind(cart: Cart) -> None:
    name, email = contact_for(cart.customer_id)
    body = render_to_string("orders/reminder.txt", {"name": name, "cart": cart})
    send_mail("Still in your cart", body, None, [email])
