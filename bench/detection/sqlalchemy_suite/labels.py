"""How a shipment is written on paper."""

from operator import attrgetter

customer_name_of = attrgetter("customer.name")


def address_label(shipment):
    customer = shipment.customer  # place[map_with_formatter_elsewhere]: access
    return f"{shipment.reference}\n{customer.name}\n{customer.email}"
