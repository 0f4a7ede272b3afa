"""The unit of work of the running code, and the hits recorded in it.

The current unit travels in a context variable: through coroutines by itself, into threads through
:mod:`ennead.agent.concurrency`.
"""

from __future__ import annotations

from contextvars import ContextVar
from copy import copy
from datetime import UTC, datetime
from threading import get_ident
from time import perf_counter_ns
from typing import TYPE_CHECKING, Literal

from ennead.agent.bound_values import copied, shortened
from ennead.agent.call_path import OUTER_PATH, known_path, same_stack, walk_path
from ennead.agent.statements import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ennead.agent.call_path import CallPath
    from ennead.agent.statements import Statement
    from ennead.kernel.call_site import CallSite
    from ennead.kernel.records import OrmEvidence

UnitKind = Literal["request", "job", "test", "command", "script", "profile"]
MAX_CAPTURED_ROWS = 1_000
MAX_CAPTURED_ROWS_OF_UNIT = 50_000
MAX_RECENT_PATHS = 4

CURRENT: ContextVar[UnitOfWork | None] = ContextVar("ennead_unit_of_work", default=None)
"""``None``: not in a unit of work, paused, or sampled out. A hook reads it first and gets out of the way."""


PAUSED: ContextVar[bool] = ContextVar("ennead_paused", default=False)
"""The user asked for nothing to be recorded: no unit of work is opened inside."""


WATCHERS: list[Callable[[UnitOfWork, Hit], None]] = []
"""Called by the sources after each query that was recorded. What they raise reaches the host at its own line: somebody
asked for that. Empty otherwise."""


def call_watchers(unit: UnitOfWork, hit: Hit | None) -> None:
    """Call all of them, unless the query could not be recorded."""
    __tracebackhide__ = True
    if hit is not None:
        for watcher in tuple(WATCHERS):
            watcher(unit, hit)


class Connection:
    """What the recorder knows of one database connection; a source keeps one for each.

    ``transaction`` is the ordinal of the open transaction, ``None`` outside of one; the source keeps it up to date.
    """

    __slots__ = ("database", "name", "transaction")

    def __init__(self, name: str, database: str) -> None:
        self.name = name
        self.database = database
        self.transaction: int | None = None


class Site:
    """One statement at one call path, with what the ORM said there the first time."""

    __slots__ = ("orm", "path", "statement")

    def __init__(self, statement: Statement, path: CallPath, orm: OrmEvidence | None) -> None:
        self.statement = statement
        self.path = path
        self.orm = orm


class RowBudget:
    """How many more rows a unit of work may keep the values of."""

    __slots__ = ("free",)

    def __init__(self, free: int = MAX_CAPTURED_ROWS_OF_UNIT) -> None:
        self.free = free


class Hit:
    """One execution, as cheap as can be; becomes a :class:`~ennead.kernel.records.RawQuery` after the unit of work."""

    __slots__ = (
        "batch_size",
        "budget",
        "connection",
        "duration_ns",
        "error",
        "orm",
        "parameters",
        "row_count",
        "rows",
        "site",
        "started_ns",
        "thread",
        "transaction",
        "unit",
    )

    def __init__(  # noqa: PLR0913, PLR0917 -- the recorder's hot path: positional and flat
        self,
        site: Site,
        parameters: object,
        started_ns: int,
        duration_ns: int,
        connection: Connection,
        batch_size: int,
        error: str | None,
        orm: OrmEvidence | None,
        budget: RowBudget | None,
    ) -> None:
        self.site = site
        self.parameters = parameters
        self.started_ns = started_ns
        self.duration_ns = duration_ns
        self.connection = connection
        self.transaction = connection.transaction
        self.batch_size = batch_size
        self.error = error
        self.orm = orm
        self.budget = budget
        self.row_count: int | None = None
        self.rows: list[Sequence[object]] | None = None
        self.thread = get_ident()
        self.unit = 0

    def count_rows(self, count: int) -> None:
        """Add rows fetched from this execution's result."""
        self.row_count = (self.row_count or 0) + count

    def capture_rows(self, rows: Sequence[Sequence[object]]) -> None:
        """Count fetched rows and keep their values for provenance, up to a bound."""
        self.row_count = (self.row_count or 0) + len(rows)
        if self.budget is None:
            return
        if self.rows is None:
            self.rows = []
        free = min(MAX_CAPTURED_ROWS - len(self.rows), self.budget.free)
        if free > 0:
            kept = rows[:free]
            self.rows.extend(kept)
            self.budget.free -= len(kept)


class UnitOfWork:
    """One request, job, test, command or script run while it is being recorded.

    Parameters
    ----------
    name
        What a person calls it: ``GET /orders``, ``tests/test_shop.py::test_list``.
    kind
        Decides nothing; it is told to the user.
    max_queries
        The buffer's bound. Further queries are counted in ``dropped_count``.
    entry
        The line that opened the unit inside the user's code, if it was opened there.
    absorbs
        Units nested in this one hand their hits over to it when they end.
    provenance
        Keep the values of fetched rows (profile and test mode) to find out which query supplied a parameter.
    """

    def __init__(
        self,
        name: str,
        kind: UnitKind,
        *,
        route: str | None = None,
        trace_id: str | None = None,
        max_queries: int = 10_000,
        provenance: bool = False,
        entry: CallSite | None = None,
        absorbs: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.route = route
        self.trace_id = trace_id
        self.max_queries = max_queries
        self.provenance = provenance
        self.entry = entry
        self.absorbs = absorbs
        self.started_at = datetime.now(UTC)
        self.started_ns = perf_counter_ns()
        self.duration_ns = 0
        self.hits: list[Hit] = []
        self.dropped_count = 0
        self.internal_error_count = 0
        self.nested_count = 0
        self.closed = False
        self.inside: tuple[str, ...] = ()
        """The units of work it is nested in, the nearest first, as ``test:tests/test_shop.py::test_list``."""
        self.handler: Callable[[], CallSite] | None = None
        """Finds the user's class that answered, once somebody asks."""
        self.outcome: object = None
        """What the unit of work gave to whoever asked, as JSON values; only a replay notes it."""
        self.start_paths: list[CallPath] = []
        self._row_budget = RowBudget() if provenance else None
        self.trusted: set[CallPath] = set()
        """Paths whose every frame has been compared in this unit: the cheap look will do from now on."""
        self._recent: list[CallPath] = []

    def record(  # noqa: C901, PLR0912 -- the hot path: positional and flat, and every call counts
        self,
        sql: str,
        parameters: object,
        started_ns: int,
        connection: Connection,
        batch_size: int = 1,
        error: BaseException | None = None,
        orm: OrmEvidence | None = None,
    ) -> Hit | None:
        """Record one execution that just ended; never raises.

        Must be called straight from the frame that wraps the driver's call, at the same depth each time.

        Returns
        -------
        Hit or None
            The hit, for counting rows as they are fetched; ``None`` if the buffer is full or our own code failed.
        """
        duration_ns = perf_counter_ns() - started_ns
        try:
            hits = self.hits
            if self.closed:  # a thread or task that outlives its unit of work
                CURRENT.set(None)
                OUTER_PATH.set(None)
                return None
            if len(hits) >= self.max_queries:
                self.dropped_count += 1
                return None
            statement = STATEMENTS.get(sql)
            site: Site | None = None
            trusted = self.trusted
            for candidate in statement.sites:
                path = candidate.path
                if known_path(path) and (path in trusted or same_stack(path)):
                    if path.steps:
                        trusted.add(path)
                    site = candidate
                    if site is not statement.sites[0]:
                        statement.move_to_front(site)
                    break
            if site is None and not statement.sites:  # a text with literals is new each time, though its place is not
                for path in self._recent:
                    if known_path(path) and same_stack(path, path.steps[0].depth):
                        site = statement.add_site(Site(statement, path, None))
                        break
            if site is None:
                site = self._discover(statement)
            if statement.writes:
                parameters = shortened(parameters)
            elif type(parameters) is not tuple and parameters is not None:
                parameters = copied(parameters)
            hit = Hit(
                site,
                parameters,
                started_ns,
                duration_ns,
                connection,
                batch_size,
                None if error is None else type(error).__name__,
                orm or site.orm,
                self._row_budget,
            )
            hits.append(hit)
        except Exception:
            self.internal_error_count += 1
            return None
        return hit

    def _discover(self, statement: Statement) -> Site:
        path, walk = walk_path(3)
        self.internal_error_count += walk.error_count
        if path.steps:
            self.trusted.add(path)
            if path.plain and path.steps[0].depth > 0 and path not in self._recent:
                self._recent.insert(0, path)
                del self._recent[MAX_RECENT_PATHS:]
        return statement.add_site(Site(statement, path, walk.orm_evidence()))

    def detached(self) -> UnitOfWork:
        """The ended unit with its hits, which this object gives away.

        A task or thread that goes on may keep this object alive for as long as the process runs.
        """
        ended = copy(self)
        self.hits, self.start_paths, self.trusted, self._recent = [], [], set(), []
        return ended

    def absorb(self, inner: UnitOfWork) -> None:
        """Take over the hits of a nested unit that has ended, marked as its own."""
        base = self.nested_count + 1
        for hit in inner.hits:
            hit.unit += base
        self.nested_count = base + inner.nested_count
        free = max(self.max_queries - len(self.hits), 0)
        self.hits.extend(inner.hits[:free])
        self.dropped_count += inner.dropped_count + max(len(inner.hits) - free, 0)
        self.internal_error_count += inner.internal_error_count
