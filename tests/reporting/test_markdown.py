from html.parser import HTMLParser

from hypothesis import given, settings
from markdown_it import MarkdownIt

from ennead.reporting.markdown import markdown
from ennead.reporting.report import Entry, Report
from ennead.reporting.repository_places import RepositoryPlaces
from tests.reporting.findings import finding
from tests.reporting.reports import ASKED_AGAIN, evil_report, report
from tests.reporting.texts import reports

PLACES = RepositoryPlaces("/srv", "/srv")
TAGS = {
    "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "details", "summary", "b", "blockquote",
    "ul", "li",
}  # fmt: skip
_MANY = 300


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert all(name == "class" for name, _value in attrs)
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def test_the_whole_page() -> None:
    page = markdown(report(entries=report().entries[:1]), PLACES)
    assert page.splitlines()[:10] == [
        "### Ennead: 1 finding in 1 place (1 high), 148 ms wasted",
        "",
        "| severity | what | where | queries | wasted |",
        "|---|---|---|---|---|",
        "| high | N+1 (relation) `shop.Order.customer` | `shop/pricing.py:7` | 100 → 1 | 148 ms |",
        "",
        "> 2 units of work were dropped",
        "",
        "1 finding suppressed.",
        "",
    ]
    assert (
        "<details><summary><b>high</b> <code>shop.Order.customer</code> at <code>shop/pricing.py:7</code></summary>"
        in page
    )
    assert "  access  shop/pricing.py:7  return order.customer.discount  ×100" in page
    assert page.endswith("`python manage.py runserver`: 3 requests, 1 script, 1,234 queries, 321 ms")


def test_a_story_is_one_row() -> None:
    tags = Page(markdown(report(), PLACES)).tags
    assert (tags.count("tr"), tags.count("details")) == (2, 1)


def test_nothing_found() -> None:
    page = markdown(report(entries=(), notes=(), suppressed=()), PLACES)
    assert page.startswith("### Ennead: no N+1 found\n\n`python")
    assert Page(page).tags == ["h3", "p", "code"]


def test_what_is_asked_again() -> None:
    page = markdown(report(asked_again=(ASKED_AGAIN,)), PLACES)
    assert "- 12 of 14 requests: `shop/tax.py:4`" in page


def test_a_long_report_fits_into_a_comment() -> None:
    entries = [
        Entry.of(finding(id=f"f1:{number:016x}", loop=None, relation=f"shop.Order.relation_{number}"))
        for number in range(_MANY)
    ]
    page = markdown(report(entries=tuple(entries)), PLACES)
    assert 50_000 < len(page) < 65_536
    told = Page(page)
    assert "and 280 more places" in page
    assert f"{_MANY - told.tags.count('details')} more stories left out" in page


def test_any_text_is_text() -> None:
    page = Page(markdown(evil_report(), PLACES))
    assert set(page.tags) <= TAGS
    assert page.text.count("<script>alert('x')</script>") >= 5


@settings(max_examples=50)
@given(told=reports())
def test_arbitrary_texts_are_text(told: Report) -> None:
    text = markdown(told, PLACES)
    text.encode()
    page = Page(text)
    assert set(page.tags) <= TAGS
    assert page.tags.count("tr") == (1 + page.tags.count("details") if told.entries else 0)
    assert page.tags.count("td") == 5 * page.tags.count("details")
    assert page.tags.count("h3") == 1
