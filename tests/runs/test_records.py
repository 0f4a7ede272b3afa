import json
from dataclasses import replace

import pytest

from ennead.domains.nplusone.look_alikes import LookAlike
from ennead.kernel.errors import EnneadError
from ennead.runs.records import EndRecord, ProcessRecord, Record, Sighting, UnitRecord, record_from_dict
from ennead.runs.shared_reads_record import SharedReadsRecord
from tests.reporting.findings import ACCESS, STARTED, finding
from tests.runs.units import shared_read, unit

PROCESS = ProcessRecord(
    pid=7,
    parent_pid=1,
    started_at=STARTED,
    command=("python", "manage.py", "runserver"),
    python="3.11.7",
    ennead="0.1.0",
    hooked={"django": "5.2.8"},
    runs_tests=True,
)
END = EndRecord(
    pid=7,
    ended_at=STARTED,
    counters={"dropped_units": 3},
    hooked={"django": "5.2.8"},
    skipped={"flask": "not installed"},
    loaded_files=("shop/views.py",),
    needed_suppressions=("shop/views.py:22",),
    shadow={"group_count": 3, "microseconds": 12.5},
)
LOOK_ALIKE = LookAlike(
    code="n-plus-one",
    kind="relation",
    veto="batches",
    confidence=0.0,
    statement="SELECT name FROM customer WHERE id IN (?)",
    statement_fingerprint="def",
    relation="shop.Order.customer",
    query_count=4,
    call_site=ACCESS,
)
FULL = unit(
    finding(),
    finding(id="f1:bb", suppressed="at most three rows"),
    sightings=(Sighting("f1:cc", 12, 3.5), Sighting("f1:dd", 4, 0.5, suppressed=True)),
    look_alikes=(LOOK_ALIKE, replace(LOOK_ALIKE, veto=None, relation=None, call_site=None)),
    trace_id="abc",
    context={"schema": 1, "queries": []},
    cut_query_count=4,
    dropped_query_count=2,
    internal_error_count=1,
)


SHARED = SharedReadsRecord(
    process="7-20261102",
    unit_counts={"request": 12},
    reads=(shared_read(), shared_read(built_at=ACCESS, parameters_hash=None, model=None, is_ruled_out=True)),
    changes={"tax_rate": (STARTED,)},
)


@pytest.mark.parametrize(
    "record", [PROCESS, END, FULL, unit(), SHARED], ids=["process", "end", "unit", "empty unit", "shared reads"]
)
def test_json_round_trip(record: Record) -> None:
    assert record_from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_an_empty_unit_is_a_short_line() -> None:
    assert "findings" not in unit().to_dict()
    assert "context" not in unit().to_dict()


def test_wasted_time_leaves_suppressed_findings_out() -> None:
    assert FULL.wasted_ms == 49.5 + 3.5


@pytest.mark.parametrize(("route", "place"), [("orders/", "orders/"), (None, "GET /orders/")])
def test_a_unit_without_a_route_goes_by_its_name(route: str | None, place: str) -> None:
    assert unit(route=route).place == place


def test_a_type_of_a_later_version_is_passed_over() -> None:
    assert record_from_dict({"type": "heartbeat", "schema": 1}) is None


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(EnneadError, match="upgrade ennead"):
        record_from_dict({**unit().to_dict(), "schema": 2})


def test_a_missing_field_is_named() -> None:
    broken = unit().to_dict()
    del broken["query_count"]
    with pytest.raises(KeyError, match="query_count"):
        UnitRecord.from_dict(broken)
