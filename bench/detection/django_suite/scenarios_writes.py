"""One write a row, and reads that hide behind writes."""

from django.db import connection

from bench.detection.django_suite.billing import rebook
from bench.detection.django_suite.models import Customer, Event, Invoice, Job, Parcel, Shipment, Tag
from bench.detection.scenario import scenario


def _feed():
    """Half of the barcodes are known."""
    rows = Parcel.objects.count()
    return [(f"B{i:05}", f"C{i:04}") for i in range(rows // 2, rows // 2 + rows)]


@scenario("write-n-plus-one", kind="upsert", why="an import loop with get_or_create: bulk_create can ignore conflicts")
def import_with_get_or_create():
    created = 0
    for barcode, number in _feed():  # place: loop
        _, new = Parcel.objects.get_or_create(barcode=barcode, defaults={"customer_number": number})  # place: access
        created += new
    return created


@scenario("write-n-plus-one", kind="upsert", why="an import loop with update_or_create")
def import_with_update_or_create():
    for barcode, number in _feed():  # place: loop
        Parcel.objects.update_or_create(barcode=barcode, defaults={"customer_number": number, "state": "seen"})  # place: access


@scenario("write-n-plus-one", kind="insert", why="one INSERT an item; bulk_create takes them all")
def create_one_by_one():
    for shipment in Shipment.objects.all():  # place: loop
        Event.objects.create(shipment=shipment, kind="customs", at="2026-05-01T00:00Z")  # place: access


@scenario("write-n-plus-one", kind="update", why="save() once a row; bulk_update or an expression does it in one")
def save_one_by_one():
    for shipment in Shipment.objects.filter(weight__gte=0):  # place: loop
        shipment.weight += 5
        shipment.save(update_fields=["weight"])  # place: access


@scenario("write-n-plus-one", kind="update", why="update() on a query set of one row, once a row")
def status_set_row_by_row():
    for shipment in list(Shipment.objects.all()):  # place: loop
        rebook(shipment, "sailing")


@scenario("write-n-plus-one", kind="delete", why="delete() once a row instead of on the query set")
def delete_one_by_one():
    for event in Event.objects.all():  # place: loop
        event.delete()  # place: access


@scenario("write-n-plus-one", kind="insert", why="one add() a shipment; the through table takes bulk_create")
def tag_added_to_each_shipment():
    express = Tag.objects.create(name="priority")
    for shipment in Shipment.objects.all():  # place: loop
        shipment.tags.add(express)  # place: access


@scenario("write-n-plus-one", kind="insert", why="a raw INSERT an item where executemany exists")
def raw_insert_per_item():
    with connection.cursor() as cursor:
        for barcode, number in _feed():  # place: loop
            sql = "INSERT INTO freight_parcel (barcode, state, customer_number) VALUES (%s, 'new', %s)"
            cursor.execute(sql, [f"R{barcode}", number])  # place: access


@scenario("write-n-plus-one", kind="insert", why="a signal handler writes an entry for every saved job")
def audit_entry_per_saved_job():
    for job in Job.objects.all():  # place: loop
        job.audited = True
        job.state = "held"
        job.save(update_fields=["state"])  # place: access


@scenario("n-plus-one", kind="relation", why="a signal handler loads the customer of every saved invoice")
def signal_handler_that_loads():
    for invoice in Invoice.objects.all():  # place: loop origin
        invoice.announce = True
        invoice.paid = True
        invoice.save(update_fields=["paid"])


@scenario("n-plus-one", kind="lookup", why="every line of the import looks its customer up before one bulk_create")
def import_that_looks_up_each_customer():
    bills = []
    for line in range(Customer.objects.count()):  # place: loop
        customer = Customer.objects.get(number=f"C{line:04}")  # place: access
        bills.append(Invoice(customer=customer, shipment_id=1, total=line))
    return len(Invoice.objects.bulk_create(bills))


@scenario("n-plus-one", kind="relation", why="the rows are checked by clean(), which loads a relation of each")
def validation_that_loads():
    problems = []
    shipments = list(Shipment.objects.order_by("pk"))  # place: origin

    def clean(shipment):
        return shipment.customer.credit >= 0 and shipment.hub.country_id  # place: access

    for shipment in shipments:  # place: loop
        if not clean(shipment):
            problems.append(shipment.reference)
    Shipment.objects.filter(pk__in=[s.pk for s in shipments]).update(status="checked")
    return problems
