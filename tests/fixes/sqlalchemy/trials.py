"""Code with an N+1, as people write it; the comment tells the queries before and after the first candidate that helps."""
# mypy: ignore-errors
# ruff: noqa: PERF401, ANN001, ANN204, E501

from collections import deque

from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import load_only, selectinload

from tests.advice.shop_sqlalchemy import Category, Customer, Line, Order, Product, Session, Truck, Vehicle


def customer_of_each_order():  # 5 -> 1 joinedload
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()  # the newest last
        return [order.customer.name for order in orders]


def customer_and_country():  # 8 -> 1 joinedload
    with Session() as session:
        return [order.customer.country.name for order in session.scalars(select(Order))]


def statement_of_another_line():  # 7 -> 2 selectinload
    with Session() as session:
        query = select(Order).order_by(Order.id)
        return [len(order.lines) for order in session.scalars(query)]


def product_of_eager_lines():  # 7 -> 3 selectinload
    with Session() as session:
        orders = session.scalars(select(Order).options(selectinload(Order.lines))).all()
        return [[line.product.name for line in order.lines] for order in orders]


def joined_for_the_filter():  # 4 -> 1 contains-eager
    with Session() as session:
        query = select(Order).join(Order.customer).where(Customer.id > 1)
        return [order.customer.name for order in session.scalars(query)]


def legacy_query():  # 5 -> 1 joinedload
    with Session() as session:
        return [order.customer.name for order in session.query(Order).filter(Order.day > 0).order_by(Order.id).all()]


def deferred_note():  # 7 -> 1 undefer
    with Session() as session:
        return [len(order.note) for order in session.scalars(select(Order).order_by(Order.id))]


def left_out_by_load_only():  # 7 -> 1 load-only
    with Session() as session:
        orders = session.scalars(select(Order).options(load_only(Order.id)).order_by(Order.id)).all()
        return [order.day for order in orders]


def columns_of_subclasses():  # 7 -> 3 selectin-polymorphic
    with Session() as session:
        found = []
        for vehicle in session.scalars(select(Vehicle).order_by(Vehicle.id)).all():
            found.append(vehicle.axles if isinstance(vehicle, Truck) else vehicle.volume)
        return found


def expired_by_commit():  # 7 -> 2 refresh-at-once
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        session.commit()
        return [order.day for order in orders]


def refreshed():  # 7 -> 2 refresh-at-once
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        for order in orders:
            session.refresh(order)
        return [order.day for order in orders]


def got_by_key():  # 5 -> 2 in-list
    with Session() as session:
        keys = session.scalars(select(Order.customer_id).distinct().order_by(Order.customer_id)).all()
        return [session.get(Customer, key).name for key in keys]


def got_from_a_work_list():  # 7 -> 2 in-list
    with Session() as session:
        todo = deque(session.scalars(select(Order.id).order_by(Order.id)))
        found = []
        while todo:
            found.append(session.get(Order, todo.popleft()).day)
        return found


def one_of_two_models():  # 8 -> 5 identity-map
    models = {"order": Order, "product": Product}
    with Session() as session:
        wanted = [("order", 1), ("order", 2), ("order", 3), ("order", 4), ("product", 1), ("product", 2)]
        wanted += [("product", 3), ("product", 4)]
        return [session.get(models[kind], key).id for kind, key in wanted]


def counted():  # 7 -> 2 in-list
    with Session() as session:
        found = []
        for order in session.scalars(select(Order).order_by(Order.id)).all():
            own = select(func.count()).select_from(Line).where(Line.order_id == order.id)
            found.append(session.scalar(own))
        return found


def counted_with_a_legacy_query():  # 7 -> 2 in-list
    with Session() as session:
        lines = session.query(Line)
        orders = session.query(Order).order_by(Order.id).all()
        return [lines.filter_by(order_id=order.id).count() for order in orders]


def summed():  # 7 -> 2 in-list
    with Session() as session:
        found = []
        for number, key in enumerate(session.scalars(select(Order.id).order_by(Order.id)), start=1):
            total = session.execute(select(func.coalesce(func.sum(Line.price), 0)).where(Line.order_id == key)).scalar()
            found.append((number, total))
        return found


def existing():  # 7 -> 2 in-list
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        return [session.scalar(select(exists().where(Line.order_id == order.id, Line.price > 6))) for order in orders]


def rows_of_each():  # 7 -> 2 in-list
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        found = {}
        for order in orders:
            query = select(Line).where(Line.order_id == order.id).order_by(Line.price.desc())
            found[order.id] = [line.price for line in session.scalars(query).all()]
        return found


def cheapest_of_each():  # 7 -> 2 in-list
    with Session() as session:
        found = []
        for key in session.scalars(select(Order.id).order_by(Order.id)).all():
            query = select(Line.price).where(Line.order_id == key).order_by(Line.price).limit(1)
            found.append(session.scalar(query))
        return found


def write_only_relation():  # 7 -> 2 in-list
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        return [[event.text for event in session.scalars(order.events.select())] for order in orders]


def two_columns():  # 7 -> 2 in-list
    with Session() as session:
        found = []
        for order in session.scalars(select(Order).order_by(Order.id)).all():
            rows = session.execute(select(Line.id, Line.price).where(Line.order_id == order.id).order_by(Line.id)).all()
            found.append([(row.id, row.price) for row in rows])
        return found


def some_are_unknown():  # 5 -> 1 in-list
    with Session() as session:
        found = {}
        names = [f"customer {number}" for number in range(5)]
        for name in names:
            try:
                found[name] = session.execute(select(Customer.id).filter_by(name=name)).scalar_one()
            except NoResultFound:
                found[name] = None
        return found


def key_out_of_a_line():  # 5 -> 1 in-list
    with Session() as session:
        found = []
        for line in "product 0;1 product 1;2 product 2;3 product 3;4 product 4;5".replace(" p", "|p").split("|"):
            name, amount = line.split(";")
            product = session.query(Product).filter_by(name=name).first()
            found.append((product.id, int(amount)))
        return found


def session_for_each():  # 6 -> 1 in-list
    found = []
    for key in range(1, 7):
        with Session() as own:
            found.append(own.scalar(select(Order.day).where(Order.id == key)))
    return found


def sorted_by_a_query():  # 7 -> 2 in-list
    with Session() as session:
        orders = session.scalars(select(Order)).all()
        ranked = sorted(
            orders, key=lambda order: session.scalar(select(func.count(Line.id)).where(Line.order_id == order.id))
        )
        return [order.id for order in ranked]


class Prices:
    def __init__(self, session):
        self.session = session

    def highest(self, order):
        query = select(func.max(Line.price)).where(Line.order_id == order.id)
        return self.session.scalar(query)


def method_of_a_repository():  # 7 -> 2 batch-function
    with Session() as session:
        prices = Prices(session)
        return [prices.highest(order) for order in session.scalars(select(Order).order_by(Order.id)).all()]


def day_of(session, order_id):
    return session.execute(select(Order.day).where(Order.id == order_id)).scalar_one()


def function_of_the_module():  # 6 -> 1 batch-function
    with Session() as session:
        found = []
        for key in range(1, 7):
            found.append(day_of(session, key))
        return found


def name_of(customer_id):
    with Session() as session:
        return session.get(Customer, customer_id).name


def mapped_function():  # 4 -> 1 batch-function
    return list(map(name_of, [1, 2, 3, 4]))


def text_with_a_parameter():  # 7 -> 2 in-list-sql
    highest = text("SELECT max(price) FROM line WHERE order_id = :order_id")
    with Session() as session:
        keys = session.scalars(text("SELECT id FROM orders ORDER BY id")).all()
        return [session.execute(highest, {"order_id": key}).scalar() for key in keys]


def text_with_a_literal():  # 7 -> 2 in-list-sql
    with Session() as session:
        found = []
        for row in session.execute(text("SELECT id, day FROM orders ORDER BY id")):
            statement = text(f"SELECT price FROM line WHERE order_id = {row.id} AND price > 3 ORDER BY price")
            found.append([each.price for each in session.execute(statement).all()])
        return found


def driver_sql():  # 7 -> 2 in-list-sql
    with Session() as session:
        connection = session.connection()
        keys = connection.exec_driver_sql("SELECT id FROM orders ORDER BY id").scalars().all()
        found = []
        for key in keys:
            row = connection.exec_driver_sql("SELECT count(*) FROM line WHERE order_id = ? AND price > ?", (key, 3))
            found.append(row.scalar())
        return found


def outline(node, depth):
    found = [(node.name, depth)]
    for child in node.children:
        found += outline(child, depth + 1)
    return found


def tree():  # 12 -> 2 whole-tree
    with Session() as session:
        root = session.scalars(select(Category).where(Category.parent_id.is_(None))).one()
        return outline(root, 0)


def nearest_of_each():  # 4 -> none
    with Session() as session:
        found = []
        for day in range(5, 9):
            query = select(Order.id).where(Order.day > day).order_by(Order.day).limit(1)
            found.append(session.scalar(query))
        return found


def either_of_two():  # 4 -> none
    with Session() as session:
        found = []
        for key in range(1, 5):
            query = select(Line.id).where((Line.order_id == key) | (Line.product_id == key)).order_by(Line.id)
            found.append(session.scalars(query).all())
        return found


def page_of_each():  # 7 -> none
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        found = []
        for order in orders:
            query = select(Line.price).where(Line.order_id == order.id).order_by(Line.id).limit(2).offset(1)
            found.append(session.scalars(query).all())
        return found


def asked_for_each_row():  # 7 -> 2 hoist
    with Session() as session:
        found = []
        for order in session.scalars(select(Order).order_by(Order.id)).all():
            first = session.scalar(select(func.min(Customer.name)))
            found.append((order.id, first))
        return found


def first_name(session):
    return session.scalar(select(func.min(Customer.name)))


def asked_by_a_function():  # 7 -> 2 hoist
    with Session() as session:
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        return [f"{order.id} {first_name(session)}" for order in orders]


def said_three_times():  # 3 -> 1 ask-once
    with Session() as session:
        count = select(func.count()).select_from(Order)
        top = f"{session.scalar(count)} orders"
        middle = session.scalar(count) > 3
        return top, middle, session.scalar(count)


def inserted_one_by_one():  # 12 -> 1 bulk-write
    with Session() as session:
        for number in range(12):
            session.execute(insert(Product).values(name=f"new {number}"))
        session.rollback()
        return number


def added_one_by_one():  # 12 -> 1 bulk-write
    with Session() as session:
        for number in range(12):
            session.add(Product(name=f"new {number}"))
            session.flush()
        session.rollback()
        return number


def updated_one_by_one():  # 8 -> 3 bulk-write
    with Session() as session:
        keys = session.scalars(select(Order.id)).all()
        for key in keys:
            session.execute(update(Order).where(Order.id == key).values(day=1))
        days = session.scalars(select(Order.day)).all()
        session.rollback()
        return days


def updated_by_rows():  # 8 -> 3 bulk-write
    with Session() as session:
        keys = session.scalars(select(Order.id)).all()
        for key in keys:
            session.execute(update(Order).where(Order.id == key).values(day=key * 2))
        days = session.scalars(select(Order.day).order_by(Order.id)).all()
        session.rollback()
        return days


def deleted_one_by_one():  # 8 -> 3 bulk-write
    with Session() as session:
        keys = session.scalars(select(Line.id).where(Line.price > 0).limit(6)).all()
        for key in keys:
            session.execute(delete(Line).where(Line.id == key))
        left = session.scalar(select(func.count()).select_from(Line))
        session.rollback()
        return left


def text_updates():  # 8 -> 3 bulk-write
    with Session() as session:
        rows = session.execute(text("SELECT id, day FROM orders")).all()
        for row in rows:
            later = text("UPDATE orders SET day = :day WHERE id = :id")
            session.execute(later, {"day": row.day + 1, "id": row.id})
        days = session.scalars(text("SELECT day FROM orders ORDER BY id")).all()
        session.rollback()
        return days


def key_of_a_joined_table():  # 5 -> 2 in-list
    with Session() as session:
        found = []
        for customer in session.scalars(select(Customer).order_by(Customer.id)).all():
            query = select(Line).join(Order).where(Order.customer_id == customer.id).order_by(Line.id)
            found.append([line.id for line in session.scalars(query).all()])
        return found


def count_over_a_join():  # 5 -> 2 in-list
    with Session() as session:
        found = []
        for customer in session.scalars(select(Customer).order_by(Customer.id)).all():
            query = select(func.count(Line.id)).join(Order).where(Order.customer_id == customer.id)
            found.append(session.scalar(query))
        return found


def two_keys():  # 7 -> 2 in-list
    with Session() as session:
        found = []
        for order in session.scalars(select(Order).order_by(Order.id)).all():
            query = select(Customer.name).where(
                Customer.id == order.customer_id, Customer.country_id == order.customer_id
            )
            found.append(session.scalars(query).one_or_none())
        return found


class Report:
    def __init__(self, session):
        self.session = session

    def rows(self):
        for order in self.session.scalars(select(Order).order_by(Order.id)).all():
            yield self.columns(order)


class LinesOfOrders(Report):
    def columns(self, order):
        return self.session.scalar(select(func.count()).where(Line.order_id == order.id))


def method_that_others_override():  # 7 -> none
    with Session() as session:
        return list(LinesOfOrders(session).rows())
