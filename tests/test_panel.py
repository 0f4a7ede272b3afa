"""What stands in the panel: the numbers and findings of the request that is being answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import flask
import pytest

import ennead
from ennead.agent.units import Recording
from ennead.panel import panel_of
from tests.reporting.test_html_report import Page

_BROWSER = {"Accept": "text/html"}


@pytest.fixture
def shop() -> Iterator[Any]:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    raw.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER)")
    raw.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
    for number in range(4):
        raw.execute("INSERT INTO orders VALUES (?, ?)", (number, number))
        raw.execute("INSERT INTO customer VALUES (?, ?)", (number, "Ada"))
    yield ennead.wrap_connection(raw)
    raw.close()


def _one_by_one(shop: Any) -> None:
    for (customer_id,) in shop.execute("SELECT customer_id FROM orders").fetchall():
        shop.execute("SELECT name AS '</template>' FROM customer WHERE id = ?", (customer_id,)).fetchall()


def _at_once(shop: Any) -> None:
    shop.execute("SELECT * FROM orders JOIN customer ON customer.id = customer_id").fetchall()


def _panel(work: Any, shop: Any, **options: Any) -> Page:
    with Recording("GET /orders", "request") as recording:
        work(shop)
        assert recording.unit is not None
        page = Page(panel_of(recording.unit, **options))
        assert not recording.unit.closed
    return page


def test_the_findings_of_the_request_are_told(shop: Any) -> None:
    page = _panel(_one_by_one, shop, seconds=60.0)
    assert "5 queries · " in page.text
    assert " · 1 finding" in page.text
    assert "4 queries where 1 would do" in page.text
    assert "tests/test_panel.py:" in page.text
    assert "loop" in page.text
    assert "shop.execute(\"SELECT name AS '</template>' FROM customer WHERE id = ?\"" in page.text


def test_a_request_without_any_has_numbers_only(shop: Any) -> None:
    page = _panel(_at_once, shop, seconds=60.0)
    assert page.text.startswith("1 query · ")
    assert page.text.endswith("no N+1 found")


def test_an_analysis_that_takes_too_long_is_left(shop: Any) -> None:
    page = _panel(_one_by_one, shop, seconds=-1.0)
    assert page.text.startswith("5 queries · ")
    assert "The analysis took longer than" in page.text
    assert "no N+1 found" not in page.text
    assert "finding" not in page.text


def test_it_is_folded_and_has_no_script_and_no_address(shop: Any) -> None:
    page = _panel(_one_by_one, shop, seconds=60.0)
    names = [name for name, _ in page.elements]
    assert names[:5] == ["div", "template", "style", "details", "summary"]
    assert "script" not in names
    assert {name for _, attributes in page.elements for name in attributes} == {"id", "shadowrootmode", "class"}
    assert "open" not in dict(page.elements)["details"]


def test_installing_provides_it(shop: Any) -> None:
    app = flask.Flask(__name__)

    @app.get("/")
    def orders() -> str:
        _one_by_one(shop)
        return "<body></body>"

    ennead.install(panel=True)
    try:
        shown = app.test_client().get("/", headers=_BROWSER).text
        ennead.install(panel=False)
        hidden = app.test_client().get("/", headers=_BROWSER).text
    finally:
        ennead.uninstall()
    assert "ennead-panel" in shown
    assert hidden == "<body></body>"
