"""Flask, hooked: rules as they are written, streamed bodies, teardown."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from flask import Blueprint, Flask, stream_with_context

from ennead.agent.unit_of_work import CURRENT, UnitOfWork
from ennead.sources import flask as source
from ennead.sources.dbapi import wrap_connection
from ennead.sources.wsgi import EnneadMiddleware
from tests.sources.listening import texts, units_of_work


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


@pytest.fixture
def connection() -> Iterator[Any]:
    raw = sqlite3.connect(":memory:")
    yield wrap_connection(raw)
    raw.close()


@pytest.fixture
def app(connection: Any) -> Flask:
    app = Flask(__name__)
    app.testing = True
    shop = Blueprint("shop", __name__, url_prefix="/shop/<name>")

    @app.get("/books/<int:number>")
    @shop.get("/books/<int:number>")
    def book(number: int, name: str = "") -> dict[str, int]:
        connection.execute("SELECT ?", (number,))
        return {"number": number}

    @app.get("/stream")
    def stream() -> Any:
        def parts() -> Iterator[str]:
            for number in range(3):
                connection.execute("SELECT ?", (number,))
                yield f"{flask.request.path}{number}"

        return flask.Response(stream_with_context(parts()))

    @app.get("/fail")
    def fail() -> str:
        connection.execute("SELECT 'fail'")
        raise KeyError("mine")

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        connection.execute("SELECT 'teardown'")

    app.register_blueprint(shop)
    return app


def _functions(unit: UnitOfWork) -> list[list[str]]:
    return [[site.function.rpartition(".")[2] for site in hit.site.path.sites] for hit in unit.hits]


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/books/7", "/books/<int:number>"),
        ("/shop/corner/books/7", "/shop/<name>/books/<int:number>"),
    ],
)
def test_rules_are_named_as_they_are_written(app: Flask, path: str, route: str) -> None:
    with units_of_work() as units:
        assert app.test_client().get(path).json == {"number": 7}
    (unit,) = units
    assert (unit.name, unit.route, unit.kind) == (f"GET {route}", route, "request")
    assert texts(unit) == ["SELECT ?", "SELECT 'teardown'"]
    assert _functions(unit)[0] == ["book"]


def test_no_rule(app: Flask) -> None:
    with units_of_work() as units:
        assert app.test_client().get("/nowhere").status_code == 404
    assert [(unit.name, unit.route) for unit in units] == [("GET /nowhere", None)]


def test_streamed_bodies_belong_to_the_request(app: Flask) -> None:
    with units_of_work() as units:
        assert app.test_client().get("/stream").text == "/stream0/stream1/stream2"
    (unit,) = units
    assert [text for text in texts(unit) if text != "SELECT 'teardown'"] == ["SELECT ?"] * 3
    assert {tuple(functions[:1]) for functions in _functions(unit)} == {("parts",), ("teardown",)}
    assert CURRENT.get() is None


def test_exceptions_pass_through(app: Flask) -> None:
    with units_of_work() as units, pytest.raises(KeyError, match="mine"):
        app.test_client().get("/fail")
    assert [(unit.name, texts(unit)) for unit in units] == [("GET /fail", ["SELECT 'fail'", "SELECT 'teardown'"])]


def test_the_middleware_and_the_hook_make_one_unit(app: Flask) -> None:
    app.wsgi_app = EnneadMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    with units_of_work() as units:
        app.test_client().get("/books/1")
    assert [(unit.route, len(unit.hits)) for unit in units] == [("/books/<int:number>", 2)]


def test_uninstall_leaves_no_trace(app: Flask) -> None:
    source.uninstall()
    plain = Flask.wsgi_app
    source.install()
    source.install()
    assert Flask.wsgi_app is not plain
    source.uninstall()
    source.uninstall()
    assert Flask.wsgi_app is plain
    with units_of_work() as units:
        assert app.test_client().get("/books/1").status_code == 200
    assert units == []
