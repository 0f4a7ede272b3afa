"""Serializers: nested, by source, by method, by name."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tests.sources.django.shop.models import Item, Order


class ItemSerializer(serializers.ModelSerializer):  # type: ignore[type-arg,unused-ignore]
    class Meta:
        model = Item
        fields = ("name",)


class OrderSerializer(serializers.ModelSerializer):  # type: ignore[type-arg,unused-ignore]
    items = ItemSerializer(source="item_set", many=True)
    phone = serializers.CharField(source="customer.profile.phone")
    note_count = serializers.SerializerMethodField()
    payer = serializers.StringRelatedField()

    class Meta:
        model = Order
        fields = (
            "number",
            "items",
            "phone",
            "note_count",
            "payer",
            "tags",
        )

    def get_note_count(self, order: Any) -> int:
        return int(order.notes.count())
