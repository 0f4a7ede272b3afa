"""PostgreSQL: the same relations and interruptions on a server that minds types and failed transactions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from tests.sources.sqlalchemy.auto_batch import models
from tests.sources.sqlalchemy.auto_batch.comparison import Seen, batching, compare
from tests.sources.sqlalchemy.auto_batch.models import Base, Country, Manager, Person, Skill, Task, Team

pytestmark = pytest.mark.postgresql
RELATIONS = [
    *((Person, name) for name in (*models.TO_ONE, *models.TO_MANY)),
    *((Task, "owner"), (Team, "members"), (Country, "people"), (Skill, "people"), (Manager, "reports")),
]


@pytest.fixture(scope="module")
def company_url(postgresql_url: str) -> Iterator[str]:
    engine = create_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg"))
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        models.fill(session)
    yield postgresql_url
    Base.metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def company(company_url: str) -> Iterator[Engine]:
    engine = create_engine(make_url(company_url).set(drivername="postgresql+psycopg"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(("model", "relation"), RELATIONS, ids=lambda part: getattr(part, "__name__", part))
def test_relations(company: Engine, model: type[Base], relation: str) -> None:
    def scenario(session: Session, seen: Seen) -> None:
        for row in session.scalars(select(model).order_by(*model.__table__.primary_key)).all():
            seen.read(row, relation)

    plain, batched = compare(scenario, engine=company)
    assert batched.select_count <= 3 or batched.select_count == plain.select_count


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ"])
def test_writes_of_another_connection(company: Engine, level: str) -> None:
    def scenario(session: Session, seen: Seen) -> None:
        session.connection(execution_options={"isolation_level": level})
        people = session.scalars(select(Person).order_by(Person.id)).all()
        for person in people[:3]:
            seen.read(person, "tasks")
        with company.begin() as other:
            other.execute(text("INSERT INTO task VALUES (1000, 'late', 'person', true, 0, 4)"))
        for person in people[3:]:
            seen.read(person, "tasks")
        session.rollback()
        with company.begin() as other:
            other.execute(text("DELETE FROM task WHERE id = 1000"))

    plain, _ = compare(scenario, engine=company)
    assert ("1000" in str(plain.values)) == (level == "READ COMMITTED")


@pytest.mark.parametrize("driver", ["psycopg_async", "asyncpg"])
async def test_asynchronous(company_url: str, driver: str) -> None:
    engine = create_async_engine(make_url(company_url).set(drivername=f"postgresql+{driver}"))
    with batching():
        async with AsyncSession(engine) as session:
            people = (await session.scalars(select(Person).order_by(Person.id))).all()
            for relation in ("country", "team", "skills", "badge", "mentees"):
                for person in people:
                    await getattr(person.awaitable_attrs, relation)
    await engine.dispose()
