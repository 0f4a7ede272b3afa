"""The lines of a process's record file: plain data with a JSON round trip each.

A file begins with a :class:`ProcessRecord`, goes on with one :class:`UnitRecord` for each unit of work as it ends, now
and then a :class:`SharedReadsRecord`, and closes with an :class:`EndRecord` if the process could say good-bye.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ennead.domains.nplusone.look_alikes import LookAlike
from ennead.kernel.finding import Finding
from ennead.kernel.json_schema import SCHEMA_VERSION, check_schema
from ennead.runs.shared_reads_record import SharedReadsRecord

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRecord:
    """A process that began to record."""

    pid: int
    parent_pid: int
    started_at: datetime
    command: tuple[str, ...]
    python: str
    ennead: str
    hooked: Mapping[str, str] = field(default_factory=dict)
    """Library to version, when the first unit of work ended."""
    runs_tests: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "type": "process",
            "schema": SCHEMA_VERSION,
            "pid": self.pid,
            "parent_pid": self.parent_pid,
            "started_at": self.started_at.isoformat(),
            "command": list(self.command),
            "python": self.python,
            "ennead": self.ennead,
            "hooked": dict(self.hooked),
            "runs_tests": self.runs_tests,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ProcessRecord:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            pid=data["pid"],
            parent_pid=data["parent_pid"],
            started_at=datetime.fromisoformat(data["started_at"]),
            command=tuple(data["command"]),
            python=data["python"],
            ennead=data["ennead"],
            hooked=dict(data.get("hooked", {})),
            runs_tests=bool(data.get("runs_tests", False)),
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding that this process has written in full before: what may differ from one unit of work to the next.

    Findings of a busy route would otherwise be written thousands of times, advice and source lines included.
    """

    id: str
    query_count: int
    wasted_ms: float
    suppressed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "id": self.id,
            "query_count": self.query_count,
            "wasted_ms": self.wasted_ms,
            "suppressed": self.suppressed,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Sighting:
        """Read what :meth:`to_dict` wrote."""
        return cls(data["id"], data["query_count"], data["wasted_ms"], bool(data.get("suppressed", False)))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecord:
    """One unit of work and what was found in it."""

    name: str
    kind: str
    route: str | None
    trace_id: str | None
    started_at: datetime
    duration_ms: float
    query_count: int
    database_ms: float
    dropped_query_count: int = 0
    """Beyond the recorder's buffer."""
    internal_error_count: int = 0
    """Of the agent, swallowed so that the host never saw them."""
    findings: tuple[Finding, ...] = ()
    """Those written in full, the suppressed ones included."""
    sightings: tuple[Sighting, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    """What the rules let pass; each of them once in a process."""
    context: Mapping[str, Any] | None = None
    """``QueryExecutionContext.to_dict()``, where it was kept."""
    cut_query_count: int = 0
    """Queries cut off from the context."""
    outcome: Mapping[str, Any] | None = None
    """What the unit of work gave to whoever asked; noted by a replay."""
    test: str | None = None
    """The test that it was done for; noted by the pytest plugin, also for the test's own unit of work."""

    @property
    def place(self) -> str:
        """The route, or the name of a unit of work that has none."""
        return self.route or self.name

    @property
    def wasted_ms(self) -> float:
        """Of the findings that are not suppressed."""
        full = sum(finding.wasted_ms for finding in self.findings if finding.suppressed is None)
        return full + sum(sighting.wasted_ms for sighting in self.sightings if not sighting.suppressed)

    def to_dict(self) -> dict[str, Any]:
        """JSON values; what is empty is left out."""
        data: dict[str, Any] = {
            "type": "unit",
            "schema": SCHEMA_VERSION,
            "name": self.name,
            "kind": self.kind,
            "route": self.route,
            "trace_id": self.trace_id,
            "started_at": self.started_at.isoformat(),
            "duration_ms": self.duration_ms,
            "query_count": self.query_count,
            "database_ms": self.database_ms,
        }
        optional = {
            "dropped_query_count": self.dropped_query_count,
            "internal_error_count": self.internal_error_count,
            "findings": [finding.to_dict() for finding in self.findings],
            "sightings": [sighting.to_dict() for sighting in self.sightings],
            "look_alikes": [look_alike.to_dict() for look_alike in self.look_alikes],
            "context": self.context,
            "cut_query_count": self.cut_query_count,
            "outcome": self.outcome,
            "test": self.test,
        }
        return data | {name: value for name, value in optional.items() if value}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> UnitRecord:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            name=data["name"],
            kind=data["kind"],
            route=data.get("route"),
            trace_id=data.get("trace_id"),
            started_at=datetime.fromisoformat(data["started_at"]),
            duration_ms=float(data["duration_ms"]),
            query_count=int(data["query_count"]),
            database_ms=float(data["database_ms"]),
            dropped_query_count=int(data.get("dropped_query_count", 0)),
            internal_error_count=int(data.get("internal_error_count", 0)),
            findings=tuple(Finding.from_dict(item) for item in data.get("findings", ())),
            sightings=tuple(Sighting.from_dict(item) for item in data.get("sightings", ())),
            look_alikes=tuple(LookAlike.from_dict(item) for item in data.get("look_alikes", ())),
            context=data.get("context"),
            cut_query_count=int(data.get("cut_query_count", 0)),
            outcome=data.get("outcome"),
            test=data.get("test"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRecord:
    """The last words of a process: what it could not record, and what was hooked in the end."""

    pid: int
    ended_at: datetime
    counters: Mapping[str, int] = field(default_factory=dict)
    """Name to count, of what went wrong; zeros are left out."""
    hooked: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    loaded_files: tuple[str, ...] = ()
    """The project's modules that were loaded and the templates that queried: where suppressions may be looked for."""
    needed_suppressions: tuple[str, ...] = ()
    """Lines (``file:line``) of findings that have a suppression, whether it still holds or not."""
    shadow: Mapping[str, float] = field(default_factory=dict)
    """How a shadow model compared, by name of the counter; empty without one."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "type": "end",
            "schema": SCHEMA_VERSION,
            "pid": self.pid,
            "ended_at": self.ended_at.isoformat(),
            "counters": {name: number for name, number in self.counters.items() if number},
            "hooked": dict(self.hooked),
            "skipped": dict(self.skipped),
            "loaded_files": list(self.loaded_files),
            "needed_suppressions": list(self.needed_suppressions),
            "shadow": dict(self.shadow),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EndRecord:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            pid=data["pid"],
            ended_at=datetime.fromisoformat(data["ended_at"]),
            counters=dict(data.get("counters", {})),
            hooked=dict(data.get("hooked", {})),
            skipped=dict(data.get("skipped", {})),
            loaded_files=tuple(data.get("loaded_files", ())),
            needed_suppressions=tuple(data.get("needed_suppressions", ())),
            shadow=dict(data.get("shadow", {})),
        )


Record = ProcessRecord | UnitRecord | SharedReadsRecord | EndRecord
_TYPES: dict[str, type[ProcessRecord | UnitRecord | SharedReadsRecord | EndRecord]] = {
    "process": ProcessRecord,
    "unit": UnitRecord,
    "shared-reads": SharedReadsRecord,
    "end": EndRecord,
}


def record_from_dict(data: Mapping[str, Any]) -> Record | None:
    """Read a record of any type; ``None`` for a type that a later version added.

    Raises
    ------
    EnneadError
        The record is of a newer schema.
    KeyError, TypeError, ValueError
        A field is missing or has the wrong form.
    """
    check_schema(data, "record")
    record_type = _TYPES.get(data["type"])
    return None if record_type is None else record_type.from_dict(data)
