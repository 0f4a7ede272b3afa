"""The rows every scenario starts from: everything that a loop may run over grows with `size`."""

from collections.abc import Iterator

from sqlalchemy import Engine, insert

from . import models
from .models import Base

SENSOR_COUNT = 1100  # more than two of the chunks of 500 that select-in loading makes

Rows = list[dict[str, object]]


def create(engine: Engine, size: int) -> None:
    """Create the tables and fill them for `size` customers with two shipments each."""
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for table, rows in _tables(size):
            connection.execute(insert(table), rows)


def _tables(size: int) -> Iterator[tuple[type[Base] | object, Rows]]:
    yield from _people(size)
    yield from _places(size)
    yield from _freight(size)
    yield from _papers(size)


def _people(size: int) -> Iterator[tuple[object, Rows]]:
    one_each = range(1, size + 1)
    yield models.Country, [{"id": i, "code": _code(i), "name": f"Country {i}"} for i in one_each]
    yield (
        models.Customer,
        [{"id": i, "name": f"Customer {i}", "email": f"c{i}@example.org", "country_id": i} for i in one_each],
    )
    yield models.Account, [{"id": 500 + i, "customer_id": i, "balance": 100 * i} for i in one_each]
    yield models.Driver, [{"id": i, "name": f"Driver {i}"} for i in one_each]
    yield models.Licence, [{"id": 700 + i, "driver_id": i, "number": f"L-{i:04}"} for i in one_each]


def _places(size: int) -> Iterator[tuple[object, Rows]]:
    one_each = range(1, size + 1)
    yield (
        models.Depot,
        # A binary tree: the parent of depot i is depot i // 2, and depot 1 is the root.
        [
            {"id": i, "name": f"Depot {i}", "free_slots": 10, "version": 1, "parent_id": i // 2 or None}
            for i in one_each
        ],
    )
    kinds = {i: "truck" if i % 2 else "van" for i in one_each}
    yield models.Vehicle.__table__, [{"id": i, "kind": kinds[i], "plate": f"HH-{i:03}"} for i in one_each]
    yield models.Truck.__table__, [{"id": i, "axles": 2 + i % 3} for i in one_each if kinds[i] == "truck"]
    yield models.Van.__table__, [{"id": i, "volume": 8 + i} for i in one_each if kinds[i] == "van"]
    yield models.Tag, [{"id": i, "name": f"tag-{i}"} for i in one_each]
    taken = ["urgent", *(f"urgent-{number}" for number in range(2, 7))]
    yield models.Tag, [{"id": size + i, "name": name} for i, name in enumerate(taken, start=1)]
    yield models.Product, [{"id": i, "sku": f"SKU-{i:03}", "name": f"Product {i}", "price": 40 * i} for i in one_each]
    yield models.Tariff, [{"id": i, "valid_from": 10 * i, "price": 5 + i} for i in one_each]


def _freight(size: int) -> Iterator[tuple[object, Rows]]:
    shipments = range(1, 2 * size + 1)
    yield models.Shipment, [_shipment(i, size) for i in shipments]
    yield (
        models.Parcel,
        [
            {"id": 3 * i + j, "shipment_id": i, "product_id": (i + j) % size + 1, "weight": 10 * j + i}
            for i in shipments
            for j in range(3)
        ],
    )
    pairs = [(i, (i + j) % size + 1, j) for i in shipments for j in range(2)]
    yield models.shipment_tag, [{"shipment_id": i, "tag_id": other} for i, other, _ in pairs]
    yield models.Stop, [{"shipment_id": i, "depot_id": other, "position": j} for i, other, j in pairs]
    yield models.Remark, [{"id": 2 * i + j, "shipment_id": i, "text": f"remark {j}"} for i, _, j in pairs]
    yield models.TrackingEvent, [{"id": 2 * i + j, "shipment_id": i, "code": "SEEN"} for i, _, j in pairs]


def _papers(size: int) -> Iterator[tuple[object, Rows]]:
    shipments = range(1, 2 * size + 1)
    yield models.Message, [{"id": i, "state": "queued", "payload": f"parcel {i} left"} for i in shipments]
    yield models.Setting, [{"key": "currency", "value": "EUR"}, {"key": "locale", "value": "de"}]
    yield models.AuditEntry, [_audit_entry(i, size) for i in shipments]
    sensors = range(1, SENSOR_COUNT + 1)
    yield models.Sensor, [{"id": i, "name": f"sensor {i}"} for i in sensors]
    yield models.Reading, [{"id": i, "sensor_id": i, "celsius": i % 30} for i in sensors]


def _shipment(i: int, size: int) -> dict[str, object]:
    return {
        "id": i,
        "reference": f"S-{i:05}",
        "status": ("new", "moving", "late", "done")[i % 4],
        "day": 10 * i + 5,
        "weight": 20 + i,
        "label_text": f"To customer {i}, handle with care. " * 4,
        "customer_id": (i - 1) % size + 1,
    }


def _audit_entry(i: int, size: int) -> dict[str, object]:
    kind = "customer" if i % 2 else "driver"
    return {"id": i, "subject_kind": kind, "subject_id": (i - 1) // 2 + 1, "action": "renamed"}


def _code(i: int) -> str:
    return chr(ord("A") + i // 26) + chr(ord("A") + i % 26)
