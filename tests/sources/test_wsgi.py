"""WSGI: one unit of work for each request, its streamed body included, and nothing else changed."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest

from ennead.agent.settings import AgentSettings
from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT, Recording
from ennead.sources.dbapi import wrap_connection
from ennead.sources.wsgi import EnneadMiddleware
from tests.sources.listening import texts, units_of_work

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def connection() -> Iterator[Any]:
    raw = sqlite3.connect(":memory:")
    yield wrap_connection(raw)
    raw.close()


def _environ(path: str = "/", **others: str) -> dict[str, Any]:
    environ: dict[str, Any] = {"SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", **others}
    setup_testing_defaults(environ)
    return environ


def _start(environ: dict[str, Any], app: Any) -> tuple[list[Any], Any]:
    started: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
        started.append((status, headers))
        return lambda data: None

    return started, app(environ, start_response)


class Streamed:
    """A body that asks the database for each part."""

    def __init__(self, connection: Any, count: int = 3, fail_at: int | None = None) -> None:
        self.connection = connection
        self.count = count
        self.fail_at = fail_at
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self.count):
            if number == self.fail_at:
                raise KeyError("mine")
            self.connection.execute("SELECT ?", (number,))
            yield b"%d" % number

    def close(self) -> None:
        self.closed += 1
        self.connection.execute("SELECT 'close'")


def _app(connection: Any, body: Any = None) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        connection.execute("SELECT 'app'")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"] if body is None else body

    return app


def test_a_request_is_a_unit_of_work(connection: Any) -> None:
    app = EnneadMiddleware(_app(connection))
    environ = _environ("/b%C3%BCcher", HTTP_TRACEPARENT=f"00-{TRACE}-00f067aa0ba902b7-01", REQUEST_METHOD="PUT")
    environ["PATH_INFO"] = "/bücher".encode().decode("latin-1")
    with units_of_work() as units:
        started, body = _start(environ, app)
        assert body == [b"done"]
    assert started == [("200 OK", [("Content-Type", "text/plain")])]
    (unit,) = units
    assert (unit.name, unit.kind, unit.route, unit.trace_id) == ("PUT /bücher", "request", None, TRACE)
    assert texts(unit) == ["SELECT 'app'"]
    assert [site.function.rpartition(".")[2] for site in unit.hits[0].site.path.sites] == ["app"]


def test_the_protocol_is_kept(connection: Any) -> None:
    body = Streamed(connection)
    app = validator(EnneadMiddleware(validator(_app(connection, body))))
    output = io.BytesIO()
    handler = SimpleHandler(io.BytesIO(), output, sys.stderr, _environ(SERVER_PROTOCOL="HTTP/1.0"))
    with units_of_work() as units:
        handler.run(app)
    assert output.getvalue().endswith(b"\r\n\r\n012")
    assert body.closed == 1
    assert [texts(unit) for unit in units] == [["SELECT 'app'", *["SELECT ?"] * 3]]


def test_the_server_does_its_own_work_between_the_parts(connection: Any) -> None:
    with units_of_work() as units:
        _, body = _start(_environ(), EnneadMiddleware(_app(connection, Streamed(connection))))
        parts = []
        for part in body:
            assert CURRENT.get() is None
            connection.execute("SELECT 'server'")
            parts.append(part)
            assert units == []
        assert len(units) == 1
        body.close()
    assert parts == [b"0", b"1", b"2"]
    assert [texts(unit) for unit in units] == [["SELECT 'app'", *["SELECT ?"] * 3]]


def test_a_body_that_is_closed_early(connection: Any) -> None:
    source = Streamed(connection)
    with units_of_work() as units:
        _, body = _start(_environ(), EnneadMiddleware(_app(connection, source)))
        assert next(body) == b"0"
        body.close()
    assert source.closed == 1
    assert [texts(unit) for unit in units] == [["SELECT 'app'", "SELECT ?", "SELECT 'close'"]]


def test_a_body_that_nobody_reads(connection: Any) -> None:
    with units_of_work() as units:
        _, body = _start(_environ(), EnneadMiddleware(_app(connection, Streamed(connection))))
        body.close()
        body.close()
    assert [texts(unit) for unit in units] == [["SELECT 'app'", "SELECT 'close'"]]


def test_a_body_that_is_dropped(connection: Any) -> None:
    with units_of_work() as units:
        _, body = _start(_environ(), EnneadMiddleware(_app(connection, Streamed(connection))))
        next(body)
        del body
    assert [len(unit.hits) for unit in units] == [2]


def test_exceptions_pass_through(connection: Any) -> None:
    def fail(environ: Any, start_response: Any) -> Any:
        connection.execute("SELECT 'fail'")
        raise KeyError("mine")

    with units_of_work() as units:
        with pytest.raises(KeyError, match="mine"):
            _start(_environ("/fail"), EnneadMiddleware(fail))
        _, body = _start(_environ(), EnneadMiddleware(_app(connection, Streamed(connection, fail_at=1))))
        assert next(body) == b"0"
        with pytest.raises(KeyError, match="mine"):
            next(body)
    assert [texts(unit) for unit in units] == [["SELECT 'fail'"], ["SELECT 'app'", "SELECT ?"]]
    assert CURRENT.get() is None


def test_interleaved_requests_of_one_thread_do_not_mix(connection: Any) -> None:
    with units_of_work() as units:
        bodies = [
            _start(_environ(f"/{number}"), EnneadMiddleware(_app(connection, Streamed(connection))))[1]
            for number in range(3)
        ]
        for parts in zip(*bodies, strict=True):
            assert len(set(parts)) == 1
    assert sorted((unit.name, len(unit.hits)) for unit in units) == [("GET /0", 4), ("GET /1", 4), ("GET /2", 4)]


def test_files_are_the_servers_affair(connection: Any) -> None:
    environ = _environ()
    environ["wsgi.file_wrapper"] = FileWrapper
    file = FileWrapper(io.BytesIO(b"file"))
    with units_of_work() as units:
        _, body = _start(environ, EnneadMiddleware(_app(connection, file)))
    assert body is file
    assert len(units) == 1


def test_the_middleware_twice_is_one_unit(connection: Any) -> None:
    with units_of_work() as units:
        _, body = _start(_environ(), EnneadMiddleware(EnneadMiddleware(_app(connection, Streamed(connection)))))
        assert b"".join(body) == b"012"
    assert [texts(unit) for unit in units] == [["SELECT 'app'", *["SELECT ?"] * 3]]


def test_a_request_that_is_sampled_out_is_not_recorded_by_another_hook_either(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AGENT, "settings", AgentSettings(sample_ratio=0.0))

    def inner(environ: Any, start_response: Any) -> Any:
        monkeypatch.setattr(AGENT, "settings", AgentSettings(sample_ratio=1.0))
        return EnneadMiddleware(_app(connection))(environ, start_response)

    with units_of_work() as units:
        assert _start(_environ(), EnneadMiddleware(inner))[1] == [b"done"]
    assert units == []


def test_a_request_in_a_profile_belongs_to_it(connection: Any) -> None:
    with units_of_work() as units, Recording("test", "profile", explicit=True) as recording:
        _, body = _start(_environ(), EnneadMiddleware(_app(connection, Streamed(connection))))
        assert b"".join(body) == b"012"
    assert units == []
    assert recording.unit is not None
    assert [hit.unit for hit in recording.unit.hits] == [1] * 4
