"""ASGI: one unit of work for each HTTP request, and nothing else changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ennead.agent import concurrency
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT, Recording
from ennead.sources.asgi import EnneadMiddleware, route_of
from ennead.sources.dbapi import wrap_connection
from tests.sources.listening import texts, units_of_work

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@pytest.fixture
def connection() -> Iterator[Any]:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    yield wrap_connection(raw)
    raw.close()


async def _get(app: Any, path: str = "/", **kwargs: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, **kwargs)


def _app(connection: Any) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await send({"type": f"{scope['type']}.seen", "unit": CURRENT.get()})
            return
        if scope["path"] == "/fail":
            connection.execute("SELECT 'fail'")
            raise KeyError("mine")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"yes")]})
        for number in range(3):
            connection.execute("SELECT ?", (number,)).fetchall()
            await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": b"%d" % number, "more_body": number < 2})
        connection.execute("SELECT 'after the body'")

    return app


async def test_a_request_is_a_unit_of_work(connection: Any) -> None:
    with units_of_work() as units:
        response = await _get(EnneadMiddleware(_app(connection)), "/books?page=1", headers=TRACEPARENT)
    assert (response.status_code, response.text, response.headers["x-app"]) == (200, "012", "yes")
    (unit,) = units
    assert (unit.name, unit.kind, unit.route, unit.trace_id) == ("GET /books", "request", None, TRACE)
    assert texts(unit) == ["SELECT ?"] * 3 + ["SELECT 'after the body'"]
    assert [site.function.rpartition(".")[2] for site in unit.hits[0].site.path.sites] == ["app"]
    assert unit.duration_ns > 0
    assert CURRENT.get() is None


async def test_exceptions_pass_through_and_the_unit_ends(connection: Any) -> None:
    with units_of_work() as units, pytest.raises(KeyError, match="mine"):
        await _get(EnneadMiddleware(_app(connection)), "/fail")
    assert [texts(unit) for unit in units] == [["SELECT 'fail'"]]
    assert CURRENT.get() is None


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_other_scopes_are_passed_on(connection: Any, kind: str) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    with units_of_work() as units:
        await EnneadMiddleware(_app(connection))({"type": kind, "path": "/"}, None, send)
    assert sent == [{"type": f"{kind}.seen", "unit": None}]
    assert units == []


async def test_the_middleware_twice_is_one_unit(connection: Any) -> None:
    with units_of_work() as units:
        await _get(EnneadMiddleware(EnneadMiddleware(_app(connection))))
    assert [len(unit.hits) for unit in units] == [4]


async def test_concurrent_requests_do_not_mix(connection: Any) -> None:
    app = EnneadMiddleware(_app(connection))
    with units_of_work() as units:
        await asyncio.gather(*[_get(app, f"/{number}") for number in range(5)])
    assert sorted(unit.name for unit in units) == [f"GET /{number}" for number in range(5)]
    assert [len(unit.hits) for unit in units] == [4] * 5


async def test_a_request_in_a_profile_belongs_to_it(connection: Any) -> None:
    concurrency.install()
    try:
        with units_of_work() as units:
            async with Recording("test", "profile", explicit=True) as recording:
                await _get(EnneadMiddleware(_app(connection)))
    finally:
        concurrency.uninstall()
    assert units == []
    assert recording.unit is not None
    assert [hit.unit for hit in recording.unit.hits] == [1] * 4


async def test_a_cancelled_request_ends_its_unit(connection: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        connection.execute("SELECT 1")
        await asyncio.sleep(60)

    with units_of_work() as units:
        task = asyncio.create_task(_get(EnneadMiddleware(app)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [texts(unit) for unit in units] == [["SELECT 1"]]


async def test_a_malformed_scope_is_the_applications_affair(connection: Any) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    errors = AGENT.internal_error_count
    await EnneadMiddleware(app)({"type": "http"}, None, None)
    assert seen == [{"type": "http"}]
    assert AGENT.internal_error_count == errors + 1


@pytest.mark.parametrize(
    ("scope", "route"),
    [
        ({}, None),
        ({"route": None}, None),
        ({"route": object()}, None),
        ({"root_path": "/api", "app_root_path": "/api"}, None),
    ],
)
def test_routes_that_nobody_named(scope: dict[str, Any], route: str | None) -> None:
    assert route_of(scope) == route
