"""Servers with workers and reloaders, and test runners: as they are started every day."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.runs.project import ENNEAD, Project

pytestmark = pytest.mark.slow

SHOP = Path(__file__).parents[1] / "apps" / "shop_django"

FLASK = """
import os
from flask import Flask
from lookups import look_up

app = Flask(__name__)

@app.get("/orders/<int:count>")
def orders(count):
    look_up(count)
    return str(os.getpid())
"""

STARLETTE = """
import os
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from lookups import look_up

async def orders(request):
    look_up(request.path_params["count"])
    return PlainTextResponse(str(os.getpid()))

app = Starlette(routes=[Route("/orders/{count:int}", orders)])
"""


class Server:
    """A server under ``ennead run``."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str, *, but_not: str | None = None, touched: Path | None = None) -> str:
        """The answer, once there is one, from another process than ``but_not``.

        A reloader may take the first look at its files after the first answer: ``touched`` changes until it is seen.
        """
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as response:
                    answer: str = response.read().decode()
            except (URLError, ConnectionError):
                time.sleep(0.1)
                continue
            if answer != but_not:
                return answer
            if touched is not None:
                touched.touch()
            time.sleep(1.0)
        raise AssertionError(f"no answer to {path}")

    def stop(self) -> str:
        """End it as Ctrl-C would, and return what it printed on standard error."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=60)
        return errors


@contextmanager
def _serving(project: Project, *command: str) -> Iterator[Server]:
    """Run a command; ``PORT`` in it is a free one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        [*ENNEAD, "run", "--", *(word.replace("PORT", str(port)) for word in command)],
        cwd=project.folder,
        env=project.environment({"PATH": path}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Server(process, port)
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def test_gunicorn_workers_write_their_own_records(project: Project) -> None:
    project.write("app.py", FLASK)
    with _serving(project, "gunicorn", "--no-control-socket", "-w", "2", "-b", "127.0.0.1:PORT", "app:app") as server:
        workers = {server.get("/orders/5") for _ in range(12)}
        errors = server.stop()
    # The system gives out the connections: one of the workers may have got them all.
    assert workers <= {file.name.partition("-")[0] for file in project.last_run.record_files}
    requests = [unit for unit in project.units if unit.kind == "request"]
    assert len(requests) == 12
    assert {unit.query_count for unit in requests} == {5}
    assert "in 12 units of work" in errors
    assert f"×{len(requests)}" in errors


def test_flask_and_its_reloader(project: Project) -> None:
    project.write("app.py", FLASK)
    with _serving(project, "flask", "--app", "app", "--debug", "run", "--port", "PORT") as server:
        before = server.get("/orders/4")
        server.get("/orders/6", but_not=before, touched=project.write("app.py", FLASK + "\n"))
        errors = server.stop()
    assert {unit.query_count for unit in project.units if unit.kind == "request"} >= {4, 6}
    assert "6 queries where 1 would do" in errors


def test_uvicorn_and_its_reloader(project: Project) -> None:
    project.write("app.py", STARLETTE)
    with _serving(project, "uvicorn", "--reload", "--port", "PORT", "app:app") as server:
        before = server.get("/orders/4")
        server.get("/orders/6", but_not=before, touched=project.write("app.py", STARLETTE + "\n"))
        errors = server.stop()
    routes = {unit.route for unit in project.units if unit.kind == "request"}
    assert routes == {"/orders/{count:int}"}
    assert "6 queries where 1 would do" in errors


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("*.sqlite3", "__pycache__"))
    project = Project.__new__(Project)
    project.folder = tmp_path / "shop"
    for arguments in (("migrate", "-v0"), ("seed", "--rows", "5")):
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=project.folder, check=True, capture_output=True)
    return project


def test_runserver_and_its_reloader(shop: Project) -> None:
    with _serving(shop, "manage.py", "runserver", "127.0.0.1:PORT") as server:
        server.get("/products/")
        (shop.folder / "shop" / "urls.py").touch()
        time.sleep(2.0)
        server.get("/suppliers/")
        errors = server.stop()
    routes = {unit.route for unit in shop.units if unit.kind == "request"}
    assert {"products/", "suppliers/"} <= routes
    assert "templates/catalogue/_product_card.html" in errors


@pytest.mark.parametrize("command", [("manage.py", "test", "tests.test_pages"), ("-m", "pytest", "-q", "pytest_tests")])
def test_test_runners(shop: Project, command: tuple[str, ...]) -> None:
    completed = shop.ennead("run", "--", *command)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    kinds = {unit.kind for unit in shop.units}
    assert {"test", "request"} <= kinds
    assert "where 1 would do" in completed.stderr
    assert not any("ended by a signal" in note for note in shop.report()["notes"])
