"""What the test suites and READMEs of Rails' detectors, prosopite and bullet, cover, as Django code would have it.

README.md says which of their cases have no counterpart in Python.
"""

from copy import copy
from dataclasses import dataclass

from django.db import connection
from django.db.models import Prefetch, Value
from django.db.models.functions import Concat

from bench.detection.django_suite.models import (
    Container,
    Customer,
    Depot,
    Invoice,
    Sailor,
    Ship,
    Shipment,
    Tag,
)
from bench.detection.scenario import scenario


@scenario("n-plus-one", kind="lookup", why="the first and the last container of each shipment, one LIMIT 1 each")
def first_and_last_container_of_each_shipment():
    spans = {}
    for shipment in Shipment.objects.order_by("-pk")[:40]:  # place: loop origin
        spans[shipment.reference] = (
            shipment.containers.first().number,  # place: access
            shipment.containers.last().number,  # place: access
        )
    return spans


@scenario("n-plus-one", kind="relation", why="only the keys of the related rows, and still a query for each row")
def container_keys_of_each_shipment():
    recent = list(Shipment.objects.order_by("-pk")[:40])  # place: origin
    keys = {}
    for shipment in reversed(recent):  # place: loop
        keys[shipment.pk] = list(shipment.containers.values_list("pk", flat=True))  # place: access
    return keys


@scenario(
    "n-plus-one", kind="relation", why="the rows are copied before the loop, the copies load row by row all the same"
)
def events_of_copied_rows():
    drafts = [copy(shipment) for shipment in Shipment.objects.order_by("pk")]  # place: origin
    timelines = []
    for draft in drafts:  # place: loop
        draft.status = "draft"
        timelines.append([event.kind for event in draft.events.all()])  # place: access
    return timelines


@scenario("n-plus-one", kind="relation", why="the rows were made a moment ago, then read again without their customers")
def customers_of_rows_made_just_now():
    pairs = Shipment.objects.values_list("pk", "customer_id")
    Invoice.objects.bulk_create(Invoice(shipment_id=pk, customer_id=customer, total=1) for pk, customer in pairs)
    lines = []
    for invoice in Invoice.objects.filter(total=1):  # place: loop origin
        lines.append(f"{invoice.pk}: {invoice.customer.email}")  # place: access
    return lines


@dataclass
class Complaint:
    """A document of another store, which knows its customer by number."""

    text: str
    customer_number: str

    @property
    def customer(self):
        return Customer.objects.get(number=self.customer_number)  # place[customer_of_each_document]: access


@scenario("n-plus-one", kind="lookup", why="documents of another store: each asks this database for its own customer")
def customer_of_each_document():
    numbers = range(Customer.objects.count())
    complaints = [Complaint(f"late again ({i})", f"C{i:04}") for i in numbers]
    return [
        f"{complaint.customer.email}: {complaint.text}"
        for complaint in complaints  # place: loop
    ]


@scenario("n-plus-one", kind="raw-sql", why="one SUM a row, and a comment makes each statement a text of its own")
def statements_with_a_comment_of_their_own():
    rows = list(Shipment.objects.values_list("pk", "reference"))  # place: origin
    weights = {}
    with connection.cursor() as cursor:
        for pk, reference in rows:  # place: loop
            sql = f"SELECT SUM(weight) FROM freight_container /* label of {reference} */ WHERE shipment_id = {pk}"
            cursor.execute(sql)  # place: access
            weights[reference] = cursor.fetchone()[0]
    return weights


@scenario("n-plus-one", kind="raw-sql", why="one statement a name, written as a literal, some with a quote inside")
def names_with_quotes_as_literals():
    Customer.objects.filter(credit__gt=2).update(name=Concat(Value("d'"), "number"))
    names = list(Customer.objects.values_list("name", flat=True))  # place: origin
    credits = []
    for name in names:  # place: loop
        literal = name.replace("'", "''")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT credit FROM freight_customer WHERE name = '{literal}'")  # place: access
            credits.append(cursor.fetchone()[0])
    return credits


@scenario("n-plus-one", kind="relation", why="the rows come from raw SQL, their containers one relation at a time")
def containers_of_rows_from_raw_sql():
    rows = Shipment.objects.raw("SELECT * FROM freight_shipment ORDER BY weight")  # place: origin
    heights = []
    for shipment in rows:  # place: loop origin
        heights.append(len(shipment.containers.all()))  # place: access
    return heights


def is_unmanned(ship):
    return not ship.crew.exists()  # place[ships_without_a_crew]: access


@scenario("n-plus-one", kind="lookup", why="a helper asks of each ship whether its many-to-many is empty")
def ships_without_a_crew():
    return [
        ship.name
        for ship in Ship.objects.order_by("name")  # place: loop origin
        if is_unmanned(ship)
    ]


@scenario("n-plus-one", kind="lookup", why="contains() asks once a row whether one object is among the related ones")
def shipments_that_carry_one_tag():
    fragile = Tag.objects.get(name="fragile")
    shipments = Shipment.objects.order_by("reference")  # place: origin
    marked = []
    for shipment in shipments:  # place: loop origin
        if shipment.tags.contains(fragile):  # place: access
            marked.append(shipment.reference)
    return marked


@scenario("n-plus-one", kind="aggregate", why="a count through the join table for each sailor")
def ships_counted_for_each_sailor():
    sailors = Sailor.objects.all()  # place: origin
    return {
        sailor.name: sailor.ships.count()  # place: access
        for sailor in sailors  # place: loop origin
    }


@scenario("n-plus-one", kind="aggregate", why="a part of the relation is counted for each customer")
def open_invoices_counted_for_each_customer():
    debtors = []
    for customer in Customer.objects.order_by("number"):  # place: loop origin
        if customer.invoices.filter(paid=False).count() > 0:  # place: access
            debtors.append(customer.number)
    return debtors


@scenario(
    "write-n-plus-one", kind="update", why="validated and saved one by one; one IN query checks, bulk_update writes"
)
def unique_fields_checked_and_saved_one_by_one():
    for customer in Customer.objects.order_by("pk"):  # place: loop origin
        customer.email = f"new-{customer.email}"
        customer.validate_unique()
        customer.save(update_fields=["email"])  # place: access
    return Customer.objects.filter(email__startswith="new-").count()


@scenario("look-alike", why="two objects, one asked before a loop of one pass and the other in it, on one line")
def one_pass_of_a_loop_beside_the_same_question():
    oldest, newest = Shipment.objects.order_by("pk").first(), Shipment.objects.order_by("pk").last()
    return [newest.containers.count(), *(each.containers.count() for each in (oldest,))]


@scenario("look-alike", why="one relation prefetched under two names: two queries of one shape, each for the whole set")
def one_relation_prefetched_under_two_names():
    sealed = Prefetch("containers", Container.objects.filter(sealed=True), to_attr="sealed_boxes")
    loose = Prefetch("containers", Container.objects.filter(sealed=False), to_attr="loose_boxes")
    shipments = Shipment.objects.prefetch_related(sealed, loose)
    return [(len(shipment.sealed_boxes), len(shipment.loose_boxes)) for shipment in shipments]


@scenario("look-alike", why="UNION ALL asks for four customers a statement: already set-based")
def lookups_joined_by_union_all():
    numbers = list(Customer.objects.order_by("pk").values_list("number", flat=True))
    emails = []
    for start in range(0, len(numbers), 4):
        first, *others = [
            Customer.objects.filter(number=number).values_list("number", "email")
            for number in numbers[start : start + 4]
        ]
        emails += first.union(*others, all=True)
    return sorted(emails)


@scenario("look-alike", why="the prefetch has told each child who its parent is")
def parents_known_from_the_prefetch():
    labels = []
    for shipment in Shipment.objects.prefetch_related("containers"):
        for container in shipment.containers.all():
            labels.append(f"{container.number} of {container.shipment.reference}")
    return labels


@scenario("look-alike", why="count(), exists() and contains() find their answer in what was prefetched")
def questions_answered_by_the_prefetch():
    fragile = Tag.objects.get(name="fragile")
    return [
        (shipment.tags.count(), shipment.tags.exists(), shipment.tags.contains(fragile))
        for shipment in Shipment.objects.prefetch_related("tags")
    ]


@scenario("look-alike", why="an empty foreign key is known to be empty: no query follows it")
def empty_foreign_keys():
    Sailor.objects.update(mentor=None)
    return [(sailor.name, sailor.mentor) for sailor in Sailor.objects.order_by("pk")]


@scenario(
    "look-alike", why="generic relation there, generic key back: one query for the remarks, one a type for the subjects"
)
def subjects_prefetched_through_the_generic_relation():
    shipments = Shipment.objects.prefetch_related("remarks__subject")
    return [remark.subject.reference for shipment in shipments for remark in shipment.remarks.all()]


@scenario("look-alike", why="two objects that were just made: one knows its parent, the other lists its only child")
def objects_made_and_read_at_once():
    yard = Depot.objects.create(name="yard")
    shed = Depot.objects.create(name="shed", parent=yard)
    return shed.parent.name, [child.name for child in yard.children.all()]
