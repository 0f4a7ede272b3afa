"""The hooks, and a shop to hook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from peewee import SqliteDatabase

from ennead.sources.peewee import orm, queries
from tests.sources.peewee import shop


@pytest.fixture
def hooks() -> Iterator[None]:
    """Everything hooked."""
    queries.install()
    orm.install()
    try:
        yield
    finally:
        orm.uninstall()
        queries.uninstall()


@pytest.fixture
def database(hooks: None) -> Iterator[Any]:
    """A filled shop in memory, everything hooked."""
    database = SqliteDatabase(":memory:")
    with database.bind_ctx(shop.MODELS):
        database.create_tables(shop.MODELS)
        shop.fill()
        yield database
    database.close()
