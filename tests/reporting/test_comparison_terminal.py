import io

import pytest
from rich.console import Console

from ennead.reporting.comparison import Comparison, RouteChange
from ennead.reporting.comparison_terminal import ComparisonTerminal, summary
from ennead.reporting.places import Places
from tests.reporting.comparisons import comparison, evil_comparison


def told(compared: Comparison, *, verbose: bool = False, encoding: str = "utf-8") -> str:
    page = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(file=page, width=120, highlight=False, emoji=False, markup=False, color_system=None)
    ComparisonTerminal(console, Places("/srv", "/srv"), verbose=verbose).print_comparison(compared)
    page.seek(0)
    return page.read()


def test_the_whole_page() -> None:
    assert told(comparison()).splitlines() == [
        "NEW  N+1 (relation)  shop.Order.coupon  ×40  high  f1:0000000000000000",
        "  shop/pricing.py:7  orders/",
        "  what it was found in did not run before",
        "GROWN  N+1 (relation)  shop.Order.customer  ×10 → ×1,000  high  f1:0000000000000001",
        "  shop/pricing.py:7  orders/",
        "SHRUNK  N+1 (relation)  shop.Order.lines  ×50 → ×5  high  f1:0000000000000002",
        "  shop/pricing.py:7  orders/",
        "GONE  N+1 (relation)  shop.Order.notes  ×7  high  f1:0000000000000003",
        "  shop/pricing.py:7  orders/",
        "SUPPRESSED  N+1 (relation)  shop.Order.tags  ×3  high  f1:0000000000000004",
        "  shop/pricing.py:7  orders/",
        "  never more than three",
        "NOT RUN AGAIN  N+1 (relation)  shop.Order.payment  ×9  high  f1:0000000000000005",
        "  shop/pricing.py:7  orders/",
        "",
        "Queries in the worst unit of work of a route",
        "      123 → 4       orders/",
        "",
        "Other statements that run more or less often",
        "        1 → 30      SELECT t.id FROM tax_rate t WHERE t.id = ? · orders/",
        "note  only the second run did basket/",
        "before  2026-11-02 09:30  20261102T093000Z-abcdef  pytest tests  6 findings, 1,234 queries",
        "after   2026-11-02 09:30  20261103T093000Z-123456  pytest tests  4 findings, 1,234 queries",
        "ennead  1 new, 1 grown, 1 shrunk, 1 gone, 1 suppressed, 1 not run again, 1 the same",
    ]


def test_verbose_tells_what_is_the_same_and_all_routes() -> None:
    page = told(comparison(), verbose=True)
    assert "THE SAME  N+1 (relation)  shop.Order.address  ×12  high" in page
    assert "orders/, basket/" in page


def test_long_lists_are_cut() -> None:
    routes = tuple(RouteChange(route=f"r{number}/", kind="request", before=1, after=2) for number in range(13))
    assert "3 more (--verbose tells them all)" in told(comparison(routes=routes))
    assert "r12/" in told(comparison(routes=routes), verbose=True)


def test_nothing_to_tell() -> None:
    bare = comparison(findings=(), routes=(), statements=(), notes=())
    assert summary(bare) == "no finding in either run"
    assert len(told(bare).splitlines()) == 3


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_plain_pipe_gets_plain_text(encoding: str) -> None:
    assert "x10 -> x1,000" in told(comparison(), encoding=encoding)


def test_no_text_steers_the_terminal() -> None:
    assert "\x1b" not in told(evil_comparison(), verbose=True)
