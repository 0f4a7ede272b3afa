"""Tests that fail with an N+1 or too many queries, and what markers let pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ennead.domains.nplusone.examples import example_contexts
from ennead.domains.nplusone.profile import default_engine
from ennead.kernel.finding import Finding
from ennead.pytest_plugin.options import Options, read_options
from ennead.pytest_plugin.rules import Rules, rules_of
from tests.pytest_plugin.conftest import ACCESS, CONFIGURATION, Run

TESTS = """
import pytest
from shop import at_once, one_by_one

def test_one_by_one():
    one_by_one()

def test_at_once():
    at_once()

@pytest.mark.ennead(allow=["shop.py:16"])
def test_allowed():
    one_by_one()

@pytest.mark.ennead(allow=["elsewhere.py"])
def test_something_else_is_allowed():
    one_by_one()

@pytest.mark.ennead(threshold=6)
def test_few():
    one_by_one()

@pytest.mark.ennead(threshold=5)
def test_many():
    one_by_one()

@pytest.mark.ennead(enabled=False)
class TestLegacy:
    def test_legacy(self):
        one_by_one()

    @pytest.mark.ennead(enabled=True)
    def test_new(self):
        one_by_one()

@pytest.mark.xfail(strict=True)
def test_known():
    one_by_one()

def test_fails_by_itself():
    one_by_one()
    assert 1 == 2

def test_skipped_in_the_middle():
    one_by_one()
    pytest.skip("enough")
"""


def test_tests_with_an_n_plus_one_fail_with_its_story(run: Run) -> None:
    result = run(TESTS, "--ennead-fail")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=4, failed=5, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines_random(
        [
            "FAILED test_shop.py::test_one_by_one - Failed: 1 N+1 query found: raw-sql ×5*",
            "FAILED test_shop.py::test_something_else_is_allowed - Failed: 1*",
            "FAILED test_shop.py::test_many - Failed: 1 N+1*",
            "FAILED test_shop.py::TestLegacy::test_new - Failed: 1 N+1*",
            "FAILED test_shop.py::test_fails_by_itself - assert 1 == 2",
            "  origin shop.py:15  *",
            "  loop   shop.py:15  *",
            f"  access {ACCESS}  *",
            "ennead  1 finding *1 suppressed*",
        ]
    )


def test_a_test_case_fails_too(run: Run) -> None:
    tests = """
        import unittest
        from shop import at_once, one_by_one

        class ShopTests(unittest.TestCase):
            def test_one_by_one(self):
                one_by_one()
            def test_at_once(self):
                at_once()
        """
    result = run(tests, "--ennead-fail")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_shop.py::ShopTests::test_one_by_one - Failed: 1 N+1 query found*"])


def test_a_broken_budget_fails_without_any_option_and_lists_statements(run: Run) -> None:
    tests = """
        import pytest
        from shop import at_once, one_by_one

        @pytest.mark.ennead(max_queries=5)
        def test_broken():
            one_by_one()

        @pytest.mark.ennead(max_queries=6)
        def test_kept():
            one_by_one()

        def test_without():
            one_by_one()
        """
    result = run(tests)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "6 queries ran, at most 5 are allowed",
            "     5 × SELECT name FROM customer WHERE id = ?",
            f"         {ACCESS}  names += *",
            "     1 × SELECT customer_id FROM orders",
        ]
    )
    result.stdout.no_fnmatch_line("*= ennead =*")


def test_a_budget_of_the_settings_holds_where_no_marker_says_otherwise(run: Run) -> None:
    tests = """
        import pytest
        from shop import at_once, one_by_one

        def test_broken():
            one_by_one()

        def test_kept():
            at_once()

        @pytest.mark.ennead(max_queries=6)
        def test_own():
            one_by_one()
        """
    result = run(tests, "-o", "ennead_max_queries=2")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_shop.py::test_broken - Failed: 6 queries ran, at most 2 are allowed"])


OWN_LOOPS = """
import pytest
from shop import one_by_one, connection
from common import InheritedTests, name_of

IDS = [customer_id for (customer_id,) in connection.execute("SELECT customer_id FROM orders").fetchall()]

def test_own_loop():
    for customer_id in IDS:
        assert name_of(customer_id)

def test_loop_of_the_tested_code():
    one_by_one()

class TestInherited(InheritedTests):
    pass
"""
COMMON = """
from shop import connection

def name_of(customer_id):
    return connection.execute("SELECT name FROM customer WHERE id = ?", (customer_id,)).fetchone()

class InheritedTests:
    def test_own_loop(self):
        for customer_id in range(1, 6):
            assert name_of(customer_id)
"""


def test_a_loop_of_the_test_itself_counts_unless_the_settings_say_otherwise(run: Run) -> None:
    counted = run(OWN_LOOPS, "--ennead-fail", common=COMMON)
    counted.assert_outcomes(failed=3)
    result = run(OWN_LOOPS, "--ennead-fail", "-o", "ennead_own_loops=false", common=COMMON)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines_random(
        ["FAILED test_shop.py::test_loop_of_the_tested_code - *", "ennead  1 finding *2 suppressed*"]
    )


def test_what_the_project_suppresses_fails_nothing(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml('[tool.ennead]\nignore = ["shop.py"]\n')
    result = run("from shop import one_by_one\ndef test_one_by_one():\n    one_by_one()\n", "--ennead-fail")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["ennead  no N+1 found*1 suppressed*"])


def test_what_the_baseline_knows_fails_nothing(run: Run, pytester: pytest.Pytester) -> None:
    tests = "from shop import one_by_one\ndef test_one_by_one():\n    one_by_one()\n"
    run(tests, "--ennead-fail").assert_outcomes(failed=1)
    created = subprocess.run(
        [str(Path(sys.executable).with_name("ennead")), "baseline", "create"],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert created.returncode == 0, created.stderr
    result = run(tests, "--ennead-fail", "--ennead-mode=raise")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["ennead *1 known in the baseline*1 test"])
    run(tests, "--ennead-fail", "--ennead-no-baseline").assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("allows=[]", "does not know allows; it takes allow, max_queries, threshold, enabled, each by name"),
        ("3", "does not know 3; it takes allow, max_queries, threshold, enabled, each by name"),
        ("allow='shop.py'", "takes a list of texts as allow, got 'shop.py'"),
        ("max_queries='3'", "takes a number of at least 0 as max_queries, got '3'"),
        ("threshold=-1", "takes a number of at least 0 as threshold, got -1"),
    ],
)
def test_a_marker_that_means_nothing_is_refused(pytester: pytest.Pytester, marker: str, message: str) -> None:
    pytester.makeini(CONFIGURATION)
    module = pytester.getmodulecol(f"import pytest\n@pytest.mark.ennead({marker})\ndef test_it():\n    pass\n")
    (item,) = pytester.genitems([module])
    with pytest.raises(pytest.UsageError) as raised:
        rules_of(item, Options())
    assert str(raised.value) == f"{item.nodeid}: the marker ennead {message}"


def test_a_marker_that_means_nothing_is_one_clear_line(run: Run) -> None:
    result = run("import pytest\n@pytest.mark.ennead(allows=[])\ndef test_it():\n    pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: test_shop.py::test_it: the marker ennead does not know allows; it takes *"])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("ennead_max_queries=many", 'ennead_max_queries must be an integer of at least 0, got "many"'),
        ("ennead_threshold=1", 'ennead_threshold must be an integer of at least 2, got "1"'),
        ("ennead_mode=shout", 'ennead_mode must be one of report, warn, raise, got "shout"'),
    ],
)
def test_a_setting_that_means_nothing_is_refused(pytester: pytest.Pytester, option: str, message: str) -> None:
    pytester.makeini(CONFIGURATION)
    with pytest.raises(pytest.UsageError) as raised:
        read_options(pytester.parseconfig("-o", option))
    assert str(raised.value) == message


def test_a_replay_asks_for_nothing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeini(CONFIGURATION)
    config = pytester.parseconfig("--ennead-fail", "-o", "ennead_max_queries=3")
    assert read_options(config).is_active
    monkeypatch.setenv("ENNEAD_RUN_COMPANION", "ennead.replay.witness")
    assert not read_options(config).is_active


# ------------------------------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({}, None),
        ({"allow": ("*",)}, "allowed by the test's marker"),
        ({"allow": ("nothing.py",)}, None),
        ({"threshold": 2}, None),
        ({"threshold": 1_000}, "fewer than the test's 1000 repeats"),
    ],
)
def test_rules_excuse_a_finding(rules: dict[str, Any], reason: str | None) -> None:
    assert Rules(**rules).excuse(_finding()) == reason


def _finding() -> Finding:
    return next(finding for context in example_contexts() for finding in default_engine().find_by_rules(context).shown)
