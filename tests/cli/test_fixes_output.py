from __future__ import annotations

import io

import pytest
from rich.console import Console

from ennead.cli.fixes_output import FixesOutput
from ennead.fixes.search_result import Attempt, FindingFix, SearchResult
from ennead.fixes.verdict import Judgement
from ennead.kernel.finding import Verdict, Verification
from tests.fixes.test_search import finding

DIFF = "--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-a\n+b\n"
LEFT_OUT = tuple(f"thing {number}: for a reason" for number in range(5))


def _judgement(verdict: Verdict, *further: str) -> Judgement:
    seen = Verification(verdict, DIFF, {10: 11}, {10: 2}, 1.0, 1.0, ("status",), LEFT_OUT)
    return Judgement(verdict=verdict, reasons=(f"it is {verdict}", *further), verification=seen)


def _result(together: Verdict) -> SearchResult:
    attempt = Attempt(title="Load it", strategy="x", judgement=_judgement("verified"))
    fixes = tuple(FindingFix(finding=finding(name), status="fixed", attempts=(attempt,), diff=DIFF) for name in "ab")
    return SearchResult(fixes=fixes, files={"app.py": "b\n"}, diff=DIFF, together=_judgement(together))


def _printed(result: SearchResult, *, verbose: bool = False, diff: bool = True) -> str:
    page = io.StringIO()
    FixesOutput(Console(file=page, width=200), verbose=verbose, diff=diff).print_result(result)
    return page.getvalue()


def test_what_works_together_is_shown_as_one_diff() -> None:
    told = _printed(_result("verified"))
    assert DIFF in told
    assert "2 of 2 findings fixed and verified" in told
    assert "the same: status" in told


def test_a_diff_that_goes_elsewhere_is_not_told_twice() -> None:
    told = _printed(_result("verified"), diff=False)
    assert "+b" not in told
    assert "the same: status" in told


def test_all_that_a_verdict_says_is_told() -> None:
    attempt = Attempt(title="Load it", strategy="x", judgement=_judgement("verified-at-this-size", "one size only"))
    fix = FindingFix(finding=finding("a"), status="fixed", attempts=(attempt,), diff=DIFF)
    told = _printed(SearchResult(fixes=(fix,), files={"app.py": "b\n"}, diff=DIFF, together=None))
    assert "  verified-at-this-size: it is verified-at-this-size; one size only\n" in told


def test_what_was_refused_before_a_fix_is_told_on_request() -> None:
    wrong = Attempt(title="Count it", strategy="y", judgement=_judgement("changes-results"))
    right = Attempt(title="Load it", strategy="x", judgement=_judgement("verified"))
    fix = FindingFix(finding=finding("a"), status="fixed", attempts=(wrong, right), diff=DIFF)
    result = SearchResult(fixes=(fix,), files={"app.py": "b\n"}, diff=DIFF, together=None)
    assert "  changes-results: Count it\n    it is changes-results\n" in _printed(result, verbose=True)
    assert "Count it" not in _printed(result)


@pytest.mark.parametrize("verdict", ["changes-results", "reduced-not-flat"])
def test_what_does_not_work_together_is_not_offered(verdict: Verdict) -> None:
    told = _printed(_result(verdict))
    assert DIFF not in told
    assert "2 of 2 findings fixed, but not together: nothing of it is offered" in told
    assert f"all of them together: {verdict}: it is {verdict}" in told
    assert "the same:" not in told


@pytest.mark.parametrize("is_verbose", [True, False])
def test_a_list_that_is_cut_says_where_the_rest_is(is_verbose: bool) -> None:  # noqa: FBT001 -- a parameter
    page = io.StringIO()
    FixesOutput(Console(file=page, width=200), verbose=is_verbose).print_judgement(_judgement("verified"))
    assert (LEFT_OUT[-1] in page.getvalue()) == is_verbose
    assert ("2 more (--verbose tells them)" in page.getvalue()) != is_verbose
