"""Code with an N+1, as people write it; the comments are those of ``trials_django.py``."""
# mypy: ignore-errors
# ruff: noqa: ANN001, FBT003, F403, F405, F401, PERF401, PLW2901

from collections import defaultdict

from peewee import *

from tests.advice.shop_peewee import *


def customer_of_each_order():  # 5 -> 1
    orders = Order.select().order_by(Order.id)
    return [order.customer.name if order.customer else "nobody" for order in orders]


def customer_and_country():  # 9 -> 1
    found = []
    for order in Order.select().where(Order.customer.is_null(False)):
        found.append(order.customer.country.name)
    return found


def lines_of_each_order():  # 7 -> 2
    query = Order.select().order_by(Order.id)
    return [[line.price for line in order.lines] for order in query]


def three_levels():  # 15 -> 4
    found = []
    for customer in Customer.select().order_by(Customer.id):
        for order in customer.orders:
            for line in order.lines:
                found.append((customer.id, line.product.name))
    return found


def tags_of_each_order():  # 7 -> 3
    return [[tag.name for tag in order.tags] for order in Order.select().order_by(Order.id)]


def selected_already():  # 5 -> 1
    orders = Order.select(Order.id, Order.customer)
    return [order.customer.name if order.customer else "nobody" for order in orders]


def lines_of_a_page():  # 4 -> 2
    orders = Order.select().order_by(Order.id).limit(3)
    return [[line.price for line in order.lines] for order in orders]


def lines_counted():  # 7 -> 2
    found = []
    for order in Order.select().order_by(Order.id):  # keys: range(1, 7)
        found.append(order.lines.count())  # then: found.append(figures.get(order.id, 0))
    return found


def dearest_line():  # 7 -> 2
    found = []
    for order in Order.select().order_by(Order.id):  # keys: range(1, 7)
        lines = Line.select(fn.MAX(Line.price)).where(Line.order == order)  # then: dearest = figures.get(order.id)
        found.append(lines.scalar())  # then: found.append(dearest)
    return found


def has_lines():  # 7 -> 2
    found = []
    for order in Order.select().order_by(Order.id):  # keys: range(1, 7)
        found.append(order.lines.exists())  # then: found.append(order.id in known)
    return found


def customers_by_key():  # 4 -> 1
    found = []
    for number in list(range(1, 5)):  # keys: range(1, 5)
        found.append(Customer.get_by_id(number).name)  # then: found.append(by_key[number].name)
    return found


def customers_by_name():  # 5 -> 2
    found = []
    for (name,) in list(Customer.select(Customer.name).tuples()):  # keys: [f"customer {number}" for number in range(4)]
        customer = Customer.get_or_none(Customer.name == name)  # then: customer = by_key[name]
        found.append(customer.id)
    return found


def sorted_lines():  # 7 -> 2
    found = []
    for order in Order.select().order_by(Order.id):  # keys: range(1, 7)
        lines = list(order.lines.order_by(Line.price))  # then: lines = by_key[order.id]
        found.append([line.price for line in lines])
    return found


def part_of_the_lines():  # 7 -> words
    return [len(order.lines.where(Line.price > 10)) for order in Order.select()]


def first_line():  # 7 -> words
    found = []
    for order in Order.select():
        line = order.lines.order_by(Line.price).first()
        found.append(line and line.price)
    return found


def tree_downwards():  # 12 -> 2
    def walk(node):
        below = [walk(child) for child in node.children]  # then: below = [walk(child) for child in children[node.id]]
        return [node.name, below]

    top = Category.get(Category.parent.is_null())
    return walk(top)  # start


def tree_upwards():  # 23 -> 2
    found = []
    for node in Category.select().order_by(Category.id):  # start
        path = []
        while node is not None:
            path.append(node.name)
            node = node.parent  # then: node = nodes.get(node.parent_id)
        found.append(path)
    return found
