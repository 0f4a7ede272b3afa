"""The header ``Server-Timing``: told once, behind what is there, and never at the expense of the response."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import flask
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from ennead.agent.settings import AgentSettings
from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import AGENT, Recording
from ennead.sources import flask as flask_source
from ennead.sources import server_timing
from ennead.sources import starlette as starlette_source
from ennead.sources.asgi import EnneadMiddleware as AsgiMiddleware
from ennead.sources.dbapi import wrap_connection
from ennead.sources.wsgi import EnneadMiddleware as WsgiMiddleware
from tests.sources.client import TestClient

_OWN = 'cache;desc="hit"'


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(server_timing=True))


@pytest.fixture
def connection() -> Iterator[Any]:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    yield wrap_connection(raw)
    raw.close()


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    flask_source.install()
    starlette_source.install()
    yield
    starlette_source.uninstall()
    flask_source.uninstall()


def _ask(connection: Any, count: int = 4) -> None:
    for number in range(count):
        connection.execute("SELECT ?", (number,)).fetchall()


def _untimed(values: list[str]) -> list[str]:
    return [re.sub(r"dur=\d+\.\d", "dur=N", value) for value in values]


_FOUR = 'db;dur=N;desc="4 queries", repeats;desc="1 statement repeated 3 times"'


# ------------------------------------------------------------------------------------------------ the value


def test_the_value_counts_statements_that_run_again(connection: Any) -> None:
    with Recording("GET /", "request") as recording:
        _ask(connection)
        _ask(connection, 1)
        for _ in range(2):
            connection.execute("SELECT 'other'").fetchall()
        connection.execute("SELECT 'once'").fetchall()
        assert recording.unit is not None
        (value,) = _untimed([server_timing.value_of(recording.unit)])
    assert value == 'db;dur=N;desc="8 queries", repeats;desc="2 statements repeated 5 times"'


@pytest.mark.parametrize(("count", "told"), [(0, "0 queries"), (1, "1 query")])
def test_nothing_is_said_of_repeats_where_there_are_none(connection: Any, count: int, told: str) -> None:
    with Recording("GET /", "request") as recording:
        _ask(connection, count)
        assert recording.unit is not None
        assert _untimed([server_timing.value_of(recording.unit)]) == [f'db;dur=N;desc="{told}"']


def test_queries_that_were_not_kept_are_counted(connection: Any) -> None:
    unit = UnitOfWork("GET /", "request")
    unit.dropped_count = 7
    assert server_timing.value_of(unit) == 'db;dur=0.0;desc="7 queries"'


# ------------------------------------------------------------------------------------------------ Flask and WSGI


def _flask_app(connection: Any) -> flask.Flask:
    app = flask.Flask(__name__)

    @app.get("/")
    def page() -> Any:
        _ask(connection)
        return flask.Response("text", headers={"Server-Timing": _OWN} if "own" in flask.request.args else {})

    @app.get("/stream")
    def stream() -> Any:
        _ask(connection, 1)

        def parts() -> Iterator[str]:
            _ask(connection, 1)
            yield "part"

        return flask.Response(parts())

    return app


@pytest.mark.usefixtures("switched_on")
def test_flask_tells_it(connection: Any) -> None:
    response = _flask_app(connection).test_client().get("/")
    assert _untimed(response.headers.getlist("Server-Timing")) == [_FOUR]
    assert (response.text, response.headers["Content-Length"]) == ("text", "4")


@pytest.mark.usefixtures("switched_on")
def test_flask_keeps_what_is_there(connection: Any) -> None:
    response = _flask_app(connection).test_client().get("/?own")
    assert _untimed(response.headers.getlist("Server-Timing")) == [_OWN, _FOUR]


@pytest.mark.usefixtures("switched_on")
def test_a_streamed_response_tells_what_is_known_when_it_begins(connection: Any) -> None:
    response = _flask_app(connection).test_client().get("/stream")
    assert _untimed(response.headers.getlist("Server-Timing")) == ['db;dur=N;desc="1 query"']
    assert response.text == "part"


def test_flask_tells_nothing_unless_asked(connection: Any) -> None:
    assert "Server-Timing" not in _flask_app(connection).test_client().get("/").headers


def _started_by(app: Any) -> tuple[str, list[tuple[str, str]], bytes]:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    started: list[Any] = []

    def start_response(*args: Any, **kwargs: Any) -> Any:
        started.append((*args, kwargs))
        return lambda _: None

    body = b"".join(app(environ, start_response))
    status, headers, kwargs = started[-1]
    assert kwargs == {"exc_info": None}
    return status, headers, body


def _wsgi_app(connection: Any) -> Any:
    def app(_environ: Any, start_response: Any) -> list[bytes]:
        _ask(connection)
        start_response("200 OK", [("X-App", "yes")], exc_info=None)
        return [b"text"]

    return app


@pytest.mark.usefixtures("switched_on")
def test_any_wsgi_application_tells_it_once(connection: Any) -> None:
    status, headers, body = _started_by(WsgiMiddleware(WsgiMiddleware(_wsgi_app(connection))))
    assert (status, body, headers[0]) == ("200 OK", b"text", ("X-App", "yes"))
    assert _untimed([value for name, value in headers if name == "Server-Timing"]) == [_FOUR]


# ------------------------------------------------------------------------------------------------ Starlette and ASGI


def _starlette_app(connection: Any) -> Starlette:
    async def page(request: Request) -> PlainTextResponse:
        _ask(connection)
        return PlainTextResponse("text", headers={"Server-Timing": _OWN} if "own" in request.query_params else {})

    async def stream(_request: Request) -> StreamingResponse:
        def parts() -> Iterator[str]:
            _ask(connection, 1)
            yield "part"

        return StreamingResponse(parts())

    return Starlette(routes=[Route("/", page), Route("/stream", stream)])


@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize("wrap", [lambda app: app, AsgiMiddleware], ids=["hooked", "wrapped too"])
def test_starlette_tells_it_once(connection: Any, wrap: Any) -> None:
    response = TestClient(wrap(_starlette_app(connection))).get("/")
    assert _untimed(response.headers.get_list("Server-Timing")) == [_FOUR]
    assert (response.text, response.headers["Content-Length"]) == ("text", "4")


@pytest.mark.usefixtures("switched_on")
def test_starlette_keeps_what_is_there(connection: Any) -> None:
    response = TestClient(_starlette_app(connection)).get("/?own")
    assert _untimed(response.headers.get_list("Server-Timing")) == [_OWN, _FOUR]


@pytest.mark.usefixtures("switched_on")
def test_starlette_streams_after_it(connection: Any) -> None:
    response = TestClient(_starlette_app(connection)).get("/stream")
    assert _untimed(response.headers.get_list("Server-Timing")) == ['db;dur=N;desc="0 queries"']
    assert response.text == "part"


def test_starlette_tells_nothing_unless_asked(connection: Any) -> None:
    assert "Server-Timing" not in TestClient(_starlette_app(connection)).get("/").headers


# ------------------------------------------------------------------------------------------------ not recorded, failing


def test_a_request_that_is_sampled_out_tells_nothing(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(server_timing=True, sample_ratio=0.0))
    assert "Server-Timing" not in _flask_app(connection).test_client().get("/").headers
    assert "Server-Timing" not in TestClient(_starlette_app(connection)).get("/").headers


@pytest.mark.usefixtures("switched_on")
def test_an_error_of_ours_leaves_the_response_as_it_was(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_unit: UnitOfWork) -> str:
        raise RuntimeError("ours")

    monkeypatch.setattr(server_timing, "value_of", broken)
    before = AGENT.internal_error_count
    assert _started_by(WsgiMiddleware(_wsgi_app(connection))) == ("200 OK", [("X-App", "yes")], b"text")
    response = TestClient(_starlette_app(connection)).get("/?own")
    assert (response.text, response.headers.get_list("Server-Timing")) == ("text", [_OWN])
    assert AGENT.internal_error_count == before + 2
    monkeypatch.setattr(AGENT, "internal_error_count", before)
