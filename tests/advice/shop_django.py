"""Django and a small shop on SQLite, for trials of advice; importing it sets Django up."""
# ruff: noqa: DJ008 -- nobody prints these

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.apps import AppConfig
from django.conf import settings


class ShopConfig(AppConfig):
    """An application without files of its own: its models are those that name it."""

    name = "tests.advice"
    label = "shop"
    path = str(Path(__file__).parent)


settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", ShopConfig("tests.advice", sys.modules[__name__])],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation  # noqa: E402 -- after the setup
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import connection, models  # noqa: E402


class Shop(models.Model):
    """All models belong to the shop."""

    class Meta:
        abstract = True
        app_label = "shop"


class Country(Shop):
    name = models.CharField(max_length=20)


class Customer(Shop):
    name = models.CharField(max_length=20, unique=True)
    country = models.ForeignKey(Country, models.CASCADE)


class Tag(Shop):
    name = models.CharField(max_length=20)


class Remark(Shop):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    text = models.CharField(max_length=20)


class Order(Shop):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    day = models.IntegerField()
    note = models.TextField()
    tags = models.ManyToManyField(Tag, related_name="orders")
    remarks = GenericRelation(Remark)


class Supplier(Shop):
    name = models.CharField(max_length=20)


class Product(Shop):
    name = models.CharField(max_length=20)
    supplier = models.ForeignKey(Supplier, models.CASCADE)


class Line(Shop):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.CASCADE, related_name="lines")
    price = models.IntegerField()
    sent = models.BooleanField()


class Parcel(Shop):
    """Has no related name."""

    order = models.ForeignKey(Order, models.CASCADE)
    weight = models.IntegerField()


class Category(Shop):
    name = models.CharField(max_length=20)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")


_MODELS = (Country, Customer, Tag, Remark, Order, Supplier, Product, Line, Parcel, Category)


def fill() -> None:
    """Six orders of four customers, with none to three of everything; eleven categories, four levels deep."""
    with connection.schema_editor() as editor:
        for model in (ContentType, *_MODELS):
            editor.create_model(model)
    countries = [Country.objects.create(name=f"country {number}") for number in range(3)]
    customers = [
        Customer.objects.create(name=f"customer {number}", country=countries[number % 3]) for number in range(4)
    ]
    tags = [Tag.objects.create(name=f"tag {number}") for number in range(3)]
    suppliers = [Supplier.objects.create(name=f"supplier {number}") for number in range(4)]
    products = [Product.objects.create(name=f"product {n}", supplier=suppliers[n % 4]) for n in range(5)]
    for number in range(6):
        order = Order.objects.create(customer=customers[number % 4], day=10 - number, note="n" * number)
        order.tags.set(tags[: number % 4])
        for extra in range(number % 4):
            price, sent = 7 * number + 5 - extra, (number + extra) % 2 == 0
            Line.objects.create(order=order, product=products[(number + extra) % 5], price=price, sent=sent)
            Parcel.objects.create(order=order, weight=(number * extra) % 5)
            Remark.objects.create(subject=order, text=f"remark {extra}")
    parents: list[Category | None] = [None]
    for number in range(11):
        parents.append(Category.objects.create(name=f"category {number}", parent=parents[(number + 1) // 2]))
