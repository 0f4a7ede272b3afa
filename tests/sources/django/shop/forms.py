"""A form with choices from the database."""

from __future__ import annotations

from typing import Any

from django import forms

from tests.sources.django.shop.models import Order


class OrderChoice(forms.ModelChoiceField):  # type: ignore[type-arg,unused-ignore]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} for {obj.customer.name}"


class PickForm(forms.Form):
    order = OrderChoice(queryset=Order.objects.order_by("pk"))
