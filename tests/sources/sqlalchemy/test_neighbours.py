"""Other listeners on the same engine see what they saw without us, whoever came first and whoever leaves first."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Absent from the environment of SQLAlchemy 2.1, which OpenTelemetry refuses.
pytest.importorskip("opentelemetry.instrumentation.sqlalchemy")
pytest.importorskip("sentry_sdk")

ROOT = Path(__file__).parents[3]
RESULTS = ["Ada", "Acme", "Emmy", 2, 2]
SEEN = {"ennead": [None, "Customer.orders", "Customer.orders"], "rows": [3, 2, 2], "opentelemetry": 3, "sentry": 3}
WITHOUT_ENNEAD = {**SEEN, "ennead": [], "rows": []}


def run(*actions: str) -> list[dict[str, Any]]:
    completed = subprocess.run(
        [sys.executable, "-m", "tests.sources.sqlalchemy.neighbours", *actions],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    return [json.loads(line) for line in completed.stdout.splitlines()]


@pytest.mark.parametrize(
    "order",
    [
        ("+ennead", "+opentelemetry", "+sentry"),
        ("+sentry", "+opentelemetry", "+ennead"),
        ("+opentelemetry", "+ennead", "+sentry"),
    ],
)
def test_side_by_side_and_gone_again(order: tuple[str, ...]) -> None:
    assert run(*order, "3", "-ennead", "3", "+ennead", "3", "-opentelemetry", "3", "-ennead", "3") == [
        {"results": RESULTS, **SEEN},
        {"results": RESULTS, **WITHOUT_ENNEAD},
        {"results": RESULTS, **SEEN},
        {"results": RESULTS, **SEEN, "opentelemetry": 0},
        {"results": RESULTS, **WITHOUT_ENNEAD, "opentelemetry": 0},
    ]


def test_the_neighbours_without_us() -> None:
    assert run("+opentelemetry", "+sentry", "3") == [{"results": RESULTS, **WITHOUT_ENNEAD}]
