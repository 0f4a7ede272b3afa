"""A small shop with Peewee; the database is bound by the test."""

from __future__ import annotations

from typing import Any

from peewee import ForeignKeyField, IntegerField, ManyToManyField, Model, TextField


class Country(Model):
    name = TextField()


class Customer(Model):
    name = TextField()
    country = ForeignKeyField(Country, backref="customers")


class Tag(Model):
    name = TextField()


class Order(Model):
    day = IntegerField()
    customer: Any = ForeignKeyField(Customer, backref="orders", null=True)
    tags: Any = ManyToManyField(Tag, backref="orders")

    class Meta:
        table_name = "orders"


class Product(Model):
    name = TextField()


class Line(Model):
    price = IntegerField()
    order: Any = ForeignKeyField(Order, backref="lines")
    product: Any = ForeignKeyField(Product, backref="lines")


class Node(Model):
    name = TextField()
    parent: Any = ForeignKeyField("self", backref="children", null=True)


OrderTag: Any = Order.tags.get_through_model()
MODELS: list[Any] = [Country, Customer, Tag, Order, Product, Line, Node, OrderTag]
ORDERS, LINES = 4, 3


def fill() -> None:
    """Four orders with three lines and two tags each; a tree of one root, two branches and four leaves."""
    countries = [Country.create(name=f"country {number}") for number in range(ORDERS)]
    tags = [Tag.create(name=f"tag {number}") for number in range(ORDERS)]
    products = [Product.create(name=f"product {number}") for number in range(ORDERS * LINES)]
    for number in range(ORDERS):
        customer = Customer.create(name=f"customer {number}", country=countries[number])
        order = Order.create(day=number, customer=customer)
        order.tags.add([tags[number], tags[number - 1]])
        for line in range(LINES):
            Line.create(price=line, order=order, product=products[number * LINES + line])
    root = Node.create(name="root")
    for _ in range(2):
        branch = Node.create(name="branch", parent=root)
        for _ in range(2):
            Node.create(name="leaf", parent=branch)
