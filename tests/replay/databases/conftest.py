"""A project to be replayed, and servers."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.replay.databases.replays import ReplayFolder


@pytest.fixture
def replays(tmp_path: Path) -> ReplayFolder:
    return ReplayFolder(tmp_path / "work")


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[str]:
    """The URL of a database of the test's own."""
    from tests import postgresql

    with postgresql.database(postgresql_url) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE book (id serial PRIMARY KEY, title text)")
            connection.execute("INSERT INTO book (title) VALUES ('Emma')")
        yield url


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[dict[str, Any]]:
    """How to reach a MariaDB server; without one the tests are skipped, and fail where ``CI`` is set."""
    from tests import mariadb

    try:
        with mariadb.running_server() as settings:
            yield settings
    except mariadb.NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture
def mariadb_database(mariadb_server: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """How to reach a database of the test's own."""
    from tests import mariadb

    with mariadb.database(mariadb_server) as name:
        schema = "CREATE TABLE book (id int AUTO_INCREMENT PRIMARY KEY, title varchar(40), cover blob)"
        mariadb.run(mariadb_server, schema, "INSERT INTO book (title, cover) VALUES ('Emma', x'00ff')", name=name)
        yield {**mariadb_server, "database": name}
