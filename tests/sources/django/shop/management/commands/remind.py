"""A command that queries."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tests.sources.django.shop.models import Order


class Command(BaseCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        for order in Order.objects.order_by("pk"):
            self.stdout.write(order.customer.name)
