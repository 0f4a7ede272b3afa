"""Whose rows feed a finding, in the reports."""

from typing import Any

from ennead.reporting.amounts import known_evidence
from ennead.reporting.html_report import html_report
from ennead.reporting.places import Places
from ennead.reporting.plain_text import story_text
from ennead.reporting.report import Entry, Report
from ennead.reporting.story import Story
from tests.reporting.findings import ORIGIN, finding

FED: dict[str, Any] = {
    "statement": 'SELECT "o"."id" FROM "orders" "o"',
    "statement_fingerprint": "ab",
    "call_site": ORIGIN.to_dict(),
    "ratio": 1.0,
    "witness": "provenance",
}
TOLD = "the rows of SELECT o.id FROM orders o at shop/views.py:21 (seen in 100 % of the queries)"


def test_a_story_tells_it_in_a_line() -> None:
    story = Story((Entry.of(finding(evidence={"fed_by": FED})),))
    assert f"fed by: {TOLD}" in story_text(story, Places("", ""), verbose=True)
    assert "fed by" not in story_text(story, Places("", ""))


def test_nothing_is_said_where_nobody_knows() -> None:
    assert list(known_evidence({"fed_by": None})) == []


def test_the_html_report_has_it_under_evidence() -> None:
    page = html_report(Report.of_findings("shop", [finding(evidence={"fed_by": FED})]))
    assert "seen in 100 % of the queries" in page
