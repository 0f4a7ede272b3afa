"""Every test gets a small shop of its own, in a database made for the tests."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

_folder = tempfile.TemporaryDirectory()
_given = os.environ.get("SHOP_DATABASE_URL", "")
_on_server = _given.startswith("postgres")
if _on_server:
    _parts = urlsplit(_given)
    _name = f"test_{_parts.path.removeprefix('/')}"
    os.environ["SHOP_DATABASE_URL"] = urlunsplit(_parts._replace(path=f"/{_name}"))
else:
    os.environ["SHOP_DATABASE_URL"] = f"sqlite:///{Path(_folder.name) / 'test.sqlite3'}"


async def _on_the_server(*statements: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(_given)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _create_tables() -> None:
    from storefront import database

    await database.create_tables()
    await database.engine.dispose()


def pytest_sessionstart() -> None:
    if _on_server:
        asyncio.run(
            _on_the_server(f'DROP DATABASE IF EXISTS "{_name}"', f'CREATE DATABASE "{_name}"')
        )
    asyncio.run(_create_tables())


def pytest_sessionfinish() -> None:
    if _on_server:
        asyncio.run(_on_the_server(f'DROP DATABASE IF EXISTS "{_name}"'))
    _folder.cleanup()


@pytest.fixture
async def tables() -> AsyncIterator[None]:
    """Empty tables, before and after."""
    from storefront import database
    from storefront.sample_data import empty

    yield
    async with database.new_session() as session:
        await empty(session)
        await session.commit()
    await database.engine.dispose()


@pytest.fixture
async def shop(tables: None) -> None:
    from storefront.database import new_session
    from storefront.sample_data import fill

    async with new_session() as session:
        await fill(session, 6)
        await session.commit()


@pytest.fixture
async def session(shop: None) -> AsyncIterator[object]:
    from storefront.database import new_session

    async with new_session() as opened:
        yield opened


@pytest.fixture
async def anybody(shop: None) -> AsyncIterator[object]:
    from storefront.walk import visitor

    async with visitor() as client:
        yield client


@pytest.fixture
async def staff(shop: None) -> AsyncIterator[object]:
    from storefront.walk import visitor

    async with visitor(**{"X-Staff-Token": "staff"}) as client:
        yield client


@pytest.fixture
async def customer(shop: None) -> AsyncIterator[object]:
    from storefront.walk import visitor

    async with visitor(**{"X-Customer-Token": "customer-0"}) as client:
        yield client
