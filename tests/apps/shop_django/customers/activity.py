"""What a customer did lately."""

from datetime import datetime

from customers.models import Customer


def last_order_at(customer: Customer) -> datetime | None:
    latest = customer.orders.order_by("-placed_at").first()
    return latest.placed_at if latest else None


def review_counts(customers: list[Customer]) -> dict[int, int]:
    return {customer.pk: customer.reviews.count() for customer in customers}
