"""mysqlclient without any ORM, over a real MariaDB connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

import ennead
from ennead.sources.dbapi import wrap_connection
from ennead.sources.drivers import mysqldb as source
from tests.sources.elsewhere import only_in
from tests.sources.sqlalchemy.recording import record
from tests.sources.stories import Story, story_of

MySQLdb = pytest.importorskip("MySQLdb", reason=only_in("mysqlclient"))
cursors = pytest.importorskip("MySQLdb.cursors")

BOOKS = [(1, "Emma"), (2, "Ulysses"), (3, "Watt"), (4, "Loving")]

pytestmark = pytest.mark.mariadb


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


@pytest.fixture
def connection(settings: dict[str, Any]) -> Iterator[Any]:
    with closing(MySQLdb.connect(**settings)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("CREATE OR REPLACE TABLE book (id integer PRIMARY KEY, title text)")
            cursor.executemany("INSERT INTO book VALUES (%s, %s)", BOOKS)
        connection.commit()
        yield connection


def test_cursors(connection: Any, settings: dict[str, Any]) -> None:
    with record() as recorded, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM book WHERE id > %s", (1,)) == 3
        with connection.cursor(cursors.DictCursor) as rows:
            rows.execute("SELECT title FROM book WHERE id = %(id)s", {"id": 1})
            assert rows.fetchone() == {"title": "Emma"}
        with connection.cursor(cursors.SSCursor) as unbuffered:
            unbuffered.execute("SELECT id FROM book")
            assert len(unbuffered.fetchall()) == 4
        cursor.executemany("INSERT INTO book VALUES (%s, %s)", [(5, "x"), (6, "y")])
        cursor.executemany("UPDATE book SET title = %s WHERE id = %s", [("a", 5), ("b", 6), ("c", 7)])
        with pytest.raises(MySQLdb.ProgrammingError):
            cursor.execute("SELECT * FROM absent")
        connection.rollback()
    assert recorded.row_counts == [3, 1, None, None, None, None]
    assert [hit.batch_size for hit in recorded.hits] == [1, 1, 1, 2, 3, 1]
    assert recorded.hits[-1].error == "ProgrammingError"
    assert {(query.database, query.connection) for query in recorded.queries} == {("mysql", settings["database"])}


def test_a_wrapped_connection_is_recorded_once(connection: Any) -> None:
    with record() as recorded, wrap_connection(connection).cursor() as cursor:
        cursor.execute("SELECT id FROM book")
        assert len(cursor.fetchall()) == 4
    assert recorded.row_counts == [4]


def test_the_story_of_an_n_plus_one(connection: Any) -> None:
    with connection.cursor() as cursor, ennead.profile("titles") as session:
        cursor.execute("SELECT id FROM book")
        for (key,) in cursor.fetchall():
            cursor.execute("SELECT title FROM book WHERE id = %s", (key,))
    assert [story_of(finding) for finding in session.findings] == [
        Story(
            None,
            len(BOOKS),
            len(BOOKS),
            'cursor.execute("SELECT id FROM book")',
            "for (key,) in cursor.fetchall():",
            'cursor.execute("SELECT title FROM book WHERE id = %s", (key,))',
        )
    ]


def test_one_set_is_silent(connection: Any) -> None:
    with connection.cursor() as cursor, ennead.profile("titles") as session:
        cursor.execute("SELECT id FROM book")
        keys = [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT title FROM book WHERE id IN %s", (keys,))
    assert session.statistics["query_count"] == 2
    assert session.findings == ()


def test_uninstall_leaves_no_trace() -> None:
    assert hasattr(cursors.BaseCursor.execute, "__wrapped__")
    source.uninstall()
    source.uninstall()
    assert not hasattr(cursors.BaseCursor.execute, "__wrapped__")
