"""Stopping a test at the n-th query of an N+1, also of one that has only begun."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import ACCESS, Run

TESTS = """
import pytest
from shop import at_once, one_by_one

def test_one_by_one():
    one_by_one()

def test_at_once():
    at_once()

@pytest.mark.ennead(allow=["shop.py"])
def test_allowed():
    one_by_one()
"""


def test_a_test_is_stopped_before_the_rules_could_know(run: Run) -> None:
    result = run(TESTS, "--ennead-stop-at=2")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "ennead: *stopped at query 2 of one",
            ">   *names += connection.execute(*",
            "E   *NPlusOneError: 1 N+1 query found: raw-sql ×2 at " + ACCESS,
            "E   *is predicted: * by the backoff model",
            f"{ACCESS}: NPlusOneError",
        ]
    )


def test_it_is_stopped_no_earlier_than_asked(run: Run) -> None:
    result = run(TESTS, "-o", "ennead_stop_at=5", "-k", "one_by_one or at_once")
    result.assert_outcomes(passed=1, failed=1, deselected=1)
    result.stdout.fnmatch_lines(["E   *NPlusOneError: 1 N+1 query found: raw-sql ×5 at " + ACCESS])
    result.stdout.no_fnmatch_line("*is predicted*")


@pytest.mark.parametrize("value", ["1", "-3"])
def test_a_single_query_is_no_repeat(run: Run, value: str) -> None:
    result = run(TESTS, f"--ennead-stop-at={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f'*ennead_stop_at must be an integer of at least 2, got "{value}"*'])


def test_an_error_of_ours_is_noted_and_the_test_goes_on_to_its_end(run: Run) -> None:
    broken = """
        import pytest
        from ennead.domains.nplusone.early_warning import EarlyWarning
        from shop import one_by_one

        def fail(*_):
            raise ZeroDivisionError

        def test_one_by_one(monkeypatch):
            monkeypatch.setattr(EarlyWarning, "of", fail)
            one_by_one()
        """
    result = run(broken, "--ennead-stop-at=2")
    result.stdout.fnmatch_lines(["* N+1 query found: raw-sql ×5 *", "note  *internal errors*"])
    result.stdout.no_fnmatch_line("*ZeroDivisionError*")
