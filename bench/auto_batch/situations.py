"""Loading situations: functions of a session that return what they have read."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bench.auto_batch.shop import Order

Situation = Callable[[Session], object]
ORDERS = select(Order).order_by(Order.id)


def many_to_one(session: Session) -> object:
    return [order.customer.name for order in session.scalars(ORDERS).all()]


def many_to_one_with_a_composite_key(session: Session) -> object:
    return [order.shelf.place for order in session.scalars(ORDERS).all()]


def one_to_many(session: Session) -> object:
    return [[line.amount for line in order.lines] for order in session.scalars(ORDERS).all()]


def many_to_many(session: Session) -> object:
    return [[tag.name for tag in order.tags] for order in session.scalars(ORDERS).all()]


def one_to_one(session: Session) -> object:
    return [order.invoice and order.invoice.id for order in session.scalars(ORDERS).all()]


def loads_inside_of_loads(session: Session) -> object:
    orders = session.scalars(ORDERS).all()
    return [[[note.text for note in line.notes] for line in order.lines] for order in orders]


def four_relations_of_each_row(session: Session) -> object:
    orders = session.scalars(ORDERS).all()
    return [(order.customer.name, len(order.lines), len(order.tags), order.invoice is None) for order in orders]


def left_after_the_second_row(session: Session) -> object:
    return [[line.amount for line in order.lines] for order in session.scalars(ORDERS).all()[:2]]


def changes_in_the_loop(session: Session) -> object:
    for order in session.scalars(ORDERS).all():
        order.total = sum(line.amount for line in order.lines)
    session.flush()
    totals = [order.total for order in session.scalars(ORDERS)]
    session.rollback()
    return totals


def loaded_eagerly(session: Session) -> object:
    orders = session.scalars(ORDERS.options(selectinload(Order.lines))).all()
    return [[line.amount for line in order.lines] for order in orders]


def no_relation_read(session: Session) -> object:
    return [order.total for order in session.scalars(ORDERS).all()]


SITUATIONS: tuple[Situation, ...] = (
    *(many_to_one, many_to_one_with_a_composite_key, one_to_many, many_to_many, one_to_one),
    *(loads_inside_of_loads, four_relations_of_each_row),
    *(left_after_the_second_row, changes_in_the_loop, loaded_eagerly, no_relation_read),
)
