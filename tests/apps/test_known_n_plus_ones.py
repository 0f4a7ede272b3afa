"""The labels of the two shops are measured, not believed: each N+1 grows with the rows, and nothing else does."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.apps import known_places
from tests.apps.known_places import Known, Line
from tests.apps.shops import DJANGO, FASTAPI, Shop

FEW, MANY = 6, 18
LEAST_GROWTH = 4
"""Of the twelve more rows, an N+1 has to pay at least for so many: not every row has a coupon, a cart, a category of its own."""

_TRANSACTION = re.compile(r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)")
_LIST = re.compile(r"(%s|\?)(, *(%s|\?))+")

KNOWN = [(shop, known) for shop in (DJANGO, FASTAPI) for known in known_places.read(shop.folder)]
N_PLUS_ONES = [pair for pair in KNOWN if pair[1].section != "fine"]
FINE = [pair for pair in KNOWN if pair[1].section == "fine"]


@dataclass(frozen=True)
class Query:
    sql: str
    stack: tuple[Line, ...]


@dataclass(frozen=True)
class Collection:
    """Rows that were fetched together, and the stack that built or ran their query."""

    rows: int
    stack: tuple[Line, ...]


@dataclass(frozen=True)
class Step:
    queries: tuple[Query, ...]
    collections: tuple[Collection, ...]


def ids(pairs: list[tuple[Shop, Known]]) -> list[str]:
    return [f"{shop.name}-{known.name}" for shop, known in pairs]


@functools.cache
def walk(shop: Shop, rows: int) -> dict[str, Step]:
    """What each step of the shop's walk asked the database, at so many rows."""
    with tempfile.TemporaryDirectory() as folder:
        environment = shop.environment(f"sqlite:///{folder}/shop.sqlite3")
        for command in (*shop.preparation(rows), [str(shop.probe)]):
            completed = subprocess.run(
                [sys.executable, *command],
                cwd=shop.folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert completed.returncode == 0, completed.stderr
    return dict(_steps(completed.stdout))


def _steps(output: str) -> Iterator[tuple[str, Step]]:
    for line in output.splitlines():
        step = json.loads(line)
        queries = tuple(Query(_LIST.sub("...", each["sql"]), _stack(each["lines"])) for each in step["queries"])
        collections = tuple(Collection(each["rows"], _stack(each["lines"])) for each in step["collections"])
        yield step["step"], Step(queries, collections)


def _stack(lines: list[list[str | int]]) -> tuple[Line, ...]:
    return tuple((str(file), int(line)) for file, line, _ in lines)


def belongs(query: Query, known: Known) -> bool:
    """Whether the query fires at the known place. A declared access leaves no line: then the table decides."""
    names_table = not known.tables or any(re.search(rf"\b{table}\b", query.sql) for table in known.tables)
    return names_table and (known.declared or not known.access or any(line in query.stack for line in known.access))


@pytest.mark.parametrize(("shop", "known"), N_PLUS_ONES, ids=ids(N_PLUS_ONES))
def test_every_known_n_plus_one_grows_with_the_rows(shop: Shop, known: Known) -> None:
    few, many = (sum(belongs(query, known) for query in walk(shop, rows)[known.step].queries) for rows in (FEW, MANY))
    assert few >= 2
    assert many >= few + LEAST_GROWTH


@pytest.mark.parametrize(("shop", "known"), N_PLUS_ONES, ids=ids(N_PLUS_ONES))
def test_the_loop_runs_while_its_queries_fire(shop: Shop, known: Known) -> None:
    if not known.loop:
        return
    repeats = [query for query in walk(shop, MANY)[known.step].queries if belongs(query, known)]
    outside = [
        query for query in repeats if not any(known_places.is_running(shop.folder, loop, query.stack) for loop in known.loop)
    ]
    assert outside == []


@pytest.mark.parametrize(("shop", "known"), N_PLUS_ONES, ids=ids(N_PLUS_ONES))
def test_the_origin_is_where_several_rows_come_from(shop: Shop, known: Known) -> None:
    if not known.origin:
        return
    collections = walk(shop, MANY)[known.step].collections
    assert [each for each in collections if each.rows > 1 and any(line in each.stack for line in known.origin)]


@pytest.mark.parametrize(("shop", "known"), FINE, ids=ids(FINE))
def test_every_look_alike_asks_several_times(shop: Shop, known: Known) -> None:
    queries = [query for query in walk(shop, MANY)[known.step].queries if belongs(query, known)]
    assert len(queries) >= 2


@pytest.mark.parametrize("shop", [DJANGO, FASTAPI], ids=lambda shop: shop.name)
def test_nothing_grows_that_is_not_known(shop: Shop) -> None:
    known = known_places.read(shop.folder)
    unknown = [
        (step, query.sql, query.stack[:1])
        for step in walk(shop, MANY)
        for query, growth in _growth(shop, step)
        if growth >= LEAST_GROWTH and not any(each.step == step and each.access and belongs(query, each) for each in known)
    ]
    assert unknown == []


def _growth(shop: Shop, step: str) -> Iterator[tuple[Query, int]]:
    """Each distinct statement and innermost line, with how many more of it there are at more rows."""
    few, many = ([_innermost(query) for query in walk(shop, rows)[step].queries] for rows in (FEW, MANY))
    stacks = {_innermost(query): query for query in walk(shop, MANY)[step].queries}
    for key, query in stacks.items():
        if not _TRANSACTION.match(query.sql):
            yield query, many.count(key) - few.count(key)


def _innermost(query: Query) -> tuple[str, tuple[Line, ...]]:
    return query.sql, query.stack[:1]


def test_every_step_is_walked() -> None:
    for shop, known in KNOWN:
        assert known.step in walk(shop, FEW), known.name


def test_names_are_unique_and_enough_kinds_are_covered() -> None:
    for shop in (DJANGO, FASTAPI):
        entries = known_places.read(shop.folder)
        n_plus_ones = [each for each in entries if each.section == "n_plus_one"]
        assert len({each.name for each in entries}) == len(entries)
        assert len(n_plus_ones) >= 10
        assert {each.kind for each in n_plus_ones} == {"relation", "deferred", "lookup", "aggregate", "raw-sql"}


def test_the_guide_counts_right() -> None:
    page = (DJANGO.folder.parents[2] / "docs" / "guide" / "shop.md").read_text()
    rows = {
        "n_plus_one": "N+1",
        "write_n_plus_one": "writes in a loop",
        "repeated_query": "the same query again",
        "fine": "look-alikes that are fine",
    }
    for section, title in rows.items():
        counts = [sum(each.section == section for each in known_places.read(shop.folder)) for shop in (DJANGO, FASTAPI)]
        assert f"| {title} | {counts[0]} | {counts[1]} |" in page
