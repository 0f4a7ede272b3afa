"""A small shop with Tortoise ORM; the test opens its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tortoise import Tortoise, fields
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.models import Model

ORDERS, LINES = 4, 3


class Country(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(50)


class Customer(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(50)
    country: Any = fields.ForeignKeyField("models.Country", related_name="customers")
    orders: Any
    address: Any


class Address(Model):
    id = fields.IntField(primary_key=True)
    street = fields.CharField(50)
    customer: Any = fields.OneToOneField("models.Customer", related_name="address")


class Tag(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(50)
    orders: Any


class Order(Model):
    id = fields.IntField(primary_key=True)
    day = fields.IntField()
    customer: Any = fields.ForeignKeyField("models.Customer", related_name="orders", null=True)
    tags: Any = fields.ManyToManyField("models.Tag", related_name="orders")
    lines: Any

    class Meta:
        table = "orders"


class Product(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(50)


class Line(Model):
    id = fields.IntField(primary_key=True)
    price = fields.IntField()
    order: Any = fields.ForeignKeyField("models.Order", related_name="lines")
    product: Any = fields.ForeignKeyField("models.Product", related_name="lines")


class Node(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(50)
    parent: Any = fields.ForeignKeyField("models.Node", related_name="children", null=True)
    children: Any


async def fill() -> None:
    """Four orders with three lines and two tags each."""
    countries = [await Country.create(name=f"country {number}") for number in range(ORDERS)]
    tags = [await Tag.create(name=f"tag {number}") for number in range(ORDERS)]
    products = [await Product.create(name=f"product {number}") for number in range(ORDERS * LINES)]
    for number in range(ORDERS):
        customer = await Customer.create(name=f"customer {number}", country=countries[number])
        await Address.create(street=f"street {number}", customer=customer)
        order = await Order.create(day=number, customer=customer)
        await order.tags.add(tags[number], tags[number - 1])
        for line in range(LINES):
            await Line.create(price=line, order=order, product=products[number * LINES + line])


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[None]:
    """A filled shop in an empty database."""
    EXECUTOR_CACHE.clear()  # Tortoise keeps statements by the name of the connection, whatever it leads to
    await Tortoise.init(db_url=url, modules={"models": [__name__]})
    try:
        await Tortoise.generate_schemas()
        await fill()
        yield
    finally:
        await Tortoise.close_connections()
