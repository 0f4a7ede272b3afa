"""The table of a run, for the terminal and for RESULTS.md."""

import platform
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bench.detection.environment import version_of
from bench.detection.score import NEGATIVES, POSITIVE, WRITES, Row, Score, score

Runs = Mapping[tuple[str, str], Sequence[Row]]
"""(suite, tool) -> the lines of its probe."""

HEADER = ("tool", "recall", "precision", "write loops", "loop right", "origin right", "access right")


def table(runs: Runs) -> str:
    """One Markdown table a suite, and below it every miss, false alarm and error by name."""
    suites = dict.fromkeys(suite for suite, _ in runs)
    return "\n\n".join(
        _suite(suite, {tool: rows for (of, tool), rows in runs.items() if of == suite}) for suite in suites
    )


def results(runs: Runs, command: str) -> str:
    """The whole of RESULTS.md."""
    intro = f"""\
        # Detection, tool by tool

        Written by `{command}` on {datetime.now(UTC):%Y-%m-%d} (Python {platform.python_version()}, SQLite). Every tool
        runs as shipped, with its own defaults, where its name says nothing else; README.md says how each is driven and
        what to know about its figures. Recall is over the scenarios labelled n-plus-one, precision over those
        and the look-alikes and duplicates; write loops stand apart. A place is right if a finding names a marked
        line, and is counted over the N+1s that the tool found and whose place is marked; "-" stands where a tool
        names no such place at all. The labels follow the definition in README.md and were written
        without sight of our rules. Yet this is the set we develop on: our own numbers here say how far we are, not how
        we do on code we have never run.
        """
    return f"{textwrap.dedent(intro)}\n{table(runs)}\n"


def _suite(suite: str, runs: Mapping[str, Sequence[Row]]) -> str:
    scores = {tool: score(rows) for tool, rows in runs.items()}
    labels = Counter(row["label"] for row in next(iter(runs.values())))
    counts = ", ".join(f"{labels[label]} {label}" for label in (POSITIVE, *NEGATIVES, WRITES))
    lines = [f"## {suite}: {sum(labels.values())} scenarios ({counts})", ""]
    lines += [_row(HEADER), _row(["---"] * len(HEADER))]
    lines += [_row(_cells(tool, each)) for tool, each in scores.items()]
    for tool, each in scores.items():
        lines += _details(tool, each)
    return "\n".join(lines)


def _cells(tool: str, of: Score) -> list[str]:
    shares = (of.recall, of.precision, of.writes, of.loop, of.origin, of.access)
    return [version_of(tool), *map(str, shares)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _details(tool: str, of: Score) -> list[str]:
    lists = {
        "misses": of.misses,
        "false alarms": of.false_alarms,
        "write loops reported as n-plus-one": of.writes_as_n_plus_one,
        "could not run": tuple(f"{name} ({error})" for name, error in of.errors),
    }
    return [
        "",
        f"### {version_of(tool)}",
        "",
        *(f"- {what}: {', '.join(names) or 'none'}" for what, names in lists.items()),
    ]
