"""Warnings, and exceptions at the access while the test runs."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.conftest import ACCESS, Run

TESTS = """
import pytest
from shop import at_once, connection, one_by_one

def test_one_by_one():
    one_by_one()

def test_at_once():
    at_once()

@pytest.mark.ennead(allow=["shop.py"])
def test_allowed():
    one_by_one()
"""


def test_raise_stops_a_test_at_the_access(run: Run) -> None:
    result = run(TESTS, "--ennead-mode=raise")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            ">   *names += connection.execute(*",
            "E   *NPlusOneError: 1 N+1 query found: raw-sql ×3 at " + ACCESS,
            "E  *loop   shop.py:15*",
            f"{ACCESS}: NPlusOneError",
        ]
    )
    result.stdout.no_fnmatch_line("*dbapi*")


def test_what_catches_the_exception_fails_at_its_end(run: Run) -> None:
    tests = """
        from shop import one_by_one

        def test_stubborn():
            try:
                one_by_one()
            except AssertionError:
                pass
            one_by_one()

        def test_the_next_one_is_stopped_again():
            one_by_one()
        """
    result = run(tests, "--ennead-mode=raise")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            f"1 N+1 query found: raw-sql ×5 at {ACCESS}",
            f"{ACCESS}: NPlusOneError",
            "FAILED test_shop.py::test_stubborn - Failed: 1 N+1 query found*",
        ]
    )


def test_raise_lets_set_up_and_fixtures_alone(run: Run) -> None:
    tests = """
        import unittest
        import pytest
        from shop import at_once, one_by_one

        @pytest.fixture
        def prepared():
            one_by_one()
            yield
            one_by_one()

        def test_prepared(prepared):
            at_once()

        class ShopTests(unittest.TestCase):
            def setUp(self):
                one_by_one()
            def tearDown(self):
                one_by_one()
            def test_at_once(self):
                at_once()
        """
    run(tests, "--ennead-mode=raise").assert_outcomes(passed=2)


def test_warn_issues_a_warning_at_the_access(run: Run) -> None:
    result = run(TESTS, "--ennead-mode=warn", "-W", "default::ennead.NPlusOneWarning")
    result.assert_outcomes(passed=3, warnings=1)
    result.stdout.fnmatch_lines([f"*{ACCESS}: NPlusOneWarning: *", "*= ennead =*"])


def test_a_warning_that_is_an_error_fails_the_test(run: Run) -> None:
    run(TESTS, "--ennead-mode=warn").assert_outcomes(passed=2, failed=1)


def test_the_mode_may_stand_in_the_settings(run: Run) -> None:
    result = run(TESTS, "-o", "ennead_mode=raise", "-k", "at_once or one_by_one")
    result.assert_outcomes(passed=1, failed=1, deselected=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
