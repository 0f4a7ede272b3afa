"""Generators chained over rows, as an exporter does it."""

from bench.detection.django_suite.models import Shipment


def read_shipments():
    yield from Shipment.objects.order_by("reference")  # place[pipeline_of_generators]: origin


def with_port(shipments):
    for shipment in shipments:  # place[pipeline_of_generators]: loop
        yield shipment, shipment.origin.name  # place[pipeline_of_generators]: access


def priced(pairs):
    for shipment, port in pairs:
        yield shipment.reference, 100 + len(port) + shipment.weight
