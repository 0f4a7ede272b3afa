"""What one replay of the work showed: plain records, written by the replay and read by the judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ennead.kernel.call_site import CallSite
    from ennead.kernel.finding import Finding

OutcomeKind = Literal["response", "return value", "test", "command"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTrace:
    """All executions of one normalised statement in one unit of work."""

    fingerprint: str
    statement: str
    """Normalised SQL, never a literal."""
    connection: str
    count: int
    row_count: int | None
    """Rows fetched or changed by all of them together; ``None`` if that is not known."""
    is_write: bool
    tables: tuple[str, ...]
    is_ordered: bool = False
    """The statement itself orders its rows."""
    access: CallSite | None = None
    """The user's own line that ran it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a unit of work gave to whoever asked."""

    kind: OutcomeKind
    status: str
    """HTTP status, ``passed``, ``failed: ...``, ``returned`` or ``raised ValueError: ...``."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Response headers, lower case; of ``set-cookie`` the names only."""
    body: Any = None
    """JSON values: the text of a response, a parsed JSON body, or a return value in canonical form."""
    media_type: str = ""
    """``application/json``, ``text/html`` ...; ``python`` for return values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTrace:
    """One unit of work, in the order in which they ended."""

    kind: str
    name: str
    route: str | None
    query_count: int
    database_ms: float
    duration_ms: float
    statements: tuple[StatementTrace, ...] = ()
    outcome: Outcome | None = None
    findings: tuple[Finding, ...] = ()
    writing_transactions: int | None = None
    """Transactions that wrote something; a write outside of a transaction counts for one. ``None`` if not known."""

    @property
    def key(self) -> tuple[str, str]:
        """What two replays call the same unit of work; repeated ones pair by their order."""
        return (self.kind, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContent:
    """All rows of a table after the work, in canonical text form, sorted."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    not_null: tuple[str, ...] | None = None
    """Columns that cannot be NULL, primary keys included; ``None`` if the schema was not read."""
    unique: tuple[str, ...] | None = None
    """Columns no two rows share a value of, a primary key of one column included; ``None`` if it was not read."""
    foreign_keys: Mapping[str, str] | None = None
    """``table.column`` that a column refers to, by column; ``None`` if the schema was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTrace:
    """Everything that one replay showed, over all of its processes."""

    size: int
    """Data size: rows of the largest table that was looped over; 0 where it is not known."""
    exit_code: int
    stdout: str
    stderr_tail: str = ""
    units: tuple[UnitTrace, ...] = ()
    statement_count: int = 0
    """Statements that reached a database driver, on any connection, from any thread or process, in a unit or not."""
    mails: tuple[str, ...] = ()
    """Sent mails, in canonical form; none has left."""
    egress: tuple[str, ...] = ()
    """Connections that were attempted and blocked: ``tcp api.example.org:443``."""
    files_written: Mapping[str, str] = field(default_factory=dict)
    """Digest by path relative to the scratch copy."""
    line_counts: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """How often each watched line ran, by file relative to the project root."""
    is_unwatched: bool = False
    """No line was watched in this run, so that its times are those of the work alone."""
    tables: Mapping[str, TableContent] = field(default_factory=dict)
    """By ``database.table``."""
    peak_memory_bytes: int = 0
    cpu_ms: float = 0.0
    """Processor time of all processes, their start included; 0 where it was not measured."""
    duration_ms: float = 0.0
    problems: tuple[str, ...] = ()
    """What could not be observed, one sentence each."""
    scratch_root: str = ""
    """Absolute path of the scratch copy; where it is printed, it is the same place in every replay."""
