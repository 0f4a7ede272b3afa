"""Advice that is followed to the letter: the same result with fewer queries, on real rows.

The trials are in ``trials_django.py`` and its neighbours: code with an N+1, with the queries that it makes as
it is written and after all of its advice was followed.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.advice.trial import FUNCTIONS

HERE = Path(__file__).parent
LIBRARIES = ("django", "sqlalchemy", "peewee", "tortoise")


@cache
def _outcomes(library: str) -> dict[str, dict[str, Any]]:
    """What came out of each trial, run in a process of its own."""
    command = [sys.executable, "-m", "tests.advice.trial", library]
    run = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr[-4000:]
    return {outcome["name"]: outcome for outcome in map(json.loads, run.stdout.splitlines())}


def _trials() -> list[tuple[str, str]]:
    found = []
    for library in LIBRARIES:
        tree = ast.parse((HERE / f"trials_{library}.py").read_text("utf-8"))
        found += [(library, node.name) for node in tree.body if isinstance(node, FUNCTIONS)]
    return found


@pytest.mark.parametrize(("library", "name"), _trials())
def test_following_the_advice_gives_the_same_result_with_fewer_queries(library: str, name: str) -> None:
    outcome = _outcomes(library)[name]
    assert outcome["counts"] == outcome["expected"], outcome["source"]
    if outcome["codes"]:
        assert outcome["same"], outcome["source"]
        assert outcome["after"] < outcome["before"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_code_has_a_gap_that_somebody_has_to_fill(library: str) -> None:
    for outcome in _outcomes(library).values():
        for code in outcome["codes"]:
            assert "..." not in code
            assert "<" not in code.replace("<=", "")


def test_all_findings_of_a_chain_have_one_code() -> None:
    """Three prescriptions for nested levels would each leave a query per row: the first one repairs all of them."""
    for library in LIBRARIES:
        assert len(_outcomes(library)["three_levels"]["codes"]) == 1
