"""GraphQL: the field that was read is the access, the list above it the loop; on strawberry and on graphql-core."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import graphql
import pytest
import strawberry
from graphql import GraphQLField, GraphQLInt, GraphQLList, GraphQLObjectType, GraphQLSchema, GraphQLString
from strawberry import relay

from ennead.agent import concurrency
from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import Recording, call_inside
from ennead.kernel.call_site import CallSite
from ennead.sources import graphql as source
from ennead.sources.dbapi import wrap_connection

_CONNECTION: list[Any] = []


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    _CONNECTION[:] = [wrap_connection(raw)]
    concurrency.install()
    source.install()
    yield
    source.uninstall()
    concurrency.uninstall()
    raw.close()


def _query(text: str, *parameters: object) -> Any:
    return _CONNECTION[0].execute(text, parameters).fetchone()[0]


# An object of a library's, an ORM's say, that loads what it is asked for: more objects for a name that ends in s.
_LIBRARY = """
class LazyRow:
    def __init__(self, number):
        self.id = number

    def __getattr__(self, name):
        if name.startswith("_") or name == "is_type_of":
            raise AttributeError(name)
        value = connection[0].execute("SELECT '" + name + "'").fetchone()[0]
        return [LazyRow(number) for number in range(2)] if name.endswith("s") else value
"""
_LIBRARY_NAMES: dict[str, Any] = {"connection": _CONNECTION, "__name__": "orm.row"}
exec(compile(_LIBRARY, "/opt/lib/python3/site-packages/orm/row.py", "exec"), _LIBRARY_NAMES)  # noqa: S102 -- made here


def _orders() -> Any:
    return [_LIBRARY_NAMES["LazyRow"](number) for number in range(3)]


def _record(function: Any) -> UnitOfWork:
    with Recording("test", "profile", explicit=True) as recording:
        call_inside(function)
    assert recording.unit is not None
    assert recording.unit.internal_error_count == 0
    return recording.unit


def _line(text: str) -> int:
    lines = enumerate(Path(__file__).read_text("utf-8").splitlines(), 1)
    return next(number for number, line in lines if text in line and "_line(" not in line)


def _told(site: CallSite) -> tuple[str, int, str | None]:
    return site.function.rpartition(".")[2], site.line, site.note


# ------------------------------------------------------------------------------------------------ strawberry


@strawberry.type
class Customer:
    name: str


@strawberry.type
class Line:
    product: str  # the product of a line


@strawberry.type
class Order:
    id: int
    customer: str  # the customer of an order
    lines: list[Line]  # the lines of an order

    @strawberry.field
    def total(self) -> int:
        return int(_query("SELECT 1 + ?", 1))

    @strawberry.field
    async def weight(self) -> int:
        await asyncio.sleep(0)
        return int(_query("SELECT 2 + ?", 1))


@strawberry.type
class Novel(relay.Node):
    number: relay.NodeID[int]
    author: str  # the author of a novel

    @classmethod
    def is_type_of(cls, row: object, info: object) -> bool:
        return True


@strawberry.type
class Query:
    @relay.connection(relay.ListConnection[Novel])
    def novels(self) -> Iterable[Novel]:
        return _orders()  # type: ignore[no-any-return]

    @strawberry.field
    def orders(self) -> list[Order]:
        return _orders()  # type: ignore[no-any-return]

    @strawberry.field
    async def shipped(self) -> list[Order]:
        await asyncio.sleep(0)
        return _orders()  # type: ignore[no-any-return]

    @strawberry.field
    def two(self) -> list[Order]:
        return [Order(id=1, customer="a", lines=[]), Order(id=2, customer="b", lines=[])]


SCHEMA = strawberry.Schema(Query)


def _run(query: str) -> UnitOfWork:
    def page() -> None:
        result = SCHEMA.execute_sync(query)
        assert result.errors is None
        assert result.data

    return _record(page)


def _run_async(query: str) -> UnitOfWork:
    async def page() -> None:
        result = await SCHEMA.execute(query)
        assert result.errors is None

    return _record(lambda: asyncio.run(page()))


def test_a_field_without_a_resolver_stands_for_the_access() -> None:
    unit = _run("{ orders { customer } }")
    assert len(unit.hits) == 3
    assert len({id(hit.site.path) for hit in unit.hits}) == 1
    access, loop, page = unit.hits[0].site.path.sites
    assert _told(access) == ("Order", _line("# the customer of an order"), "GraphQL field Query.orders.customer")
    assert access.source == "customer: str  # the customer of an order"
    assert _told(loop) == ("orders", _line("def orders(self)"), "for")
    assert page.function.endswith("page")


def test_nested_lists_are_nested_loops() -> None:
    unit = _run("{ orders { lines { product } } }")
    lines = [hit for hit in unit.hits if "product" in hit.site.statement.sql]
    assert len(lines) == 6
    assert [_told(site) for site in lines[0].site.path.sites[:3]] == [
        ("Line", _line("# the product of a line"), "GraphQL field Query.orders.lines.product"),
        ("Order", _line("# the lines of an order"), "for"),
        ("orders", _line("def orders(self)"), "for"),
    ]


def test_the_edges_of_a_connection() -> None:
    unit = _run("{ novels { edges { node { author } } } }")
    authors = [hit for hit in unit.hits if "author" in hit.site.statement.sql]
    assert len(authors) == 3
    assert [_told(site) for site in authors[0].site.path.sites[:2]] == [
        ("Novel", _line("# the author of a novel"), "GraphQL field Query.novels.edges.node.author"),
        ("novels", _line("def novels(self)"), "for"),
    ]


def test_aliases_and_fragments() -> None:
    unit = _run("query { found: orders { ...parts } } fragment parts on Order { who: customer }")
    assert [_told(site) for site in unit.hits[0].site.path.sites[:2]] == [
        ("Order", _line("# the customer of an order"), "GraphQL field Query.found.who"),
        ("orders", _line("def orders(self)"), "for"),
    ]


def test_two_fields_of_one_type_stay_apart() -> None:
    unit = _run("{ orders { customer } other: orders { customer } }")
    notes = [hit.site.path.sites[0].note for hit in unit.hits]
    assert notes == ["GraphQL field Query.orders.customer"] * 3 + ["GraphQL field Query.other.customer"] * 3


def test_a_resolver_of_the_users_is_the_access_itself() -> None:
    unit = _run("{ two { total } }")
    assert [site.note for site in unit.hits[0].site.path.sites[:3]] == [None, None, "for"]
    assert [_told(site)[:2] for site in unit.hits[0].site.path.sites[:3]] == [
        ("_query", _line("fetchone()[0]")),
        ("total", _line('_query("SELECT 1 + ?", 1)')),
        ("two", _line("def two(self)")),
    ]


@pytest.mark.parametrize("root", ["two", "shipped"])
def test_resolvers_that_are_awaited(root: str) -> None:
    unit = _run_async(f"{{ {root} {{ weight }} }}")
    hits = [hit for hit in unit.hits if "2 +" in hit.site.statement.sql]
    assert len(hits) >= 2
    functions = [_told(site)[0] for site in hits[0].site.path.sites]
    assert functions[:3] == ["_query", "weight", root]
    assert [site.note for site in hits[0].site.path.sites].count("for") == 1
    assert functions.count("page") == 1


def test_a_field_without_a_resolver_below_an_awaited_one() -> None:
    unit = _run_async("{ shipped { customer } }")
    assert [_told(site) for site in unit.hits[0].site.path.sites[:2]] == [
        ("Order", _line("# the customer of an order"), "GraphQL field Query.shipped.customer"),
        ("shipped", _line("async def shipped(self)"), "for"),
    ]


# ------------------------------------------------------------------------------------------------ graphql-core


def resolve_books(root: object, info: graphql.GraphQLResolveInfo[Any]) -> Any:
    return _orders()


def test_types_without_classes_are_told_by_the_resolver_above_them() -> None:
    book = GraphQLObjectType("Book", {"id": GraphQLField(GraphQLInt), "author": GraphQLField(GraphQLString)})
    query = GraphQLObjectType("Query", {"books": GraphQLField(GraphQLList(book), resolve=resolve_books)})
    schema = GraphQLSchema(query)

    def page() -> None:
        assert graphql.graphql_sync(schema, "{ books { id author } }").errors is None

    unit = _record(page)
    assert len(unit.hits) == 3
    assert [_told(site) for site in unit.hits[0].site.path.sites[:2]] == [
        ("resolve_books", _line("def resolve_books("), "GraphQL field Query.books.author"),
        ("resolve_books", _line("def resolve_books("), "for"),
    ]


def test_a_schema_of_nobodys() -> None:
    schema = graphql.build_schema("type Query { name: String } ")
    root = _orders()[0]

    def page() -> None:
        assert graphql.graphql_sync(schema, "{ name }", root_value=root).errors is None

    assert [_told(site)[0] for site in _record(page).hits[0].site.path.sites] == ["page"]


def test_errors_are_the_libraries_own() -> None:
    result = SCHEMA.execute_sync("{ orders { absent } }")
    assert result.errors is not None
    assert "Cannot query field 'absent'" in result.errors[0].message


def test_uninstall_leaves_no_trace() -> None:
    source.uninstall()
    source.uninstall()
    unit = _run("{ orders { customer } }")
    assert [_told(site)[0] for site in unit.hits[0].site.path.sites] == ["page"]
    source.install()
    source.install()
    assert len(_run("{ orders { customer } }").hits[0].site.path.sites) == 3
