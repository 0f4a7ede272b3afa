"""Tags that query."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def profile_of(order: Any) -> str:
    return str(order.customer.profile.phone)


@register.inclusion_tag("shop/badge.html")
def badge(order: Any) -> dict[str, Any]:
    return {"order": order}
