"""Whom to write to."""

from customers.models import Customer


def contact_for(customer_id: int) -> tuple[str, str]:
    """Name and e-mail address, as the mail templates want them."""
    customer = Customer.objects.get(pk=customer_id)
    return customer.name, customer.email
