"""The shop's admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin

from tests.sources.django.shop.models import Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg,unused-ignore]
    list_display: ClassVar[list[str]] = [
        "number",
        "payer",
        "phone",
    ]
    list_select_related = ("customer",)

    def phone(self, order: Any) -> str:
        return str(order.customer.profile.phone)
