"""One recorded unit of work, read as the kernel's raw records."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

from ennead.agent.snapshot import snapshot
from ennead.agent.unit_of_work import Hit, UnitOfWork
from ennead.agent.units import Recording
from ennead.kernel.records import OrmEvidence, RawQuery


class Recorded:
    """What happened inside of :func:`record`; to be read after it."""

    def __init__(self) -> None:
        self.unit = UnitOfWork("not entered", "test")

    @property
    def hits(self) -> list[Hit]:
        return self.unit.hits

    @property
    def queries(self) -> tuple[RawQuery, ...]:
        return snapshot(self.unit).queries

    @property
    def evidence(self) -> list[OrmEvidence | None]:
        return [hit.orm for hit in self.unit.hits]

    @property
    def row_counts(self) -> list[int | None]:
        return [hit.row_count for hit in self.unit.hits]

    @property
    def statements(self) -> list[str]:
        return [hit.site.statement.sql for hit in self.unit.hits]

    @property
    def paths(self) -> list[list[tuple[str, str]]]:
        """For each query (function, source line) of the user's frames, the access first."""
        return [
            [(site.function.rpartition(".")[2], site.source or "") for site in query.call_path]
            for query in self.queries
        ]


@contextmanager
def record(*, provenance: bool = True) -> Iterator[Recorded]:
    """Record a unit of work; our own code must not fail in it."""
    recorded = Recorded()
    with Recording("test", "profile" if provenance else "request", explicit=True) as recording:
        assert recording.unit is not None
        recorded.unit = recording.unit
        yield recorded
    assert recorded.unit.internal_error_count == 0
    assert recorded.unit.dropped_count == 0


def line_with(code: CodeType, text: str) -> int:
    """Number of the first line of a function that holds a text."""
    line = code.co_firstlineno
    while text not in linecache.getline(code.co_filename, line):
        line += 1
    return line
