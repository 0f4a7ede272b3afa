# mypy: ignore-errors
"""Repeated queries that are there for a reason."""

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Sum

from bench.detection.scenario import scenario

from .models import Animal, Drug, Invoice, Job, Note, Owner, Preference, Vet, Visit
from .settings import BRANCHES


def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


@scenario("look-alike", why="IN lists of five keys")
def chunked_in():
    ids = list(Visit.objects.values_list("pk", flat=True))
    visits = []
    for part in chunks(ids, 5):
        visits += Visit.objects.filter(pk__in=part)
    return visits


@scenario("look-alike", why="a key set page walk")
def keyset_walk():
    last, total = 0, 0
    while True:
        page = list(Visit.objects.filter(pk__gt=last).order_by("pk")[:4])
        if not page:
            return total
        total += sum(visit.fee for visit in page)
        last = page[-1].pk


@scenario("look-alike", why="an OFFSET page walk")
def all_pages():
    pages = Paginator(Visit.objects.order_by("pk"), 4)
    return [[visit.day for visit in pages.page(number)] for number in pages.page_range]


@scenario("look-alike", why="one prefetch a batch of the iterator")
def prefetch_by_batches_of_an_iterator():
    names = []
    for animal in Animal.objects.prefetch_related("visit_set").iterator(chunk_size=4):
        names.append((animal.name, len(animal.visit_set.all())))
    return names


@scenario("look-alike", why="a worker takes one job at a time, so that others can take the next")
def job_worker():
    finished = 0
    while True:
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(state="waiting").order_by("pk").first()
            if job is None:
                return finished
            job.state = "done"
            job.save(update_fields=["state"])
        finished += 1


@scenario("look-alike", why="waits until a job has changed")
def poll_a_job():
    job = Job.objects.first()
    for attempt in range(6):
        state = Job.objects.values_list("state", flat=True).get(pk=job.pk)
        if state == "done":
            return attempt
        if attempt == 4:
            Job.objects.filter(pk=job.pk).update(state="done")
    return None


@scenario("look-alike", why="one query a branch, each has a database of its own")
def every_branch():
    return {alias: Animal.objects.using(alias).count() for alias in ("default", *BRANCHES)}


@scenario("look-alike", why="searches the branches until one knows the chip")
def first_branch_that_knows():
    for alias in BRANCHES:
        owner = Owner.objects.using(alias).filter(email="nobody@clinic.test").first()
        if owner:
            return owner
    return "nobody"


@scenario("look-alike", why="a savepoint and one bulk statement a batch")
def savepoint_per_batch():
    codes = [f"N{n:03}" for n in range(Drug.objects.count())]
    with transaction.atomic():
        for part in chunks(codes, 4):
            with transaction.atomic():
                Drug.objects.bulk_create([Drug(code=code, name=code, price=1) for code in part])
    return Drug.objects.count()


@scenario("look-alike", why="counts up until the number is free")
def free_invoice_number():
    serial = 0
    while Invoice.objects.filter(number=f"2026-{serial:04}").exists():
        serial += 5
    return serial


@scenario("look-alike", why="each field of one registration is checked once")
def unique_fields_of_a_registration():
    form = {"name": "Nobody", "email": "n@clinic.test", "city": "Nowhere"}
    return [field for field, value in form.items() if Owner.objects.filter(**{field: value}).exists()]


@scenario("look-alike", why="three lines, three vets with three roles")
def three_vets_from_three_lines():
    surgeon = Vet.objects.get(name="Vet 1")
    assistant = Vet.objects.get(name="Vet 2")
    backup = Vet.objects.get(name="Vet 3")
    return surgeon, assistant, backup


@scenario("look-alike", why="two different settings")
def two_settings():
    currency = Preference.objects.get(key="currency").value
    vat = Preference.objects.get(key="vat").value
    return currency, vat


@scenario("look-alike", why="one sum for each of three fixed states")
def subtotal_per_state():
    return {
        state: Visit.objects.filter(state=state).aggregate(total=Sum("fee"))["total"]
        for state in ("open", "closed", "missed")
    }


@scenario("look-alike", why="tries again after an error")
def retry_with_a_lock():
    for attempt in range(4):
        job = Job.objects.get(pk=1)
        stale = job.done if attempt == 3 else job.done + 1
        if Job.objects.filter(pk=1, done=stale).update(done=stale + 1):
            return attempt
    return None


@scenario("look-alike", why="the progress of one job is read after each batch")
def progress_of_one_job():
    job = Job.objects.get(pk=1)
    for part in chunks(list(range(12)), 3):
        Job.objects.filter(pk=job.pk).update(done=job.done + len(part))
        job.refresh_from_db(fields=["done"])
    return job.done


@scenario("look-alike", why="one query a quarter of the year")
def four_quarters():
    start, report = date(2026, 1, 1), []
    for _ in range(4):
        end = start + timedelta(days=91)
        report.append(Visit.objects.filter(day__gte=start, day__lt=end).count())
        start = end
    return report


@scenario("look-alike", why="a different table each time")
def count_of_every_table():
    return {model.__name__: model.objects.count() for model in (Owner, Animal, Vet, Visit, Drug, Invoice)}


@scenario("look-alike", why="content types are cached after the first")
def content_type_of_each_note():
    return [ContentType.objects.get_for_id(note.content_type_id).model for note in Note.objects.all()]


@scenario("look-alike", why="raw SQL in chunks")
def raw_chunks():
    rows = []
    ids = list(Animal.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for part in chunks(ids, 4):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f"SELECT name FROM clinic_animal WHERE id IN ({marks})", part)
            rows += cursor.fetchall()
    return rows


@scenario("look-alike", why="bisection: each question depends on the answer before it")
def bisection():
    low, high = 1, Visit.objects.count()
    while low < high:
        middle = (low + high) // 2
        if Visit.objects.filter(pk__lte=middle).aggregate(total=Sum("fee"))["total"] > 100:
            high = middle
        else:
            low = middle + 1
    return low


@scenario("look-alike", why="two people looked up from two lines, no loop at all")
def two_users():
    return User.objects.get(username="root"), User.objects.get(username="nurse")


@scenario("look-alike", why="copies the rows batch by batch")
def copy_to_a_branch():
    Note.objects.using("hilltop").all().delete()
    ids = list(Note.objects.values_list("pk", flat=True))
    for part in chunks(ids, 6):
        Note.objects.using("hilltop").bulk_create(Note.objects.filter(pk__in=part))
    return Note.objects.using("hilltop").count()
