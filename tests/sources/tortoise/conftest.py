"""The hooks, and shops to hook."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from ennead.agent import concurrency
from ennead.sources.drivers import aiosqlite, asyncpg
from ennead.sources.tortoise import orm
from tests import postgresql
from tests.sources.tortoise import shop


@pytest.fixture
def hooks() -> Iterator[None]:
    """Everything hooked."""
    concurrency.install()
    for source in (aiosqlite, asyncpg, orm):
        source.install()
    try:
        yield
    finally:
        for source in (orm, asyncpg, aiosqlite):
            source.uninstall()
        concurrency.uninstall()


@pytest.fixture
async def database(hooks: None) -> AsyncIterator[None]:
    """A filled shop in memory, everything hooked."""
    async with shop.opened("sqlite://:memory:"):
        yield


@pytest.fixture(params=["sqlite", pytest.param("asyncpg", marks=pytest.mark.postgresql)])
async def filled(request: pytest.FixtureRequest, hooks: None) -> AsyncIterator[Any]:
    """A filled shop on each of the drivers."""
    if request.param == "sqlite":
        async with shop.opened("sqlite://:memory:"):
            yield "sqlite"
        return
    url = request.getfixturevalue("postgresql_url")
    server = url.rpartition("/")[0] + "/postgres"
    with postgresql.database(server) as fresh:
        async with shop.opened(fresh.replace("postgresql://", f"{request.param}://", 1)):
            yield request.param
