"""Look-alikes whose count grows, for a reason: batches, pages, polls, retries, shards, workers."""

import time
from itertools import count

from django.core.paginator import Paginator
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Count, Q

from bench.detection.django_suite.models import Container, Customer, Depot, Event, Invoice, Job, Parcel, Shipment
from bench.detection.django_suite.settings import SHARDS
from bench.detection.scenario import scenario


@scenario("look-alike", why="one IN list per chunk of three: already set-based")
def chunked_in_lists():
    ids = list(Shipment.objects.values_list("pk", flat=True))
    boxes = []
    for start in range(0, len(ids), 3):
        boxes += Container.objects.filter(shipment_id__in=ids[start : start + 3])
    return boxes


@scenario("look-alike", why="chunks by in_bulk, several rows a query")
def chunked_in_bulk():
    numbers = [f"C{i:04}" for i in range(Customer.objects.count())]
    found = {}
    for start in range(0, len(numbers), 4):
        found |= Customer.objects.in_bulk(numbers[start : start + 4], field_name="number")
    return found


@scenario("look-alike", why="a keyset walk: the next page starts where the last one ended")
def keyset_pages():
    last, pages = 0, 0
    while page := list(Shipment.objects.filter(pk__gt=last).order_by("pk")[:3]):
        last = page[-1].pk
        pages += 1
    return pages


@scenario("look-alike", why="LIMIT and OFFSET, page after page")
def offset_pages():
    rows = []
    for offset in range(0, 100, 4):
        page = list(Event.objects.order_by("pk")[offset : offset + 4])
        rows += page
        if len(page) < 4:
            break
    return rows


@scenario("look-alike", why="a paginator walked to its end")
def paginator_walk():
    pages = Paginator(Invoice.objects.order_by("pk"), per_page=4)
    return [bill.total for number in pages.page_range for bill in pages.page(number)]


@scenario("look-alike", why="keyset pages in raw SQL, with the key as a literal")
def raw_keyset_pages():
    last, total = 0, 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"SELECT id, weight FROM freight_container WHERE id > {last} ORDER BY id LIMIT 6")
            rows = cursor.fetchall()
            if not rows:
                return total
            last = rows[-1][0]
            total += sum(weight for _, weight in rows)


@scenario("look-alike", why="iterator() with prefetch runs one prefetch per batch of four rows")
def prefetch_per_iterator_batch():
    shipments = Shipment.objects.prefetch_related("containers", "tags")
    return [len(row.containers.all()) + len(row.tags.all()) for row in shipments.iterator(chunk_size=4)]


@scenario("look-alike", why="one cursor, fetched in portions: a single query")
def portions_of_one_cursor():
    seen = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM freight_container")
        while portion := cursor.fetchmany(5):
            seen += len(portion)
    return seen


@scenario("look-alike", why="polling: the same row until it changes")
def poll_until_done():
    job = Job.objects.order_by("pk").first()
    for attempt in count():
        job.refresh_from_db(fields=["state"])
        if job.state == "done":
            return attempt
        time.sleep(0.001)
        if attempt == 4:
            Job.objects.filter(pk=job.pk).update(state="done")
    return None


@scenario("look-alike", why="a poll for anything newer: the lower bound moves, nothing is missing a join")
def tail_of_new_events():
    latest = Event.objects.order_by("pk").first()
    fresh = []
    for _ in range(5):
        arrived = list(Event.objects.filter(pk__gt=latest.pk).order_by("pk")[:2])
        if arrived:
            latest = arrived[-1]
        fresh += arrived
    return fresh


@scenario("look-alike", why="the same statement again because it failed")
def retries_after_an_error():
    for _ in range(4):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT name FROM freight_not_there_yet WHERE id = %s", [1])
        except DatabaseError:
            time.sleep(0.001)
    return Shipment.objects.count()


@scenario("look-alike", why="insert, collide, try the next name: each attempt depends on the last")
def insert_until_unique():
    for suffix in count():
        slug = f"customer-{suffix}"
        try:
            with transaction.atomic():
                return Customer.objects.create(number="N1", slug=slug, email="n1@example.org", name="Retry").slug
        except IntegrityError:
            if suffix >= 3:
                return Customer.objects.create(number="N1", slug="unique", email="n1@example.org", name="Retry").slug
    return None


@scenario("look-alike", why="probing for a free slug: the next candidate depends on the answer")
def probe_for_a_free_slug():
    Customer.objects.filter(slug__in=["customer-4", "customer-5"]).delete()
    for suffix in count(1):
        candidate = f"customer-{suffix}"
        if not Customer.objects.filter(slug=candidate).exists():
            return candidate
    return None


@scenario("look-alike", why="one set-based query per shard: no join crosses databases")
def query_per_shard():
    lost = {}
    for alias in SHARDS:
        lost[alias] = list(Parcel.objects.using(alias).filter(state="lost").values_list("barcode", flat=True))
    return lost


@scenario("look-alike", why="the same numbers, looked for as a set on each shard")
def in_list_per_shard():
    numbers = list(Customer.objects.values_list("number", flat=True)[:6])
    return {alias: Parcel.objects.using(alias).filter(customer_number__in=numbers).count() for alias in SHARDS}


@scenario("look-alike", why="two tenants, and inside each one only set-based queries")
def set_based_work_for_two_tenants():
    report = {}
    for alias in ("default", "archive"):
        shipments = Shipment.objects.using(alias).select_related("customer")
        totals = Invoice.objects.using(alias).values("customer").annotate(n=Count("pk"))
        report[alias] = ([s.customer.name for s in shipments], list(totals))
    return report


@scenario("look-alike", why="one transaction per batch: the savepoints repeat, the work is a set each time")
def savepoint_per_batch():
    ids = list(Job.objects.values_list("pk", flat=True))
    with transaction.atomic():
        for start in range(0, len(ids), 4):
            with transaction.atomic():
                Job.objects.filter(pk__in=ids[start : start + 4]).update(state="checked")


@scenario("look-alike", why="bulk_create in batches of five")
def bulk_create_in_batches():
    entries = [Event(shipment_id=pk, kind="scan", at="2026-04-01T00:00Z") for pk in Shipment.objects.values_list("pk", flat=True)]
    return len(Event.objects.bulk_create(entries, batch_size=5))


@scenario("look-alike", why="bulk_update in batches of four")
def bulk_update_in_batches():
    shipments = list(Shipment.objects.all())
    for shipment in shipments:
        shipment.weight += 1
    return Shipment.objects.bulk_update(shipments, ["weight"], batch_size=4)


@scenario("look-alike", why="delete() collects what cascades in IN lists, one per table")
def cascading_delete_of_a_set():
    return Shipment.objects.filter(weight__gte=0).delete()


@scenario("look-alike", why="a worker claims one job at a time, so that others can claim the rest")
def queue_worker():
    done = 0
    while True:
        with transaction.atomic():
            job = Job.objects.select_for_update(skip_locked=True).filter(state="queued").order_by("pk").first()
            if job is None:
                return done
            job.state = "done"
            job.save(update_fields=["state"])
            done += 1


@scenario("look-alike", why="a tree by levels: one IN query per level")
def tree_level_by_level():
    level = list(Depot.objects.filter(parent=None))
    names = []
    while level:
        names += [node.name for node in level]
        level = list(Depot.objects.filter(parent_id__in=[node.pk for node in level]))
    return names


@scenario("look-alike", why="a binary search: each probe depends on the answer before")
def bisection_by_queries():
    low, high = 0, 2**7
    while low < high:
        middle = (low + high) // 2
        if Shipment.objects.filter(weight__gt=middle * 100).exists():
            low = middle + 1
        else:
            high = middle
    return low


@scenario("look-alike", why="generic subjects fetched by type: one IN query per table")
def subjects_by_type():
    from bench.detection.django_suite.models import Remark

    return [remark.subject.pk for remark in Remark.objects.prefetch_related("subject")]


@scenario("look-alike", why="one deletion per batch, until nothing is left: the purge of a big table")
def purge_in_batches():
    purged = 0
    while batch := list(Event.objects.filter(Q(kind="gate-in")).values_list("pk", flat=True)[:5]):
        purged += Event.objects.filter(pk__in=batch).delete()[0]
    return purged
