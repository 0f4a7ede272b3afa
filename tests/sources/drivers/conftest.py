"""Tables on real servers for drivers that are used directly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pymysql  # type: ignore[import-untyped]
import pytest

from tests import mariadb

BOOKS = [(1, "Emma"), (2, "Ulysses"), (3, "Watt"), (4, "Loving")]


@pytest.fixture
def library(postgresql_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with four books."""
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("DROP TABLE IF EXISTS book")
        connection.execute("CREATE TABLE book (id integer PRIMARY KEY, title text)")
        connection.cursor().executemany("INSERT INTO book VALUES (%s, %s)", BOOKS)
    yield postgresql_url
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("DROP TABLE book")


@pytest.fixture(scope="session")
def mariadb_library() -> Iterator[dict[str, Any]]:
    """How to reach a MariaDB database with four books."""
    try:
        with mariadb.running_server() as server, mariadb.database(server) as name:
            settings = {**server, "database": name}
            with pymysql.connect(**settings, autocommit=True) as connection, connection.cursor() as cursor:
                cursor.execute("CREATE TABLE book (id integer PRIMARY KEY, title text)")
                cursor.executemany("INSERT INTO book VALUES (%s, %s)", BOOKS)
            yield settings
    except mariadb.NoServerError as error:
        pytest.skip(str(error))
