"""The fixture ``ennead``; it works without any option."""

from __future__ import annotations

from tests.pytest_plugin.conftest import Run

TESTS = """
import pytest
from shop import at_once, one_by_one

def test_counts(ennead):
    assert ennead.query_count == 0
    at_once()
    assert ennead.query_count == 1
    assert ennead.findings == ()
    one_by_one()
    assert ennead.query_count == 7
    (finding,) = ennead.findings
    assert finding.code == "n-plus-one"
    (context,) = ennead.contexts
    assert context.query_count == 7

def test_assertion_passes(ennead):
    with ennead.assert_no_n_plus_one(max_queries=1) as session:
        at_once()
    assert session.context.query_count == 1

def test_assertion_fails(ennead):
    with pytest.raises(AssertionError, match=r"1 N\\+1 query found"), ennead.assert_no_n_plus_one():
        one_by_one()
    assert ennead.query_count == 6, "what an assertion looked at is the test's, too"

def test_assertion_allows(ennead):
    with ennead.assert_no_n_plus_one(allow=["shop.py"]):
        one_by_one()

@pytest.mark.ennead(allow=["shop.py"])
def test_marker_allows(ennead):
    with ennead.assert_no_n_plus_one():
        one_by_one()
    assert ennead.findings == ()
    assert [finding.suppressed for finding in ennead.suppressed] == ["allowed by the test's marker"]

def test_assertion_has_a_budget(ennead):
    with pytest.raises(AssertionError, match="6 queries ran, at most 2 are allowed"):
        with ennead.assert_no_n_plus_one(allow=["shop.py"], max_queries=2):
            one_by_one()

@pytest.mark.ennead(enabled=False)
def test_switched_off(ennead):
    one_by_one()
    assert ennead.query_count == 0
    assert ennead.findings == ()

def test_others_are_not_recorded():
    one_by_one()
"""


def test_the_fixture_tells_of_the_running_test(run: Run) -> None:
    result = run(TESTS)
    result.assert_outcomes(passed=8)
    result.stdout.no_fnmatch_line("*= ennead =*")


def test_a_test_that_asserts_its_own_n_plus_one_fails_as_well_where_all_do(run: Run) -> None:
    result = run(TESTS, "--ennead-fail", "-k", "assertion_fails or assertion_passes")
    result.assert_outcomes(passed=1, failed=1, deselected=6)
