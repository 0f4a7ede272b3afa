"""A small shop's models: every sort of relation and column that the ORM loads in a way of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    Session,
    WriteOnlyMapped,
    deferred,
    mapped_column,
    relationship,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class Base(AsyncAttrs, DeclarativeBase):
    pass


order_tag = Table(
    "order_tag",
    Base.metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    bio: Mapped[str | None] = deferred(mapped_column(String(200)))
    note: Mapped[str | None] = deferred(mapped_column(String(200)), group="notes")
    second_note: Mapped[str | None] = deferred(mapped_column("note_2", String(200)), group="notes")

    orders: Mapped[list[Order]] = relationship(back_populates="customer", order_by="Order.id")
    address: Mapped[Address | None] = relationship(back_populates="customer")
    order_query: DynamicMapped[Order] = relationship(viewonly=True)
    order_collection: WriteOnlyMapped[Order] = relationship(viewonly=True)

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}  # noqa: RUF012 -- SQLAlchemy's way


class Company(Customer):
    __tablename__ = "company"

    id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    vat_number: Mapped[str | None] = mapped_column(String(20))

    __mapper_args__ = {"polymorphic_identity": "company"}  # noqa: RUF012 -- SQLAlchemy's way


class Address(Base):
    __tablename__ = "address"

    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

    customer: Mapped[Customer] = relationship(back_populates="address")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int] = mapped_column(default=0)
    state: Mapped[str | None] = mapped_column(String(20), server_default="new")
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

    customer: Mapped[Customer] = relationship(back_populates="orders")
    tags: Mapped[list[Tag]] = relationship(secondary=order_tag, order_by="Tag.id")


class Tag(Base):
    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))


def create(bind: Engine | Connection) -> None:
    """Make the tables."""
    Base.metadata.create_all(bind)


def fill(session: Session) -> None:
    """Three customers (the second one a company) with two orders each, and an order has two of two tags."""
    tags = [Tag(name="red"), Tag(name="blue")]
    ada = Customer(name="Ada", bio="mathematician", note="first", second_note="second")
    acme = Company(name="Acme", vat_number="AT1")
    emmy = Customer(name="Emmy", bio="algebraist")
    for customer in (ada, acme, emmy):
        customer.address = Address(city="Vienna")
        customer.orders = [Order(total=10, tags=tags), Order(total=20, tags=tags)]
    session.add_all([ada, acme, emmy])
    session.commit()
