"""The header ``Server-Timing`` on responses of Django."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncClient, Client

from ennead.agent.settings import AgentSettings
from ennead.agent.units import AGENT, Recording
from ennead.sources import server_timing
from ennead.sources.django import queries, requests
from tests.sources.django.rows import orders


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    for source in (queries, requests):
        source.install()
    yield
    for source in (requests, queries):
        source.uninstall()


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(server_timing=True))


def _told(response: Any) -> str:
    return re.sub(r"dur=\d+\.\d", "dur=N", response.headers["Server-Timing"])


@pytest.mark.usefixtures("switched_on")
def test_a_page_tells_its_queries() -> None:
    orders(3)
    response = Client().get("/orders/")
    assert response.status_code == 200
    assert _told(response) == 'db;dur=N;desc="4 queries", repeats;desc="1 statement repeated 2 times"'


@pytest.mark.usefixtures("switched_on")
def test_an_asynchronous_page_tells_them_too() -> None:
    order = orders(1)[0]
    response = asyncio.run(AsyncClient().get(f"/async-orders/?pk={order.pk}"))
    assert _told(response).startswith("db;dur=N;desc=")


@pytest.mark.usefixtures("switched_on")
def test_what_is_there_is_kept() -> None:
    response = HttpResponse(headers={"Server-Timing": "cache;dur=1"})
    with Recording("GET /", "request") as recording:
        server_timing.tell_django(recording, response)
    assert _told(response) == 'cache;dur=1, db;dur=N;desc="0 queries"'


@pytest.mark.usefixtures("switched_on")
def test_a_streamed_body_tells_what_is_known_before_it() -> None:
    orders(2)
    response: Any = Client().get("/export/")
    assert _told(response) == 'db;dur=N;desc="0 queries"'
    assert b"".join(response.streaming_content)


def test_nothing_is_told_unless_asked() -> None:
    orders(1)
    assert "Server-Timing" not in Client().get("/orders/").headers


@pytest.mark.usefixtures("switched_on")
def test_an_error_of_ours_leaves_the_response_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    orders(1)
    whole = Client().get("/orders/").content
    before = AGENT.internal_error_count
    monkeypatch.setattr(server_timing, "value_of", lambda _unit: 1 / 0)
    response = Client().get("/orders/")
    assert (response.status_code, response.content, "Server-Timing" in response.headers) == (200, whole, False)
    assert AGENT.internal_error_count == before + 1
    monkeypatch.setattr(AGENT, "internal_error_count", before)
