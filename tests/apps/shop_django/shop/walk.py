"""A walk through the whole shop: every page, every API, every command, once."""

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import resolve

from catalogue.models import Category, Product, Review, Tag
from inventory.models import StockLevel
from orders.models import Order, Payment


@dataclass(frozen=True)
class Visit:
    """One request through the test client."""

    client: "Visitor"
    path: str
    method: str = "GET"
    data: dict[str, Any] = field(default_factory=dict)
    content_type: str | None = None

    @property
    def label(self) -> str:
        return f"{self.method} /{resolve(self.path).route}"

    def run(self) -> str:
        extra = {"content_type": self.content_type} if self.content_type else {}
        response = self.client.visit(self.method, self.path, self.data, extra)
        if response.status_code >= 400:
            msg = f"{self.method} {self.path} answered {response.status_code}"
            raise RuntimeError(msg)
        return f"{response.status_code}, {len(response.content)} bytes"


@dataclass(frozen=True)
class Run:
    """One management command."""

    command: str
    arguments: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.command

    def run(self) -> str:
        output = StringIO()
        call_command(self.command, *self.arguments, stdout=output)
        lines = output.getvalue().splitlines()
        return lines[-1] if len(lines) == 1 else f"{len(lines)} lines"


class Visitor(Client):
    """A client that is somebody."""

    def __init__(self, username: str | None = None) -> None:
        super().__init__()
        if username is not None:
            self.force_login(User.objects.get(username=username))

    def visit(self, method: str, path: str, data: dict[str, Any], extra: dict[str, str]) -> Any:
        send = self.post if method == "POST" else self.get
        return send(path, data, **extra)


def walk() -> Iterator[Visit | Run]:
    """Yield the steps one by one: a later step may depend on what an earlier one did."""
    staff = Visitor("staff")
    yield from _public_pages(Visitor())
    yield from _desk_pages(staff)
    yield from _admin_pages(staff)
    yield from _apis(staff)
    yield from _purchase(Visitor("customer"))
    yield from _commands()


def _public_pages(anybody: Visitor) -> Iterator[Visit]:
    yield Visit(anybody, "/")
    yield Visit(anybody, "/products/")
    yield Visit(anybody, "/products/gallery/")
    yield Visit(anybody, Product.objects.earliest("pk").get_absolute_url())
    yield Visit(anybody, "/categories/")
    yield Visit(anybody, Category.objects.earliest("pk").get_absolute_url())
    yield Visit(anybody, "/suppliers/")
    yield Visit(anybody, "/feeds/prices.csv")
    yield Visit(anybody, "/feeds/catalogue.json")


def _desk_pages(staff: Visitor) -> Iterator[Visit]:
    yield Visit(staff, "/desk/")
    yield Visit(staff, "/orders/")
    yield Visit(staff, Order.objects.earliest("pk").get_absolute_url())
    yield Visit(staff, "/orders/export.csv")
    yield Visit(staff, "/orders/ticker/")
    yield Visit(staff, "/customers/")
    yield Visit(staff, "/inventory/low/")
    yield Visit(staff, "/inventory/transfer/")
    yield Visit(staff, "/notes/")
    yield Visit(staff, "/notes/mine/")


def _admin_pages(staff: Visitor) -> Iterator[Visit]:
    for page in ("catalogue/product", "catalogue/review", "customers/customer", "orders/order"):
        yield Visit(staff, f"/admin/{page}/")
    yield Visit(staff, "/admin/orders/payment/")
    yield Visit(staff, "/admin/inventory/stocklevel/")
    chosen = list(Review.objects.values_list("pk", flat=True))
    approval = {"action": "approve", "_selected_action": chosen}
    yield Visit(staff, "/admin/catalogue/review/", "POST", approval)


def _apis(staff: Visitor) -> Iterator[Visit]:
    for name in ("products", "suppliers", "orders", "customers"):
        yield Visit(staff, f"/api/{name}/")
    keys = list(Product.objects.values_list("pk", flat=True))
    tagging = {"tag": Tag.objects.earliest("pk").name, "products": keys}
    yield Visit(staff, "/api/products/tagging/", "POST", tagging, "application/json")


def _purchase(customer: Visitor) -> Iterator[Visit | Run]:
    earlier = Order.objects.filter(customer__user__username="customer").earliest("pk")
    yield Visit(customer, f"/orders/{earlier.pk}/again/", "POST")
    yield Visit(customer, "/cart/")
    yield Visit(customer, "/cart/checkout/", "POST")
    payment = Payment.objects.latest("pk")
    yield Run("settle_payment", (payment.reference, "--pause", "0.01"))


def _commands() -> Iterator[Run]:
    yield Run("send_reminders")
    yield Run("send_newsletter")
    yield Run("deliver_outbox")
    yield Run("refresh_ratings")
    yield Run("export_orders")
    yield Run("export_products")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stocktaking.csv"
        _write_stocktaking(file)
        yield Run("import_stock", (str(file),))


def _write_stocktaking(file: Path) -> None:
    levels = StockLevel.objects.select_related("warehouse", "product")
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["warehouse", "sku", "quantity"])
        for level in levels:
            writer.writerow([level.warehouse.code, level.product.sku, max(level.quantity, 0)])
