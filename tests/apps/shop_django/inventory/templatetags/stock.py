from django import template

from catalogue.models import Product
from inventory.availability import units_on_hand

register = template.Library()


@register.inclusion_tag("inventory/_stock_badge.html")
def stock_badge(product: Product) -> dict[str, int]:
    return {"units": units_on_hand(product)}
