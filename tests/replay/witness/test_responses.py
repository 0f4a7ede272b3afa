"""Responses, noted on the units of work of their requests."""

from __future__ import annotations

import pytest

from ennead.fixes.trace import Outcome, ReplayTrace
from ennead.replay.witness.responses import body_value
from tests.replay.project import ReplayedProject


def outcomes(trace: ReplayTrace) -> dict[str, Outcome | None]:
    return {unit.name: unit.outcome for unit in trace.units if unit.kind == "request"}


def bodies(trace: ReplayTrace) -> dict[str, tuple[str, object]]:
    return {name: (outcome.status, outcome.body) for name, outcome in outcomes(trace).items() if outcome is not None}


DJANGO_URLS = """
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import path
def text(request):
    response = HttpResponse("héllo", headers={"X-Count": "3"})
    response.set_cookie("session", "secret")
    return response
def json(request):
    return JsonResponse({"rows": [1, 2]})
async def asynchronous(request):
    return JsonResponse({"async": True})
def binary(request):
    return HttpResponse(b"\\xff\\xfe", content_type="image/png")
def stream(request):
    return StreamingHttpResponse(part for part in ("a", b"b"))
async def stream_async(request):
    async def parts():
        yield "c"
        yield "d"
    return StreamingHttpResponse(parts())
def file(request):
    return FileResponse(open("urls.py", "rb"))
def moved(request):
    return HttpResponseRedirect("/text/")
def broken(request):
    raise ValueError("broken")
views = (text, json, asynchronous, binary, stream, stream_async, file, moved, broken)
urlpatterns = [path(f"{view.__name__}/", view) for view in views]
"""
DJANGO_ASK = """
import asyncio, os, warnings
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
from django.test import AsyncClient, Client
client = Client(raise_request_exception=False, SERVER_NAME="localhost")
for name in ("text", "json", "binary", "stream", "file", "moved", "broken", "absent"):
    response = client.get(f"/{name}/")
    if response.streaming:
        print(b"".join(response.streaming_content)[:5])
    response.close()
client.get("/stream/?unread").close()
async def ask():
    client = AsyncClient(SERVER_NAME="localhost")
    await client.get("/asynchronous/")
    response = await client.get("/stream_async/")
    print(b"".join([part async for part in response.streaming_content]))
asyncio.run(ask())
"""


def test_of_django(project: ReplayedProject) -> None:
    project.write_django(settings="DEBUG = True", urls=DJANGO_URLS)
    trace = project.run(DJANGO_ASK)
    told = bodies(trace)
    assert told["GET /json/"] == ("200", {"rows": [1, 2]})
    assert told["GET /asynchronous/"] == ("200", {"async": True})
    assert told["GET /binary/"] == ("200", body_value(b"\xff\xfe", "image/png"))
    assert told["GET /stream_async/"] == ("200", "cd")
    assert told["GET /moved/"] == ("302", "")
    assert told["GET /broken/"][0] == "500"
    assert told["GET /absent/"][0] == "404"
    streams = [unit.outcome for unit in trace.units if unit.name == "GET /stream/"]
    assert [outcome.body for outcome in streams if outcome] == ["ab", ""]
    assert str(told["GET /file/"][1]).startswith("\nfrom django.http import FileResponse")
    text = outcomes(trace)["GET /text/"]
    assert text is not None
    assert (text.body, text.media_type) == ("héllo", "text/html")
    assert text.headers["x-count"] == "3"
    assert text.headers["set-cookie"] == "session"
    assert trace.stdout == "b'ab'\nb'\\nfrom'\nb'cd'\n"


def test_of_flask(project: ReplayedProject) -> None:
    trace = project.run("""
        from flask import Flask, abort, jsonify, make_response
        app = Flask(__name__)
        @app.route("/json")
        def json():
            return jsonify(rows=[1])
        @app.route("/text")
        def text():
            response = make_response("hello")
            response.set_cookie("a", "1")
            response.set_cookie("b", "2")
            return response
        @app.route("/stream")
        def stream():
            return (part for part in ("a", "b"))
        @app.route("/gone")
        def gone():
            abort(410)
        @app.route("/broken")
        def broken():
            raise ValueError("broken")
        client = app.test_client()
        for name in ("json", "text", "stream", "gone", "broken", "absent"):
            response = client.get(f"/{name}")
            print(response.status_code, len(response.data) > 0)
        """)
    assert trace.stdout.split()[::2] == ["200", "200", "200", "410", "500", "404"]
    told = bodies(trace)
    assert told["GET /json"] == ("200", {"rows": [1]})
    assert told["GET /stream"] == ("200", "ab")
    assert [told[f"GET /{name}"][0] for name in ("gone", "broken", "absent")] == ["410", "500", "404"]
    text = outcomes(trace)["GET /text"]
    assert text is not None
    assert (text.body, text.headers["set-cookie"]) == ("hello", "a, b")


def test_of_starlette_and_fastapi(project: ReplayedProject) -> None:
    project.write(
        "web.py",
        """
        from fastapi import FastAPI, HTTPException
        from fastapi.responses import Response, StreamingResponse
        from starlette.applications import Starlette
        from starlette.responses import PlainTextResponse
        from starlette.routing import Route

        async def raw(scope, receive, send):
            await send({"type": "http.response.start", "status": 203})
            await send({"type": "http.response.body", "body": b"raw"})

        app = FastAPI()
        app.mount("/raw", raw)
        app.mount("/inner", Starlette(routes=[Route("/text", lambda request: PlainTextResponse("inner"))]))

        @app.get("/json")
        def json():
            return {"rows": [1]}

        @app.get("/stream")
        async def stream():
            async def parts():
                yield "a"
                yield "b"
            return StreamingResponse(parts(), media_type="text/plain")

        @app.get("/binary")
        def binary():
            return Response(b"\\xff", media_type="image/png")

        @app.get("/gone")
        def gone():
            raise HTTPException(410)

        @app.get("/broken")
        def broken():
            raise ValueError("broken")
        """,
    )
    paths = ("/json", "/stream", "/binary", "/gone", "/broken", "/inner/text", "/raw/x")
    trace = project.replay("-m", "ennead.replay.requests", "--app", "web:app", *paths)
    told = bodies(trace)
    assert trace.exit_code == 0, trace.stderr_tail
    assert told["GET /json"] == ("200", {"rows": [1]})
    assert told["GET /stream"] == ("200", "ab")
    assert told["GET /binary"][1] == body_value(b"\xff", "image/png")
    assert told["GET /gone"] == ("410", {"detail": "Gone"})
    assert told["GET /broken"] == ("500", "Internal Server Error")
    assert told["GET /inner/text"] == ("200", "inner")
    assert [told[name] for name in told if name.startswith("GET /raw")] == [("203", "raw")]


@pytest.mark.parametrize(
    ("body", "media_type", "value"),
    [
        (b'{"a": 1}', "application/vnd.api+json", {"a": 1}),
        (b"{broken", "application/json", "{broken"),
        (b"[1]", "text/plain", "[1]"),
        (b"", "application/json", ""),
    ],
)
def test_a_body_is_json_text_or_a_digest(body: bytes, media_type: str, value: object) -> None:
    assert body_value(body, media_type) == value


def test_large_and_binary_bodies_are_told_apart_by_digests() -> None:
    large = b"x" * 5_000_001
    assert body_value(large, "text/plain") != body_value(large[:-1] + b"y", "text/plain")
    assert body_value(b"\xff", "image/png") != body_value(b"\xfe", "image/png")
