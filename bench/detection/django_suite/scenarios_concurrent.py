"""Loops whose queries run in other threads, or between awaits."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, connections
from django.test import AsyncClient

from bench.detection.django_suite.models import Container, Customer, Event, Invoice, Parcel, Port, Shipment
from bench.detection.django_suite.settings import SHARDS
from bench.detection.scenario import scenario


@scenario("n-plus-one", kind="relation", why="async for streams the rows, each body loads a relation in a thread")
async def async_for_with_a_lazy_load():
    names = []
    async for shipment in Shipment.objects.all():  # place: loop origin
        customer = await sync_to_async(lambda row: row.customer)(shipment)  # place: access
        names.append(customer.name)
    return names


@scenario("n-plus-one", kind="lookup", why="aget() once an id")
async def aget_for_each_id():
    ids = [pk async for pk in Shipment.objects.values_list("pk", flat=True)]  # place: origin
    weight = 0
    for pk in ids:  # place: loop
        shipment = await Shipment.objects.aget(pk=pk)  # place: access
        weight += shipment.weight
    return weight


@scenario("n-plus-one", kind="relation", why="an async comprehension inside an async loop: one query a row")
async def nested_async_iteration():
    table = {}
    async for shipment in Shipment.objects.order_by("pk"):  # place: loop origin
        table[shipment.reference] = [box.number async for box in shipment.containers.all()]  # place: access
    return table


@scenario("n-plus-one", kind="aggregate", why="acount() per row, awaited one after the other")
async def acount_per_customer():
    customers = [customer async for customer in Customer.objects.all()]  # place: origin
    return [
        await customer.invoices.acount()  # place: access
        for customer in customers  # place: loop
    ]


@scenario("n-plus-one", kind="lookup", why="gather() starts one lookup per item at once")
async def gather_one_lookup_per_item():
    numbers = [number async for number in Customer.objects.values_list("number", flat=True)]  # place: origin

    async def load(number):
        return await Customer.objects.aget(number=number)  # place: access

    return await asyncio.gather(*(load(number) for number in numbers))  # place: loop


@scenario("n-plus-one", kind="relation", why="gather() over sync_to_async: the loads run in threads")
async def gather_of_threads():
    shipments = await sync_to_async(list)(Shipment.objects.all())  # place: origin

    def describe(shipment):
        return f"{shipment.reference} from {shipment.origin.name}"  # place: access

    tasks = [sync_to_async(describe)(shipment) for shipment in shipments]  # place: loop
    return await asyncio.gather(*tasks)  # place: loop


@scenario("n-plus-one", kind="lookup", why="a task group with one query per member")
async def task_per_row():
    rows = await sync_to_async(list)(Shipment.objects.values_list("pk", flat=True))  # place: origin
    found = {}

    async def last_event(pk):
        found[pk] = await Event.objects.filter(shipment_id=pk).order_by("-at").afirst()  # place: access

    for task in [asyncio.create_task(last_event(pk)) for pk in rows]:  # place: loop
        await task
    return found


@scenario("n-plus-one", kind="aggregate", why="an async view counts per customer")
async def async_view_counting_per_row():
    response = await AsyncClient().get("/async-balances/")  # place: loop
    return response.json()


@scenario("n-plus-one", kind="relation", why="a thread pool works one item at a time, each with a query of its own")
def thread_pool_per_item():
    rows = list(Shipment.objects.all())  # place: origin

    def ship_name(shipment):
        try:
            return shipment.ship.name  # place: access
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(ship_name, rows))  # place: loop


@scenario("n-plus-one", kind="lookup", why="submit() per id, gathered as they complete")
def futures_submitted_per_id():
    ids = list(Invoice.objects.values_list("pk", flat=True))  # place: origin

    def total(pk):
        try:
            return Invoice.objects.get(pk=pk).total  # place: access
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(total, pk) for pk in ids]  # place: loop
        return sum(future.result() for future in as_completed(futures))


@scenario("n-plus-one", kind="relation", why="the whole loop runs in one thread that the unit of work started")
def loop_inside_a_thread():
    names = []

    def work():
        for shipment in Shipment.objects.all():  # place: loop origin
            names.append(shipment.customer.name)  # place: access
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return names


@scenario("n-plus-one", kind="aggregate", why="sync code enters the event loop once a row")
def async_to_sync_per_row():
    @async_to_sync
    async def sealed(shipment):
        return await shipment.containers.filter(sealed=True).acount()  # place: access

    result = []
    for shipment in Shipment.objects.order_by("reference"):  # place: loop origin
        result.append(sealed(shipment))
    return result


@scenario("look-alike", why="four different questions for one page, asked at once")
async def gather_of_different_queries():
    return await asyncio.gather(
        Shipment.objects.acount(),
        Invoice.objects.filter(paid=False).acount(),
        Container.objects.filter(sealed=True).aexists(),
        Port.objects.order_by("name").afirst(),
    )


@scenario("look-alike", why="an async loop over rows whose relations came by join and prefetch")
async def async_for_loaded_eagerly():
    lines = []
    async for shipment in Shipment.objects.select_related("customer").prefetch_related("containers"):
        lines.append((shipment.customer.name, [box.number for box in shipment.containers.all()]))
    return lines


@scenario("look-alike", why="one thread per shard, one set-based query each: databases cannot be joined")
def thread_per_shard():
    def lost(alias):
        try:
            return list(Parcel.objects.using(alias).filter(state="lost").values_list("barcode", flat=True))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(SHARDS, pool.map(lost, SHARDS), strict=True))
