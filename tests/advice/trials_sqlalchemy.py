"""Code with an N+1, as people write it; the comments are those of ``trials_django.py``."""
# mypy: ignore-errors
# ruff: noqa: ANN001, F841, F403, F405, F401, PERF401

from collections import defaultdict

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import *

from tests.advice.shop_sqlalchemy import *


def customer_of_each_order():  # 5 -> 1
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        return [order.customer.name for order in orders]


def customer_and_country():  # 8 -> 1
    with Session() as session:
        found = []
        for order in session.scalars(select(Order)):
            found.append(order.customer.country.name)
        return found


def statement_of_another_line():  # 7 -> 2
    with Session() as session:
        query = select(Order).order_by(Order.id)
        orders = session.scalars(query).all()
        return [len(order.lines) for order in orders]


def product_of_eager_lines():  # 7 -> 3
    with Session() as session:
        orders = session.scalars(select(Order).options(selectinload(Order.lines))).all()
        return [[line.product.name for line in order.lines] for order in orders]


def three_levels():  # 16 -> 4
    with Session() as session:
        found = []
        for customer in session.scalars(select(Customer).order_by(Customer.id)).all():
            for order in customer.orders:
                for line in order.lines:
                    found.append((customer.id, line.product.name))
        return found


def deferred_note():  # 7 -> 1
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        return [len(order.note) for order in orders]


def columns_left_out():  # 7 -> 1
    with Session() as session:
        orders = session.scalars(select(Order).options(load_only(Order.id)).order_by(Order.id)).all()
        return [order.day for order in orders]


def columns_of_subclasses():  # 7 -> 3
    with Session() as session:
        vehicles = session.scalars(select(Vehicle).order_by(Vehicle.id)).all()
        found = []
        for vehicle in vehicles:
            if vehicle.kind == "truck":
                found.append(vehicle.axles)
            else:
                found.append(vehicle.volume)
        return found


def expired_objects():  # 7 -> 2
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        expired_keys = [order.id for order in orders]
        session.commit()
        found = []
        for order in orders:  # keys: expired_keys
            found.append(order.day)
        return found


def refreshed_objects():  # 7 -> 2
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        found = []
        for order in orders:  # keys: [order.id for order in orders]
            session.refresh(order)  # then: pass
            found.append(order.day)
        return found


def get_by_key():  # 6 -> 1
    with Session() as session:
        found = []
        for key in range(1, 7):  # keys: range(1, 7)
            order = session.get(Order, key)
            found.append(order.day)
        return found


def one_by_name():  # 4 -> 1
    with Session() as session:
        found = []
        names = [f"customer {number}" for number in range(4)]
        for name in names:  # keys: names
            query = select(Customer).where(Customer.name == name)
            customer = session.scalars(query).one()  # then: customer = by_key[name]
            found.append(customer.id)
        return found


def several_rows_a_key():  # 6 -> 1
    with Session() as session:
        found = []
        for key in range(1, 7):  # keys: range(1, 7)
            query = select(Line).where(Line.order_id == key).order_by(Line.price.desc())
            lines = session.scalars(query).all()  # then: lines = by_key[key]
            found.append([line.price for line in lines])
        return found


def first_of_each():  # 6 -> 1
    with Session() as session:
        found = []
        for key in range(1, 7):  # keys: range(1, 7)
            query = select(Line).where(Line.order_id == key).order_by(Line.price.desc())
            line = session.scalars(query.limit(1)).first()  # then: line = by_key.get(key)
            found.append(line and line.price)
        return found


def write_only_relation():  # 7 -> 2
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        found = []
        for order in orders:  # keys: [order.id for order in orders]
            events = session.scalars(order.events.select()).all()  # then: events = by_key[order.id]
            found.append([event.text for event in events])
        return found


def key_of_a_joined_table():  # 4 -> words
    with Session() as session:
        found = []
        for key in range(1, 5):
            query = select(Line).join(Order).where(Order.customer_id == key)
            found.append(len(session.scalars(query).all()))
        return found


def count_over_a_join():  # 4 -> words
    with Session() as session:
        found = []
        for key in range(1, 5):
            query = select(func.count(Line.id)).join(Order).where(Order.customer_id == key)
            found.append(session.scalar(query))
        return found


def summed():  # 6 -> 1
    with Session() as session:
        found = []
        for key in range(1, 7):  # keys: range(1, 7)
            query = select(func.sum(Line.price)).where(Line.order_id == key)
            total = session.scalar(query)  # then: total = figures.get(key)
            found.append(total)
        return found


def distinct_products():  # 6 -> 1
    with Session() as session:
        found = []
        for key in range(1, 7):  # keys: range(1, 7)
            query = select(func.count(Line.product_id.distinct())).where(Line.order_id == key)
            count = session.scalar(query)  # then: count = figures.get(key, 0)
            found.append(count)
        return found


def counted_with_a_legacy_query():  # 6 -> 1
    with Session() as session:
        found = []
        for key in range(1, 7):  # keys: range(1, 7)
            count = session.query(Line).filter_by(order_id=key).count()  # then: count = figures.get(key, 0)
            found.append(count)
        return found


def two_conditions():  # 6 -> words
    with Session() as session:
        found = []
        for key in range(1, 7):
            query = select(Line).where(Line.order_id == key, Line.price > 3)
            found.append(len(session.scalars(query).all()))
        return found


def eager_load_with_each_query():  # 12 -> 2
    with Session() as session:
        found = []
        for key in range(1, 7):  # keys: range(1, 7)
            query = select(Order).where(Order.id == key).options(selectinload(Order.lines))
            order = session.scalars(query).one()  # then: order = by_key[key]
            found.append(len(order.lines))
        return found


def tree_down():  # 12 -> 1
    with Session() as session:
        found = []

        def walk(node, depth):
            found.append((node.name, depth))
            for child in node.children:  # then: for child in children[node.id]:
                walk(child, depth + 1)

        query = select(Category).where(Category.parent_id.is_(None))
        root = session.scalars(query).one()  # then: root = children[None][0]
        walk(root, 0)  # start
        return found


def nearest_shelf_of_each():  # 4 -> words
    with Session() as session:
        found = []
        for day in range(5, 9):
            query = select(Order.id).where(Order.day > day).order_by(Order.day).limit(1)
            found.append(session.scalar(query))
        return found
