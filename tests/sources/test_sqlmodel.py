"""SQLModel: models that are tables and responses at once; called, and awaited over FastAPI's asynchronous sessions."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, select
from sqlmodel.ext.asyncio.session import AsyncSession

from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import Recording
from tests.sources.stories import Story, findings_of, observed, stories_of

TEAMS, HEROES = 4, 8


class TeamBase(SQLModel):
    name: str


class Team(TeamBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    heroes: list["Hero"] = Relationship(back_populates="team")


class HeroBase(SQLModel):
    name: str
    team_id: int | None = Field(default=None, foreign_key="team.id")


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    team: Team | None = Relationship(back_populates="heroes")


TEAM: Any = Hero.team  # of the class it is what queries are made of


class HeroPublic(HeroBase):
    id: int
    team: TeamBase | None = None


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Any]:
    engine = create_engine(f"sqlite:///{tmp_path / 'heroes.sqlite3'}")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(TEAMS):
            heroes = [Hero(name=f"hero {number}.{copy}") for copy in range(HEROES // TEAMS)]
            session.add(Team(name=f"team {number}", heroes=heroes))
        session.commit()
    yield engine
    engine.dispose()


def _lazily(session: Any) -> list[HeroPublic]:
    heroes = session.exec(select(Hero)).all()
    shown = []
    for hero in heroes:
        shown += [HeroPublic.model_validate(hero)]
    return shown


def _eagerly(session: Session) -> list[HeroPublic]:
    heroes = session.exec(select(Hero).options(joinedload(TEAM))).all()
    return [HeroPublic.model_validate(hero) for hero in heroes]


def _add_called(app: FastAPI, engine: Any) -> None:
    def session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    @app.get("/lazily")
    def lazily(session: Annotated[Session, Depends(session)]) -> list[HeroPublic]:
        return _lazily(session)

    @app.get("/eagerly")
    def eagerly(session: Annotated[Session, Depends(session)]) -> list[HeroPublic]:
        return _eagerly(session)

    @app.get("/heroes", response_model=list[HeroPublic])
    def heroes(session: Annotated[Session, Depends(session)]) -> Any:
        return session.exec(select(Hero)).all()


def _add_awaited(app: FastAPI, engine: Any) -> None:
    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    @app.get("/teams/{name}/heroes")
    async def by_key(name: str, session: Annotated[AsyncSession, Depends(session)]) -> list[str]:
        heroes = (await session.exec(select(Hero))).all()
        names = []
        for hero in heroes:
            team = (await session.exec(select(Team).where(Team.id == hero.team_id))).one()
            names += [f"{name} {team.name}"]
        return names

    @app.get("/run_sync", response_model=list[HeroPublic])
    async def run_sync(session: Annotated[AsyncSession, Depends(session)]) -> Any:
        return await session.run_sync(_lazily)

    @app.get("/selectin", response_model=list[HeroPublic])
    async def selectin(session: Annotated[AsyncSession, Depends(session)]) -> Any:
        return (await session.exec(select(Hero).options(selectinload(TEAM)))).all()


async def _get(app: FastAPI, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        response = await client.get(path)
    assert response.status_code == 200
    assert len(response.json()) == HEROES


def _called(engine: Any, path: str) -> UnitOfWork:
    with observed() as units:
        app = FastAPI()
        _add_called(app, engine)
        asyncio.run(_get(app, path))
    (unit,) = units
    return unit


@asynccontextmanager
async def _engine(path: Path) -> AsyncIterator[Any]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    yield engine
    await engine.dispose()


def _awaited(path: Path, url: str) -> UnitOfWork:
    async def ask() -> None:
        async with _engine(path) as engine:
            app = FastAPI()
            _add_awaited(app, engine)
            await _get(app, url)

    with observed() as units:
        asyncio.run(ask())
    (unit,) = units
    return unit


LAZY = Story(
    "Hero.team",
    TEAMS,
    HEROES,
    "heroes = session.exec(select(Hero)).all()",
    "for hero in heroes:",
    "shown += [HeroPublic.model_validate(hero)]",
)


def test_a_session(engine: Any) -> None:
    def work() -> None:
        with Session(engine) as session:
            assert len(_lazily(session)) == HEROES
            assert session.get(Team, 1) is not None

    with observed(), Recording("script", "script", explicit=True) as recording:
        work()
    assert recording.unit is not None
    assert stories_of(recording.unit) == [LAZY]


def test_a_request(engine: Any) -> None:
    unit = _called(engine, "/lazily")
    assert (unit.name, unit.route) == ("GET /lazily", "/lazily")
    assert stories_of(unit) == [LAZY]


def test_a_request_with_an_eager_load_is_silent(engine: Any) -> None:
    unit = _called(engine, "/eagerly")
    assert (unit.name, len(unit.hits)) == ("GET /eagerly", 1)
    assert stories_of(unit) == []


def test_a_response_model_stands_for_the_access(engine: Any) -> None:
    unit = _called(engine, "/heroes")
    (finding,) = findings_of(unit)
    assert (finding.relation, finding.query_count, finding.origin_row_count) == ("Hero.team", TEAMS, HEROES)
    assert finding.origin is not None
    assert finding.origin.source == "return session.exec(select(Hero)).all()"
    assert finding.call_site is not None
    assert (finding.call_site.source, finding.call_site.note) == (
        "def heroes(session: Annotated[Session, Depends(session)]) -> Any:",
        "response of _add_called.<locals>.heroes",
    )


def test_an_awaited_look_up_in_a_loop(engine: Any, tmp_path: Path) -> None:
    unit = _awaited(tmp_path / "heroes.sqlite3", "/teams/all/heroes")
    assert unit.name == "GET /teams/{name}/heroes"
    assert stories_of(unit) == [
        Story(
            None,
            HEROES,
            HEROES,
            "heroes = (await session.exec(select(Hero))).all()",
            "for hero in heroes:",
            "team = (await session.exec(select(Team).where(Team.id == hero.team_id))).one()",
        )
    ]


def test_lazy_loads_inside_of_run_sync(engine: Any, tmp_path: Path) -> None:
    unit = _awaited(tmp_path / "heroes.sqlite3", "/run_sync")
    assert unit.name == "GET /run_sync"
    assert stories_of(unit) == [LAZY]


def test_an_awaited_eager_load_is_silent(engine: Any, tmp_path: Path) -> None:
    unit = _awaited(tmp_path / "heroes.sqlite3", "/selectin")
    assert (unit.name, len(unit.hits)) == ("GET /selectin", 2)
    assert stories_of(unit) == []
