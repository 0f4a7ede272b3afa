"""The two data sizes of a verification: what there is, and more of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.grown_store import GrownStore
from ennead.replay.databases.store import CopyStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ennead.fixes.trace import ReplayTrace
    from ennead.replay.databases.growth import Growth
    from ennead.replay.replay import Work

DEFAULT_SIZES = (10, 50)
GROWTH_FACTOR = 4


class DataSizes:
    """Where the data of each size comes from.

    A command that takes a size is asked for two. For any other one the databases are copied as they are, and grown.

    Parameters
    ----------
    work
        What is replayed.
    folder
        For copies of databases.
    sizes
        Two sizes, the smaller one first, for a command that takes one.

    Raises
    ------
    EnneadError
        The sizes make no sense, or the command does not take them.
    """

    def __init__(self, work: Work, folder: Path, sizes: Sequence[int] | None = None) -> None:
        if sizes is not None and not work.takes_size:
            message = "sizes are for a command that takes one: write {size} where the command says how many rows"
            raise EnneadError(message)
        self._sizes = tuple(sizes or DEFAULT_SIZES)
        if len(self._sizes) != 2 or not 0 < self._sizes[0] < self._sizes[1]:  # noqa: PLR2004 -- a smaller and a larger one
            message = f"name two sizes, the smaller one first, as in 10,50; got {','.join(map(str, self._sizes))}"
            raise EnneadError(message)
        self._takes_size = work.takes_size
        self._folder = folder
        self.store = CopyStore.create(folder / "store")
        self._grown: GrownStore | None = None

    @property
    def small(self) -> int | None:
        """What the command is told at the small size."""
        return self._sizes[0] if self._takes_size else None

    @property
    def large(self) -> int | None:
        """What the command is told at the large size."""
        return self._sizes[1] if self._takes_size else None

    @property
    def large_store(self) -> CopyStore:
        """What the copies of databases at the large size are made from."""
        return self._grown.store if self._grown else self.store

    def grow(self, trace: ReplayTrace, *, nulls: bool = True) -> bool:
        """Make the large size, after a first replay has told what the work reads.

        Parameters
        ----------
        trace
            Of the work as it is.
        nulls
            Let some of the new rows have no value where that is allowed.

        Returns
        -------
        bool
            Whether there is one.
        """
        if self._takes_size:
            return True

        if self._grown is not None:
            self._grown.store.drop()
        name = "grown" if nulls else "grown-without-nulls"
        tables = tables_behind_findings(trace)
        if not tables:
            return False
        self._grown = GrownStore.create(
            self._folder / name, self.store, tables=tables, factor=GROWTH_FACTOR, nulls=nulls
        )
        return bool(self.rows_after)

    @property
    def growths(self) -> tuple[Growth, ...]:
        """What growing did, for each database."""
        return tuple(self._grown.growth.values()) if self._grown else ()

    @property
    def rows_after(self) -> int:
        """Rows of the largest table that has grown; 0 if none has."""
        return max((table.rows_after for growth in self.growths for table in growth.tables.values()), default=0)

    @property
    def rows_before(self) -> int:
        """Rows of the same table before."""
        return max((table.rows_before for growth in self.growths for table in growth.tables.values()), default=0)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not grow, one sentence each."""
        return tuple(
            f"the table {table} has no more rows at the larger size: {reason}"
            for growth in self.growths
            for table, reason in growth.refused.items()
        )

    def drop(self) -> None:
        """Remove the copies."""
        if self._grown is not None:
            self._grown.store.drop()
        self.store.drop()


def tables_behind_findings(trace: ReplayTrace) -> set[str]:
    """Tables that are read in units of work with a finding."""
    return {
        table
        for unit in trace.units
        if any(finding.suppressed is None for finding in unit.findings)
        for statement in unit.statements
        if not statement.is_write
        for table in statement.tables
    }
