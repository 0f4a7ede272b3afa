"""Prices as the customer sees them: with tax, minus the coupon."""

from dataclasses import dataclass
from decimal import Decimal

from orders.models import CartLine, TaxRate

CENT = Decimal("0.01")


@dataclass(frozen=True)
class PricedLine:
    name: str
    quantity: int
    gross: Decimal


def tax_factor(country: str) -> Decimal:
    rate = TaxRate.objects.get(country=country)
    return 1 + rate.percent / 100


def priced(line: CartLine, country: str) -> PricedLine:
    gross = line.quantity * line.product.price * tax_factor(country)
    return PricedLine(line.product.name, line.quantity, gross.quantize(CENT))
