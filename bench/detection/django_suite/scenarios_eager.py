"""Look-alikes that loop over related rows and have already loaded them, or need no query for them."""

from django.db.models import Count, OuterRef, Prefetch, Subquery, Sum, prefetch_related_objects

from bench.detection.django_suite.models import Container, Customer, Event, Port, Ship, Shipment
from bench.detection.scenario import scenario


@scenario("look-alike", why="joined by select_related, two hops")
def joined_by_select_related():
    rows = Shipment.objects.select_related("customer", "origin__country")
    return [(row.customer.name, row.origin.country.name) for row in rows]


@scenario("look-alike", why="prefetched, three levels: one query a level")
def prefetched_three_levels():
    customers = Customer.objects.prefetch_related("shipments__containers", "shipments__events")
    return [
        (len(shipment.containers.all()), len(shipment.events.all()))
        for customer in customers
        for shipment in customer.shipments.all()
    ]


@scenario("look-alike", why="three prefetches hit the same table: three sets, not three rows")
def prefetches_of_the_same_table():
    ports = Port.objects.prefetch_related("departures", "transits")
    hubs = Shipment.objects.prefetch_related("origin__country", "hub__country")
    return [len(p.departures.all()) + len(p.transits.all()) for p in ports], [s.hub.country.code for s in hubs]


@scenario("look-alike", why="the filter stands in the Prefetch and its result in a list")
def filtered_by_prefetch_object():
    sealed = Prefetch("containers", queryset=Container.objects.filter(sealed=True), to_attr="sealed_boxes")
    return [len(shipment.sealed_boxes) for shipment in Shipment.objects.prefetch_related(sealed)]


@scenario("look-alike", why="prefetch_related_objects on the whole list at once")
def prefetch_on_the_whole_list():
    ships = list(Ship.objects.all())
    prefetch_related_objects(ships, "crew", "master")
    return {ship.master.name: [sailor.name for sailor in ship.crew.all()] for ship in ships}


@scenario("look-alike", why="counted by the database in one GROUP BY")
def counted_by_annotate():
    rows = Shipment.objects.annotate(boxes=Count("containers", distinct=True), owed=Sum("invoices__total"))
    return {row.reference: (row.boxes, row.owed) for row in rows}


@scenario("look-alike", why="the latest event comes from a subquery")
def latest_by_subquery():
    newest = Event.objects.filter(shipment=OuterRef("pk")).order_by("-at").values("kind")[:1]
    return list(Shipment.objects.annotate(latest=Subquery(newest)).values_list("reference", "latest"))


@scenario("look-alike", why="one in_bulk before the loop, a dictionary inside it")
def dictionary_before_the_loop():
    shipments = list(Shipment.objects.all())
    customers = Customer.objects.in_bulk([shipment.customer_id for shipment in shipments])
    return [customers[shipment.customer_id].name for shipment in shipments]


@scenario("look-alike", why="the loop reads the key column only, which the row has")
def key_columns_only():
    return [(shipment.customer_id, shipment.ship_id) for shipment in Shipment.objects.all()]


@scenario("look-alike", why="child to parent: the manager has set the parent on each child")
def back_to_the_known_parent():
    shipment = Shipment.objects.order_by("pk").first()
    return [f"{box.number} of {box.shipment.reference}" for box in shipment.containers.all()]


@scenario("look-alike", why="a memo: the one hub is asked for once")
def memo_in_the_loop():
    hubs = {}
    names = []
    for shipment in Shipment.objects.all():
        if shipment.hub_id not in hubs:
            hubs[shipment.hub_id] = Port.objects.get(pk=shipment.hub_id)
        names.append(hubs[shipment.hub_id].name)
    return names


@scenario("look-alike", why="the method sees that its relation was prefetched")
def method_that_uses_the_prefetch():
    return [shipment.container_count() for shipment in Shipment.objects.prefetch_related("containers")]


@scenario("look-alike", why="filtered in Python, over a prefetched list")
def filtered_in_python():
    customers = Customer.objects.prefetch_related("invoices")
    return {c.number: [i.total for i in c.invoices.all() if not i.paid] for c in customers}


@scenario("look-alike", why="one row as values, joined: dotted names are columns of one query")
def values_across_relations():
    return [row["ship__carrier__name"] for row in Shipment.objects.values("reference", "ship__carrier__name")]
