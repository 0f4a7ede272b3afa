"""Code with an N+1, as people write it; the comments are those of ``trials_django.py``."""
# mypy: ignore-errors
# ruff: noqa: ANN001, F403, F405, F401, PERF401

from collections import defaultdict

from tortoise.functions import Avg, Count, Max, Min, Sum

from tests.advice.shop_tortoise import *


async def customer_of_each_order():  # 5 -> 2
    orders = await Order.all().order_by("id")
    return [(await order.customer).name for order in orders]


async def customer_and_country():  # 9 -> 3
    found = []
    for order in await Order.all():
        customer = await order.customer
        found.append((await customer.country).name)
    return found


async def lines_of_each_order():  # 5 -> 2
    query = Order.all().order_by("id")
    return [[line.price async for line in order.lines] for order in await query]


async def three_levels():  # 21 -> 4
    found = []
    for customer in await Customer.all().order_by("id"):
        async for order in customer.orders:
            async for line in order.lines:
                found.append((customer.id, (await line.product).name))
    return found


async def tags_of_each_order():  # 5 -> 3
    return [sorted([tag.name async for tag in order.tags]) for order in await Order.all().order_by("id")]


async def lines_counted():  # 5 -> 2
    found = []
    for order in await Order.all().order_by("id"):  # keys: range(1, 5)
        found.append(await order.lines.all().count())  # then: found.append(figures.get(order.id, 0))
    return found


async def has_lines():  # 5 -> 2
    found = []
    for order in await Order.all().order_by("id"):  # keys: range(1, 5)
        found.append(await Line.exists(order_id=order.id))  # then: found.append(order.id in known)
    return found


async def customers_by_key():  # 4 -> 1
    found = []
    for number in list(range(1, 5)):  # keys: range(1, 5)
        customer = await Customer.get(id=number)  # then: customer = by_key[number]
        found.append(customer.name)
    return found


async def sorted_lines():  # 5 -> 2
    found = []
    for order in await Order.all().order_by("id"):  # keys: range(1, 5)
        lines = await order.lines.order_by("-price")  # then: lines = by_key[order.id]
        found.append([line.price for line in lines])
    return found


async def part_of_the_lines():  # 5 -> words
    return [len(await order.lines.filter(price__gt=1)) for order in await Order.all()]


async def tree_downwards():  # 8 -> 2
    async def walk(node):
        nodes = [child async for child in node.children]  # then: nodes = children[node.id]
        below = [await walk(child) for child in nodes]
        return [node.name, below]

    top = await Node.get(parent_id=None)
    return await walk(top)  # start
