"""Look-alikes of a handful: one object and its relations, fixed small sets, different questions."""

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.db.models import Avg, Max, Q

from bench.detection.django_suite.billing import preference
from bench.detection.django_suite.data import STATUSES
from bench.detection.django_suite.models import Container, Customer, Invoice, Job, Port, Ship, Shipment, Tag
from bench.detection.scenario import scenario


@scenario("look-alike", why="one object, one lazy load")
def single_lazy_load():
    shipment = Shipment.objects.get(reference="S0001")
    return shipment.customer.name


@scenario("look-alike", why="the first of many rows, and only that one is asked for its customer")
def first_row_of_many():
    shipments = list(Shipment.objects.order_by("-weight"))
    return shipments[0].customer.name, len(shipments)


@scenario("look-alike", why="one object, each of its relations once")
def relations_of_one_object():
    shipment = Shipment.objects.order_by("pk").last()
    return {
        "customer": shipment.customer.name,
        "ship": shipment.ship.name,
        "origin": shipment.origin.name,
        "hub": shipment.hub.name,
        "boxes": list(shipment.containers.all()),
        "tags": list(shipment.tags.all()),
    }


@scenario("look-alike", why="three lookups of one shape on three lines: three roles, no collection")
def three_lookups_from_three_lines():
    sender = Customer.objects.get(number="C0001")
    receiver = Customer.objects.get(number="C0002")
    payer = Customer.objects.get(number="C0003")
    return sender.name, receiver.name, payer.name


@scenario("look-alike", why="three preferences through one accessor, from three lines")
def preferences_by_name():
    currency = preference("currency")
    zone = preference("timezone")
    locale = preference("locale")
    return currency, zone, locale


@scenario("look-alike", why="preferences come from the cache after the first read")
def preferences_through_the_cache():
    read = []
    for _ in range(6):
        read.append(cache.get_or_set("currency", lambda: preference("currency")))
    return read


@scenario("look-alike", why="one aggregate for each of three fixed statuses")
def one_count_per_status():
    return {status: Shipment.objects.filter(status=status).count() for status in STATUSES}


@scenario("look-alike", why="a dashboard: eight different figures about one table")
def dashboard_of_one_table():
    shipments = Shipment.objects.all()
    return {
        "all": shipments.count(),
        "booked": shipments.filter(status="booked").count(),
        "sailing": shipments.filter(status="sailing").count(),
        "landed": shipments.filter(status="landed").count(),
        "heavy": shipments.filter(weight__gt=800).count(),
        "light": shipments.filter(weight__lt=200).count(),
        "mean": shipments.aggregate(Avg("weight")),
        "top": shipments.aggregate(Max("weight")),
    }


@scenario("look-alike", why="a dashboard in raw SQL: one table, one line each")
def raw_dashboard():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM freight_invoice WHERE total > 505")
        dear = cursor.fetchone()[0]
        cursor.execute("SELECT COUNT(*) FROM freight_invoice WHERE total > 510")
        dearer = cursor.fetchone()[0]
        cursor.execute("SELECT COUNT(*) FROM freight_invoice WHERE total > 515")
        return dear, dearer, cursor.fetchone()[0]


@scenario("look-alike", why="one count for each table of the application: no two tables make one query")
def count_per_table():
    return {model.__name__: model.objects.count() for model in apps.get_app_config("freight").get_models()}


@scenario("look-alike", why="four different tables, one query each, in a loop over query sets")
def loop_over_different_tables():
    newest = []
    for rows in (Port.objects.all(), Ship.objects.all(), Customer.objects.all(), Tag.objects.all()):
        newest.append(rows.order_by("-pk").first().pk)
    return newest


@scenario("look-alike", why="content types are looked up once each and then cached for good")
def content_types_warm_up():
    ContentType.objects.clear_cache()
    shipment = ContentType.objects.get_for_model(Shipment)
    ship = ContentType.objects.get_for_model(Ship)
    customer = ContentType.objects.get_for_model(Customer)
    again = [ContentType.objects.get_for_model(model) for model in (Shipment, Ship, Customer)]
    return again == [shipment, ship, customer]


def _is_taken(**fields):
    return Customer.objects.filter(**fields).exists()


@scenario("look-alike", why="three uniqueness checks of one form: number, slug, e-mail")
def uniqueness_checks():
    return _is_taken(number="C0002"), _is_taken(slug="customer-2"), _is_taken(email="desk2@example.org")


@scenario("look-alike", why="check, create, read back: one object's own life")
def life_of_one_object():
    if not Job.objects.filter(payload="weekly report").exists():
        Job.objects.create(payload="weekly report")
    job = Job.objects.get(payload="weekly report")
    job.state = "running"
    job.save()
    job.refresh_from_db()
    return job.state


@scenario("look-alike", why="rows made in this run, and their relations were given to them")
def rows_made_in_this_run():
    shipment = Shipment.objects.order_by("pk").first()
    boxes = Container.objects.bulk_create(Container(number=f"N{i}", shipment=shipment, weight=i) for i in range(4))
    return [box.shipment.reference for box in boxes]


@scenario("look-alike", why="a search page: the hits, their number, and a choice list, each once")
def search_page():
    hits = Shipment.objects.filter(Q(reference__contains="S") | Q(notes__contains="fragile")).select_related("ship")
    return {
        "count": hits.count(),
        "hits": [hit.ship.name for hit in hits[:10]],
        "ports": list(Port.objects.values_list("code", flat=True)),
        "owed": Invoice.objects.filter(paid=False).count(),
    }
