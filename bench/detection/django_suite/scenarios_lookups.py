"""A query per item that no relation asks for: get(), filter(), aggregates, raw SQL."""

from django.db import connection, connections
from django.db.models import Avg, Sum

from bench.detection.django_suite.billing import CreditDesk, open_balance
from bench.detection.django_suite.models import Container, Customer, Event, Invoice, Port, Ship, Shipment
from bench.detection.scenario import scenario


def _numbers():
    """What a partner's file contains: as many customer numbers as there are customers."""
    return [f"C{i:04}" for i in range(Customer.objects.count())]


@scenario("n-plus-one", kind="lookup", why="ids are fetched first and then looked up one at a time")
def get_for_each_id():
    ids = Shipment.objects.values_list("pk", flat=True)  # place: origin
    shipments = []
    for pk in ids:  # place: loop origin
        shipments.append(Shipment.objects.get(pk=pk))  # place: access
    return shipments


@scenario("n-plus-one", kind="lookup", why="the items come from a file and not from a query: one get() an item")
def customers_named_in_a_file():
    numbers = _numbers()
    return [
        Customer.objects.get(number=number).name  # place: access
        for number in numbers  # place: loop
    ]


@scenario("n-plus-one", kind="lookup", why="a fixed list of twelve codes, asked one by one instead of IN", constant=True)
def fixed_list_of_port_codes():
    harbours = ("P000", "P001", "P002", "P003", "P004", "P005", "P006", "P007", "X001", "X002", "X003", "X004")
    known = []
    for code in harbours:  # place: loop
        known += Port.objects.filter(code=code)  # place: access
    return known


@scenario("n-plus-one", kind="lookup", why="one EXISTS per number of the file")
def unknown_numbers_of_a_file():
    unknown = set()
    for number in [*_numbers(), "C9998", "C9999"]:  # place: loop
        if not Customer.objects.filter(number=number).exists():  # place: access
            unknown.add(number)
    return unknown


@scenario("n-plus-one", kind="lookup", why="filter().first() by the row's key, instead of one IN")
def first_invoice_by_shipment_id():
    rows = Shipment.objects.values("pk", "reference")  # place: origin
    out = []
    for row in rows:  # place: loop origin
        bill = Invoice.objects.filter(shipment_id=row["pk"]).first()  # place: access
        out.append((row["reference"], bill.total))
    return out


@scenario("n-plus-one", kind="aggregate", why="an average per ship, where GROUP BY gives them all")
def average_weight_per_ship():
    averages = {}
    for ship in Ship.objects.all():  # place: loop origin
        found = Shipment.objects.filter(ship=ship).aggregate(mean=Avg("weight"))  # place: access
        averages[ship.name] = found["mean"]
    return averages


@scenario("n-plus-one", kind="aggregate", why="two aggregates a row: the queries interleave")
def two_interleaved_aggregates():
    lines = []
    for shipment in Shipment.objects.order_by("pk"):  # place: loop origin
        boxes = Container.objects.filter(shipment=shipment).count()  # place: access
        owed = Invoice.objects.filter(shipment=shipment).aggregate(s=Sum("total"))["s"]  # place: access
        lines.append((boxes, owed))
    return lines


@scenario("n-plus-one", kind="lookup", why="lookup and lazy load alternate in the body")
def interleaved_lookup_and_lazy_load():
    result = []
    for event in Event.objects.filter(kind="loaded"):  # place: loop origin
        shipment = Shipment.objects.get(pk=event.shipment_id)  # place: access
        result.append((event.at, shipment.customer.name))  # place: access
    return result


@scenario("n-plus-one", kind="relation", why="a function of another module queries for each customer")
def balance_by_a_function_that_queries():
    customers = Customer.objects.filter(credit__gte=0)  # place: origin
    return {  # place: origin
        customer.number: open_balance(customer)
        for customer in customers  # place: loop origin
    }


@scenario("n-plus-one", kind="lookup", why="a service object is asked once a line, and asks the database each time")
def service_object_asked_once_a_line():
    desk = CreditDesk(limit=7)
    accepted = []
    for number in _numbers():  # place: loop
        if desk.accepts(number):
            accepted.append(number)
    return accepted


@scenario("n-plus-one", kind="raw-sql", why="a parametrised statement per row")
def raw_sql_with_parameters():
    totals = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM freight_shipment ORDER BY id")  # place: origin
        ids = [row[0] for row in cursor.fetchall()]
        for pk in ids:  # place: loop
            cursor.execute("SELECT SUM(weight) FROM freight_container WHERE shipment_id = %s", [pk])  # place: access
            totals.append(cursor.fetchone()[0])
    return totals


@scenario("n-plus-one", kind="raw-sql", why="the key is written into the text, so every statement is another string")
def raw_sql_with_literals():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, reference FROM freight_shipment")  # place: origin
        listing = cursor.fetchall()
    found = {}
    for pk, reference in listing:  # place: loop
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT kind FROM freight_event WHERE shipment_id = {pk} ORDER BY at")  # place: access
            found[reference] = [kind for (kind,) in cursor.fetchall()]
    return found


@scenario("n-plus-one", kind="raw-sql", why="string keys as literals, on another database")
def raw_literals_on_the_archive():
    names = []
    with connections["archive"].cursor() as cursor:
        for number in _numbers():  # place: loop
            cursor.execute(f"select name from freight_customer where number = '{number}'")  # place: access
            names.append(cursor.fetchone()[0])
    return names


@scenario("n-plus-one", kind="raw-sql", why="Model.objects.raw() once a row")
def raw_queryset_per_row():
    boxes = []
    for shipment in Shipment.objects.all():  # place: loop origin
        boxes.extend(  # place: access
            Container.objects.raw("SELECT * FROM freight_container WHERE shipment_id = %s", [shipment.pk])  # place: access
        )
    return boxes


@scenario("n-plus-one", kind="lookup", why="raw() feeds the loop and get() answers it")
def raw_origin_then_get():
    heavy = Shipment.objects.raw("SELECT id, customer_id, weight FROM freight_shipment WHERE weight >= %s", [0])  # place: origin
    owners = []
    for shipment in heavy:  # place: loop origin
        owners.append(Customer.objects.get(pk=shipment.customer_id))  # place: access
    return owners


@scenario("n-plus-one", kind="lookup", why="refresh_from_db() of every object is one query each")
def refresh_every_object():
    shipments = list(Shipment.objects.all())  # place: origin
    for shipment in shipments:  # place: loop
        shipment.refresh_from_db(fields=["status"])  # place: access
    return [shipment.status for shipment in shipments]


@scenario("n-plus-one", kind="lookup", why="a permission check per row, each with a query of its own")
def permission_check_per_row():
    desk = Customer.objects.get(number="C0001")

    def may_see(shipment):
        return Shipment.objects.filter(pk=shipment.pk, customer=desk).exists()  # place: access

    visible = []
    for shipment in Shipment.objects.order_by("reference"):  # place: loop origin
        if may_see(shipment):
            visible.append(shipment.reference)
    return visible


@scenario("n-plus-one", kind="lookup", why="the rows are fetched in chunks, and inside each chunk one by one")
def lookups_inside_chunks():
    ids = list(Shipment.objects.values_list("pk", flat=True))  # place: origin
    weights = []
    for start in range(0, len(ids), 5):
        for pk in ids[start : start + 5]:  # place: loop
            weights.append(Shipment.objects.values_list("weight", flat=True).get(pk=pk))  # place: access
    return weights


@scenario("n-plus-one", kind="lookup", why="the target is found by the row's own values, row by row")
def successor_of_each_shipment():
    following = {}
    for shipment in Shipment.objects.order_by("weight"):  # place: loop origin
        successor = (
            Shipment.objects.filter(weight__gt=shipment.weight)
            .order_by("weight")
            .first()  # place: access
        )
        following[shipment.reference] = successor and successor.reference
    return following


@scenario("n-plus-one", kind="lookup", why="in_bulk with one id at a time is a get()")
def in_bulk_of_one_id_at_a_time():
    pairs = list(Invoice.objects.values_list("pk", "customer_id"))  # place: origin
    ledger = {}
    for invoice, customer in pairs:  # place: loop
        ledger[invoice] = Customer.objects.in_bulk([customer])[customer].name  # place: access
    return ledger
