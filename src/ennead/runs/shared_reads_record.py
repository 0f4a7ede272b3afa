"""The line of a record file that tells what the units of work of a process read in common."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ennead.kernel.call_site import CallSite
from ennead.kernel.json_schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRead:
    """One statement with one set of parameters, over the units of work of one kind in one process."""

    kind: str
    """Of the units of work."""
    statement: str
    statement_fingerprint: str
    parameters_hash: str | None
    connection: str
    tables: tuple[str, ...]
    call_site: CallSite
    """The access of the first execution."""
    built_at: CallSite | None
    library: str | None
    model: str | None
    places: tuple[str, ...]
    """Routes, or names of units of work that have none; the first few."""
    unit_count: int
    execution_count: int
    duration_ms: float
    row_count: int
    """The most that it returned."""
    is_ruled_out: bool
    """In some unit of work its answer must not be kept."""
    first_at: datetime
    last_at: datetime

    @property
    def question(self) -> tuple[str, str, str | None, str]:
        """What is the same in all processes."""
        return (self.kind, self.statement_fingerprint, self.parameters_hash, self.connection)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {
            "tables": list(self.tables),
            "places": list(self.places),
            "call_site": self.call_site.to_dict(),
            "built_at": self.built_at.to_dict() if self.built_at else None,
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SharedRead:
        """Read what :meth:`to_dict` wrote; unknown keys are ignored."""
        known = {item.name: data[item.name] for item in fields(cls)}
        return cls(
            **known
            | {
                "tables": tuple(data["tables"]),
                "places": tuple(data["places"]),
                "call_site": CallSite.from_dict(data["call_site"]),
                "built_at": CallSite.from_dict(data["built_at"]) if data["built_at"] else None,
                "first_at": datetime.fromisoformat(data["first_at"]),
                "last_at": datetime.fromisoformat(data["last_at"]),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReadsRecord:
    """All that is known so far; the last one of a process tells it all."""

    process: str
    unit_counts: Mapping[str, int] = field(default_factory=dict)
    """Kind to units of work with a query."""
    reads: tuple[SharedRead, ...] = ()
    changes: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    """Table to the times of the last writes to it, one for each unit of work."""

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "type": "shared-reads",
            "schema": SCHEMA_VERSION,
            "process": self.process,
            "unit_counts": dict(self.unit_counts),
            "reads": [read.to_dict() for read in self.reads],
            "changes": {table: [at.isoformat() for at in times] for table, times in self.changes.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SharedReadsRecord:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            process=data["process"],
            unit_counts=dict(data["unit_counts"]),
            reads=tuple(map(SharedRead.from_dict, data["reads"])),
            changes={table: tuple(map(datetime.fromisoformat, times)) for table, times in data["changes"].items()},
        )
