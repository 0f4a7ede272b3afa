"""The table of a run, for the terminal and for RESULTS.md."""

import os
import platform
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from bench.overhead.budgets import Check, checks
from bench.overhead.call_sites import SiteCost
from bench.overhead.pairing import Comparison
from bench.overhead.rivals import PeerCost


class Run(NamedTuple):
    """Everything that was measured."""

    comparisons: Sequence[Comparison]
    sites: Sequence[SiteCost]
    peers: Sequence[PeerCost]


def table(run: Run) -> str:
    """Markdown."""
    parts = (
        _budgets(run),
        _variants("Variants, in one process by turns", run.comparisons),
        _sites(run.sites),
        _peers(run.peers),
    )
    return "\n\n".join(part for part in parts if part)


def results(run: Run, command: str) -> str:
    """The whole of RESULTS.md."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("ennead", "Django", "SQLAlchemy"))
    intro = f"""\
        # What recording costs

        Written by `{command}` on {datetime.now(UTC):%Y-%m-%d} (Python {platform.python_version()}, {versions}, SQLite,
        {os.cpu_count()} cores shared with other work). Each figure is the median over many short rounds in which the
        variants took turns, with the quartiles in brackets; ratios and differences are taken within a round. CPU time
        is that of the process, the garbage collector stands still while it is measured. "bare, again" is the noise:
        it ought to be 1.00.

        The *empty hook* does nothing at the place where we hook: a method around `CursorWrapper.execute`, or listeners
        before and after each cursor call of SQLAlchemy.
        """
    return f"{textwrap.dedent(intro)}\n{table(run)}\n"


def _budgets(run: Run) -> str:
    rows = [(check.what, f"{check.budget:g}", check.measured.told(), check.verdict) for check in _checks(run)]
    return _section("Budgets", ("what", "budget", "measured", ""), rows)


def _checks(run: Run) -> Iterable[Check]:
    return checks(run.comparisons, run.sites)


def _variants(title: str, comparisons: Sequence[Comparison]) -> str:
    rows = [
        (
            row.case,
            row.variant,
            row.cpu.told(),
            row.wall.told(),
            row.above_hook.told() if row.above_hook is not None else "",
            f"{row.bare.median:.1f}",
        )
        for row in comparisons
    ]
    header = ("case", "variant", "CPU, ratio to bare", "wall, ratio to bare", "µs a query above the hook", "bare, µs")
    return _section(title, header, rows)


def _sites(sites: Sequence[SiteCost]) -> str:
    if not sites:
        return ""
    names = tuple(sites[0].costs)
    rows = [(site.what, *(site.costs[name].told(1) for name in names)) for site in sites]
    title = "µs of CPU time a query above the empty hook, by how well its call site is known"
    return _section(title, ("query", *names), rows)


def _peers(peers: Sequence[PeerCost]) -> str:
    rows = [(row.case, row.peer, row.cpu.told(), row.wall.told()) for row in peers]
    title = "Tools, each by turns with its own environment without it, while the work runs (no analysis)"
    return _section(title, ("case", "tool", "CPU, ratio", "wall, ratio"), rows)


def _section(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    return "\n".join([f"## {title}", "", _row(header), _row(["---"] * len(header)), *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
