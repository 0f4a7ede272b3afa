"""The panel in pages: who gets it, where it stands, and that everything else stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from ennead.agent.settings import AgentSettings
from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import AGENT
from ennead.sources import flask as flask_source
from ennead.sources import panel
from ennead.sources import starlette as starlette_source
from ennead.sources.asgi import EnneadMiddleware as AsgiMiddleware
from ennead.sources.panel import allows_style, is_shown_to, may_hold, provide_panel, with_panel
from tests.sources.client import TestClient

PAGE = "<html><BODY><p>caf\u00e9</p></BODY></html>"
PANEL = '<div id="ennead-panel">\u00b7</div>'
WITH_PANEL = PAGE.replace("</BODY>", '<div id="ennead-panel">&#183;</div></BODY>')
BROWSER = {"Accept": "text/html,*/*", "Sec-Fetch-Dest": "document"}
LOCAL = ("127.0.0.1", 50_000)


@pytest.fixture(autouse=True)
def hooked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(panel=True))
    monkeypatch.setattr(panel, "_renderers", [])
    provide_panel(lambda _unit: PANEL)
    flask_source.install()
    starlette_source.install()
    yield
    starlette_source.uninstall()
    flask_source.uninstall()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The panel cannot be written; that is counted, once."""
    before = AGENT.internal_error_count
    provide_panel(lambda _unit: str(1 / 0))
    yield
    assert AGENT.internal_error_count == before + 1
    monkeypatch.setattr(AGENT, "internal_error_count", before)


# ------------------------------------------------------------------------------------------------ who gets it


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("headers", [BROWSER, {"Accept": "text/html"}, {"Sec-Fetch-Dest": "document"}])
def test_a_browser_of_this_machine_gets_it(address: str, headers: dict[str, str]) -> None:
    assert is_shown_to(address, "GET", headers.get)


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", "10.0.0.1", "testclient", "", None]
)
def test_nobody_else_gets_it(address: str | None) -> None:
    assert not is_shown_to(address, "GET", BROWSER.get)


@pytest.mark.parametrize(
    "others",
    [
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"HX-Request": "true"},
        {"Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "", "Accept": "*/*"},
    ],
    ids=str,
)
def test_neither_a_proxy_nor_a_script_gets_it(others: dict[str, str]) -> None:
    assert not is_shown_to("127.0.0.1", "GET", {**BROWSER, **others}.get)


def test_it_is_for_those_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_shown_to("127.0.0.1", "HEAD", BROWSER.get)
    monkeypatch.setattr(AGENT, "settings", AgentSettings())
    assert not is_shown_to("127.0.0.1", "GET", BROWSER.get)


# ------------------------------------------------------------------------------------------------ where it goes


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "TEXT/HTML;charset=latin-1"])
def test_a_page_may_hold_it(kind: str) -> None:
    assert may_hold({"Content-Type": kind, "Content-Security-Policy": "script-src 'none'"}.get)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "application/xhtml+xml"},
        {},
        {"Content-Type": "text/html", "Content-Encoding": "gzip"},
        {"Content-Type": "text/html", "Content-Range": "bytes 0-3/9"},
        {"Content-Type": "text/html", "Content-Disposition": "attachment"},
        {"Content-Type": "text/html", "Content-Security-Policy": "default-src 'self'"},
        {"Content-Type": "text/html", "Content-Security-Policy-Report-Only": "style-src 'self'"},
    ],
    ids=str,
)
def test_anything_else_may_not(headers: dict[str, str]) -> None:
    assert not may_hold(headers.get)


@pytest.mark.parametrize(
    ("policies", "allowed"),
    [
        (["script-src 'self'; img-src *"], True),
        (["default-src 'none'; style-src 'unsafe-inline'"], True),
        (["default-src 'none'; style-src-elem 'unsafe-inline'; style-src 'none'"], True),
        (["style-src 'unsafe-inline', default-src 'none'"], False),
        (["style-src 'unsafe-inline'", "default-src 'none'"], False),
        (["style-src 'unsafe-inline' 'sha256-abc='"], False),
        (["STYLE-SRC 'none'"], False),
        (["style-src"], False),
    ],
)
def test_policies(policies: list[str], *, allowed: bool) -> None:
    assert allows_style(policies) is allowed


def test_it_stands_at_the_end_of_the_page() -> None:
    unit = UnitOfWork("GET /", "request")
    assert with_panel(unit, b"<body>'</body>'</body >\n") == (
        b"<body>'</body>'" + b'<div id="ennead-panel">&#183;</div>' + b"</body >\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"<p>a part of a page</p>",
        b"",
        PANEL.encode() + b"</body>",
        b"<meta http-equiv='Content-Security-Policy' content=\"style-src 'self'\"><body></body>",
        "<body></body>".encode("utf-16"),
    ],
)
def test_what_is_no_page_of_its_own_stays_as_it_is(body: bytes) -> None:
    assert with_panel(UnitOfWork("GET /", "request"), body) is None


def test_without_somebody_to_write_it_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "_renderers", [])
    assert with_panel(UnitOfWork("GET /", "request"), PAGE.encode()) is None


# ------------------------------------------------------------------------------------------------ Flask


def _flask_app() -> Any:
    app = flask.Flask(__name__)

    @app.get("/")
    def page() -> Any:
        return flask.Response(PAGE, headers={"ETag": '"1"'})

    @app.get("/stream")
    def stream() -> Any:
        return flask.Response(iter([PAGE]))

    @app.get("/data")
    def data() -> Any:
        return {"page": PAGE}

    return app.test_client()


def test_flask_shows_it() -> None:
    response = _flask_app().get("/", headers=BROWSER)
    assert response.text == WITH_PANEL
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert "ETag" not in response.headers


@pytest.mark.parametrize(("path", "headers"), [("/", {}), ("/stream", BROWSER)])
def test_flask_leaves_other_answers_alone(path: str, headers: dict[str, str]) -> None:
    response = _flask_app().get(path, headers=headers)
    assert response.text == PAGE
    assert response.headers.get("ETag") == ('"1"' if path == "/" else None)


def test_flask_leaves_data_alone() -> None:
    assert _flask_app().get("/data", headers=BROWSER).json == {"page": PAGE}


@pytest.mark.usefixtures("broken")
def test_an_error_of_ours_leaves_flask_s_page_as_it_was() -> None:
    response = _flask_app().get("/", headers=BROWSER)
    assert (response.text, response.headers["ETag"]) == (PAGE, '"1"')
    assert int(response.headers["Content-Length"]) == len(PAGE.encode())


# ------------------------------------------------------------------------------------------------ Starlette and ASGI


async def _page(_request: Request) -> Response:
    return HTMLResponse(PAGE, headers={"ETag": '"1"'})


async def _stream(_request: Request) -> Response:
    return StreamingResponse(iter([PAGE]), media_type="text/html")


async def _data(_request: Request) -> Response:
    return JSONResponse({"page": PAGE})


_ROUTES = [Route("/", _page), Route("/stream", _stream), Route("/data", _data)]


def _client(app: Any) -> Any:
    return TestClient(app, client=LOCAL)


async def _passed_on(request: Request, call_next: Any) -> Any:
    return await call_next(request)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda app: app,
        AsgiMiddleware,
        lambda app: BaseHTTPMiddleware(app, _passed_on),
        lambda app: AsgiMiddleware(BaseHTTPMiddleware(app, _passed_on)),
        lambda app: Starlette(routes=[Mount("/", app)]),
    ],
    ids=["hooked", "wrapped too", "behind middleware", "in parts", "mounted"],
)
def test_starlette_shows_it_once(wrap: Any) -> None:
    response = _client(wrap(Starlette(routes=_ROUTES))).get("/", headers=BROWSER)
    assert response.text == WITH_PANEL
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert "ETag" not in response.headers


@pytest.mark.parametrize(("path", "headers"), [("/", {}), ("/stream", BROWSER)])
def test_starlette_leaves_other_answers_alone(path: str, headers: dict[str, str]) -> None:
    response = _client(Starlette(routes=_ROUTES)).get(path, headers=headers)
    assert response.text == PAGE
    assert response.headers.get("ETag") == ('"1"' if path == "/" else None)


def test_starlette_leaves_data_and_strangers_alone() -> None:
    app = Starlette(routes=_ROUTES)
    assert _client(app).get("/data", headers=BROWSER).json() == {"page": PAGE}
    assert TestClient(app, client=("192.0.2.7", 1)).get("/", headers=BROWSER).text == PAGE
    assert _client(app).head("/", headers=BROWSER).headers["Content-Length"] == str(len(PAGE.encode()))


def test_a_compressed_page_stays_as_it_is() -> None:
    app = AsgiMiddleware(GZipMiddleware(Starlette(routes=[Route("/", lambda _: HTMLResponse(PAGE * 99))])))
    starlette_source.uninstall()  # else the inner one adds it before it is compressed
    response = _client(app).get("/", headers={**BROWSER, "Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.text == PAGE * 99


@pytest.mark.usefixtures("broken")
def test_an_error_of_ours_leaves_starlette_s_page_as_it_was() -> None:
    response = _client(Starlette(routes=_ROUTES)).get("/", headers=BROWSER)
    assert (response.text, response.headers["ETag"]) == (PAGE, '"1"')
    assert int(response.headers["Content-Length"]) == len(PAGE.encode())


async def _sent_by(app: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in BROWSER.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "client": LOCAL}
    with pytest.raises(KeyError, match="mine"):
        await AsgiMiddleware(app)(scope, None, send)
    return sent


async def test_what_was_held_is_sent_when_the_application_fails() -> None:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/html"), (b"content-length", b"99")],
    }
    part = {"type": "http.response.body", "body": b"<body>", "more_body": True}

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(start)
        await send(part)
        raise KeyError("mine")

    assert await _sent_by(app) == [start, part]


async def test_a_body_of_another_length_is_passed_on() -> None:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/html"), (b"content-length", b"3")],
    }
    parts = [{"type": "http.response.body", "body": body, "more_body": True} for body in (b"<body></body>", b"!")]

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        for message in (start, *parts):
            await send(message)
        raise KeyError("mine")

    assert await _sent_by(app) == [start, *parts]
