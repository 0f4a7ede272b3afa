"""A pytest plugin: writes the processor's seconds from the first test's own code to the end of the session.

Making the test database belongs to the set-up of the first test, and is no part of it.
"""

import json
import os
import time
from pathlib import Path

import pytest

_STARTED: list[float] = []
_OUTCOMES: list[str] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    if not _STARTED:
        _STARTED.append(time.process_time())


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        _OUTCOMES.append(report.outcome)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    seconds = time.process_time() - _STARTED[0] if _STARTED else 0.0
    counts = {name: _OUTCOMES.count(name) for name in ("passed", "failed", "skipped")}
    Path(os.environ["BENCH_CLOCK_FILE"]).write_text(json.dumps({"cpu_seconds": seconds, **counts}), encoding="utf-8")
