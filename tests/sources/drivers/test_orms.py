"""Where an ORM stands on a hooked driver, each query is recorded once: by the ORM's source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from peewee import MySQLDatabase, PostgresqlDatabase
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from ennead.sources.drivers import aiosqlite, asyncpg, callers, pymysql
from ennead.sources.drivers import psycopg as psycopg_source
from ennead.sources.peewee import queries as peewee
from ennead.sources.sqlalchemy import queries as sqlalchemy
from tests.sources.sqlalchemy.recording import record

SOURCES: tuple[ModuleType, ...] = (psycopg_source, asyncpg, aiosqlite, pymysql, peewee, sqlalchemy)
ONCE = ["SELECT 1", "SELECT 2"]


@pytest.fixture(autouse=True)
def hooked() -> Iterator[None]:
    for source in SOURCES:
        source.install()
    yield
    for source in SOURCES:
        source.uninstall()


def _address(url: str, driver: str) -> str:
    return url.replace("postgresql://", f"postgresql+{driver}://", 1)


@pytest.mark.postgresql
def test_sqlalchemy_on_psycopg(postgresql_url: str) -> None:
    engine = create_engine(_address(postgresql_url, "psycopg"))
    with record() as recorded, engine.connect() as connection:
        for statement in ONCE:
            connection.execute(text(statement)).all()
        raw: Any = connection.connection.driver_connection
        raw.execute("SELECT 3")
    engine.dispose()
    assert [statement for statement in recorded.statements if "pg_" not in statement][-3:] == [*ONCE, "SELECT 3"]
    assert [statement for statement in recorded.statements if statement in ONCE] == ONCE


@pytest.mark.postgresql
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
async def test_sqlalchemy_awaited(postgresql_url: str, driver: str) -> None:
    engine = create_async_engine(_address(postgresql_url, driver))
    with record() as recorded:
        async with engine.connect() as connection:
            for statement in ONCE:
                (await connection.execute(text(statement))).all()
    await engine.dispose()
    assert [statement for statement in recorded.statements if statement in ONCE] == ONCE


async def test_sqlalchemy_on_aiosqlite(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/shop.db")
    with record() as recorded:
        async with engine.connect() as connection:
            for statement in ONCE:
                (await connection.execute(text(statement))).all()
    await engine.dispose()
    assert [statement for statement in recorded.statements if statement in ONCE] == ONCE


@pytest.mark.mariadb
def test_sqlalchemy_and_peewee_on_pymysql(mariadb_library: dict[str, Any]) -> None:
    address = "mysql+pymysql://{user}:{password}@{host}:{port}/{database}".format_map(mariadb_library)
    engine, database = create_engine(address), MySQLDatabase(**mariadb_library)
    with record() as recorded, engine.connect() as connection:
        for statement in ONCE:
            connection.execute(text(statement)).all()
            database.execute_sql(statement).fetchall()
    engine.dispose()
    database.close()
    assert [statement for statement in recorded.statements if statement in ONCE] == sorted(ONCE * 2)


@pytest.mark.postgresql
def test_peewee_on_psycopg(postgresql_url: str) -> None:
    url = urlsplit(postgresql_url)
    name = url.path.lstrip("/")
    database = PostgresqlDatabase(name, host=url.hostname, port=url.port, user=url.username, password=url.password)
    with record() as recorded:
        for statement in ONCE:
            database.execute_sql(statement).fetchall()
        database.connection().execute("SELECT 3").fetchall()
    database.close()
    assert recorded.statements == [*ONCE, "SELECT 3"]


@pytest.mark.postgresql
def test_without_its_source_the_drivers_tells(postgresql_url: str) -> None:
    sqlalchemy.uninstall()
    engine = create_engine(_address(postgresql_url, "psycopg"))
    with record() as recorded, engine.connect() as connection:
        for statement in ONCE:
            connection.execute(text(statement)).all()
    engine.dispose()
    assert [statement for statement in recorded.statements if statement in ONCE] == ONCE


def test_nothing_stays_claimed() -> None:
    for source in SOURCES:
        source.uninstall()
    assert callers._claimed == [callers._OURS]
    assert not hasattr(psycopg.Cursor.execute, "__wrapped__")
