import pytest

from ennead.reporting.places import Places
from ennead.reporting.plain_text import counts_text, headline, story_text
from ennead.reporting.report import Report
from ennead.reporting.story import Story
from tests.reporting.findings import finding
from tests.reporting.reports import report


def test_a_story_is_plain_even_where_colour_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = story_text(Story(report().entries), Places("/srv", "/srv"))
    assert "\x1b" not in text
    assert text.splitlines()[0] == "━━  HIGH  2 × N+1  shop.Order.customer, shop.Order.coupon"
    assert text.splitlines()[-1] == '    │ orders = Order.objects.all().select_related("customer")'


def test_counts() -> None:
    assert counts_text(finding()) == "100 queries where 1 would do"
    assert counts_text(finding(query_count=3, queries_needed=0)) == "3 queries where none would do"


def test_headlines() -> None:
    assert headline(report()) == "2 findings in 1 place (1 high, 1 low), 152 ms wasted"
    assert headline(report(entries=())) == "no N+1 found"
    assert headline(Report(title="x")) == "nothing was recorded"
    known = report().entries[1:]
    assert headline(report(known=known)).endswith(" wasted, 1 known in the baseline")
    assert headline(report(entries=(), known=known)) == "nothing new, 1 known in the baseline"
