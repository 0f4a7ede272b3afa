"""Code with an N+1, as people write it. The comment behind ``def``: queries as written, and after the advice.

``keys`` on a loop's line says what the advice's ``keys`` are there, ``then`` on a line what it becomes when the advice
is followed. Where neither is needed, the advice's own lines replace those they name. ``words``: no code may be given.
"""
# mypy: ignore-errors
# ruff: noqa: ANN001, F403, F405, F401, PERF401

from collections import defaultdict

from django.db.models import *
from django.db.models.functions import RowNumber

from tests.advice.shop_django import *


def customer_of_each_order():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.customer.name for order in orders]


def customers_of_streamed_orders():  # 7 -> 1
    names = []
    for order in Order.objects.iterator(chunk_size=50):
        names.append(order.customer.name)
    return names


def customers_of_the_first_orders():  # 4 -> 1
    orders = list(Order.objects.order_by("day")[:3])
    return [order.customer.name for order in orders]


def country_behind_a_joined_customer():  # 7 -> 1
    names = []
    for order in Order.objects.select_related("customer"):
        names.append(order.customer.country.name)
    return names


def customer_and_country():  # 13 -> 1
    names = []
    for order in Order.objects.all():
        names.append(order.customer.country.name)
    return names


def product_of_prefetched_lines():  # 9 -> 3
    orders = Order.objects.prefetch_related("lines")
    return [[line.product.name for line in order.lines.all()] for order in orders]


def three_levels():  # 25 -> 5
    found = []
    for customer in Customer.objects.order_by("pk"):
        for order in customer.orders.all():
            for line in order.lines.all():
                found.append((customer.pk, line.product.supplier.name))
    return found


def two_branches_below_each_order():  # 17 -> 4
    found = []
    for customer in Customer.objects.order_by("pk"):
        for order in customer.orders.all():
            found.append((len(order.lines.all()), len(order.tags.all())))
    return found


def note_left_out():  # 7 -> 1
    orders = Order.objects.only("day")
    return [len(order.note) for order in orders]


def note_deferred():  # 7 -> 1
    return [len(order.note) for order in Order.objects.defer("note")]


def lines_counted():  # 7 -> 1
    counts = {}
    for order in Order.objects.order_by("pk"):
        counts[order.pk] = order.lines.count()
    return counts


def sent_lines_counted():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.lines.filter(sent=True).count() for order in orders]


def parcels_without_a_related_name_counted():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.parcel_set.count() for order in orders]


def tags_counted():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.tags.count() for order in orders]


def remarks_counted():  # 7 -> 1
    ContentType.objects.get_for_model(Order)
    orders = Order.objects.order_by("pk")
    return [order.remarks.count() for order in orders]


def lines_counted_behind_a_filter_on_lines():  # 3 -> words
    orders = Order.objects.filter(lines__sent=True).distinct()
    return [order.lines.count() for order in orders]


def excluded_lines_counted():  # 7 -> words
    orders = Order.objects.order_by("pk")
    return [order.lines.exclude(sent=True).count() for order in orders]


def lines_counted_with_a_variable():  # 7 -> words
    sent = True
    orders = Order.objects.order_by("pk")
    return [order.lines.filter(sent=sent).count() for order in orders]


def whether_lines_were_sent():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.lines.filter(sent=True).exists() for order in orders]


def whether_there_are_tags():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.tags.exists() for order in orders]


def count_and_sum_and_count():  # 19 -> 1
    found = []
    for order in Order.objects.order_by("pk"):
        lines = order.lines.count()
        total = order.lines.aggregate(total=Sum("price"))["total"]
        tags = order.tags.count()
        found.append((lines, total, tags))
    return found


def highest_price():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.lines.aggregate(Max("price"))["price__max"] for order in orders]


def mean_price_as_a_dictionary():  # 7 -> 1
    orders = Order.objects.order_by("pk")
    return [order.lines.aggregate(mean=Avg("price")) for order in orders]


def counts_of_lazy_rows():  # 11 -> 2
    found = []
    for customer in Customer.objects.order_by("pk"):
        for order in customer.orders.all():
            found.append(order.lines.count())
    return found


def first_line_of_each():  # 7 -> 2
    orders = Order.objects.order_by("pk")
    return [order.lines.order_by("-price").first() for order in orders]


def two_lines_of_each():  # 7 -> 2
    orders = Order.objects.order_by("pk")
    return [list(order.lines.order_by("price")[:2]) for order in orders]


def sent_lines_of_each():  # 7 -> 2
    orders = Order.objects.order_by("pk")
    return [list(order.lines.filter(sent=True)) for order in orders]


def sorted_lines_of_each():  # 7 -> 2
    orders = Order.objects.order_by("pk")
    return [[line.price for line in order.lines.order_by("-price")] for order in orders]


def sorted_lines_beside_a_useless_prefetch():  # 8 -> 3
    orders = Order.objects.prefetch_related("lines").order_by("pk")
    return [[line.price for line in order.lines.order_by("-price")] for order in orders]


def names_of_tags():  # 7 -> 2
    orders = Order.objects.order_by("pk")
    return [list(order.tags.values_list("name", flat=True)) for order in orders]


def membership():  # 8 -> 3
    tag = Tag.objects.order_by("pk").first()
    orders = Order.objects.order_by("pk")
    return [order.tags.contains(tag) for order in orders]


def prefetch_for_one_object():  # 7 -> 2
    orders = list(Order.objects.order_by("pk"))
    found = []
    for order in orders:
        prefetch_related_objects([order], "lines")
        found.append(len(order.lines.all()))
    return found


def prefetch_with_each_get():  # 12 -> 2
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        order = Order.objects.prefetch_related("lines").get(pk=key)  # then: order = by_key[key]
        found.append(len(order.lines.all()))
    return found


def get_by_key():  # 6 -> 1
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        order = Order.objects.get(pk=key)  # then: order = by_key[key]
        found.append(order.day)
    return found


def get_by_name():  # 4 -> 1
    names = [f"customer {number}" for number in range(4)]
    found = []
    for name in names:  # keys: names
        customer = Customer.objects.get(name=name)  # then: customer = by_key[name]
        found.append(customer.pk)
    return found


def several_rows_a_key():  # 6 -> 1
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        lines = Line.objects.filter(order_id=key).order_by("-price")  # then: lines = by_key[key]
        found.append([line.price for line in lines])
    return found


def several_rows_a_key_and_a_constant():  # 6 -> 1
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        lines = list(Line.objects.filter(order_id=key, sent=True))  # then: lines = by_key[key]
        found.append([line.price for line in lines])
    return found


def key_of_a_joined_table():  # 4 -> words
    found = []
    for key in range(1, 5):
        lines = Line.objects.filter(order__customer_id=key)
        found.append(len(lines))
    return found


def first_by_hand():  # 6 -> 1
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        line = Line.objects.filter(order_id=key).order_by("-price").first()  # then: line = by_key.get(key)
        found.append(line)
    return found


def first_of_a_sum():  # 5 -> words
    found = []
    for day in range(5, 10):
        order = Order.objects.filter(day__gt=day).order_by("day").first()
        found.append(order)
    return found


def summed_by_hand():  # 6 -> 1
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        lines = Line.objects.filter(order_id=key)
        total = lines.aggregate(total=Sum("price"))["total"]  # then: total = figures.get(key)
        found.append(total)
    return found


def distinct_products_by_hand():  # 6 -> 1
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        rows = Line.objects.filter(order_id=key)
        count = rows.aggregate(n=Count("product_id", distinct=True))["n"]  # then: count = figures.get(key, 0)
        found.append(count)
    return found


def existence_by_hand():  # 6 -> 1
    found = []
    for key in range(1, 7):  # keys: range(1, 7)
        is_there = Line.objects.filter(order_id=key).exists()  # then: is_there = key in known
        found.append(is_there)
    return found


def refreshed():  # 7 -> 2
    orders = list(Order.objects.order_by("pk"))
    found = []
    for order in orders:  # keys: [order.pk for order in orders]
        order.refresh_from_db()  # then: order = fresh[order.pk]
        found.append(order.day)
    return found


def tree_down():  # 12 -> 1
    found = []

    def walk(node, depth):
        found.append((node.name, depth))
        for child in node.children.all():  # then: for child in children[node.pk]:
            walk(child, depth + 1)

    root = Category.objects.get(parent=None)  # then: root = children[None][0]
    walk(root, 0)  # start
    return found


def tree_with_a_stack():  # 12 -> 2
    found = []
    stack = [Category.objects.get(parent=None)]
    while stack:  # start
        node = stack.pop()
        found.append(node.name)
        stack.extend(node.children.all())  # then: stack.extend(children[node.pk])
    return found


def paths_to_the_root():  # 23 -> 2
    found = []
    for category in Category.objects.order_by("pk"):  # start
        path, node = [], category
        while node.parent_id:
            node = node.parent  # then: node = nodes.get(node.parent_id)
            path.append(node.name)
        found.append(path)
    return found
