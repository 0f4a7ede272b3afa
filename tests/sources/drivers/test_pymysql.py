"""PyMySQL without any ORM, over a real MariaDB connection."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pymysql  # type: ignore[import-untyped]
import pytest
from pymysql.cursors import DictCursor, SSCursor  # type: ignore[import-untyped]

import ennead
from ennead.sources.dbapi import wrap_connection
from ennead.sources.drivers import mysqldb
from ennead.sources.drivers import pymysql as source
from ennead.sources.registry import UnsupportedVersionError
from tests.sources.sqlalchemy.recording import record

pytestmark = pytest.mark.mariadb


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    source.install()
    yield
    source.uninstall()


@pytest.fixture
def connection(mariadb_library: dict[str, Any]) -> Iterator[Any]:
    with pymysql.connect(**mariadb_library) as connection:
        yield connection


def test_cursors(connection: Any) -> None:
    with record() as recorded, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM book WHERE id > %s", (1,)) == 3
        with connection.cursor(DictCursor) as rows:
            rows.execute("SELECT title FROM book WHERE id = %(id)s", {"id": 1})
            assert rows.fetchone() == {"title": "Emma"}
        with connection.cursor(SSCursor) as unbuffered:
            unbuffered.execute("SELECT id FROM book")
            assert len(unbuffered.fetchall()) == 4
        cursor.executemany("INSERT INTO book VALUES (%s, %s)", [(5, "x"), (6, "y")])
        cursor.executemany("UPDATE book SET title = %s WHERE id = %s", [("a", 5), ("b", 6), ("c", 7)])
        with pytest.raises(pymysql.err.ProgrammingError):
            cursor.execute("SELECT * FROM absent")
        connection.rollback()
    assert recorded.row_counts == [3, 1, None, None, None, None]
    assert [hit.batch_size for hit in recorded.hits] == [1, 1, 1, 2, 3, 1]
    assert recorded.hits[-1].error == "ProgrammingError"
    assert {query.database for query in recorded.queries} == {"mysql"}
    assert {query.connection for query in recorded.queries} == {connection.db.decode()}


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
    (finding,) = session.findings
    assert (finding.query_count, finding.origin_row_count) == (4, 4)


def test_by_the_name_of_mysqlclient(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "MySQLdb", pymysql)  # as pymysql.install_as_MySQLdb() does, for good
    with pytest.raises(UnsupportedVersionError, match="MySQLdb is another driver here"):
        mysqldb.install()
    with record() as recorded, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM book")
    assert recorded.row_counts == [4]


def test_one_set_is_silent(connection: Any) -> None:
    with connection.cursor() as cursor, ennead.profile("titles") as session:
        cursor.execute("SELECT id FROM book")
        keys = [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT title FROM book WHERE id IN %s", (keys,))
    assert session.findings == ()


def test_uninstall_leaves_no_trace() -> None:
    source.uninstall()
    assert not hasattr(pymysql.cursors.Cursor.execute, "__wrapped__")
