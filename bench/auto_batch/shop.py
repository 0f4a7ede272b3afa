"""A shop with each sort of relation."""

from __future__ import annotations

from sqlalchemy import Column, Engine, ForeignKey, ForeignKeyConstraint, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


order_tag = Table(
    "order_tag",
    Base.metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True, index=True),
)


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


class Shelf(Base):
    __tablename__ = "shelf"

    hall: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (ForeignKeyConstraint(["hall", "place"], ["shelf.hall", "shelf.place"]),)

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int] = mapped_column(default=0)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    hall: Mapped[int]
    place: Mapped[int]

    customer: Mapped[Customer] = relationship()
    shelf: Mapped[Shelf] = relationship()
    lines: Mapped[list[Line]] = relationship(order_by="Line.id")
    invoice: Mapped[Invoice | None] = relationship(back_populates="order")
    tags: Mapped[list[Tag]] = relationship(secondary=order_tag, order_by="Tag.id")


class Line(Base):
    __tablename__ = "line"

    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)

    notes: Mapped[list[Note]] = relationship(order_by="Note.id")


class Note(Base):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(40))
    line_id: Mapped[int] = mapped_column(ForeignKey("line.id"), index=True)


class Invoice(Base):
    __tablename__ = "invoice"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)

    order: Mapped[Order] = relationship(back_populates="invoice")


class Tag(Base):
    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))


def create(engine: Engine, order_count: int) -> None:
    """Make and fill the tables: each order has a customer and a shelf of its own, three lines, two tags, an invoice."""
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        tags = [Tag(name=f"tag {number}") for number in range(10)]
        session.add_all(tags)
        for number in range(1, order_count + 1):
            lines = [Line(amount=turn, notes=[Note(text="fragile")]) for turn in range(3)]
            shelf = Shelf(hall=number // 100, place=number % 100)
            order = Order(customer=Customer(name=f"customer {number}"), shelf=shelf, lines=lines, invoice=Invoice())
            order.tags = [tags[number % 10], tags[(number + 1) % 10]]
            session.add(order)
        session.commit()
