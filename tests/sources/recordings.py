"""Reading what a recording holds."""

from __future__ import annotations

from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import Hit
from ennead.agent.units import Recording
from ennead.kernel.records import RawQuery


def recording() -> Recording:
    """A profile's: never sampled out, and it keeps fetched rows."""
    return Recording("test", "profile", explicit=True)


def hits(recorded: Recording) -> list[Hit]:
    assert recorded.unit is not None
    assert recorded.unit.internal_error_count == 0
    return recorded.unit.hits


def statements(recorded: Recording) -> list[str]:
    return [hit.site.statement.sql for hit in hits(recorded)]


def queries(recorded: Recording) -> tuple[RawQuery, ...]:
    assert recorded.unit is not None
    return snapshot(recorded.unit).queries
