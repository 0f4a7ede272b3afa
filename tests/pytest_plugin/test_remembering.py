"""Sessions that the local memory takes in, if it is asked for."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.pytest_plugin.conftest import Run

TESTS = """
import shop

def test_slow():
    assert len(shop.one_by_one()) == 5

def test_fast():
    assert len(shop.at_once()) == 5
"""


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_STORE", "on")


def _history(pytester: pytest.Pytester) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "ennead", "history", "--json"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=True)
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def test_a_session_is_remembered(run: Run, pytester: pytest.Pytester) -> None:
    run(TESTS, "--ennead-remember").assert_outcomes(passed=2)
    (pattern,) = _history(pytester)
    assert (pattern["status"], pattern["run_count"], pattern["places"]) == ("new", 1, ["test_shop.py::test_slow"])
    run(TESTS, "-o", "ennead_remember=true").assert_outcomes(passed=2)
    assert [each["status"] for each in _history(pytester)] == ["recurring"]


def test_without_being_asked_nothing_is(run: Run, pytester: pytest.Pytester) -> None:
    run(TESTS, "--ennead").assert_outcomes(passed=2)
    assert _history(pytester) == []
    assert not (pytester.path / ".ennead" / "memory.sqlite").exists()


def test_tests_that_were_stopped_are_not(run: Run, pytester: pytest.Pytester) -> None:
    run(TESTS, "--ennead-remember", "--ennead-mode=raise").assert_outcomes(passed=1, failed=1)
    assert _history(pytester) == []


def test_what_goes_wrong_is_one_line_and_fails_no_test(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENNEAD_STORE", "off")
    result = run(TESTS, "--ennead-remember")
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["error  the run could not be remembered: nothing is remembered: ENNEAD_STORE is off"])
