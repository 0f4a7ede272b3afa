"""The hooks, and engines to hook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from ennead.agent import concurrency
from ennead.sources.sqlalchemy import orm, queries
from tests.sources.sqlalchemy import shop

collect_ignore = ["neighbours.py"]  # a program, and its libraries are not there with SQLAlchemy 2.1


@pytest.fixture
def hooks() -> Iterator[None]:
    """Everything hooked."""
    concurrency.install()
    queries.install()
    orm.install()
    try:
        yield
    finally:
        orm.uninstall()
        queries.uninstall()
        concurrency.uninstall()


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A shop in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    shop.create(engine)
    with Session(engine) as session:
        shop.fill(session)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine, hooks: None) -> Iterator[Session]:
    """A session in the shop, everything hooked."""
    with Session(engine) as session:
        yield session


@pytest.fixture
def shop_file(tmp_path: Path) -> Path:
    """A shop in a file, for several connections."""
    path = tmp_path / "shop.db"
    engine = create_engine(f"sqlite:///{path}")
    shop.create(engine)
    with Session(engine) as session:
        shop.fill(session)
    engine.dispose()
    return path
