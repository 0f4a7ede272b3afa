"""Other tools on the same connections: each sees what it sees alone, and the host sees neither."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]

# Whoever comes first, and whoever goes first: installed, uninstalled and installed again.
THEIRS_FIRST = "theirs+ work ours+ work ours- work ours+ work theirs- work ours- work"
OURS_FIRST = "ours+ work theirs+ work ours- work ours+ work ours- theirs- work ours+ theirs+ theirs- work ours- work"
THEIRS_FIRST_FOR_EVER = "theirs+ work ours+ work ours- work ours+ work"
OURS_FIRST_FOR_EVER = "ours+ work theirs+ work ours- work ours+ work"

SEQUENCES = {
    ("toolbar", "theirs first"): THEIRS_FIRST,
    ("toolbar", "ours first"): OURS_FIRST,
    ("opentelemetry", "theirs first"): THEIRS_FIRST,
    ("opentelemetry", "ours first"): OURS_FIRST,
    ("sentry", "theirs first"): THEIRS_FIRST_FOR_EVER,
    ("sentry", "ours first"): OURS_FIRST_FOR_EVER,
}


@cache
def answers(tool: str, steps: str) -> list[dict[str, Any]]:
    """What was seen in each ``work``; see :mod:`tests.sources.django.neighbours`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.sources.django.neighbours", tool, *steps.split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def installed_at_work(steps: str) -> list[set[str]]:
    """Who is installed at each ``work``."""
    installed: set[str] = set()
    found = []
    for step in steps.split():
        if step == "work":
            found.append(set(installed))
        elif step.endswith("+"):
            installed.add(step[:-1])
        else:
            installed.discard(step[:-1])
    return found


@pytest.mark.parametrize(("tool", "order"), SEQUENCES, ids=map(" ".join, SEQUENCES))
def test_each_sees_every_query_once_while_it_is_installed(tool: str, order: str) -> None:
    (theirs_alone, *_), (ours_alone, *_) = (
        answers(tool, SEQUENCES[tool, "theirs first"]),
        answers(tool, SEQUENCES[tool, "ours first"]),
    )
    assert len(theirs_alone["theirs"]) >= 10
    assert len(ours_alone["ours"]) >= 10
    steps = SEQUENCES[tool, order]
    for installed, seen in zip(installed_at_work(steps), answers(tool, steps), strict=True):
        assert seen["ours"] == (ours_alone["ours"] if "ours" in installed else [])
        assert seen["rows"] == (ours_alone["rows"] if "ours" in installed else [])
        assert seen["theirs"] == (theirs_alone["theirs"] if "theirs" in installed else [])
        assert seen["host"] == ours_alone["host"] == theirs_alone["host"]
