"""Starlette and FastAPI, hooked: routes as they wrote them, endpoints in threads, bodies that are streamed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from ennead.agent import concurrency
from ennead.agent.unit_of_work import CURRENT, UnitOfWork
from ennead.sources import anyio as anyio_source
from ennead.sources import starlette as source
from ennead.sources.asgi import EnneadMiddleware
from ennead.sources.dbapi import wrap_connection
from tests.sources.client import TestClient
from tests.sources.listening import texts, units_of_work


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    concurrency.install()
    source.install()
    anyio_source.install()
    yield
    anyio_source.uninstall()
    source.uninstall()
    concurrency.uninstall()


@pytest.fixture
def connection() -> Iterator[Any]:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    yield wrap_connection(raw)
    raw.close()


def _functions(unit: UnitOfWork) -> list[list[str]]:
    return [[site.function.rpartition(".")[2] for site in hit.site.path.sites] for hit in unit.hits]


@pytest.fixture
def app(connection: Any) -> Starlette:  # noqa: C901 -- an application of many small endpoints
    async def book(request: Request) -> PlainTextResponse:
        connection.execute("SELECT ?", (request.path_params["number"],))
        return PlainTextResponse("book")

    def in_a_thread(request: Request) -> PlainTextResponse:
        connection.execute("SELECT 'thread'")
        return PlainTextResponse("thread")

    def load(number: int) -> None:
        connection.execute("SELECT ?", (number,))

    async def thread_by_thread(request: Request) -> PlainTextResponse:
        for number in range(2):
            await run_in_threadpool(load, number)
        for number in range(2):
            await anyio.to_thread.run_sync(load, number)
        return PlainTextResponse("threads")

    async def stream(request: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            for number in range(3):
                connection.execute("SELECT ?", (number,))
                yield str(number)

        return StreamingResponse(parts())

    async def fail(request: Request) -> PlainTextResponse:
        connection.execute("SELECT 'fail'")
        raise KeyError("mine")

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        connection.execute("SELECT 'websocket'")
        await websocket.send_json({"unit": str(CURRENT.get())})
        await websocket.close()

    inner = Starlette(routes=[Route("/books/{number:int}", book)])
    return Starlette(
        routes=[
            Route("/books/{number:int}", book),
            Route("/thread", in_a_thread),
            Route("/threads", thread_by_thread),
            Route("/stream", stream),
            Route("/fail", fail),
            WebSocketRoute("/talk", talk),
            Mount("/shops/{shop}", routes=[Route("/books/{number:int}", book)]),
            Mount("/inner", app=inner),
        ]
    )


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/books/7", "/books/{number:int}"),
        ("/shops/corner/books/7", "/shops/{shop}/books/{number:int}"),
        ("/inner/books/7", "/inner/books/{number:int}"),
    ],
)
def test_routes_are_named_as_they_are_written(app: Starlette, path: str, route: str) -> None:
    with units_of_work() as units:
        assert TestClient(app).get(path).text == "book"
    (unit,) = units
    assert (unit.name, unit.route, unit.kind) == (f"GET {route}", route, "request")
    assert [hit.parameters for hit in unit.hits] == [(7,)]
    assert _functions(unit) == [["book"]]


def test_no_route(app: Starlette) -> None:
    with units_of_work() as units:
        assert TestClient(app).post("/nowhere").status_code == 404
    assert [(unit.name, unit.route) for unit in units] == [("POST /nowhere", None)]


def test_a_root_path_is_no_part_of_the_route(app: Starlette) -> None:
    with units_of_work() as units:
        assert TestClient(app, root_path="/api").get("/api/inner/books/7").text == "book"
    assert [unit.route for unit in units] == ["/inner/books/{number:int}"]


def test_endpoints_in_threads(app: Starlette) -> None:
    with units_of_work() as units:
        assert TestClient(app).get("/thread").text == "thread"
        assert TestClient(app).get("/threads").text == "threads"
    assert _functions(units[0]) == [["in_a_thread"]]
    assert _functions(units[1]) == [["load", "thread_by_thread"]] * 4
    lines = [hit.site.path.sites[1].line for hit in units[1].hits]
    assert [line - lines[0] for line in lines] == [0, 0, 2, 2]


def test_streamed_bodies_belong_to_the_request(app: Starlette) -> None:
    with units_of_work() as units:
        assert TestClient(app).get("/stream").text == "012"
    assert [texts(unit) for unit in units] == [["SELECT ?"] * 3]


def test_exceptions_pass_through(app: Starlette) -> None:
    with units_of_work() as units, pytest.raises(KeyError, match="mine"):
        TestClient(app).get("/fail")
    assert [(unit.name, texts(unit)) for unit in units] == [("GET /fail", ["SELECT 'fail'"])]


def test_websockets_are_left_alone(app: Starlette) -> None:
    with units_of_work() as units, TestClient(app).websocket_connect("/talk") as socket:
        assert socket.receive_json() == {"unit": "None"}
    assert units == []


def test_the_middleware_and_the_hook_make_one_unit(app: Starlette) -> None:
    with units_of_work() as units:
        TestClient(EnneadMiddleware(app)).get("/inner/books/1")
    assert [(unit.route, len(unit.hits)) for unit in units] == [("/inner/books/{number:int}", 1)]


def test_uninstall_leaves_no_trace(app: Starlette) -> None:
    source.uninstall()
    plain = Starlette.__call__
    source.install()
    source.install()
    assert Starlette.__call__ is not plain
    source.uninstall()
    source.uninstall()
    assert Starlette.__call__ is plain
    with units_of_work() as units:
        assert TestClient(app).get("/books/1").text == "book"
    assert units == []


# ------------------------------------------------------------------------------------------------ FastAPI


@pytest.fixture
def fastapi_app(connection: Any) -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/orders")
    mounted = FastAPI()

    async def session() -> AsyncIterator[Any]:
        yield connection
        connection.execute("SELECT 'teardown'")

    @router.get("/{order_id}")
    async def order(order_id: int, session: Any = Depends(session)) -> dict[str, int]:  # noqa: B008, FAST002
        session.execute("SELECT ?", (order_id,))
        return {"id": order_id}

    @router.get("/{order_id}/lines")
    def lines(order_id: int, tasks: BackgroundTasks) -> list[int]:
        connection.execute("SELECT ?", (order_id,))
        tasks.add_task(lambda: connection.execute("SELECT 'task'"))
        return [order_id]

    @mounted.get("/items/{item_id}")
    async def item(item_id: str) -> str:
        await asyncio.gather(*[anyio.to_thread.run_sync(connection.execute, "SELECT 1") for _ in range(3)])
        return item_id

    app.include_router(router, prefix="/v1")
    app.mount("/mounted", mounted)
    return app


def test_fastapi_routes_with_prefixes_dependencies_and_mounts(fastapi_app: FastAPI) -> None:
    client = TestClient(fastapi_app)
    with units_of_work() as units:
        assert client.get("/v1/orders/5").json() == {"id": 5}
        assert client.get("/v1/orders/6/lines").json() == [6]
        assert client.get("/mounted/items/x").json() == "x"
    assert [unit.name for unit in units] == [
        "GET /v1/orders/{order_id}",
        "GET /v1/orders/{order_id}/lines",
        "GET /mounted/items/{item_id}",
    ]
    assert texts(units[0]) == ["SELECT ?", "SELECT 'teardown'"]
    assert texts(units[1]) == ["SELECT ?", "SELECT 'task'"]
    assert _functions(units[1])[0] == ["lines"]
    assert [functions[-1] for functions in _functions(units[2])] == ["item"] * 3
