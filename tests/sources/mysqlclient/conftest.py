"""mysqlclient is compiled where it is installed: it needs the headers of MariaDB's or MySQL's client library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import mariadb
from tests.sources.elsewhere import ignored_without

collect_ignore_glob = ignored_without("MySQLdb")


@pytest.fixture(scope="session")
def settings() -> Iterator[dict[str, Any]]:
    """How to reach an empty MariaDB database."""
    try:
        with mariadb.running_server() as server, mariadb.database(server) as name:
            yield {**server, "database": name}
    except mariadb.NoServerError as error:
        pytest.skip(str(error))
