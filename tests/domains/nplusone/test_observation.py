"""The execution context: immutable, with derived figures, through JSON without loss."""

import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
from ennead.kernel.errors import EnneadError
from ennead.kernel.json_schema import SCHEMA_VERSION
from ennead.kernel.records import OrmEvidence, RawQuery, RawUnitOfWork, Supply
from tests.domains.nplusone.traces import ACCESS, CALLER, CUSTOMER, ORIGIN, STARTED_AT, Trace, lazy_orders
from tests.kernel.strategies import CALL_SITES, NAMES, TEXTS

EMPTY = QueryExecutionContext("empty", None, None, STARTED_AT, 3.0, ())
TIMES = st.floats(min_value=0, max_value=1e7)

ORM_EVIDENCE = st.builds(
    OrmEvidence,
    library=st.sampled_from(["django", "sqlalchemy"]),
    lazy_load=st.booleans(),
    kind=st.sampled_from([None, "relation", "deferred", "lookup", "aggregate"]),
    relation=st.none() | NAMES,
    owner=st.none() | NAMES,
    target=st.none() | NAMES,
    cardinality=st.sampled_from([None, "one", "many"]),
    models=st.lists(NAMES, max_size=2).map(tuple),
    method=st.none() | NAMES,
    eager=st.booleans(),
    built_at=st.none() | CALL_SITES,
)
RECORDS = st.builds(
    QueryRecord,
    statement=TEXTS,
    statement_fingerprint=NAMES,
    parameters_hash=st.none() | NAMES,
    started_at=st.datetimes(timezones=st.just(UTC)),
    offset_ms=TIMES,
    duration_ms=TIMES,
    row_count=st.none() | st.integers(0, 10**6),
    call_path=st.lists(CALL_SITES, max_size=3).map(tuple),
    relation=st.none() | NAMES,
    lazy_load=st.booleans(),
    connection=NAMES,
    database=NAMES,
    transaction=st.none() | st.integers(0, 100),
    batch_size=st.integers(1, 100),
    error=st.none() | NAMES,
    operation=st.sampled_from(["select", "insert", "begin"]),
    tables=st.lists(NAMES, max_size=2).map(tuple),
    parameter_hashes=st.lists(NAMES, max_size=3).map(tuple),
    list_sizes=st.lists(st.integers(0, 99), max_size=2).map(tuple),
    orm=st.none() | ORM_EVIDENCE,
    supplied_by=st.lists(st.builds(Supply, *[st.integers(0, 99)] * 3), max_size=2).map(tuple),
    unit=st.integers(0, 5),
)
CONTEXTS = st.builds(
    QueryExecutionContext,
    name=TEXTS,
    route=st.none() | TEXTS,
    trace_id=st.none() | TEXTS,
    started_at=st.datetimes(timezones=st.just(UTC)),
    duration_ms=TIMES,
    queries=st.lists(RECORDS, max_size=4).map(tuple),
    kind=st.sampled_from(["profile", "request", "test"]),
    entry=st.none() | CALL_SITES,
    handler=st.none() | CALL_SITES,
    dropped_count=st.integers(0, 100),
)


def _round_trip(context: QueryExecutionContext) -> QueryExecutionContext:
    return QueryExecutionContext.from_dict(json.loads(json.dumps(context.to_dict())))


# ------------------------------------------------------------------------------------------------ JSON


@given(CONTEXTS)
def test_survives_json(context: QueryExecutionContext) -> None:
    again = _round_trip(context)
    assert again == context
    assert [query._asdict() for query in again.queries] == [query._asdict() for query in context.queries]


def test_times_keep_their_zone() -> None:
    started_at = datetime(2026, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    again = _round_trip(replace(EMPTY, started_at=started_at))
    assert again.started_at.isoformat() == "2026-07-01T09:30:00+02:00"


def test_places_paths_and_evidence_are_written_once() -> None:
    data = lazy_orders(50).context().to_dict()
    assert [len(data[table]) for table in ("call_sites", "call_paths", "orm_evidence", "queries")] == [2, 2, 2, 51]
    assert len(json.dumps(data)) < 40_000


def test_the_folder_on_this_machine_is_not_told() -> None:
    context = replace(EMPTY, project_root="/home/ada/shop")
    assert "/home/ada" not in json.dumps(context.to_dict())
    assert _round_trip(context) == context


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(EnneadError, match=r"this query execution context has schema version 2, .* upgrade ennead"):
        QueryExecutionContext.from_dict({**EMPTY.to_dict(), "schema": SCHEMA_VERSION + 1})


@pytest.mark.parametrize("missing", ["name", "started_at", "duration_ms", "queries"])
def test_demands_what_has_no_default(missing: str) -> None:
    data = EMPTY.to_dict()
    del data[missing]
    with pytest.raises(KeyError, match=missing):
        QueryExecutionContext.from_dict(data)


def test_reads_a_record_that_says_no_more_than_it_must() -> None:
    data = {"name": "cron", "started_at": "2026-01-01T12:00:00+00:00", "duration_ms": 3, "queries": []}
    context = QueryExecutionContext.from_dict(data)
    assert context == replace(EMPTY, name="cron")
    assert (context.kind, context.entry, context.dropped_count) == ("profile", None, 0)


def test_keys_of_a_newer_version_are_ignored() -> None:
    data = lazy_orders(2).context().to_dict()
    data["colour"] = "red"
    for query in data["queries"]:
        query["colour"] = "red"
    for evidence in data["orm_evidence"]:
        evidence["colour"] = "red"
    assert QueryExecutionContext.from_dict(data) == lazy_orders(2).context()


# ------------------------------------------------------------------------------------------------ immutable


def test_fields_cannot_be_assigned() -> None:
    with pytest.raises(FrozenInstanceError):
        EMPTY.name = "full"  # type: ignore[misc]


def test_queries_cannot_be_changed() -> None:
    context = lazy_orders(2).context()
    assert isinstance(context.queries, tuple)
    with pytest.raises(AttributeError):
        context.queries[0].duration_ms = 0.0  # type: ignore[misc]


# ------------------------------------------------------------------------------------------------ derived figures


def test_an_empty_context_has_no_figures() -> None:
    assert (EMPTY.query_count, EMPTY.database_ms, EMPTY.wasted_ms, EMPTY.wasted_ratio) == (0, 0, 0, 0)
    assert EMPTY.repeated_groups == {}


def test_counts_all_queries_and_their_time() -> None:
    trace = lazy_orders(4, ms=2.5)
    trace.run("COMMIT", ms=0.5)
    context = trace.context()
    assert context.query_count == 6
    assert context.database_ms == 1.0 + 4 * 2.5 + 0.5


def test_repeated_groups_are_counted_by_fingerprint() -> None:
    context = lazy_orders(4).context()
    assert context.repeated_groups == {context.queries[1].statement_fingerprint: 4}


def test_twice_is_repeated_and_once_is_not() -> None:
    context = lazy_orders(2).context()
    assert list(context.repeated_groups.values()) == [2]
    assert lazy_orders(1).context().repeated_groups == {}


def test_provenance_is_there_or_not() -> None:
    assert lazy_orders(2).context().has_provenance
    assert not lazy_orders(0).context().has_provenance


def test_transaction_control_is_no_repeated_group() -> None:
    trace = Trace()
    for _ in range(3):
        trace.run("BEGIN")
        trace.run("COMMIT")
    assert trace.context().repeated_groups == {}


def test_all_repeats_but_one_are_wasted() -> None:
    context = lazy_orders(4, ms=2.0).context()
    assert context.wasted_ms == pytest.approx(6.0)
    assert context.wasted_ratio == pytest.approx(6.0 / 9.0)


def test_nothing_is_wasted_where_nothing_repeats() -> None:
    trace = Trace()
    trace.run("SELECT id FROM a", ms=5.0)
    trace.run("SELECT id FROM b", ms=5.0)
    assert (trace.context().wasted_ms, trace.context().wasted_ratio) == (0.0, 0.0)


def test_a_ratio_of_no_time_is_zero() -> None:
    assert lazy_orders(4, ms=0.0).context().queries[1].duration_ms == 0.0
    trace = Trace()
    trace.run("SELECT id FROM a", ms=0.0)
    trace.run("SELECT id FROM a", ms=0.0)
    assert trace.context().wasted_ratio == 0.0


@given(CONTEXTS)
def test_the_wasted_ratio_is_a_share(context: QueryExecutionContext) -> None:
    assert 0.0 <= context.wasted_ratio <= 1.0


# ------------------------------------------------------------------------------------------------ one query


@pytest.mark.parametrize(
    ("sql", "reads", "writes"),
    [
        ("SELECT a FROM t", True, False),
        ("INSERT INTO t (a) VALUES (1)", False, True),
        ("UPDATE t SET a = 1", False, True),
        ("DELETE FROM t", False, True),
        ("BEGIN", False, False),
        ("SAVEPOINT s1", False, False),
        ("CREATE TABLE t (a int)", False, False),
    ],
)
def test_tells_reads_from_writes(sql: str, reads: bool, writes: bool) -> None:  # noqa: FBT001 -- parameters
    trace = Trace()
    trace.run(sql)
    (query,) = trace.context().queries
    assert (query.is_read, query.is_write) == (reads, writes)


# ------------------------------------------------------------------------------------------------ from the agent


def _raw(**fields: Any) -> RawQuery:
    known: dict[str, Any] = {
        "statement": "SELECT name FROM shop_customer WHERE id = ?",
        "fingerprint": "aa",
        "operation": "select",
        "tables": ("shop_customer",),
        "parameter_hashes": ("h1",),
        "parameters_hash": "h",
        "list_sizes": (),
        "offset_ns": 2_500_000,
        "duration_ns": 1_500_000,
        "row_count": 1,
        "call_path": (ACCESS, CALLER),
        "orm": CUSTOMER,
        "connection": "replica",
        "database": "postgresql",
        "transaction": 7,
        "batch_size": 1,
        "error": None,
        "supplied_by": (Supply(0, 1, 0),),
        "thread": 9,
        "unit": 2,
    }
    return RawQuery(**{**known, **fields})


def test_takes_over_what_the_agent_recorded() -> None:
    raw = RawUnitOfWork("GET /orders", "request", "/orders", "t1", STARTED_AT, 12_000_000, ORIGIN, "/srv", (_raw(),), 3)
    context = QueryExecutionContext.from_raw(raw)
    (query,) = context.queries
    assert replace(context, queries=()) == QueryExecutionContext(
        "GET /orders", "/orders", "t1", STARTED_AT, 12.0, (), "request", ORIGIN, 3
    )
    assert context.project_root == "/srv"
    assert query._asdict() == {
        "statement": "SELECT name FROM shop_customer WHERE id = ?",
        "statement_fingerprint": "aa",
        "parameters_hash": "h",
        "started_at": STARTED_AT + timedelta(milliseconds=2.5),
        "offset_ms": 2.5,
        "duration_ms": 1.5,
        "row_count": 1,
        "call_path": (ACCESS, CALLER),
        "relation": "shop.Order.customer",
        "lazy_load": True,
        "connection": "replica",
        "database": "postgresql",
        "transaction": 7,
        "batch_size": 1,
        "error": None,
        "operation": "select",
        "tables": ("shop_customer",),
        "parameter_hashes": ("h1",),
        "list_sizes": (),
        "orm": CUSTOMER,
        "supplied_by": (Supply(0, 1, 0),),
        "unit": 2,
    }


def test_without_the_orm_there_is_no_relation_and_no_lazy_load() -> None:
    raw = RawUnitOfWork("job", "job", None, None, STARTED_AT, 0, queries=(_raw(orm=None, error="OperationalError"),))
    (query,) = QueryExecutionContext.from_raw(raw).queries
    assert (query.relation, query.lazy_load, query.orm, query.error) == (None, False, None, "OperationalError")
