# mypy: ignore-errors
"""Coroutines and threads."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import connection, connections

from bench.detection.scenario import scenario

from .models import Animal, Invoice, Owner, Vet, Visit


@scenario("n-plus-one", kind="aggregate", why="one acount() an owner")
async def acount_of_each_owner():
    counts = {}
    async for owner in Owner.objects.all():  # place: loop origin
        counts[owner.pk] = await owner.animals.acount()  # place: access
    return counts


@scenario("n-plus-one", kind="lookup", why="one aget() an id")
async def aget_of_each_id():
    ids = [pk async for pk in Vet.objects.values_list("pk", flat=True)]  # place: origin
    vets = []
    for pk in ids:  # place: loop
        vets.append(await Vet.objects.aget(pk=pk))  # place: access
    return vets


async def fee_of(pk):
    visit = await Visit.objects.aget(pk=pk)  # place[gathered_lookups]: access
    return visit.fee


@scenario("n-plus-one", kind="lookup", why="all at once, and still one query an id")
async def gathered_lookups():
    ids = [pk async for pk in Visit.objects.values_list("pk", flat=True)]  # place: origin
    return sum(await asyncio.gather(*(fee_of(pk) for pk in ids)))  # place: loop


@sync_to_async
def owner_name(invoice):
    return invoice.owner.name  # place[sync_to_async_per_row]: access


@scenario("n-plus-one", kind="relation", why="a thread hop for each lazy load")
async def sync_to_async_per_row():
    names = []
    async for invoice in Invoice.objects.order_by("number"):  # place: loop origin
        names.append(await owner_name(invoice))
    return names


def heaviest_of(owner_id):
    try:
        return Animal.objects.filter(owner_id=owner_id).order_by("-weight").first()  # place[thread_pool_map]: access
    finally:
        connection.close()


@scenario("n-plus-one", kind="lookup", why="a pool of threads asks one question an owner")
def thread_pool_map():
    ids = list(Owner.objects.values_list("pk", flat=True))  # place: origin
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(heaviest_of, ids))  # place: loop


@scenario("n-plus-one", kind="relation", why="the whole loop runs in a thread")
def loop_in_a_thread():
    names = []

    def work():
        for visit in Visit.objects.all():  # place: loop origin
            names.append(visit.vet.name)  # place: access
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return names


@scenario("look-alike", why="async iteration over prefetched rows")
async def async_prefetched():
    found = []
    async for vet in Vet.objects.prefetch_related("patients"):
        found.extend(animal.name for animal in vet.patients.all())
    return found


@scenario("look-alike", why="three different questions at once")
async def three_questions_gathered():
    return await asyncio.gather(Owner.objects.acount(), Animal.objects.acount(), Visit.objects.acount())
