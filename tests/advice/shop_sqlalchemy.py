"""A small shop with SQLAlchemy on SQLite, for trials of advice."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, StaticPool, Table, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, WriteOnlyMapped, mapped_column, relationship, sessionmaker

engine = create_engine("sqlite://", poolclass=StaticPool)
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    """Of all models."""


order_tag = Table(
    "order_tag",
    Base.metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class Country(Base):
    __tablename__ = "country"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    country_id: Mapped[int] = mapped_column(ForeignKey("country.id"))
    country: Mapped[Country] = relationship()
    orders: Mapped[list[Order]] = relationship(back_populates="customer", order_by="Order.id")


class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int]
    note: Mapped[str] = mapped_column(deferred=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")
    lines: Mapped[list[Line]] = relationship(back_populates="order", order_by="Line.id")
    tags: Mapped[list[Tag]] = relationship(secondary=order_tag, order_by=Tag.id)
    events: WriteOnlyMapped[Event] = relationship(order_by="Event.id")


class Product(Base):
    __tablename__ = "product"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Line(Base):
    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    order: Mapped[Order] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Category(Base):
    __tablename__ = "category"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    parent: Mapped[Category | None] = relationship(remote_side="Category.id", back_populates="children")
    children: Mapped[list[Category]] = relationship(back_populates="parent", order_by="Category.id")


class Vehicle(Base):
    __tablename__ = "vehicle"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "vehicle"}  # noqa: RUF012 -- as documented


class Truck(Vehicle):
    __tablename__ = "truck"
    id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True)
    axles: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "truck"}  # noqa: RUF012


class Van(Vehicle):
    __tablename__ = "van"
    id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True)
    volume: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "van"}  # noqa: RUF012


def fill() -> None:
    """Six orders of four customers, with none to three of everything; eleven categories, four levels deep."""
    Base.metadata.create_all(engine)
    with Session.begin() as session:
        countries = [Country(name=f"country {number}") for number in range(3)]
        customers = [Customer(name=f"customer {number}", country=countries[number % 3]) for number in range(4)]
        tags = [Tag(name=f"tag {number}") for number in range(3)]
        products = [Product(name=f"product {number}") for number in range(5)]
        for number in range(6):
            order = Order(customer=customers[number % 4], day=10 - number, note="n" * number, tags=tags[: number % 4])
            session.add(order)
            session.flush()
            for extra in range(number % 4):
                price = 7 * number + 5 - extra
                session.add(Line(order=order, product=products[(number + extra) % 5], price=price))
                session.add(Event(order_id=order.id, text=f"event {extra}"))
        parents: list[Category | None] = [None]
        for number in range(11):
            category = Category(name=f"category {number}", parent=parents[(number + 1) // 2])
            session.add(category)
            session.flush()
            parents.append(category)
        session.add_all([Truck(axles=number) for number in range(3)] + [Van(volume=number) for number in range(3)])
