"""``python -m ennead.replay.requests`` as a user types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.replay.requests import parse_headers, parse_requests
from tests.replay.project import ReplayedProject, clean_environment

APPS = """
import json
from contextlib import asynccontextmanager
from flask import Flask, request as flask_request
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route

flask = Flask(__name__)

@flask.route("/hello/<name>")
def hello(name):
    return f"{name} {flask_request.args.get('x')} {flask_request.headers.get('X-Key')}"

@flask.route("/broken")
def broken():
    raise ValueError("broken")

def create_flask(name="x"):
    print("made")
    return flask

async def item(request):
    print(request.path_params["name"], request.query_params.get("x"), request.headers.get("x-key"),
          request.app.state.database, request.state.pool)
    return JSONResponse({})

async def bad(request):
    raise ValueError("bad")

async def stream(request):
    async def parts():
        for part in ("a", "b"):
            yield part
        print("streamed")
    return StreamingResponse(parts())

@asynccontextmanager
async def lifespan(app):
    print("up")
    app.state.database = "db"
    yield {"pool": "pool"}
    print("down")

routes = [Route("/item/{name}", item), Route("/bad", bad), Route("/stream", stream),
          Route("/old", lambda request: RedirectResponse("/item/x"))]
app = Starlette(routes=routes, lifespan=lifespan)

async def plain(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})

def wsgi(environ, start_response):
    start_response("202 Accepted", [])
    return [b"x"]

@asynccontextmanager
async def fails(app):
    raise RuntimeError("no database")
    yield

broken_app = Starlette(lifespan=fails)
"""


def send(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ennead.replay.requests", *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "shop.py").write_text(APPS)
    return tmp_path / "web"


def test_asgi(folder: Path) -> None:
    paths = ["GET /item/caf%C3%A9?x=1%202", "/bad", "/stream", "GET /old", "POST /item/x", "/absent"]
    done = send(folder, "--app", "shop", "--header", "X-Key: k", *paths)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "up",
        "café 1 2 k db pool",
        "GET /item/caf%C3%A9?x=1%202 -> 200",
        "GET /bad -> 500",
        "streamed",
        "GET /stream -> 200",
        "GET /old -> 307",
        "POST /item/x -> 405",
        "GET /absent -> 404",
        "down",
    ]
    assert done.stderr == "GET /bad: ValueError: bad\n"


def test_wsgi_from_another_folder_and_from_a_factory(folder: Path) -> None:
    arguments = ("--app-dir", "web", "--app", "shop:create_flask", "/hello/a%20b?x=1", "/broken", "/absent")
    done = send(folder.parent, *arguments)
    assert done.stdout.splitlines() == [
        "made",
        "GET /hello/a%20b?x=1 -> 200",
        "GET /broken -> 500",
        "GET /absent -> 404",
    ]


@pytest.mark.parametrize(("name", "status"), [("plain", 204), ("wsgi", 202), ("create_flask()", 404)])
def test_applications_of_other_kinds(folder: Path, name: str, status: int) -> None:
    done = send(folder, "--app", f"shop:{name}", "HEAD /x")
    assert (done.stdout.splitlines()[-1:], done.stderr) == ([f"HEAD /x -> {status}"], "")


ERRORS = {
    "no application": (["/x"], "no application is named (--app package.module:app), and there is no Django project"),
    "no module": (["--app", "absent:app", "/x"], "there is no application absent:app: No module named 'absent'"),
    "no name": (["--app", "shop:absent", "/x"], "there is no application shop:absent: module 'shop' has no attribute"),
    "no start": (["--app", "shop:broken_app", "/x"], "the application does not start up: "),
    "no user": (["--app", "shop:app", "--user", "a", "/x"], "users are known of Django projects only, and shop:app is"),
    "no header": (["--app", "shop:app", "--header", "X", "/x"], "write a header as 'Name: value', not 'X'"),
}


@pytest.mark.parametrize(("arguments", "words"), ERRORS.values(), ids=ERRORS)
def test_errors_are_told(folder: Path, arguments: list[str], words: str) -> None:
    done = send(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"ennead: {words}" in done.stderr
    assert done.stderr.startswith("ennead: ")


@pytest.mark.parametrize("words", [["orders/"], ["get", "/x"], ["GET"], ["/x POST"]])
def test_what_is_no_request_is_refused(words: list[str]) -> None:
    with pytest.raises(EnneadError, match=r"neither a method|name a path"):
        list(parse_requests(words))


def test_headers_may_hold_colons_and_need_no_blank() -> None:
    assert parse_headers(["Referer:http://a.example/", "X: a: b"]) == {"Referer": "http://a.example/", "X": "a: b"}


@pytest.mark.slow
def test_a_django_project_in_a_replay(project: ReplayedProject) -> None:
    project.write_django(
        settings="""
        DEBUG = False
        ALLOWED_HOSTS = ["shop.example"]
        INSTALLED_APPS = ["shop", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
        MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
                      "django.contrib.auth.middleware.AuthenticationMiddleware"]
        """,
        urls="""
        from django.http import HttpResponse, StreamingHttpResponse
        from django.urls import path
        def who(request, n):
            return HttpResponse(f"{request.user} {request.headers.get('X-Key')}")
        def broken(request):
            raise ValueError("broken")
        def stream(request):
            return StreamingHttpResponse(iter(["a", "b"]))
        urlpatterns = [path("who/<int:n>/", who), path("broken/", broken), path("stream/", stream)]
        """,
    )
    project.write(
        "wsgi.py",
        """
        import os
        from django.core.wsgi import get_wsgi_application
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
        application = get_wsgi_application()
        """,
    )
    make = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import get_user_model
get_user_model().objects.create_user("jane")
"""
    project.write("make.py", make)
    subprocess.run([sys.executable, "make.py"], cwd=project.root, env=clean_environment(), check=True)
    module = ("-m", "ennead.replay.requests")
    trace = project.replay(*module, "--user", "jane", "--header", "X-Key: k", "/who/3/", "/broken/", "/stream/", "/no/")
    assert trace.exit_code == 0, trace.stderr_tail
    assert trace.stdout.splitlines() == [
        "GET /who/3/ -> 200",
        "GET /broken/ -> 500",
        "GET /stream/ -> 200",
        "GET /no/ -> 404",
    ]
    outcomes = {unit.name: unit.outcome for unit in trace.units if unit.kind == "request"}
    bodies = {name: (outcome.status, outcome.body) for name, outcome in outcomes.items() if outcome is not None}
    assert bodies["GET /who/<int:n>/"] == ("200", "jane k")
    assert bodies["GET /stream/"] == ("200", "ab")
    assert bodies["GET /broken/"][0] == "500"
    named = project.replay(*module, "--app", "wsgi", "/who/3/")
    assert (named.stdout, named.stderr_tail) == ("GET /who/3/ -> 200\n", "")
    nobody = project.replay(*module, "--user", "john", "/who/3/")
    assert (nobody.exit_code, nobody.stderr_tail) == (2, "ennead: there is no user 'john'\n")
