"""Raw records: immutable, with defaults that mean "not known"."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from ennead.kernel.records import OrmEvidence, RawQuery, RawUnitOfWork

QUERY = RawQuery(
    statement="SELECT a FROM t WHERE id = ?",
    fingerprint="aa",
    operation="select",
    tables=("t",),
    parameter_hashes=("h1",),
    parameters_hash="h1",
    list_sizes=(),
    offset_ns=0,
    duration_ns=1_000,
    row_count=None,
    call_path=(),
    orm=None,
    connection="default",
    database="sqlite",
    transaction=None,
    batch_size=1,
    error=None,
)
UNIT = RawUnitOfWork("GET /orders", "request", "/orders", None, datetime(2026, 1, 1, tzinfo=UTC), 5_000)


def test_a_query_without_provenance_belongs_to_the_unit_itself() -> None:
    assert (QUERY.supplied_by, QUERY.thread, QUERY.unit) == ((), 0, 0)


def test_a_query_is_immutable() -> None:
    with pytest.raises(AttributeError):
        QUERY.duration_ns = 2  # type: ignore[misc]


def test_a_unit_of_work_is_empty_until_queries_are_given() -> None:
    assert (UNIT.queries, UNIT.dropped_count, UNIT.internal_error_count, UNIT.entry) == ((), 0, 0, None)


def test_a_unit_of_work_is_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        UNIT.name = "GET /"  # type: ignore[misc]


def test_evidence_that_is_missing_is_neutral() -> None:
    evidence = OrmEvidence("django")
    assert not evidence.lazy_load
    assert not evidence.eager
    assert evidence.models == ()
    named = ("kind", "relation", "owner", "target", "cardinality", "method", "built_at")
    assert [getattr(evidence, name) for name in named] == [None] * len(named)


def test_equal_evidence_is_one_key() -> None:
    assert len({OrmEvidence("django", relation="a.B.c"), OrmEvidence("django", relation="a.B.c")}) == 1
