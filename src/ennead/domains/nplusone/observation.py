"""What the domain looks at: the queries of one unit of work, immutable."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from ennead.kernel.cached import cached_property
from ennead.kernel.call_site import CallSite
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema
from ennead.kernel.records import OrmEvidence, Supply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ennead.kernel.records import RawQuery, RawUnitOfWork

_NS_PER_MS = 1_000_000


WRITES = frozenset({"insert", "update", "delete", "merge"})
GROUPED_OPERATIONS = WRITES | {"select"}
"""What repeats are looked for in; transaction control and schema changes are not."""


class QueryRecord(NamedTuple):
    """One executed query (a named tuple: thousands are made per context).

    Times are in milliseconds; nothing in it is a parameter's value or a literal.
    """

    statement: str
    statement_fingerprint: str
    parameters_hash: str | None
    started_at: datetime
    offset_ms: float
    """Start, counted from the start of the unit of work."""
    duration_ms: float
    row_count: int | None
    """Rows fetched; ``None`` where it is not known."""
    call_path: tuple[CallSite, ...]
    """The user's frames from the access outwards; empty where they are not known (logs, spans)."""
    relation: str | None
    lazy_load: bool
    connection: str
    database: str
    transaction: int | None
    batch_size: int
    error: str | None
    operation: str = "select"
    tables: tuple[str, ...] = ()
    parameter_hashes: tuple[str, ...] = ()
    """One keyed hash for each parameter, in the order of the statement's ``?``, lists unfolded."""
    list_sizes: tuple[int, ...] = ()
    """Elements of each IN list, in order."""
    orm: OrmEvidence | None = None
    supplied_by: tuple[Supply, ...] = ()
    """Provenance: the earlier queries out of whose rows the parameters may have come, nearest first."""
    unit: int = 0
    """0 for the unit of work itself, else the ordinal of a nested one."""

    @property
    def is_read(self) -> bool:
        """Whether it only reads."""
        return self.operation == "select"

    @property
    def is_write(self) -> bool:
        """Whether it inserts, updates or deletes rows."""
        return self.operation in WRITES


@dataclass(frozen=True)
class QueryExecutionContext:
    """Immutable record of the queries of one unit of work.

    Parameters
    ----------
    name, route, trace_id
        What a person calls it, its route, and the trace it belongs to.
    started_at
        With time zone.
    duration_ms
        Of the whole unit of work, the queries and everything else.
    queries
        In the order they started.

    Examples
    --------
    >>> from datetime import UTC
    >>> context = QueryExecutionContext("GET /orders", None, None, datetime(2026, 1, 1, tzinfo=UTC), 12.5, ())
    >>> QueryExecutionContext.from_dict(context.to_dict()) == context
    True
    >>> context.query_count, context.wasted_ratio
    (0, 0.0)
    """

    name: str
    route: str | None
    trace_id: str | None
    started_at: datetime
    duration_ms: float
    queries: tuple[QueryRecord, ...]
    kind: str = "profile"
    entry: CallSite | None = None
    """The line that opened the unit of work inside the user's code, if it was opened there."""
    dropped_count: int = 0
    """Queries beyond the recorder's buffer: counted, not recorded."""
    inside: tuple[str, ...] = ()
    """The units of work it is nested in, the nearest first, as ``test:tests/test_shop.py::test_list``."""
    project_root: str = field(default=".", compare=False)
    """Folder that the call sites' relative file names start from, on this machine; not serialised."""
    handler: CallSite | None = None
    """The user's class whose instance answered the request, where the framework says so."""

    @property
    def query_count(self) -> int:
        """Recorded queries, transaction control included."""
        return len(self.queries)

    @cached_property
    def database_ms(self) -> float:
        """Time spent in the database."""
        return sum((query.duration_ms for query in self.queries), 0.0)

    @cached_property
    def has_provenance(self) -> bool:
        """Whether it was recorded out of whose rows parameters came; ``False`` for logs and spans."""
        return any(query.supplied_by for query in self.queries)

    @cached_property
    def repeated_groups(self) -> Mapping[str, int]:
        """Fingerprint to count, of the reading and writing statements that ran more than once."""
        counts = Counter(query.statement_fingerprint for query in self.queries if query.operation in GROUPED_OPERATIONS)
        return {fingerprint: count for fingerprint, count in counts.items() if count > 1}

    @cached_property
    def wasted_ms(self) -> float:
        """Upper bound of what sets would save: the time of all repeats but one of each group."""
        total: dict[str, float] = {}
        for query in self.queries:
            if query.statement_fingerprint in self.repeated_groups:
                total[query.statement_fingerprint] = total.get(query.statement_fingerprint, 0.0) + query.duration_ms
        return sum((time * (1 - 1 / self.repeated_groups[fingerprint]) for fingerprint, time in total.items()), 0.0)

    @property
    def wasted_ratio(self) -> float:
        """Share of the database time that is wasted, 0 to 1."""
        return self.wasted_ms / self.database_ms if self.database_ms else 0.0

    @classmethod
    def from_raw(cls, raw: RawUnitOfWork) -> QueryExecutionContext:
        """Take over what the agent recorded."""
        return cls(
            name=raw.name,
            route=raw.route,
            trace_id=raw.trace_id,
            started_at=raw.started_at,
            duration_ms=raw.duration_ns / _NS_PER_MS,
            queries=tuple(_record(query, raw.started_at) for query in raw.queries),
            kind=raw.kind,
            entry=raw.entry,
            handler=raw.handler,
            dropped_count=raw.dropped_count,
            inside=raw.inside,
            project_root=raw.project_root,
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON values; call sites and evidence are written once and referred to by number."""
        sites = _Table()
        paths = _Table()
        evidence = _Table()
        queries = []
        for query in self.queries:
            row = query._asdict()
            row["started_at"] = query.started_at.isoformat()
            row["call_path"] = paths.number(tuple(sites.number(site) for site in query.call_path))
            row["orm"] = None if query.orm is None else evidence.number(query.orm)
            queries.append(row)
        return {
            "schema": SCHEMA_VERSION,
            "name": self.name,
            "kind": self.kind,
            "route": self.route,
            "trace_id": self.trace_id,
            "started_at": self.started_at.isoformat(),
            "duration_ms": self.duration_ms,
            "entry": self.entry.to_dict() if self.entry else None,
            "handler": self.handler.to_dict() if self.handler else None,
            "dropped_count": self.dropped_count,
            "inside": list(self.inside),
            "call_sites": [site.to_dict() for site in sites.items],
            "call_paths": [list(path) for path in paths.items],
            "orm_evidence": [_evidence_to_dict(item) for item in evidence.items],
            "queries": queries,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> QueryExecutionContext:
        """Read what :meth:`to_dict` wrote.

        Raises
        ------
        EnneadError
            The record is of a newer schema.
        KeyError, ValueError
            A field is missing or has the wrong form.
        """
        check_schema(data, "query execution context")
        sites = [CallSite.from_dict(item) for item in data.get("call_sites", ())]
        paths = [tuple(sites[number] for number in path) for path in data.get("call_paths", ())]
        evidence = [_evidence_from_dict(item) for item in data.get("orm_evidence", ())]
        return cls(
            name=data["name"],
            route=data.get("route"),
            trace_id=data.get("trace_id"),
            started_at=datetime.fromisoformat(data["started_at"]),
            duration_ms=float(data["duration_ms"]),
            queries=tuple(_record_from_dict(row, paths, evidence) for row in data["queries"]),
            kind=data.get("kind", "profile"),
            entry=CallSite.from_dict(data["entry"]) if data.get("entry") else None,
            handler=CallSite.from_dict(data["handler"]) if data.get("handler") else None,
            dropped_count=data.get("dropped_count", 0),
            inside=tuple(data.get("inside", ())),
        )


def _record(raw: RawQuery, unit_started_at: datetime) -> QueryRecord:
    orm = raw.orm
    return QueryRecord(
        raw.statement,
        raw.fingerprint,
        raw.parameters_hash,
        unit_started_at + timedelta(microseconds=raw.offset_ns / 1_000),
        raw.offset_ns / _NS_PER_MS,
        raw.duration_ns / _NS_PER_MS,
        raw.row_count,
        raw.call_path,
        orm.relation if orm else None,
        orm.lazy_load if orm else False,
        raw.connection,
        raw.database,
        raw.transaction,
        raw.batch_size,
        raw.error,
        raw.operation,
        raw.tables,
        raw.parameter_hashes,
        raw.list_sizes,
        orm,
        raw.supplied_by,
        raw.unit,
    )


class _Table:
    """Numbers for equal things, in the order they are met."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, item: Any) -> int:
        number = self._numbers.setdefault(item, len(self.items))
        if number == len(self.items):
            self.items.append(item)
        return number


def _evidence_to_dict(evidence: OrmEvidence) -> dict[str, Any]:
    data = asdict(evidence)
    data["built_at"] = evidence.built_at.to_dict() if evidence.built_at else None
    return data


def _evidence_from_dict(data: Mapping[str, Any]) -> OrmEvidence:
    known = {name: data[name] for name in OrmEvidence.__slots__ if name in data}
    known["built_at"] = CallSite.from_dict(data["built_at"]) if data.get("built_at") else None
    known["models"] = tuple(data.get("models", ()))
    return OrmEvidence(**known)


def _record_from_dict(
    row: Mapping[str, Any], paths: Sequence[tuple[CallSite, ...]], evidence: Sequence[OrmEvidence]
) -> QueryRecord:
    values = {name: row[name] for name in QueryRecord._fields if name in row}
    values["started_at"] = datetime.fromisoformat(row["started_at"])
    values["call_path"] = paths[row["call_path"]]
    values["orm"] = None if row.get("orm") is None else evidence[row["orm"]]
    for name in ("tables", "parameter_hashes", "list_sizes"):
        values[name] = tuple(row.get(name, ()))
    values["supplied_by"] = tuple(Supply(*supply) for supply in row.get("supplied_by", ()))
    return QueryRecord(**values)
