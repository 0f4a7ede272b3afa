"""How many pieces of a product are on the shelves."""

from django.db.models import Sum

from catalogue.models import Product
from inventory.models import StockLevel


def units_on_hand(product: Product) -> int:
    levels = StockLevel.objects.filter(product=product, quantity__gt=0)
    return levels.aggregate(units=Sum("quantity"))["units"] or 0


def reserve(product: Product, quantity: int) -> None:
    """Take the pieces from the warehouse that has most of them."""
    level = StockLevel.objects.filter(product=product).order_by("-quantity", "pk").first()
    if level is None:
        return
    level.quantity -= quantity
    level.save(update_fields=["quantity"])
