"""RESULTS.md of the fixes."""

import collections
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench.fixes.verified import Outcome

RivalTable = tuple[Sequence[str], Sequence[Sequence[Any]]]

COLUMNS = ("suite", "scenarios", "verified", "share", "check agrees", "check disagrees", "median s", "p95 s")


RIVALS_TOLD = (
    "## The rivals' advice, applied literally",
    "",
    "All advice on a scenario is applied at once: the call that it names goes into the query at the line that the",
    "tool names, else into the query of the collection, which the scenario's label tells. tracepanel names no",
    "relation; the one accessed at its line is filled in. *ok*: flat, and the same results. What names no call",
    "(`in_bulk`, a loader) or finds no query of its model is not applicable.",
)


def results(
    outcomes: Mapping[str, list[Outcome]], rivals: RivalTable, sizes: tuple[int, ...], checked: tuple[int, ...]
) -> str:
    """The whole file."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("ennead", "Django", "SQLAlchemy", "libcst"))
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    lines = [
        "# Verified fixes",
        "",
        f"Measured {datetime.now(UTC).date()} with `python -m bench.fixes`, two processes:",
        f"{versions}, {python}, SQLite.",
        "",
        f"`ennead fix --all --apply` on each N+1 scenario, replayed at {_listed(sizes)} rows. *Verified*: every N+1",
        f"of the scenario has a verified fix. *Check*: the bench's own count and comparison at {_listed(checked)} rows",
        "agrees that the queries are as many at both sizes, fewer than before, and that results and rows are the same.",
        "",
        *_table(COLUMNS, [_row(suite, told) for suite, told in outcomes.items()]),
        "",
        "## Without a verified fix",
        "",
        *(_missed(suite, each) for suite, told in outcomes.items() for each in told if each["status"] != "verified"),
        "",
        "## The check disagrees",
        "",
        *(_wrong(outcomes) or ["None."]),
        "",
        *RIVALS_TOLD,
        "",
        *_table(*rivals),
    ]
    return "\n".join(lines) + "\n"


def share(told: Sequence[Outcome]) -> str:
    """One line for the terminal.

    >>> share([{"status": "verified", "check": "ok", "seconds": 2.0}])
    'verified 1/1 (100 %), check agrees 1, disagrees 0, median 2.0 s, p95 2.0 s'
    """
    _, count, verified, part, right, wrong, median, slow = _row("", told)
    others = collections.Counter(each["status"] for each in told if each["status"] != "verified")
    rest = "; " + ", ".join(f"{name} {number}" for name, number in others.most_common()) if others else ""
    counts = f"verified {verified}/{count} ({part}), check agrees {right}, disagrees {wrong}"
    return f"{counts}, median {median} s, p95 {slow} s{rest}"


def _row(suite: str, told: Sequence[Outcome]) -> tuple[Any, ...]:
    verified = [each for each in told if each["status"] == "verified"]
    right = sum(each["check"] == "ok" for each in verified)
    seconds = sorted(each["seconds"] for each in verified) or [0.0]
    slow = seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))]
    part = f"{100 * len(verified) / max(1, len(told)):.0f} %"
    median = f"{statistics.median(seconds):.1f}"
    return (suite, len(told), len(verified), part, right, len(verified) - right, median, f"{slow:.1f}")


def _wrong(outcomes: Mapping[str, list[Outcome]]) -> list[str]:
    return [
        f"- {suite} `{each['scenario']}`: {each['check']} {each['remark']}"
        for suite, told in outcomes.items()
        for each in told
        if each["status"] == "verified" and each["check"] != "ok"
    ]


def _missed(suite: str, outcome: Outcome) -> str:
    tried = "; ".join(outcome["attempts"][:2]) or "nothing tried"
    return f"- {suite} `{outcome['scenario']}`: {outcome['status']}. {tried}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    head = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    return [*head, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(map(str, numbers))
