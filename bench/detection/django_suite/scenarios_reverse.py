"""From the row to the many rows that point at it: reverse foreign keys, many-to-many, generic relations."""

from django.db.models import Prefetch, Sum, prefetch_related_objects

from bench.detection.django_suite.models import Container, Customer, Sailor, Ship, Shipment, Tag
from bench.detection.scenario import scenario


@scenario("n-plus-one", kind="relation", why="each shipment lists its containers; prefetch_related takes one query")
def containers_of_each_shipment():
    numbers = []
    for shipment in Shipment.objects.all():  # place: loop origin
        for container in shipment.containers.all():  # place: access
            numbers.append(container.number)
    return numbers


@scenario("n-plus-one", kind="relation", why="a filter on the reverse side is one query a row")
def sealed_containers_of_each_shipment():
    sealed = {}
    for shipment in Shipment.objects.order_by("pk"):  # place: loop origin
        sealed[shipment.pk] = list(shipment.containers.filter(sealed=True))  # place: access
    return sealed


@scenario("n-plus-one", kind="relation", why="filter() builds a new query, so the prefetch before it is for nothing")
def prefetch_defeated_by_filter():
    shipments = Shipment.objects.prefetch_related("containers")  # place: origin
    heavy = []
    for shipment in shipments:  # place: loop origin
        heavy += shipment.containers.filter(weight__gt=5)  # place: access
    return heavy


@scenario("n-plus-one", kind="relation", why="order_by() on a prefetched manager queries again for each row")
def prefetch_defeated_by_order_by():
    customers = list(Customer.objects.prefetch_related("shipments"))  # place: origin
    return [
        [s.reference for s in customer.shipments.order_by("-weight")]  # place: access
        for customer in customers  # place: loop
    ]


@scenario("n-plus-one", kind="aggregate", why="one COUNT a row where annotate(Count()) counts them all")
def container_count_of_each_shipment():
    counts = {}
    for shipment in Shipment.objects.all():  # place: loop origin
        counts[shipment.reference] = shipment.containers.count()  # place: access
    return counts


@scenario("n-plus-one", kind="lookup", why="one EXISTS a row where a subquery or a set answers for all")
def shipments_with_sealed_containers():
    candidates = Shipment.objects.filter(weight__gte=0)  # place: origin
    return [  # place: origin
        s.reference
        for s in candidates  # place: loop origin
        if s.containers.filter(sealed=True).exists()  # place: access
    ]


@scenario("n-plus-one", kind="lookup", why="the latest event of each row is a query of its own")
def latest_event_of_each_shipment():
    latest = []
    for shipment in Shipment.objects.all():  # place: loop origin
        latest.append(shipment.events.order_by("-at").first())  # place: access
    return latest


@scenario("n-plus-one", kind="lookup", why="latest() asks once a row")
def last_call_by_latest():
    moves = {}
    shipments = list(Shipment.objects.exclude(status="landed"))  # place: origin
    for shipment in shipments:  # place: loop
        moves[shipment.pk] = shipment.events.latest("at").kind  # place: access
    return moves


@scenario("n-plus-one", kind="aggregate", why="one SUM a customer where one GROUP BY answers for all")
def invoiced_by_each_customer():
    report = []
    for customer in Customer.objects.all():  # place: loop origin
        billed = customer.invoices.aggregate(total=Sum("total"))  # place: access
        report.append((customer.name, billed["total"]))
    return report


@scenario("n-plus-one", kind="relation", why="many-to-many: each shipment fetches its tags")
def tags_of_each_shipment():
    shipments = Shipment.objects.all()  # place: origin
    return {s.reference: [t.name for t in s.tags.all()] for s in shipments}  # place: loop access origin


@scenario("n-plus-one", kind="relation", why="many-to-many backwards: each ship fetches its crew")
def crew_of_each_ship():
    lists = []
    for ship in Ship.objects.filter(draught__lt=12):  # place: loop origin
        names = ", ".join(sailor.name for sailor in ship.crew.all())  # place: access
        lists.append(names)
    return lists


@scenario("n-plus-one", kind="relation", why="a filtered many-to-many is one query a row")
def senior_crew_of_each_ship():
    senior = {}
    for ship in Ship.objects.all():  # place: loop origin
        senior[ship.name] = [  # place: access
            sailor.name
            for sailor in ship.crew.filter(mentor__isnull=False)  # place: access
        ]
    return senior


@scenario("n-plus-one", kind="relation", why="values_list on the related manager is still a query a row")
def tag_names_as_values():
    tags = Tag.objects.order_by("name")  # place: origin
    table = []
    for tag in tags[:50]:  # place: loop origin
        table.append((tag.name, list(tag.shipments.values_list("reference", flat=True))))  # place: access
    for shipment in Shipment.objects.all():  # place: loop origin
        table.append((shipment.reference, list(shipment.tags.values_list("name", flat=True))))  # place: access
    return table


@scenario("n-plus-one", kind="relation", why="a generic relation is fetched per shipment")
def remarks_on_each_shipment():
    texts = []
    for shipment in Shipment.objects.all():  # place: loop origin
        texts.extend(remark.text for remark in shipment.remarks.all())  # place: access
    return texts


@scenario("n-plus-one", kind="relation", why="a generic relation, filtered, per ship")
def filtered_remarks_on_each_ship():
    ships = list(Ship.objects.order_by("pk"))  # place: origin
    return [
        ship.remarks.filter(text__startswith="about").count()  # place: access
        for ship in ships  # place: loop
    ]


@scenario("n-plus-one", kind="relation", why="prefetch_related_objects on one object at a time is no prefetch")
def prefetch_one_object_at_a_time():
    shipments = list(Shipment.objects.all())  # place: origin
    for shipment in shipments:  # place: loop
        prefetch_related_objects([shipment], "containers")  # place: access
    return sum(len(shipment.containers.all()) for shipment in shipments)


@scenario("n-plus-one", kind="lookup", why="a model's method queries for each row")
def model_method_per_row():
    board = []
    for shipment in Shipment.objects.filter(weight__lt=10**6):  # place: loop origin
        event = shipment.latest_event()
        board.append(event.kind)
    return board


@scenario("n-plus-one", kind="lookup", why="a cached property caches on its own row, and every row is another")
def cached_property_of_each_row():
    shipments = list(Shipment.objects.all())  # place: origin
    heaviest = [s.heaviest_container.weight for s in shipments]  # place: loop
    again = [s.heaviest_container.number for s in shipments]
    return heaviest, again


@scenario("n-plus-one", kind="relation", why="the children are prefetched, their own relation is not")
def relation_of_prefetched_children():
    sailors = Sailor.objects.prefetch_related("ships")  # place: origin
    lines = []
    for sailor in sailors:  # place: origin
        for ship in sailor.ships.all():  # place: loop
            lines.append((sailor.name, ship.carrier.name))  # place: access
    return lines


@scenario("n-plus-one", kind="relation", why="the Prefetch loads containers only, and the body needs the events")
def prefetch_of_the_wrong_relation():
    boxes = Prefetch("containers", queryset=Container.objects.filter(sealed=True))
    result = []
    for shipment in Shipment.objects.prefetch_related(boxes):  # place: loop origin
        result.append((len(shipment.containers.all()), len(shipment.events.all())))  # place: access
    return result


@scenario("n-plus-one", kind="relation", why="related(...)[0] slices a new query for each row")
def first_container_by_index():
    shipments = Shipment.objects.prefetch_related("events")  # place: origin
    return [  # place: origin
        shipment.containers.order_by("number")[0].number  # place: access
        for shipment in shipments  # place: loop origin
    ]
