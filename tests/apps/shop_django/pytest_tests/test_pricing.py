from decimal import Decimal

import pytest
from django.test import Client

from orders.models import CartLine, TaxRate
from orders.pricing import priced, tax_factor


@pytest.mark.parametrize(("country", "factor"), [("DE", "1.19"), ("FR", "1.2"), ("IT", "1.22")])
def test_tax_depends_on_the_country(shop: Client, country: str, factor: str) -> None:
    assert tax_factor(country) == Decimal(factor)


def test_an_unknown_country_has_no_tax_rate(shop: Client) -> None:
    with pytest.raises(TaxRate.DoesNotExist):
        tax_factor("XX")


def test_gross_price_is_rounded_to_cents(shop: Client) -> None:
    line = CartLine.objects.select_related("product").earliest("pk")
    line.quantity, line.product.price = 3, Decimal("1.11")
    assert priced(line, "DE").gross == Decimal("3.96")
