"""Honest verdicts."""

import pytest

from bench.overhead.budgets import Check, checks
from bench.overhead.case import EMPTY_HOOK, IN_UNIT, OUTSIDE
from bench.overhead.pairing import compare
from bench.overhead.report import Run, table
from bench.overhead.spread import Spread
from bench.overhead.stopwatch import Sample

SAMPLES = {
    "bare": [Sample(100_000, 100_000)] * 3,
    EMPTY_HOOK: [Sample(110_000, 110_000)] * 3,
    IN_UNIT: [Sample(550_000, 560_000)] * 3,
    OUTSIDE: [Sample(112_000, 112_000)] * 3,
}


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (Spread(2.0, 1.9, 2.1), "kept"),
        (Spread(2.9, 2.0, 3.1), "kept, within the spread"),
        (Spread(3.1, 2.9, 3.5), "MISSED, within the spread"),
        (Spread(3.5, 3.2, 4.0), "MISSED"),
    ],
)
def test_a_verdict_says_when_the_scatter_leaves_it_open(measured: Spread, verdict: str) -> None:
    assert Check("known site", 3.0, measured).verdict == verdict


def test_what_misses_its_budget_is_told() -> None:
    from bench.overhead.dbapi_cases import case

    rows = compare(case(), SAMPLES)
    assert [(check.what, check.measured.median, check.verdict) for check in checks(rows, [])] == [
        ("sqlite3, SELECT 1, known site: µs a query", 4.4, "MISSED"),
        ("sqlite3, SELECT 1, installed, no unit of work: µs a query", 0.02, "kept"),
    ]
    assert "| sqlite3, SELECT 1, known site: µs a query | 3 | 4.40 (4.40 - 4.40) | MISSED |" in table(Run(rows, [], []))
