"""Contexts made by hand, one query after the other, as readable as the code that would have run them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from ennead.agent.fingerprint import normalize
from ennead.domains.nplusone.groups import QueryGroup, group_queries
from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord
from ennead.kernel.call_site import CallSite
from ennead.kernel.records import OrmEvidence, Supply

STARTED_AT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
_PLACE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+)(?: (?P<function>.+))?")


def site(place: str, **fields: Any) -> CallSite:
    """A call site from ``shop/views.py:12 order_list``; the module follows from the file.

    >>> site("shop/views.py:12 order_list")
    CallSite(file='shop/views.py', line=12, function='order_list', ..., module='shop.views', ...)
    """
    found = _PLACE.fullmatch(place)
    assert found is not None, place
    file = found["file"]
    module = file.removesuffix(".py").replace("/", ".").lstrip(".")
    return CallSite(file, int(found["line"]), found["function"] or "order_list", **{"module": module, **fields})


_HEADER = re.compile(r"(?:for .* in|while) (?P<expression>.*):$")


def located(place: CallSite, text: str) -> CallSite:
    """The call site with the columns of what runs on a line: its statement, or what a loop's header evaluates."""
    indent = len(text) - len(text.lstrip())
    header = _HEADER.match(text.partition("  #")[0], indent)
    start, end = header.span("expression") if header else (indent, len(text.partition("  #")[0].rstrip()))
    source = text.strip()
    return replace(place, source=source, column=start, end_line=place.line, end_column=end)


ORIGIN, LOOP, ACCESS, CALLER = (site(f"shop/views.py:{line} order_list") for line in (10, 11, 12, 40))

ORDERS = OrmEvidence("django", target="shop.Order", models=("shop.Order",), method="all")
CUSTOMER = OrmEvidence(
    "django",
    lazy_load=True,
    kind="relation",
    relation="shop.Order.customer",
    owner="shop.Order",
    target="shop.Customer",
    cardinality="one",
    models=("shop.Customer",),
    method="get",
)
LINES = replace(
    CUSTOMER,
    relation="shop.Order.lines",
    target="shop.Line",
    models=("shop.Line",),
    cardinality="many",
    method="all",
)


def hashed(value: object) -> str:
    """Stands for a value, as the agent's keyed hash does."""
    return blake2b(repr(value).encode(), digest_size=8).hexdigest()


class Trace:
    """Queries in the order they run, each ``gap_ms`` after the end of the one before.

    Parameters
    ----------
    name
        Of the unit of work; everything else of it is given to :meth:`context`.
    """

    def __init__(self, name: str = "GET /orders") -> None:
        self._name = name
        self._queries: list[QueryRecord] = []
        self._now_ms = 0.0

    def run(
        self,
        sql: str,
        *values: object,
        at: CallSite | tuple[CallSite, ...] = ACCESS,
        rows: int | None = None,
        orm: OrmEvidence | None = None,
        supplied_by: tuple[tuple[int, int, int], ...] = (),
        ms: float = 1.0,
        gap_ms: float = 1.0,
        **fields: Any,
    ) -> int:
        """Run one statement; the position of its record, for others to be supplied by."""
        self._now_ms += gap_ms
        normalized = normalize(sql, fields.get("database"))
        bound = iter(values)
        slots = [next(bound) if slot is None else normalized.literals[slot] for slot in normalized.slots]
        hashes = tuple(map(hashed, (*slots, *bound)))
        record = QueryRecord(
            statement=normalized.statement,
            statement_fingerprint=normalized.fingerprint,
            parameters_hash=hashed(hashes) if hashes else None,
            started_at=STARTED_AT + timedelta(milliseconds=self._now_ms),
            offset_ms=self._now_ms,
            duration_ms=ms,
            row_count=rows,
            call_path=at if isinstance(at, tuple) else (at,),
            relation=orm.relation if orm else None,
            lazy_load=orm.lazy_load if orm else False,
            connection="default",
            database="sqlite",
            transaction=None,
            batch_size=normalized.row_count,
            error=None,
            operation=normalized.operation,
            tables=normalized.tables,
            parameter_hashes=hashes,
            list_sizes=normalized.list_sizes,
            orm=orm,
            supplied_by=tuple(Supply(*supply) for supply in supplied_by),
        )
        self._queries.append(record._replace(**fields))
        self._now_ms += ms
        return len(self._queries) - 1

    def context(self, **fields: Any) -> QueryExecutionContext:
        """What was run so far, as a context."""
        known = {
            "name": self._name,
            "route": "/orders",
            "trace_id": None,
            "started_at": STARTED_AT,
            "duration_ms": self._now_ms + 1.0,
            "queries": tuple(self._queries),
        }
        return QueryExecutionContext(**{**known, **fields})

    def groups(self) -> list[QueryGroup]:
        """The groups of what was run so far, in order."""
        return list(group_queries(self.context()))


def lazy_orders(count: int = 5, **fields: Any) -> Trace:
    """A result of ``count`` orders, whose customers are loaded one by one."""
    trace = Trace()
    origin = trace.run("SELECT id, customer_id FROM shop_order", at=ORIGIN, rows=count, orm=ORDERS)
    for number in range(count):
        trace.run(
            "SELECT id, name FROM shop_customer WHERE id = ?",
            number,
            rows=1,
            orm=CUSTOMER,
            supplied_by=((origin, 1, 0),),
            **fields,
        )
    return trace


def look_ups(count: int = 5, **fields: Any) -> Trace:
    """The same without an ORM and without provenance."""
    trace = Trace()
    trace.run("SELECT id, customer_id FROM shop_order", at=ORIGIN, rows=count)
    for number in range(count):
        trace.run("SELECT id, name FROM shop_customer WHERE id = ?", number, rows=1, **fields)
    return trace


def joined_orders() -> Trace:
    """The negative twin: one query brings the orders with their customers."""
    trace = Trace()
    sql = "SELECT o.id, c.name FROM shop_order o JOIN shop_customer c ON c.id = o.customer_id"
    trace.run(sql, at=ORIGIN, rows=5, orm=ORDERS)
    return trace
