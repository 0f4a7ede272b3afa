"""What the tests of several sources ask for."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from ennead.sources.dbapi import wrap_connection
from tests.sources.queued import Books


@pytest.fixture
def books() -> Iterator[Books]:
    """Twenty titles, which any thread may ask for."""
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        yield Books(wrap_connection(connection))
