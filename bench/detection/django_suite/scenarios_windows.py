"""More look-alikes: ranges, windows, locks and workers, where every query is already about a set or about one thing."""

import random
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models import F, Min, Q

from bench.detection.django_suite.data import START
from bench.detection.django_suite.models import Carrier, Container, Customer, Event, Invoice, Parcel, Shipment
from bench.detection.scenario import scenario


@scenario("look-alike", why="raw IN lists, written as literals, three ids at a time")
def raw_in_lists_with_literals():
    ids = list(Shipment.objects.values_list("pk", flat=True))
    weights = []
    with connection.cursor() as cursor:
        for start in range(0, len(ids), 3):
            listed = ", ".join(str(pk) for pk in ids[start : start + 3])
            cursor.execute(f"SELECT SUM(weight) FROM freight_container WHERE shipment_id IN ({listed})")
            weights.append(cursor.fetchone()[0])
    return weights


@scenario("look-alike", why="chunks of five; the last one happens to hold few, down to a single row")
def chunks_with_a_small_rest():
    numbers = iter([f"C{i:04}" for i in range(Customer.objects.count() - 1)])
    found = []
    while chunk := list(islice(numbers, 5)):
        found += Customer.objects.filter(number__in=chunk)
    return found


@scenario("look-alike", why="the table is read in ranges of the key, five keys each")
def ranges_of_the_key():
    first = Container.objects.aggregate(first=Min("pk"))["first"]
    last = Container.objects.order_by("-pk").values_list("pk", flat=True)[0]
    total = 0
    for start in range(first, last + 1, 5):
        total += len(Container.objects.filter(pk__gte=start, pk__lt=start + 5))
    return total


@scenario("look-alike", why="a back-fill in windows of time: each window holds many rows")
def windows_of_time():
    seen = []
    start = START
    while start < START + timedelta(days=5):
        seen.append(list(Event.objects.filter(at__gte=start, at__lt=start + timedelta(days=1))))
        start += timedelta(days=1)
    return seen


@scenario("look-alike", why="keyset pages by two columns, the tie broken by the key")
def keyset_pages_by_two_columns():
    rows, after = [], Q()
    while page := list(Shipment.objects.filter(after).order_by("status", "pk")[:4]):
        rows += page
        last = page[-1]
        after = Q(status__gt=last.status) | Q(status=last.status, pk__gt=last.pk)
    return [row.reference for row in rows]


@scenario("look-alike", why="a loop over a result of one row is one query")
def loop_over_a_single_row():
    fleet = []
    for carrier in Carrier.objects.filter(name="Line 0"):
        fleet += carrier.ships.all()
    return fleet


@scenario("look-alike", why="one raw COUNT for each of four tables")
def raw_count_per_table():
    counts = {}
    with connection.cursor() as cursor:
        for table in ("freight_container", "freight_event", "freight_invoice", "freight_parcel"):
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts


@scenario("look-alike", why="a worker takes the next job by UPDATE ... RETURNING, one at a time so that others may")
def raw_worker():
    claim = (
        "UPDATE freight_job SET state = 'done' WHERE id = "
        "(SELECT id FROM freight_job WHERE state = 'queued' ORDER BY id LIMIT 1) RETURNING payload"
    )
    done = []
    with connection.cursor() as cursor:
        while True:
            cursor.execute(claim)
            row = cursor.fetchone()
            if row is None:
                return done
            done.append(row[0])


@scenario("look-alike", why="a random code until a free one turns up")
def random_codes_until_one_is_free():
    dice, codes = random.Random(7), Parcel.objects.count() + 4
    while True:
        code = f"B{dice.randrange(codes):05}"
        if not Parcel.objects.filter(barcode=code).exists():
            return code


@scenario("look-alike", why="optimistic locking: read, compare, and again when somebody was faster")
def optimistic_lock_retries():
    rival = iter((1, 2, 3))
    for attempt in range(5):
        weight = Shipment.objects.values_list("weight", flat=True).get(reference="S0001")
        if (step := next(rival, None)) is not None:
            Shipment.objects.filter(reference="S0001").update(weight=F("weight") + step)
        if Shipment.objects.filter(reference="S0001", weight=weight).update(weight=weight + 100):
            return attempt
    return None


@scenario("look-alike", why="each batch is written to one database and counted on the other")
def copy_to_the_archive_in_batches():
    copied, last = 0, 0
    while batch := list(Invoice.objects.filter(pk__gt=last).order_by("pk")[:6]):
        last = batch[-1].pk
        with transaction.atomic(using="archive"):
            Parcel.objects.using("archive").bulk_create(Parcel(barcode=f"A{bill.pk}", customer_number="") for bill in batch)
        copied = Parcel.objects.using("archive").filter(barcode__startswith="A").count()
    return copied
