"""The rows: `size` shipments, ships, ports and customers, and what hangs on them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from bench.detection.django_suite.models import (
    Carrier,
    Container,
    Country,
    Customer,
    Depot,
    Event,
    Invoice,
    Job,
    Master,
    Parcel,
    Port,
    Preference,
    Profile,
    Remark,
    Sailor,
    Ship,
    Shipment,
    Tag,
)

STATUSES = ("booked", "sailing", "landed")
START = datetime(2026, 3, 1, tzinfo=UTC)


def populate(size: int) -> None:
    """Fill the default database; a new process makes the same rows."""
    _people(size)
    _fleet(size)
    _shipments(size)
    _attachments(size)
    _office(size)


def _people(size: int) -> None:
    Customer.objects.bulk_create(
        Customer(number=f"C{i:04}", slug=f"customer-{i}", email=f"desk{i}@example.org", name=f"Customer {i}", credit=i)
        for i in range(size)
    )
    customers = list(Customer.objects.order_by("pk"))
    Profile.objects.bulk_create(Profile(customer=each, phone=f"+31 10 {each.pk:06}") for each in customers)
    User.objects.create_superuser("controller", "controller@example.org", "freight")


def _fleet(size: int) -> None:
    Country.objects.bulk_create(Country(code=f"N{i:02}", name=f"Country {i}") for i in range(size))
    countries = list(Country.objects.order_by("pk"))
    Port.objects.bulk_create(Port(code=f"P{i:03}", name=f"Port {i}", country=countries[i]) for i in range(size))
    ports = list(Port.objects.order_by("pk"))
    Carrier.objects.bulk_create(Carrier(name=f"Line {i}", home_port=ports[i]) for i in range(max(2, size // 4)))
    carriers = list(Carrier.objects.order_by("pk"))
    Ship.objects.bulk_create(Ship(name=f"MV {i}", carrier=carriers[i % len(carriers)]) for i in range(size))
    ships = list(Ship.objects.order_by("pk"))
    Master.objects.bulk_create(Master(ship=ship, name=f"Master of {ship.name}") for ship in ships)
    Sailor.objects.bulk_create(Sailor(name=f"Sailor {i}") for i in range(size))
    sailors = list(Sailor.objects.order_by("pk"))
    for elder, younger in pairwise(sailors):
        younger.mentor = elder
    Sailor.objects.bulk_update(sailors, ["mentor"])
    berth = Sailor.ships.through
    berth.objects.bulk_create(
        berth(sailor=sailor, ship=ships[(i + step) % size]) for i, sailor in enumerate(sailors) for step in (0, 1)
    )


def _shipments(size: int) -> None:
    customers = list(Customer.objects.order_by("pk"))
    ports = list(Port.objects.order_by("pk"))
    ships = list(Ship.objects.order_by("pk"))
    Shipment.objects.bulk_create(
        Shipment(
            reference=f"S{i:04}",
            customer=customers[i],
            ship=ships[i],
            origin=ports[i],
            hub=ports[0],
            status=STATUSES[i % len(STATUSES)],
            weight=100 * i,
            notes="handle with care " * 20,
        )
        for i in range(size)
    )
    Tag.objects.bulk_create(Tag(name=name) for name in ("reefer", "hazmat", "fragile", "oversize", "express"))


def _attachments(size: int) -> None:
    shipments = list(Shipment.objects.order_by("pk"))
    tags = list(Tag.objects.order_by("pk"))
    label = Shipment.tags.through
    label.objects.bulk_create(
        label(shipment=each, tag=tags[(i + step) % len(tags)]) for i, each in enumerate(shipments) for step in (0, 2)
    )
    Container.objects.bulk_create(
        Container(number=f"{each.reference}-{k}", shipment=each, weight=10 * k, sealed=k == 1)
        for each in shipments
        for k in range(3)
    )
    Event.objects.bulk_create(
        Event(shipment=each, kind=kind, at=START + timedelta(hours=10 * i + k))
        for i, each in enumerate(shipments)
        for k, kind in enumerate(("gate-in", "loaded"))
    )
    Invoice.objects.bulk_create(
        Invoice(shipment=each, customer_id=each.customer_id, total=500 + each.pk, paid=each.pk % 2 == 0)
        for each in shipments
    )
    _remarks(shipments, list(Ship.objects.order_by("pk")))


def _remarks(shipments: list[Shipment], ships: list[Ship]) -> None:
    on_shipment = ContentType.objects.get_for_model(Shipment)
    on_ship = ContentType.objects.get_for_model(Ship)
    pairs = [(on_shipment, each) for each in shipments] + [(on_ship, each) for each in ships]
    Remark.objects.bulk_create(
        Remark(text=f"about {subject.pk}", content_type=kind, object_id=subject.pk) for kind, subject in pairs
    )


def _office(size: int) -> None:
    Depot.objects.bulk_create(Depot(name=f"Depot {i}") for i in range(size))
    depots = list(Depot.objects.order_by("pk"))
    for position, depot in enumerate(depots[1:], start=1):
        depot.parent = depots[(position - 1) // 2]
    Depot.objects.bulk_update(depots, ["parent"])
    Job.objects.bulk_create(Job(payload=f"print label {i}") for i in range(size))
    Preference.objects.bulk_create(
        Preference(key=key, value=value)
        for key, value in (("currency", "EUR"), ("timezone", "Europe/Amsterdam"), ("locale", "nl"), ("page", "5"))
    )
    Parcel.objects.bulk_create(
        Parcel(barcode=f"B{i:05}", customer_number=f"C{i:04}", state="lost" if i % 5 == 0 else "moving")
        for i in range(size)
    )
