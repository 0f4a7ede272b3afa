"""Units of work as a process records them, for tests that need one without running an application."""

from datetime import timedelta
from typing import Any

from ennead.kernel.finding import Finding
from ennead.runs.records import Sighting, UnitRecord
from tests.reporting.findings import STARTED


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
