"""From the row to the one row it points at: foreign keys, one-to-one, generic keys, deferred columns."""

import logging
from unittest import mock

from bench.detection.django_suite.billing import quote_for
from bench.detection.django_suite.models import Invoice, Master, Profile, Remark, Ship, Shipment
from bench.detection.scenario import scenario

logger = logging.getLogger(__name__)


@scenario("n-plus-one", kind="relation", why="each shipment loads its customer; select_related joins it")
def customer_of_each_shipment():
    lines = []
    shipments = Shipment.objects.order_by("reference")  # place: origin
    for shipment in shipments:  # place: loop origin
        name = shipment.customer.name  # place: access
        lines.append(f"{shipment.reference}: {name}")
    return lines


@scenario("n-plus-one", kind="relation", why="every row loads the same hub again: Django has no identity map")
def one_hub_for_every_shipment():
    shipments = list(Shipment.objects.exclude(status="lost"))  # place: origin
    return {
        shipment.reference: shipment.hub.name  # place: access
        for shipment in shipments  # place: loop
    }


@scenario("n-plus-one", kind="relation", why="the second hop is missing from select_related")
def country_two_hops_away():
    codes = []
    for shipment in Shipment.objects.select_related("origin"):  # place: loop origin
        codes.append(shipment.origin.country.code)  # place: access
    return codes


@scenario("n-plus-one", kind="relation", why="three relations deep, each hop is one query a row")
def chain_of_three_hops():
    invoices = Invoice.objects.filter(paid=False)  # place: origin
    total = {}
    for invoice in invoices:  # place: loop origin
        line = invoice.shipment.ship.carrier.name  # place: access
        total[line] = total.get(line, 0) + invoice.total
    return total


@scenario("n-plus-one", kind="relation", why="forward one-to-one: each profile loads its customer")
def customer_of_each_profile():
    profiles = Profile.objects.filter(language="en")  # place: origin
    return [(p.phone, p.customer.email) for p in profiles]  # place: loop access origin


@scenario("n-plus-one", kind="relation", why="reverse one-to-one: each ship looks its master up")
def master_of_each_ship():
    roster = {}
    for ship in Ship.objects.all():  # place: loop origin
        roster[ship.name] = ship.master.name  # place: access
    return roster


@scenario("n-plus-one", kind="relation", why="hasattr on a reverse one-to-one is a query, found or not")
def ships_without_a_master():
    Master.objects.filter(pk__gt=0).delete()
    unmanned = []
    for ship in Ship.objects.order_by("name"):  # place: loop origin
        if not hasattr(ship, "master"):  # place: access
            unmanned.append(ship.name)
    return unmanned


@scenario("n-plus-one", kind="relation", why="a generic foreign key loads its subject row by row")
def subject_of_each_remark():
    remarks = Remark.objects.all()[:50]  # place: origin
    seen = []
    for remark in remarks:  # place: loop origin
        subject = remark.subject  # place: access
        seen.append((remark.text, subject.pk))
    return seen


@scenario("n-plus-one", kind="deferred", why="notes was left out by only() and is fetched row by row")
def notes_left_out_by_only():
    words = 0
    for shipment in Shipment.objects.only("reference"):  # place: loop origin
        words += len(shipment.notes.split())  # place: access
    return words


def _excerpt(shipment):
    return shipment.notes[:10]  # place[deferred_text_read_by_a_function]: access


@scenario("n-plus-one", kind="deferred", why="the deferred text is read by a function that cannot know it")
def deferred_text_read_by_a_function():
    shipments = Shipment.objects.defer("notes").filter(weight__gte=0)  # place: origin
    return [_excerpt(shipment) for shipment in shipments]  # place: loop origin


@scenario("n-plus-one", kind="relation", why="a property hides the lazy load of each row")
def property_behind_each_row():
    shipments = list(Shipment.objects.order_by("-weight"))  # place: origin
    routes = []
    for shipment in shipments:  # place: loop
        routes.append(shipment.route)
    return routes


@scenario("n-plus-one", kind="relation", why="__str__ follows a foreign key, and the log line formats every row")
def shipments_in_a_log_line():
    with mock.patch.object(logger, "debug", lambda text, *args: text % args):
        for shipment in Shipment.objects.filter(status="booked"):  # place: loop origin
            logger.debug("rebooking %s", shipment)


@scenario("n-plus-one", kind="relation", why="str() of every row, which loads the customer each time")
def labels_of_a_choice_list():
    rows = Shipment.objects.all()  # place: origin
    return [(row.pk, str(row)) for row in rows]  # place: loop origin


@scenario("n-plus-one", kind="relation", why="the lazy load is two calls down, in another module")
def quotes_from_another_module():
    quotes = []
    for shipment in Shipment.objects.all():  # place: loop origin
        quotes.append(quote_for(shipment))
    return sum(quotes)


@scenario("n-plus-one", kind="relation", why="iterator() streams the rows, the lazy loads stay")
def streamed_rows_with_lazy_ship():
    names = set()
    for shipment in Shipment.objects.iterator(chunk_size=4):  # place: loop origin
        names.add(shipment.ship.name)  # place: access
    return names


@scenario("n-plus-one", kind="relation", why="rows of another database load their relations there, one by one")
def lazy_loads_on_the_archive():
    old = Shipment.objects.using("archive").order_by("pk")  # place: origin
    return [  # place: origin
        row.origin.code  # place: access
        for row in old  # place: loop origin
    ]


@scenario("n-plus-one", kind="relation", why="few rows, as many queries: one per carrier")
def home_port_of_a_few_carriers():
    from bench.detection.django_suite.models import Carrier

    carriers = Carrier.objects.order_by("name")  # place: origin
    cards = []
    for carrier in carriers:  # place: loop origin
        cards.append({"carrier": carrier.name, "port": carrier.home_port.name})  # place: access
    return cards


@scenario("n-plus-one", kind="relation", why="a widget of the three newest rows still asks once a row", constant=True)
def three_newest_in_a_widget():
    newest = list(Shipment.objects.order_by("-pk")[:3])  # place: origin
    return [
        f"{shipment.reference} ({shipment.customer.name})"  # place: access
        for shipment in newest  # place: loop
    ]


@scenario("n-plus-one", kind="relation", why="select_related joins the customer, and the loop needs the ship")
def eager_load_of_the_wrong_relation():
    manifest = []
    for shipment in Shipment.objects.select_related("customer"):  # place: loop origin
        manifest.append((shipment.customer.name, shipment.ship.name))  # place: access
    return manifest
