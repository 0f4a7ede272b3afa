"""Reads that many units of work of one process run with the same parameters; collected in bounded memory."""

from __future__ import annotations

from collections import Counter, deque
from heapq import nlargest
from typing import TYPE_CHECKING

from ennead.domains.nplusone.cacheable_reads import cacheable_reads
from ennead.runs.shared_reads_record import SharedRead, SharedReadsRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ennead.domains.nplusone.observation import QueryExecutionContext, QueryRecord

SERVED_KINDS = frozenset({"request", "job"})
"""What comes again and again in one process. A test builds its own rows, a command or a script runs once."""

_MOST_TRACKED = 1_000
_MOST_WRITTEN = 50
_MOST_TABLES = 500
MOST_CHANGES = 64
_MOST_PLACES = 8
_FIRST_DUE = 16
_FEWEST_UNITS = 2

_Key = tuple[str, str, str | None, str]
"""Kind of unit, fingerprint, parameters, connection."""


class SharedReads:
    """What the units of work of one process read in common.

    Each unit of work counts a read once. Where there are too many different reads the rarer half is forgotten: a read
    of nearly every unit of work stays.

    Parameters
    ----------
    most_tracked
        Different reads that are counted at a time.
    """

    def __init__(self, most_tracked: int = _MOST_TRACKED) -> None:
        self._most_tracked = most_tracked
        self._reads: dict[_Key, _Tracked] = {}
        self._unit_counts: Counter[str] = Counter()
        self._changes: dict[str, deque[datetime]] = {}
        self._next_due = _FIRST_DUE

    @property
    def is_due(self) -> bool:
        """Whether so much came since the last record that a process which is killed now would lose half of it."""
        return self._unit_counts.total() >= self._next_due

    def note(self, context: QueryExecutionContext) -> None:
        """Hear of a unit of work that has ended."""
        self._note_changes(context)
        if context.kind not in SERVED_KINDS or not context.queries:
            return
        self._unit_counts[context.kind] += 1
        met: set[_Key] = set()
        for query, is_ruled_out in cacheable_reads(context):
            key = (context.kind, query.statement_fingerprint, query.parameters_hash, query.connection)
            tracked = self._reads.get(key)
            if tracked is None:
                self._make_room()
                tracked = self._reads[key] = _Tracked(context.kind, query)
            tracked.count(query, is_ruled_out=is_ruled_out)
            if key not in met:
                met.add(key)
                tracked.count_unit(context.route or context.name)

    def record(self, process: str) -> SharedReadsRecord | None:
        """All that is known so far; ``None`` if no two units of work had a read in common.

        Parameters
        ----------
        process
            Name of the process: a later record of the same name takes the place of this one.
        """
        self._next_due = max(_FIRST_DUE, 2 * self._unit_counts.total())
        common = [tracked for tracked in self._reads.values() if tracked.unit_count >= _FEWEST_UNITS]
        if not common:
            return None
        most = nlargest(_MOST_WRITTEN, common, key=lambda tracked: (tracked.unit_count, tracked.duration_ms))
        tables = {table for tracked in most for table in tracked.query.tables}
        return SharedReadsRecord(
            process=process,
            unit_counts=dict(self._unit_counts),
            reads=tuple(tracked.frozen() for tracked in most),
            changes={table: tuple(times) for table, times in self._changes.items() if table in tables},
        )

    def _note_changes(self, context: QueryExecutionContext) -> None:
        for table, at in _writes(context):
            if table not in self._changes and len(self._changes) >= _MOST_TABLES:
                del self._changes[next(iter(self._changes))]
            self._changes.setdefault(table, deque(maxlen=MOST_CHANGES)).append(at)

    def _make_room(self) -> None:
        if len(self._reads) < self._most_tracked:
            return
        kept = nlargest(self._most_tracked // 2, self._reads.items(), key=lambda item: item[1].unit_count)
        self._reads = dict(kept)


class _Tracked:
    """One read while it is being counted."""

    __slots__ = (
        "_kind",
        "_last_at",
        "_places",
        "_row_count",
        "duration_ms",
        "execution_count",
        "is_ruled_out",
        "query",
        "unit_count",
    )

    def __init__(self, kind: str, query: QueryRecord) -> None:
        self.query = query
        self.unit_count = 0
        self.execution_count = 0
        self.duration_ms = 0.0
        self.is_ruled_out = False
        self._kind = kind
        self._places: dict[str, None] = {}
        self._row_count = 0
        self._last_at = query.started_at

    def count(self, query: QueryRecord, *, is_ruled_out: bool) -> None:
        self.execution_count += 1
        self.duration_ms += query.duration_ms
        self.is_ruled_out |= is_ruled_out
        self._row_count = max(self._row_count, query.row_count or 0)
        self._last_at = max(self._last_at, query.started_at)

    def count_unit(self, place: str) -> None:
        self.unit_count += 1
        if len(self._places) < _MOST_PLACES:
            self._places[place] = None

    def frozen(self) -> SharedRead:
        query, orm = self.query, self.query.orm
        return SharedRead(
            kind=self._kind,
            statement=query.statement,
            statement_fingerprint=query.statement_fingerprint,
            parameters_hash=query.parameters_hash,
            connection=query.connection,
            tables=query.tables,
            call_site=query.call_path[0],
            built_at=orm.built_at if orm else None,
            library=orm.library if orm else None,
            model=_model(query),
            places=tuple(self._places),
            unit_count=self.unit_count,
            execution_count=self.execution_count,
            duration_ms=self.duration_ms,
            row_count=self._row_count,
            is_ruled_out=self.is_ruled_out,
            first_at=query.started_at,
            last_at=self._last_at,
        )


def _model(query: QueryRecord) -> str | None:
    orm = query.orm
    return (orm.target or next(iter(orm.models), None)) if orm else None


def _writes(context: QueryExecutionContext) -> Iterator[tuple[str, datetime]]:
    """Each table that the unit of work wrote, with the time of the last write to it."""
    yield from {
        table: query.started_at for query in context.queries if not query.is_read for table in query.tables
    }.items()
