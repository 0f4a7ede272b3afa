"""Tenants, by schema (django-tenants) and by row, over a real PostgreSQL server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import postgresql

from tests.sources.django import project  # isort: skip -- sets Django up

from django.db import connections as django_connections
from django_tenants.postgresql_backend.base import DatabaseWrapper

from ennead.sources.django import connections, tenants

__all__ = ["project"]

ROOT = Path(__file__).parents[3]
BOOKS, TENANTS = 4, ("north", "south", "east", "west")
PATHS = (
    "/books/lazy/",
    "/books/eager/",
    "/authors/",
    "/invoices/lazy/",
    "/invoices/eager/",
    "/everywhere/",
    "/everywhere/lazily/",
    "/moving/",
)

Told = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def told(postgresql_url: str) -> Told:
    """What the tenant ``north`` was told of each path."""
    with postgresql.database(postgresql_url) as url:
        command = [sys.executable, "-m", "tests.sources.tenants.program", url, *PATHS]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return dict(zip(PATHS, json.loads(ended.stdout), strict=True))


def _connections(unit: dict[str, Any]) -> list[str]:
    return [connection for connection, *_ in unit["queries"]]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("path", "name", "story"),
    [
        (
            "/books/lazy/",
            "GET /books/<slug:kind>/",
            ("library.Book.author", 'found = Book.objects.order_by("pk")', "for book in found:"),
        ),
        (
            "/invoices/lazy/",
            "GET /invoices/<slug:kind>/",
            ("customers.Invoice.payer", 'found = Invoice.objects.order_by("pk")', "for invoice in found:"),
        ),
    ],
)
def test_a_relation_in_a_loop(told: Told, path: str, name: str, story: tuple[str, str, str]) -> None:
    unit, (relation, origin, loop) = told[path], story
    item = relation.split(".")[1].lower()
    access = f"names += [{item}.{relation.split('.')[2]}.name]"
    assert unit["name"] == name
    assert unit["stories"] == [[relation, BOOKS, BOOKS, origin, loop, access]]
    assert unit["connections"] == ["default:north"]


@pytest.mark.postgresql
def test_a_collection_in_a_loop(told: Told) -> None:
    unit = told["/authors/"]
    line = 'return JsonResponse([len(author.books.all()) for author in Author.objects.order_by("pk")], safe=False)'
    assert unit["stories"] == [["library.Author.books", BOOKS, BOOKS, line, line, line]]


@pytest.mark.postgresql
@pytest.mark.parametrize("path", ["/books/eager/", "/invoices/eager/"])
def test_an_eager_load_is_silent(told: Told, path: str) -> None:
    assert _connections(told[path]) == ["default:public", "default:north"]
    assert told[path]["stories"] == []


@pytest.mark.postgresql
def test_the_search_path_is_nobodys_query(told: Told) -> None:
    statements = [statement for unit in told.values() for _, statement, _ in unit["queries"]]
    assert len(statements) > 50
    assert [statement for statement in statements if not statement.startswith("SELECT")] == []


@pytest.mark.postgresql
def test_once_for_each_tenant_is_silent(told: Told) -> None:
    unit = told["/everywhere/"]
    assert _connections(unit)[2:] == [f"default:{name}" for name in TENANTS]
    assert unit["stories"] == []


@pytest.mark.postgresql
def test_a_loop_in_each_tenant_is_told_by_tenant(told: Told) -> None:
    unit = told["/everywhere/lazily/"]
    assert len(unit["queries"]) == 2 + len(TENANTS) * (1 + BOOKS)
    loop = 'for book in Book.objects.order_by("pk"):'
    assert unit["stories"] == [["library.Book.author", BOOKS, BOOKS, loop, loop, "names += [book.author.name]"]]
    assert unit["connections"] == ["default:north"]


@pytest.mark.postgresql
def test_transactions_are_counted_for_each_schema(told: Told) -> None:
    asked = [(connection, transaction) for connection, _, transaction in told["/moving/"]["queries"][1:]]
    assert asked == [
        *[("default:north", 1), ("default:south", 1), ("default:north", 1)],
        *[("default:north", 2), ("default:south", 2), ("default:north", 2)],
    ]


def test_connections_of_schemas_are_known_again_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    database: Any = django_connections["default"]
    monkeypatch.setattr(connections, "_MAX_LEFT", 2)
    met = []
    for schema in ("north", "south", "north", "east", "west", "north"):
        connections.leave_connection(database)
        database.schema_name = schema
        met.append(connections.connection_of(database))
    del database.schema_name
    connections.forget_connections()
    assert [connection.name for connection in met[:3]] == ["default:north", "default:south", "default:north"]
    assert met[2] is met[0]
    assert met[5] is not met[0]
    assert [name for name in vars(database) if name.startswith("_ennead")] == []


def test_uninstall_leaves_no_trace() -> None:
    plain = DatabaseWrapper.set_tenant, DatabaseWrapper._handle_search_path
    tenants.install()
    tenants.install()
    assert hasattr(DatabaseWrapper.set_tenant, "__wrapped__")
    assert hasattr(DatabaseWrapper._handle_search_path, "__wrapped__")
    tenants.uninstall()
    tenants.uninstall()
    assert (DatabaseWrapper.set_tenant, DatabaseWrapper._handle_search_path) == plain
