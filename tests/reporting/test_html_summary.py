from ennead.reporting.html_summary import html_summary
from ennead.reporting.places import Places
from ennead.reporting.report import Entry, Report
from tests.reporting.findings import finding
from tests.reporting.reports import evil_report, report
from tests.reporting.test_html_report import Page

_PLACES = Places(project_root="/srv", working_folder="/srv")


def _page(told: Report) -> Page:
    return Page(html_summary(told, _PLACES))


def test_numbers_and_stories_are_told() -> None:
    text = _page(report()).text
    assert text.startswith("1,234 queries · 321 ms in the database · 2 findings in 1 place (1 high, 1 low), ")
    assert "shop.Order.customer shop.Order.coupon" in text
    assert "shop/views.py:22 for order in orders:" in text
    assert "advice: Load customer eagerly at shop/views.py:21" in text
    assert "1 finding suppressed." in text


def test_nothing_found_is_said() -> None:
    page = _page(report(entries=(), suppressed=(), notes=()))
    assert page.text == "1,234 queries · 321 ms in the database · no N+1 found"
    assert "section" not in [name for name, _ in page.elements]


def test_it_can_stand_in_any_page() -> None:
    page = _page(evil_report())
    assert {name for name, _ in page.elements} <= {
        "div", "style", "p", "strong", "span", "section", "code", "table", "tr", "td", "pre",
    }  # fmt: skip
    assert {name for _, attributes in page.elements for name in attributes} == {"class"}
    assert "<script>alert" in page.text


def test_only_the_worst_places_are_told() -> None:
    entries = tuple(
        Entry.of(finding(id=f"f1:{number:016x}", loop=None, relation=f"Order.r{number}")) for number in range(12)
    )
    page = _page(report(entries=entries))
    assert len([name for name, _ in page.elements if name == "section"]) == 10
    assert "2 further places, not shown." in page.text


def test_each_access_of_several_names_what_it_loads() -> None:
    entries = tuple(
        Entry.of(finding(id=f"f1:{name:0>16}", relation=f"Order.{name}")) for name in ("customer", "coupon")
    )
    assert "×200 Order.customer Order.coupon return order.customer.discount" in _page(report(entries=entries)).text
    assert "×100 return order.customer.discount" in _page(report(entries=entries[:1])).text
