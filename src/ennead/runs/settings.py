"""Settings of recorded runs."""

from __future__ import annotations

from dataclasses import dataclass

from ennead.kernel.settings import setting


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where ``ennead run`` keeps what it records, and how much of it.

    Examples
    --------
    >>> RunSettings().kept_runs
    20
    """

    output: str = setting(
        ".ennead", env="ENNEAD_OUTPUT", help="Folder for recorded runs, relative to the project root."
    )
    """``--output`` comes before it."""
    kept_runs: int = setting(
        20, env="ENNEAD_KEPT_RUNS", help="Runs kept in the folder; older ones are removed.", unit="count", low=1
    )
    """Bounds the folder."""
    max_record_bytes: int = setting(
        64 * 1024 * 1024,
        env="ENNEAD_MAX_RECORD_BYTES",
        help="Size of one process's records in a run; units of work beyond it are counted, not written.",
        unit="bytes",
        low=4096,
    )
    """Bounds one run."""
    max_waiting_units: int = setting(
        1_000,
        env="ENNEAD_MAX_WAITING_UNITS",
        help="Units of work that may wait for their analysis in one process; further ones are counted, not analysed.",
        unit="count",
        low=1,
    )
    """Bounds the memory of a process."""
    max_waiting_queries: int = setting(
        200_000,
        env="ENNEAD_MAX_WAITING_QUERIES",
        help="Queries of all the units of work that wait for their analysis.",
        unit="count",
        low=1,
    )
    """Bounds the memory of a process, too: units of work differ in size."""
    flush_seconds: float = setting(
        10.0,
        env="ENNEAD_FLUSH_SECONDS",
        help="Time a process that exits may take for the units of work that still wait; the rest is counted.",
        unit="s",
        low=0.0,
        high=600.0,
    )
    """The exit of the process is held up for no longer."""
    max_context_queries: int = setting(
        2_000,
        env="ENNEAD_MAX_CONTEXT_QUERIES",
        help="Queries kept of each recorded context; the rest is cut off and counted.",
        unit="count",
        low=1,
    )
    """Bounds one line of the records."""
    baseline: str = setting(
        ".ennead-baseline.json",
        env="ENNEAD_BASELINE",
        help="File of the known findings, relative to the project root; empty: none is used.",
    )
    """Written by ``ennead baseline``."""
    baseline_growth: float = setting(
        2.0,
        env="ENNEAD_BASELINE_GROWTH",
        help="A known finding with more than so many times the queries of the baseline is told.",
        unit="ratio",
        low=1.0,
    )
    """It does not fail the run: the count follows the data."""
