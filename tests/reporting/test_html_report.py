import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ennead.reporting.html_report import html_report
from ennead.reporting.report import Entry, Report
from tests.reporting.findings import finding
from tests.reporting.reports import ASKED_AGAIN, evil_report, report

_VOID = {"meta", "input", "link", "br", "hr", "img", "col"}


class Page(HTMLParser):
    """The elements of a page; complains about what is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def attributes(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name))]


PAGES = {
    "full": report(),
    "evil": evil_report(),
    "empty": Report(title="true"),
    "asked again": report(asked_again=(ASKED_AGAIN,)),
    "fine": report(entries=(), suppressed=(), notes=()),
    "bare": report(
        entries=(Entry.of(finding(loop=None, origin=None, call_site=None, call_path=(), recommendations=())),),
        started_at=None, duration_seconds=None, exit_code=None, run_id=None, routes=(),
    ),
}  # fmt: skip


@pytest.fixture(params=PAGES, ids=str)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(html_report(PAGES[request.param]))


class TestEveryPage:
    def test_runs_no_script_and_loads_nothing(self, page: Page) -> None:
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base"}
        assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
        assert all(link.startswith(("#", "file:///")) for link in page.attributes("href"))
        assert page.attributes("src") == []
        policy = [value for value in page.attributes("content") if "default-src" in value]
        assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]

    def test_has_ids_once_and_links_that_lead_somewhere(self, page: Page) -> None:
        ids = page.attributes("id")
        assert len(ids) == len(set(ids))
        assert {link[1:] for link in page.attributes("href") if link.startswith("#")} <= set(ids)

    def test_can_be_read_with_a_keyboard_and_a_screen_reader(self, page: Page) -> None:
        html = next(attributes for tag, attributes in page.elements if tag == "html")
        assert html["lang"] == "en"
        assert [tag for tag, _ in page.elements if tag in ("h1", "main")] == ["h1", "main"]
        for tag, attributes in page.elements:
            if tag in ("nav", "form"):
                assert attributes.get("aria-label")
            if attributes.get("role") == "region":
                assert attributes["aria-label"]
                assert attributes["tabindex"] == "0"


def test_the_style_sheet_loads_nothing() -> None:
    assert not re.search(r"url\(|@import", html_report(report()))


def test_everything_a_program_says_is_escaped() -> None:
    text = html_report(evil_report())
    assert "<script" not in text
    assert "\x1b" not in text
    assert text.count("&lt;script&gt;") > 15


def test_tells_the_story() -> None:
    text = Page(html_report(report())).text
    for words in (
        "2 findings",
        "2 × N+1 shop.Order.customer shop.Order.coupon",
        "200 queries where 2 would do",
        "152 ms wasted in 3 units of work",
        "confidence 99 %",
        "The query at shop/views.py:21 returned 100 rows.",
        "origin 21 orders = Order.objects.all() 100 rows",
        "loop 22 for order in orders:",
        "access 7 return order.customer.discount 200 queries",
        "SELECT … FROM customer c WHERE c.id = ?",
        'orders = Order.objects.all().select_related("customer")',
        "at most three rows",
        "2 units of work were dropped",
        "django 5.2.8",
    ):
        assert words in text, words


def test_filters_are_offered_for_the_severities_there_are() -> None:
    ids = Page(html_report(report())).attributes("id")
    assert [name for name in ids if name.startswith("show-")] == ["show-high", "show-low"]


def test_every_severity_can_be_hidden_by_the_style_sheet() -> None:
    text = html_report(report())
    for severity in ("critical", "high", "medium", "low", "info"):
        assert f"#show-{severity}:not(:checked)) .story.{severity}" in text


def test_says_how_many_findings_are_hidden_where_all_are() -> None:
    text = Page(html_report(replace(PAGES["fine"], hidden_count=2))).text
    assert "Nothing to show: 2 findings hidden by your verdicts in 1,234 queries of 4 units of work." in text
    assert "No N+1" not in text


def test_says_that_nothing_was_found_or_recorded() -> None:
    assert "No N+1 found in 1,234 queries of 4 units of work." in Page(html_report(PAGES["fine"])).text
    assert "Nothing was recorded." in Page(html_report(PAGES["empty"])).text


def test_known_findings_are_listed_and_nothing_is_called_new() -> None:
    text = Page(html_report(report(entries=(), known=report().entries))).text
    assert "Nothing new found in 1,234 queries" in text
    assert "Known in the baseline f1:00000000000000aa shop.Order.customer ×100 at shop/pricing.py:7" in text
    assert "Known in the baseline" not in Page(html_report(PAGES["full"])).text


def test_what_is_asked_again_has_a_section_of_its_own() -> None:
    text = Page(html_report(PAGES["asked again"])).text
    told = text.partition("Asked again by every request")[2]
    for words in ("12 of 14 requests", "13 queries, 6.5 ms", "shop/tax.py:4", "It may be old.", "cached()", "basket/"):
        assert words in told
    assert "Asked again" not in Page(html_report(PAGES["full"])).text
