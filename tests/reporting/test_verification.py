"""Verified and refuted fixes in the terminal's report and on the page."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from ennead.kernel.finding import Recommendation, Status, Verification
from ennead.reporting.html_report import html_report
from ennead.reporting.places import Places
from ennead.reporting.report import Report
from ennead.reporting.terminal import TerminalReport
from ennead.reporting.verification import diff_lines, query_counts
from tests.reporting.findings import finding

DIFF = '--- a/v.py\n+++ b/v.py\n@@ -1 +1 @@\n-rows = Order.objects.all()\n+rows = Order.objects.select_related("<b>")\n'


def verification(**values: Any) -> Verification:
    known: dict[str, Any] = {
        "verdict": "verified",
        "diff": DIFF,
        "queries_before": {10: 11, 100: 101},
        "queries_after": {10: 2, 100: 2},
        "duration_before_ms": 9.0,
        "duration_after_ms": 2.0,
        "compared": ("response body", "executions of v.py:3"),
        "not_compared": ("header date: it tells the time",),
    }
    return Verification(**{**known, **values})


def told(status: Status, **values: Any) -> Report:
    fix = Recommendation("Join it", "The reason.", status=status, verification=verification(**values))
    return Report.of_findings("manage.py test", [finding(recommendations=(fix,))])


def printed(report: Report, *, verbose: bool = False) -> str:
    console = Console(file=StringIO(), width=120, color_system=None)
    TerminalReport(console, Places(project_root="/srv", working_folder="/srv"), verbose=verbose).print_report(report)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_verified_fix_is_told_with_counts_comparison_and_diff() -> None:
    text = printed(told("verified"))
    assert "verified  Join it" in text
    assert "11 → 2 queries at 10 rows, 101 → 2 at 100 rows" in text
    assert "the same: response body, executions of 1 line" in text
    assert '+rows = Order.objects.select_related("<b>")' in text
    assert "it tells the time" not in text
    assert "it tells the time" in printed(told("verified"), verbose=True)


def test_a_refuted_fix_is_told_without_its_diff() -> None:
    text = printed(told("refuted", verdict="changes-results"))
    assert "changes-results" in text
    assert "the same:" not in text
    assert "+rows" not in text


def test_the_page_shows_the_diff_escaped() -> None:
    page = html_report(told("verified"))
    assert '<span class="added">+rows = Order.objects.select_related(&#34;&lt;b&gt;&#34;)</span>' in page
    assert "✓ fix verified" in page
    assert "101 → 2" in page


def test_the_page_shows_no_diff_of_what_was_refuted() -> None:
    page = html_report(told("refuted", verdict="no-effect"))
    assert "+rows" not in page
    assert "fix verified" not in page
    assert "no-effect" in page


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({}, {}, ""),
        ({10: 11}, {}, ""),
        ({10: 11}, {10: 1}, "11 → 1 queries at 10 rows"),
        ({0: 5}, {0: 2}, "5 → 2 queries"),
        ({1: 3}, {1: 1}, "3 → 1 queries at 1 row"),
    ],
)
def test_counts_are_told_for_sizes_that_were_run_before_and_after(
    before: dict[int, int], after: dict[int, int], words: str
) -> None:
    assert query_counts(verification(queries_before=before, queries_after=after)) == words


def test_every_line_of_a_diff_is_kept() -> None:
    assert "".join(line.text + "\n" for line in diff_lines(DIFF)) == DIFF
