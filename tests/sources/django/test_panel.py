"""The panel in pages of Django."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, RequestFactory

from ennead.agent.settings import AgentSettings
from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import AGENT, Recording
from ennead.sources import panel
from ennead.sources.django import queries, requests
from ennead.sources.panel import add_to_django, provide_panel
from tests.sources.django.rows import orders

PAGE = b"<body>page</body>"
WITH_PANEL = b"<body>page" + b'<div id="ennead-panel">4</div>' + b"</body>"


def _panel(unit: UnitOfWork) -> str:
    return f'<div id="ennead-panel">{len(unit.hits)}</div>'


@pytest.fixture(autouse=True)
def hooked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(panel=True))
    monkeypatch.setattr(panel, "_renderers", [])
    provide_panel(_panel)
    for source in (queries, requests):
        source.install()
    yield
    for source in (requests, queries):
        source.uninstall()


def _answer(response: Any, **meta: str) -> Any:
    """The response, after it had its chance of a panel."""
    request = RequestFactory().get("/", **{"HTTP_ACCEPT": "text/html", **meta})
    with Recording("GET /", "request") as recording:
        assert recording.unit is not None
        recording.unit.hits = [None] * 4  # type: ignore[list-item]
        add_to_django(recording, request, response)
        recording.unit.hits = []
    return response


def test_a_page_shows_it() -> None:
    response = _answer(HttpResponse(PAGE, headers={"Content-Length": "17", "ETag": '"1"'}))
    assert response.content == WITH_PANEL
    assert response.headers == {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(WITH_PANEL))}


def test_a_length_that_nobody_told_is_not_told() -> None:
    assert "Content-Length" not in _answer(HttpResponse(PAGE)).headers


@pytest.mark.parametrize(
    ("headers", "meta"),
    [
        ({"Content-Type": "text/plain"}, {}),
        ({"Content-Encoding": "gzip"}, {}),
        ({"Content-Security-Policy": "default-src 'self'"}, {}),
        ({}, {"REMOTE_ADDR": "192.0.2.7"}),
        ({}, {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}),
        ({}, {"HTTP_SEC_FETCH_DEST": "empty"}),
        ({}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}),
        ({}, {"HTTP_ACCEPT": "*/*"}),
    ],
    ids=str,
)
def test_other_answers_stay_as_they_are(headers: dict[str, str], meta: dict[str, str]) -> None:
    response = _answer(HttpResponse(PAGE, headers={**headers, "ETag": '"1"'}), **meta)
    assert (response.content, response["ETag"]) == (PAGE, '"1"')


def test_a_streamed_page_stays_as_it_is() -> None:
    assert b"".join(_answer(StreamingHttpResponse([PAGE])).streaming_content) == PAGE


def test_requests_are_answered_with_it_if_a_browser_asks() -> None:
    orders(2)
    without, with_it = Client().get("/admin/login/"), Client().get("/admin/login/", HTTP_ACCEPT="text/html")
    assert b"ennead-panel" not in without.content
    assert with_it.content.count(b'<div id="ennead-panel">') == 1
    assert with_it.content.index(b"ennead-panel") < with_it.content.index(b"</body>")


def test_asynchronous_requests_are_too() -> None:
    response = asyncio.run(AsyncClient().get("/admin/login/", headers={"accept": "text/html"}))
    assert response.content.count(b'<div id="ennead-panel">') == 1


def test_it_is_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings())
    assert b"ennead-panel" not in Client().get("/admin/login/", HTTP_ACCEPT="text/html").content


def test_an_error_of_ours_leaves_the_response_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    before = AGENT.internal_error_count
    provide_panel(lambda _unit: str(1 / 0))
    response = _answer(HttpResponse(PAGE, headers={"Content-Length": "17", "ETag": '"1"'}))
    assert (response.content, response["Content-Length"], response["ETag"]) == (PAGE, "17", '"1"')
    assert AGENT.internal_error_count == before + 1
    monkeypatch.setattr(AGENT, "internal_error_count", before)
