"""A small shop with Peewee on SQLite, for trials of advice."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peewee import ForeignKeyField, IntegerField, ManyToManyField, Model, SqliteDatabase, TextField

database: Any = SqliteDatabase(":memory:")


class Base(Model):
    """Of all models."""

    class Meta:
        database = database


class Country(Base):
    name = TextField()


class Customer(Base):
    name = TextField()
    country = ForeignKeyField(Country, backref="customers")


class Tag(Base):
    name = TextField()


class Order(Base):
    day = IntegerField()
    customer = ForeignKeyField(Customer, backref="orders", null=True)
    tags = ManyToManyField(Tag, backref="orders")

    class Meta:
        table_name = "orders"


class Product(Base):
    name = TextField()


class Line(Base):
    price = IntegerField()
    order = ForeignKeyField(Order, backref="lines")
    product = ForeignKeyField(Product, backref="lines")


class Category(Base):
    name = TextField()
    parent = ForeignKeyField("self", backref="children", null=True)


MODELS = [Country, Customer, Tag, Order, Product, Line, Category, Order.tags.get_through_model()]


def fill() -> None:
    """Six orders of four customers, one of nobody, with none to three of everything; eleven categories."""
    database.create_tables(MODELS)
    countries = [Country.create(name=f"country {number}") for number in range(3)]
    customers = [Customer.create(name=f"customer {number}", country=countries[number % 3]) for number in range(4)]
    tags = [Tag.create(name=f"tag {number}") for number in range(3)]
    products = [Product.create(name=f"product {number}") for number in range(5)]
    for number in range(6):
        order = Order.create(customer=customers[number] if number < 4 else None, day=10 - number)
        if number % 4:
            order.tags.add(tags[: number % 4])
        for extra in range(number % 4):
            Line.create(order=order, product=products[(number + extra) % 5], price=7 * number + 5 - extra)
    parents: list[Any] = [None]
    for number in range(11):
        parents.append(Category.create(name=f"category {number}", parent=parents[(number + 1) // 2]))


class _Notes(logging.Handler):
    def __init__(self, statements: list[Any]) -> None:
        super().__init__()
        self._statements = statements

    def emit(self, record: logging.LogRecord) -> None:
        self._statements.append(record.msg)


@contextmanager
def count() -> Iterator[list[Any]]:
    """The statements that are executed, as Peewee logs them."""
    statements: list[Any] = []
    logger, notes = logging.getLogger("peewee"), _Notes(statements)
    logger.addHandler(notes)
    logger.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        logger.removeHandler(notes)
        logger.setLevel(logging.NOTSET)
