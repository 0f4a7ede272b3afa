"""Django's cases, on the models of the detection suite."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.detection.scenario import load_suite
from bench.overhead.case import LOADS, ROWS, SELECTS, Case

TEMPLATES = Path(__file__).with_name("templates")


@contextmanager
def set_up() -> Iterator[None]:
    """Boot Django on fresh databases, each of the main tables with as many rows as a case loads."""
    suite = load_suite("bench.detection.django_suite")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        suite.set_up(Path(directory), ROWS)
        suite.restore()
        yield
        _close()


def cases() -> tuple[Case, ...]:
    """All cases; after `set_up`."""
    return (
        Case("Django, foreign key in a loop", LOADS, lambda: shipments(LOADS), customers_of),
        Case("Django, template with a foreign key a row", ROWS, _page, _render),
        Case("Django, raw cursor SELECT 1", SELECTS, cursor, _select_one),
    )


def shipments(count: int) -> list[Any]:
    from bench.detection.django_suite.models import Shipment

    return list(Shipment.objects.order_by("pk")[:count])


def customers_of(rows: list[Any]) -> None:
    for shipment in rows:
        shipment.customer  # noqa: B018 -- the access is the lazy load


def cursor() -> Any:
    from django.db import connection

    return connection.cursor()


def _page() -> Any:
    from django.template import Context, Engine

    template = Engine(dirs=[str(TEMPLATES)]).get_template("shipments.html")
    return template, Context({"shipments": shipments(ROWS)})


def _render(page: Any) -> None:
    template, context = page
    template.render(context)


def _select_one(opened: Any) -> None:
    for _ in range(SELECTS):
        opened.execute("SELECT 1")
        opened.fetchone()


def _close() -> None:
    from django.db import connections

    connections.close_all()
