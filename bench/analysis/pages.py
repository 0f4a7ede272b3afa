"""Pages and jobs of the shop, each written to run about as many queries as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, joinedload, selectinload

from bench.analysis.shop import Customer, Line, Order, Product, Tag

COLUMNS = (Customer.name, Customer.city, Order.state, Order.customer_id, Product.name, Product.price, Line.quantity)


def loads_one_relation(session: Session, query_count: int) -> None:
    """The plain N+1: every order loads its customer."""
    for order in session.scalars(select(Order).limit(query_count - 1)):
        _ = order.customer.name


def loads_nested_relations(session: Session, query_count: int) -> None:
    """Three levels: the lines of each order, the product of each line."""
    for order in session.scalars(select(Order).limit((query_count - 1) // 4)).all():
        for line in order.lines:
            _ = line.product.price


def is_clean(session: Session, query_count: int) -> None:
    """No N+1: eager loads, chunks of keys, pages, and a few dozen different questions."""
    session.scalars(select(Order).options(joinedload(Order.customer), selectinload(Order.lines)).limit(50)).unique()
    for number in range(query_count - 2):
        column = COLUMNS[number % len(COLUMNS)]
        if number % 3 == 0:
            session.scalars(select(column).where(column.class_.id.in_(range(number, number + 20)))).all()
        elif number % 3 == 1:
            session.scalars(select(column).order_by(column.class_.id).limit(20).offset(20 * number)).all()
        else:
            session.scalar(select(func.count()).select_from(column.class_))


def imports_rows(session: Session, query_count: int) -> None:
    """Get or create by hand: a look-up and an insert for each row."""
    for number in range(query_count // 2):
        name = f"tag {number}"
        if session.scalar(select(Tag.id).where(Tag.name == name)) is None:
            session.execute(insert(Tag).values(name=name))
    session.rollback()


def mixes_everything(session: Session, query_count: int) -> None:
    """A long page: two N+1s, a count for each customer, and as many clean queries."""
    share = query_count // 4
    loads_one_relation(session, share)
    for customer in session.scalars(select(Customer).limit(share)).all():
        session.scalar(select(func.count()).select_from(Order).where(Order.customer_id == customer.id))
    loads_nested_relations(session, share)
    is_clean(session, share)


def lists_orders(session: Session, query_count: int) -> None:
    """A list with its details: four repeated reads, and two queries that run once."""
    session.scalar(select(func.count()).select_from(Order))
    for order in session.scalars(select(Order).limit((query_count - 2) // 4)).all():
        _ = order.customer.name, order.lines[0].product.name
        session.scalar(select(func.count()).select_from(Order).where(Order.customer_id == order.customer_id))


def reports_in_batches(session: Session, query_count: int) -> None:
    """Three repeated reads: chunks of keys and a walk in pages, which are fine, and each customer looked up by hand."""
    share = (query_count - 1) // 3
    for number in range(share):
        session.scalars(select(Product.name).where(Product.id.in_(range(number, number + 20)))).all()
        session.scalars(select(Line.quantity).order_by(Line.id).limit(20).offset(20 * number)).all()
    for key in session.scalars(select(Customer.id).limit(share)).all():
        session.scalar(select(Customer.city).where(Customer.id == key))


PAGES: Mapping[str, tuple[Callable[[Session, int], None], ...]] = {
    "typical": (lists_orders, reports_in_batches),
    "simple": (loads_one_relation, loads_nested_relations, imports_rows),
    "hard": (is_clean, mixes_everything),
}
"""By what they ask of an analysis: 3 to 5 repeated reads, as requests have normally; fewer; many more."""
