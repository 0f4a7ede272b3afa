"""Units of work as a process records them, for tests that need one without running an application."""

from datetime import timedelta
from typing import Any

from ennead.kernel.finding import Finding
from ennead.runs.records import Sighting, UnitRecord
from ennead.runs.shared_reads_record import SharedRead
from tests.reporting.findings import STARTED
from tests.reporting.reports import RATES


def unit(*findings: Finding, sightings: tuple[Sighting, ...] = (), **changes: Any) -> UnitRecord:
    values: dict[str, Any] = {
        "name": "GET /orders/",
        "kind": "request",
        "route": "orders/",
        "trace_id": None,
        "started_at": STARTED + timedelta(seconds=1),
        "duration_ms": 80.0,
        "query_count": 101,
        "database_ms": 60.0,
        "findings": findings,
        "sightings": sightings,
    }
    return UnitRecord(**{**values, **changes})


def shared_read(**changes: Any) -> SharedRead:
    values: dict[str, Any] = {
        "kind": "request",
        "statement": 'SELECT "t"."percent" FROM "tax_rate" "t"',
        "statement_fingerprint": "abc",
        "parameters_hash": "def",
        "connection": "default",
        "tables": ("tax_rate",),
        "call_site": RATES,
        "built_at": None,
        "library": "django",
        "model": "shop.TaxRate",
        "places": ("orders/", "basket/"),
        "unit_count": 12,
        "execution_count": 13,
        "duration_ms": 6.5,
        "row_count": 3,
        "is_ruled_out": False,
        "first_at": STARTED,
        "last_at": STARTED + timedelta(seconds=100),
    }
    return SharedRead(**{**values, **changes})
