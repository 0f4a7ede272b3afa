"""Requests as units of work, streamed bodies included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django.test.utils import override_script_prefix

from ennead.agent.snapshot import snapshot
from ennead.agent.units import AGENT, Recording
from ennead.kernel.records import RawUnitOfWork
from ennead.sources import asgiref
from ennead.sources.django import orm, queries, requests, templates
from tests.sources.django.rows import orders
from tests.sources.django.shop import views
from tests.sources.django.shop.models import Order

SOURCES: tuple[Any, ...] = (queries, orm, templates, requests, asgiref)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@contextmanager
def listening() -> Iterator[list[RawUnitOfWork]]:
    """The units of work that end inside."""
    ended: list[RawUnitOfWork] = []

    def listen(unit: Any) -> None:
        ended.append(snapshot(unit))

    for source in SOURCES:
        source.install()
    AGENT.add_listener(listen)
    try:
        yield ended
    finally:
        AGENT.remove_listener(listen)
        for source in reversed(SOURCES):
            source.uninstall()


def units_of(work: Callable[[], object]) -> list[RawUnitOfWork]:
    with listening() as ended:
        work()
    return ended


def tables(unit: RawUnitOfWork) -> list[str]:
    return [query.tables[0] for query in unit.queries if query.tables]


def test_a_request_is_named_by_its_route() -> None:
    order = orders(1)[0]
    (unit,) = units_of(lambda: Client().get(f"/orders/{order.pk}/", HTTP_TRACEPARENT=TRACEPARENT))
    assert (unit.name, unit.kind, unit.route) == ("GET /orders/<int:pk>/", "request", "orders/<int:pk>/")
    assert unit.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert tables(unit) == ["shop_order", "shop_customer"]


def test_a_page_that_is_not_there_is_named_by_its_path() -> None:
    (unit,) = units_of(lambda: Client().post("/nowhere/"))
    assert (unit.name, unit.route, unit.trace_id) == ("POST /nowhere/", None, None)


def test_call_paths_end_where_the_request_began() -> None:
    orders(1)
    (unit,) = units_of(lambda: Client().get("/orders/"))
    assert {site.file.rsplit("/", 1)[-1] for query in unit.queries for site in query.call_path} == {
        "views.py",
        "base.html",
        "inherited.html",
    }


def test_an_exception_of_the_view_is_raised_and_the_unit_ends() -> None:
    def work() -> None:
        with pytest.raises(LookupError, match="no such order"):
            Client().get("/broken/")

    (unit,) = units_of(work)
    assert tables(unit) == ["shop_order"]


def test_an_exception_answered_with_500_ends_the_unit() -> None:
    units = units_of(lambda: Client(raise_request_exception=False).get("/broken/"))
    assert [unit.name for unit in units] == ["GET /broken/"]


def test_a_class_based_view_that_runs_no_line_of_the_users() -> None:
    orders(1)
    (unit,) = units_of(lambda: Client().get("/board/"))
    assert tables(unit) == ["shop_order"]


@pytest.mark.parametrize(
    ("path", "handler"),
    [
        ("/board/", ("Board", "views.py")),
        ("/api/orders/", ("OrderViewSet", "views.py")),
        ("/admin/shop/order/", ("OrderAdmin", "admin.py")),
        ("/orders/", None),
        ("/nowhere/", None),
    ],
)
def test_the_class_that_answered_is_told(path: str, handler: tuple[str, str] | None) -> None:
    (unit,) = units_of(lambda: Client().get(path))
    told = unit.handler
    assert (told and (told.function, told.file.rpartition("/")[2])) == handler
    assert told is None or (told.source or "").startswith(f"class {told.function}")


def test_wsgi() -> None:
    orders(1)

    def work() -> None:
        environ = RequestFactory()._base_environ(PATH_INFO="/orders/")
        body = WSGIHandler()(environ, lambda *_: None)
        assert b"customer 0" in b"".join(body)

    (unit,) = units_of(work)
    assert unit.name == "GET /orders/"
    assert tables(unit) == ["shop_order", "shop_customer"]


async def asgi_response(path: str) -> list[dict[str, Any]]:
    """What an ASGI server would send."""
    sent: list[dict[str, Any]] = []
    parts = iter([{"type": "http.request", "body": b""}])

    async def receive() -> dict[str, Any]:
        part = next(parts, None)
        if part is None:
            await asyncio.sleep(60)
        return part or {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver"), (b"traceparent", TRACEPARENT.encode())],
    }
    await ASGIHandler()(scope, receive, send)
    return sent


def test_asgi() -> None:
    order = orders(2)[0]
    (unit,) = units_of(lambda: asyncio.run(asgi_response(f"/async-orders/?pk={order.pk}")))
    assert (unit.name, unit.trace_id) == ("GET /async-orders/", "4bf92f3577b34da6a3ce929d0e0e4736")
    assert tables(unit) == ["shop_order", "shop_order", "shop_item"]
    assert all(query.call_path[-1].function == "async_order_list" for query in unit.queries)


def test_the_asynchronous_client_and_a_synchronous_view() -> None:
    orders(1)
    (unit,) = units_of(lambda: asyncio.run(AsyncClient().get("/orders/")))
    assert unit.name == "GET /orders/"
    assert [query.call_path[-1].function for query in unit.queries] == ["order_list", "order_list"]


def test_an_asynchronous_view_behind_the_synchronous_client() -> None:
    order = orders(1)[0]
    (unit,) = units_of(lambda: Client().get(f"/async-orders/?pk={order.pk}"))
    assert tables(unit) == ["shop_order", "shop_order", "shop_item"]


def test_queries_of_a_streamed_body_belong_to_the_request() -> None:
    orders(3)
    with listening() as ended:
        response = Client().get("/export/")
        assert ended == []
        body = b"".join(response.streaming_content)
    assert body == b"customer 0\ncustomer 1\ncustomer 2\n"
    (unit,) = ended
    assert tables(unit) == ["shop_order", "shop_customer", "shop_customer", "shop_customer"]
    assert unit.queries[1].call_path[-1].function == "export.<locals>.lines"


def test_a_streamed_body_that_nobody_reads_ends_when_the_response_is_closed() -> None:
    with listening() as ended:
        response = Client().get("/export/")
        response.close()
        response.close()
    assert [unit.name for unit in ended] == ["GET /export/"]


def test_what_runs_between_two_parts_of_a_body_belongs_to_nobody() -> None:
    orders(2)
    with listening() as ended:
        parts = iter(Client().get("/export/").streaming_content)
        next(parts)
        Order.objects.count()
        list(parts)
    assert tables(ended[0]).count("shop_order") == 1


def test_an_error_in_a_streamed_body_ends_the_unit() -> None:
    def parts() -> Iterator[bytes]:
        yield b"first"
        raise LookupError("second")

    with listening() as ended:
        response = answered(lambda _: StreamingHttpResponse(parts()))
        with pytest.raises(LookupError, match="second"):
            list(response.streaming_content)
    assert [unit.name for unit in ended] == ["GET /"]


def answered(view: Callable[[Any], Any]) -> Any:
    """A response as a handler without middleware makes it."""
    handler = BaseHandler()
    handler._middleware_chain = view
    return handler.get_response(RequestFactory().get("/"))


def test_an_asynchronous_body() -> None:
    orders(2)

    async def read() -> bytes:
        response = await AsyncClient().get("/async-export/")
        return b"".join([part async for part in response.streaming_content])

    with listening() as ended:
        body = asyncio.run(read())
    assert body == b"o0 2\no1 2\n"
    (unit,) = ended
    assert tables(unit) == ["shop_order", "shop_item", "shop_item"]


def test_an_asynchronous_body_over_asgi() -> None:
    orders(2)
    with listening() as ended:
        sent = asyncio.run(asgi_response("/async-export/"))
    assert b"".join(message.get("body", b"") for message in sent) == b"o0 2\no1 2\n"
    assert [tables(unit) for unit in ended] == [["shop_order", "shop_item", "shop_item"]]


def test_an_error_in_an_asynchronous_body_ends_the_unit() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        raise LookupError("second")

    async def read() -> None:
        handler = BaseHandler()

        async def view(_request: Any) -> Any:
            return StreamingHttpResponse(parts())

        handler._middleware_chain = view
        response = await handler.get_response_async(RequestFactory().get("/"))
        with pytest.raises(LookupError, match="second"):
            [part async for part in response.streaming_content]

    with listening() as ended:
        asyncio.run(read())
    assert [unit.name for unit in ended] == ["GET /"]


def test_a_file_is_left_to_the_server() -> None:
    with listening() as ended:
        response = Client().get("/file/")
        assert [unit.name for unit in ended] == ["GET /file/"]
    assert b"".join(response.streaming_content) == b"content"
    with listening():
        kept = answered(views.file)
    assert kept.file_to_stream is not None
    kept.close()


def test_in_a_profile_the_request_is_a_nested_unit() -> None:
    orders(2)
    with listening() as ended, Recording("profile", "profile", explicit=True) as recording:
        list(Client().get("/export/").streaming_content)
        Client().get("/orders/")
    assert ended == []
    assert recording.unit is not None
    units = [query.unit for query in snapshot(recording.unit).queries]
    assert units == [0, 0, 0, 2, 2, 2]


def test_a_request_that_is_sampled_out_records_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    orders(1)
    monkeypatch.setattr(AGENT, "samples", lambda *_: False)
    with override_settings(MIDDLEWARE=["ennead.sources.django.requests.UnitOfWorkMiddleware"]):
        assert units_of(lambda: list(Client().get("/export/").streaming_content)) == []


@override_settings(MIDDLEWARE=["ennead.sources.django.requests.UnitOfWorkMiddleware"])
def test_the_middleware_passes_on_what_is_recorded_already() -> None:
    orders(1)
    assert [unit.name for unit in units_of(lambda: Client().get("/orders/"))] == ["GET /orders/"]


@override_settings(MIDDLEWARE=["ennead.sources.django.requests.UnitOfWorkMiddleware"])
def test_the_middleware_records_where_the_handler_is_not_hooked() -> None:
    order = orders(1)[0]
    with listening() as ended:
        requests.uninstall()
        Client().get("/orders/")
        asyncio.run(AsyncClient().get(f"/async-orders/?pk={order.pk}"))
    assert [(unit.name, len(unit.queries)) for unit in ended] == [("GET /orders/", 2), ("GET /async-orders/", 3)]


def test_a_request_object_may_be_answered_again() -> None:
    request = RequestFactory().get("/")
    handler = BaseHandler()
    handler._middleware_chain = lambda _: HttpResponse("ok")
    assert len(units_of(lambda: [handler.get_response(request), handler.get_response(request)])) == 2


def test_a_script_prefix_is_no_part_of_the_route() -> None:
    with override_script_prefix("/shop/"):
        (unit,) = units_of(lambda: Client().get("/orders/"))
    assert unit.route == "orders/"


@pytest.mark.parametrize(
    ("header", "trace_id"),
    [
        (TRACEPARENT, "4bf92f3577b34da6a3ce929d0e0e4736"),
        (f" {TRACEPARENT} ", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736", None),
        ("", None),
        (None, None),
    ],
)
def test_trace_ids(header: str | None, trace_id: str | None) -> None:
    assert requests.trace_id_of(header) == trace_id


def test_nothing_is_left_behind() -> None:
    before = dict(vars(BaseHandler))
    units_of(lambda: None)
    assert dict(vars(BaseHandler)) == before
