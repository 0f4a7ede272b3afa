"""Growing the same schema in SQLite, PostgreSQL and MariaDB, and random ones in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pymysql  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.kernel.errors import EnneadError
from ennead.replay.databases.growth import Growth, TableGrowth, grow
from tests.replay.databases import schemas

ENGINES = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgresql),
    pytest.param("mariadb", marks=pytest.mark.mariadb),
]


@pytest.fixture(params=ENGINES)
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    from tests import mariadb, postgresql

    if request.param == "sqlite":
        with closing(sqlite3.connect(":memory:")) as opened:
            opened.execute("PRAGMA foreign_keys = ON")
            schemas.create(opened, "sqlite")
            yield opened
    elif request.param == "postgresql":
        server = request.getfixturevalue("postgresql_url")
        with postgresql.database(server) as url, psycopg.connect(url) as opened:
            schemas.create(opened, "postgresql")
            yield opened
    else:
        server = request.getfixturevalue("mariadb_server")
        with mariadb.database(server) as name, closing(pymysql.connect(**server, database=name)) as opened:
            schemas.create(opened, "mariadb")
            yield opened


def ask(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    return schemas.run(connection, [sql])


def everything(connection: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {table: sorted(ask(connection, f"SELECT * FROM {table}"), key=repr) for table in schemas.GROWING}


def test_all_tables_grow(connection: Any) -> None:
    before = everything(connection)
    growth = grow(connection, schemas.GROWING, factor=5)
    assert growth.refused == {}
    assert growth.notes == ()
    after = everything(connection)
    for table, rows in before.items():
        assert set(rows) <= set(after[table]), f"rows of {table} that were there have changed"
        # Notes about what is not there cannot be remapped, and are cloned as they are.
        assert growth.tables[table] == TableGrowth(len(rows), len(after[table]))
        assert len(after[table]) == 5 * len(rows)


def test_references_hang_together(connection: Any) -> None:
    grow(connection, schemas.GROWING, factor=5)
    assert ask(
        connection,
        "SELECT count(*) FROM purchase p JOIN address a ON a.id = p.address_id WHERE a.customer_id <> p.customer_id",
    ) == [(0,)]
    assert ask(
        connection,
        "SELECT count(*) FROM note WHERE content_type_id = 1 AND object_id NOT IN (SELECT id FROM shop_item)",
    ) == [(0,)]
    assert ask(connection, "SELECT DISTINCT object_id FROM note WHERE content_type_id = 2") == [(9,)]
    ((noted,),) = ask(connection, "SELECT count(DISTINCT object_id) FROM note WHERE content_type_id = 1")
    assert noted > 2
    assert (
        ask(connection, "SELECT count(*) FROM address WHERE is_default GROUP BY customer_id HAVING count(*) > 1") == []
    )


def test_shapes_differ(connection: Any) -> None:
    grow(connection, schemas.GROWING, factor=5)
    counts = [
        count
        for (count,) in ask(
            connection, "SELECT count(p.id) FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id GROUP BY c.id"
        )
    ]
    assert 0 in counts
    assert len(set(counts)) > 2
    ((of_the_first,),) = ask(connection, "SELECT count(*) FROM purchase WHERE customer_id = 1")
    assert of_the_first > 2
    ((lines,),) = ask(
        connection,
        "SELECT count(DISTINCT product_id) FROM line l JOIN purchase p ON p.id = l.purchase_id WHERE p.customer_id = 1",
    )
    assert lines > 3
    assert ask(connection, "SELECT count(*) FROM product WHERE category_id IS NULL")[0][0] > 1
    moments = ask(connection, "SELECT placed_at, count(*) FROM purchase GROUP BY placed_at")
    assert len(moments) > 3
    assert any(count > 1 for _, count in moments)
    ((names,),) = ask(connection, "SELECT count(DISTINCT name) FROM customer")
    assert 3 < names < 15


def test_nulls_and_skew_can_be_left_out(connection: Any) -> None:
    grow(connection, schemas.GROWING, factor=5, nulls=False, skew=False)
    assert ask(connection, "SELECT count(*) FROM product WHERE category_id IS NULL") == [(5,)]
    assert ask(connection, "SELECT count(*) FROM category WHERE parent_id IS NULL") == [(5,)]
    counts = ask(connection, "SELECT count(*) FROM purchase GROUP BY customer_id ORDER BY 1")
    assert counts == [(1,)] * 5 + [(2,)] * 5


def test_counters_go_on_behind_the_clones(connection: Any) -> None:
    grow(connection, schemas.GROWING, factor=9)
    ask(connection, "INSERT INTO customer (email, name) VALUES ('new@example.org', 'New')")
    assert ask(connection, "SELECT max(id) FROM customer WHERE email = 'new@example.org'") == ask(
        connection, "SELECT max(id) FROM customer"
    )


def test_children_of_tables_that_stay_point_to_rows_that_are_there(connection: Any) -> None:
    growth = grow(connection, {"purchase", "line"}, rows=20)
    assert growth.tables["purchase"] == TableGrowth(3, 20)
    assert growth.tables["line"].rows_after == 20
    assert ask(connection, "SELECT max(id) FROM customer") == [(3,)]
    assert ask(connection, "SELECT max(id) FROM product") == [(3,)]


def test_join_tables_of_tables_that_stay_get_other_combinations(connection: Any) -> None:
    growth = grow(connection, {"product_tag"}, factor=5)
    assert growth.tables == {"product_tag": TableGrowth(3, 6)}  # three products and two tags


def test_the_same_seed_makes_the_same_rows(connection: Any) -> None:
    grow(connection, {"customer", "purchase"}, factor=3, seed=7)
    first = everything(connection)
    for table in ("line", "loyalty"):
        ask(connection, f"DELETE FROM {table}")
    ask(connection, "DELETE FROM purchase WHERE id > 3")
    ask(connection, "DELETE FROM customer WHERE id > 3")
    grow(connection, {"customer", "purchase"}, factor=3, seed=7)
    again = everything(connection)
    assert {name: again[name] for name in ("customer", "purchase")} == {
        name: first[name] for name in ("customer", "purchase")
    }


def test_a_table_that_refuses_is_left_and_its_children_point_to_what_is_there(connection: Any) -> None:
    kind = type(connection).__module__.partition(".")[0]
    refusing = {
        "sqlite3": ["CREATE TRIGGER no BEFORE INSERT ON customer BEGIN SELECT RAISE(ABORT, 'not today'); END"],
        "psycopg": [
            "CREATE FUNCTION no() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER no BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION no()",
        ],
        "pymysql": [
            """CREATE TRIGGER refuse BEFORE INSERT ON customer
            FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not today'"""
        ],
    }
    schemas.run(connection, refusing[kind])
    growth = grow(connection, schemas.GROWING, factor=3)
    assert list(growth.refused) == ["customer"]
    assert "not today" in growth.refused["customer"]
    assert growth.tables["loyalty"] == TableGrowth(2, 3)  # one of the three customers had no account
    assert ask(connection, "SELECT count(*) FROM customer") == [(3,)]
    assert ask(connection, "SELECT count(*) FROM purchase WHERE customer_id <= 3") == [(9,)]


def test_an_unusual_check_makes_clones_plain(connection: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        ask(connection, "ALTER TABLE customer ADD CHECK (name IN ('Ann', 'Bob', 'Cleo'))")
        growth = grow(connection, {"customer"}, factor=3)
        assert growth.tables["customer"].rows_after == 9
        assert growth.notes[0].startswith("the clones in customer are close to their sources: ")


def test_framework_tables_empty_ones_and_absent_ones_do_not_grow(connection: Any) -> None:
    ask(connection, "DELETE FROM loyalty")
    assert grow(connection, {"django_content_type", "loyalty", "absent"}, factor=3) == Growth(
        {}, {"loyalty": "it has no rows"}, ()
    )


def test_a_table_without_key() -> None:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.executescript("CREATE TABLE log (text); INSERT INTO log VALUES ('a'), ('b')")
        assert grow(opened, {"log"}, factor=2).tables == {"log": TableGrowth(2, 4)}


@pytest.mark.parametrize("order", [{}, {"factor": 2, "rows": 3}, {"factor": 0}, {"rows": 0}])
def test_orders_that_contradict_themselves(order: dict[str, int]) -> None:
    with closing(sqlite3.connect(":memory:")) as opened, pytest.raises(EnneadError, match="grow"):
        grow(opened, {"a"}, **order)


def test_a_connection_of_an_unknown_driver() -> None:
    with pytest.raises(EnneadError, match="cannot grow a database through builtins"):
        grow(object(), {"a"}, factor=2)


def test_the_connection_is_left_as_it_was() -> None:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        opened.row_factory = sqlite3.Row
        schemas.create(opened, "sqlite")
        grow(opened, schemas.GROWING, factor=2)
        assert opened.row_factory is sqlite3.Row
        assert str(opened.isolation_level) == ""
        assert tuple(opened.execute("PRAGMA foreign_keys").fetchone()) == (1,)
        assert not opened.in_transaction


# ------------------------------------------------------------------------------------------ random schemas


@st.composite
def databases(draw: st.DrawFn) -> list[str]:
    """Statements that make up to four tables with keys, references and rows of all sorts."""
    statements, names = [], [f"t{number}" for number in range(draw(st.integers(1, 4)))]
    counts = {name: draw(st.integers(1, 5)) for name in names}
    for place, name in enumerate(names):
        columns: list[str] = ["id INTEGER PRIMARY KEY"]
        values: list[list[Any]] = [[row + 1 for row in range(counts[name])]]
        for number, parent in enumerate(draw(st.lists(st.sampled_from(names[: place + 1]), max_size=2))):
            unique = draw(st.booleans()) and counts[parent] >= counts[name]
            nullable = draw(st.booleans()) or parent == name
            columns.append(
                f"r{number} INTEGER {'' if nullable else 'NOT NULL'} {'UNIQUE' if unique else ''} REFERENCES {parent}"
            )
            keys = st.permutations(range(1, counts[parent] + 1))
            values.append([draw(keys)[0] for _ in range(counts[name])] if not unique else draw(keys)[: counts[name]])
        for number, kind in enumerate(
            draw(st.lists(st.sampled_from(["VARCHAR(6)", "DATE", "INTEGER", "BOOL"]), max_size=2))
        ):
            unique = kind != "BOOL" and draw(st.booleans())
            columns.append(f"c{number} {kind} {'UNIQUE' if unique else ''}")
            made = {"VARCHAR(6)": "v{}", "DATE": "2026-01-0{}", "INTEGER": "{}", "BOOL": "0"}[kind]
            values.append([made.format(row + 1) for row in range(counts[name])])
        statements.append(f"CREATE TABLE {name} ({', '.join(columns)})")
        statements += [
            f"INSERT INTO {name} VALUES ({', '.join(repr(v) for v in row)})" for row in zip(*values, strict=True)
        ]
    return statements


@given(
    databases(), st.integers(2, 4), st.sets(st.sampled_from(["t0", "t1", "t2", "t3"]), min_size=1), st.integers(0, 3)
)
def test_whatever_the_schema(statements: list[str], factor: int, tables: set[str], seed: int) -> None:
    with closing(sqlite3.connect(":memory:")) as opened:
        schemas.run(opened, statements)
        names = [name for (name,) in ask(opened, "SELECT name FROM sqlite_master WHERE type = 'table'")]
        before = {name: ask(opened, f"SELECT * FROM {name}") for name in names}
        growth = grow(opened, tables, factor=factor, seed=seed)
        assert ask(opened, "PRAGMA foreign_key_check") == []
        assert ask(opened, "PRAGMA integrity_check") == [("ok",)]
        for name in names:
            after = ask(opened, f"SELECT * FROM {name}")
            assert set(before[name]) <= set(after)
            if name in growth.tables:
                assert growth.tables[name] == TableGrowth(len(before[name]), len(after))
                assert len(before[name]) < len(after) <= factor * len(before[name])
            else:
                assert len(after) == len(before[name])
                assert name not in tables or name in growth.refused
