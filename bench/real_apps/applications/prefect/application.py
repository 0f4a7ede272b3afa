"""The server's REST API, asked through its ASGI application: the engine and the sessions are asynchronous."""

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ORM = "sqlalchemy"
PACKAGES = ("prefect",)

_loop: list[asyncio.AbstractEventLoop] = []
_client: list[Any] = []


def boot(rows: int, folder: Path) -> None:
    os.environ |= {
        "PREFECT_HOME": str(folder),
        "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder}/prefect.sqlite3",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
    }
    _loop[:] = [asyncio.new_event_loop()]
    _loop[0].run_until_complete(_open())
    from bench.real_apps.applications.prefect.data import fill

    fill(rows, post)


async def _open() -> None:
    """Do what the application's start does, but for the services: nothing queries except the requests."""
    import httpx
    from docket import Docket
    from prefect.server.api.server import create_app
    from prefect.server.database import provide_database_interface

    await provide_database_interface().create_db()
    application: Any = create_app(ephemeral=True)
    application.api_app.state.docket = await Docket(name="bench", url="memory://").__aenter__()
    transport = httpx.ASGITransport(app=application)
    _client[:] = [httpx.AsyncClient(transport=transport, base_url="http://testserver/api", timeout=60)]


def ask(method: str, path: str, body: Any = None) -> Any:
    """One request; its task has the caller's context, as one of a server has that of its middleware."""
    return _loop[0].run_until_complete(_client[0].request(method, path, json=body))


def post(path: str, body: Any) -> Any:
    response = ask("POST", path, body)
    assert response.is_success, response.text
    return response.json() if response.content else None


def actions() -> Iterator[tuple[str, Callable[[], object]]]:
    from bench.real_apps.applications.prefect.requests import requests

    for name, method, path, body in requests(post):
        yield name, partial(_send, method, path, body)


def _send(method: str, path: str, body: Any) -> object:
    """Send a request whose body, or path, may be another one each time."""
    return ask(method, path() if callable(path) else path, body() if callable(body) else body)
