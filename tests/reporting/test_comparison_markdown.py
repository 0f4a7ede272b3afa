from hypothesis import given, settings
from hypothesis import strategies as st

from ennead.kernel.call_site import CallSite
from ennead.reporting.comparison import FindingChange, RouteChange, StatementChange
from ennead.reporting.comparison_markdown import comparison_markdown
from ennead.reporting.repository_places import RepositoryPlaces
from tests.reporting.comparisons import comparison, evil_comparison, side
from tests.reporting.findings import finding
from tests.reporting.test_markdown import TAGS, Page
from tests.reporting.texts import TEXTS

PLACES = RepositoryPlaces("/srv", "/srv")


def test_the_whole_page() -> None:
    assert comparison_markdown(comparison(findings=comparison().findings[:2]), PLACES).splitlines() == [
        "### Ennead: 1 new, 1 grown",
        "",
        "| | what | where | queries | |",
        "|---|---|---|---|---|",
        "| new | `shop.Order.coupon` | `shop/pricing.py:7` | ×40 | what it was found in did not run before |",
        "| grown | `shop.Order.customer` | `shop/pricing.py:7` | ×10 → ×1,000 |  |",
        "",
        "<details><summary>Queries in the worst unit of work of a route</summary>",
        "",
        "| | before → after |",
        "|---|---|",
        "| `orders/` | 123 → 4 |",
        "",
        "</details>",
        "",
        "<details><summary>Other statements that run more or less often</summary>",
        "",
        "| | before → after |",
        "|---|---|",
        "| `SELECT t.id FROM tax_rate t WHERE t.id = ?` `orders/` | 1 → 30 |",
        "",
        "</details>",
        "",
        "> only the second run did basket&#47;",
        "",
        (
            "`pytest tests` (6 findings, `20261102T093000Z-abcdef`) → "
            "`pytest tests` (4 findings, `20261103T093000Z-123456`)"
        ),
    ]


def test_nothing_changed() -> None:
    page = comparison_markdown(
        comparison(findings=comparison().findings[-1:], routes=(), statements=(), notes=()), PLACES
    )
    assert page.splitlines()[0] == "### Ennead: 1 the same"
    assert "|" not in page


def test_long_lists_are_cut() -> None:
    findings = tuple(
        FindingChange(status="new", finding=finding(), before=None, after=3, routes=()) for _number in range(33)
    )
    routes = tuple(RouteChange(route=f"r{number}/", kind="request", before=1, after=2) for number in range(31))
    page = comparison_markdown(comparison(findings=findings, routes=routes), PLACES)
    assert "and 3 more" in page
    assert "and 1 more" in page


@settings(max_examples=50)
@given(text=TEXTS, after=st.integers(0, 9))
def test_arbitrary_texts_are_text(text: str, after: int) -> None:
    bad = finding(relation=text, call_site=CallSite(text, after, text), statement=text)
    told = comparison(
        before=side(command=text, run_id=text),
        findings=(FindingChange(status="grown", finding=bad, before=3, after=after, routes=(text,), note=text),),
        routes=(RouteChange(route=text, kind=text, before=1, after=after),),
        statements=(StatementChange(route=text, statement=text, statement_fingerprint=text, before=1, after=after),),
        notes=(text,),
    )
    page = Page(comparison_markdown(told, PLACES))
    assert set(page.tags) <= TAGS
    assert (page.tags.count("tr"), page.tags.count("td")) == (6, 9)


def test_any_text_is_text() -> None:
    page = Page(comparison_markdown(evil_comparison(), PLACES))
    assert set(page.tags) <= TAGS
    assert (page.tags.count("tr"), page.tags.count("td")) == (6, 9)
    assert page.text.count("<script>alert('x')</script>") >= 6
