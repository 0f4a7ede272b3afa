# mypy: ignore-errors
"""The league on the web, and its asynchronous and threaded parts."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from bench.detection.scenario import scenario

from .league import AsyncSessions, Session
from .models import Club, Goal, Match, Player
from .web import ClubOut, api, environment, schema, site


@scenario("n-plus-one", kind="relation", why="the response model reads the sponsors of each club")
def fastapi_response_model():
    return TestClient(api).get("/clubs").json()


@scenario("n-plus-one", kind="relation", why="the view reads the club of each player")
def fastapi_list_of_dictionaries():
    return TestClient(api).get("/players").json()


@scenario("n-plus-one", kind="relation", why="model_validate() reads the sponsors of each club")
def pydantic_from_attributes():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()  # place: origin
        return [ClubOut.model_validate(club).model_dump() for club in clubs]  # place: loop access


@scenario("n-plus-one", kind="relation", why="the template loads the stadium of each club")
def flask_view_and_template():
    return site.test_client().get("/stadiums").text


@scenario("n-plus-one", kind="relation", why="the macro loads the club of each player")
def macro_in_a_template():
    with Session() as session:
        players = session.scalars(select(Player)).all()  # place: origin
        return environment.get_template("squad.html").render(players=players)


@scenario("n-plus-one", kind="aggregate", why="the resolver counts for each club")
def graphql_resolver():
    with Session() as session:
        answer = schema.execute_sync("{ clubs { name playerCount } }", context_value={"session": session})  # place: loop
        assert answer.errors is None
        return answer.data


@scenario("n-plus-one", kind="relation", why="awaitable_attrs loads the players of each club")
async def awaitable_attributes():
    async with AsyncSessions() as session:
        clubs = (await session.scalars(select(Club))).all()  # place: origin
        sizes = []
        for club in clubs:  # place: loop
            sizes.append(len(await club.awaitable_attrs.players))  # place: access
        return sizes


@scenario("n-plus-one", kind="lookup", why="one awaited get() a match")
async def awaited_get():
    async with AsyncSessions() as session:
        result = await session.execute(select(Match.id, Match.home_id))  # place: origin
        names = {}
        for match_id, home_id in result:  # place: loop
            names[match_id] = (await session.get(Club, home_id)).name  # place: access
        return names


def _scorers(session):
    goals = session.scalars(select(Goal)).all()  # place[run_sync]: origin
    return [goal.player.name for goal in goals]  # place[run_sync]: loop access


@scenario("n-plus-one", kind="relation", why="run_sync() with ordinary lazy loads inside")
async def run_sync():
    async with AsyncSessions() as session:
        return await session.run_sync(_scorers)


async def goals_in(match_id):
    async with AsyncSessions() as session:
        wanted = select(func.count(Goal.id)).where(Goal.match_id == match_id)
        return await session.scalar(wanted)  # place[gathered_counts]: access


@scenario("n-plus-one", kind="aggregate", why="all at once, each with a session, and still one query a match")
async def gathered_counts():
    async with AsyncSessions() as session:
        ids = (await session.scalars(select(Match.id))).all()  # place: origin
    return await asyncio.gather(*[goals_in(match_id) for match_id in ids])  # place: loop


def squad_of(club_id):
    with Session() as session:
        return session.query(Player).filter(Player.club_id == club_id).count()  # place[thread_pool_map]: access


@scenario("n-plus-one", kind="aggregate", why="a pool of threads asks one question a club")
def thread_pool_map():
    with Session() as session:
        ids = session.scalars(select(Club.id)).all()  # place: origin
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(squad_of, ids))  # place: loop


@scenario("n-plus-one", kind="relation", why="the whole loop runs in a thread")
def loop_in_a_thread():
    names = []

    def work():
        with Session() as session:
            for match in session.query(Match).all():  # place: loop origin
                names.append(match.away.name)  # place: access

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return names


@scenario("look-alike", why="the view joins both clubs")
def flask_view_that_joins():
    return site.test_client().get("/matches").text


@scenario("look-alike", why="a test calls one view for three players: three requests")
def view_called_for_three_ids():
    client = TestClient(api)
    return [client.get(f"/players/{pk}").json() for pk in (1, 3, 5)]


@scenario("look-alike", why="select-in loading in an asynchronous session")
async def async_selectin():
    async with AsyncSessions() as session:
        clubs = await session.scalars(select(Club).options(selectinload(Club.players)))
        return [len(club.players) for club in clubs]


@scenario("look-alike", why="three different questions at once")
async def three_questions_gathered():
    async def count(model):
        async with AsyncSessions() as session:
            return await session.scalar(select(func.count()).select_from(model))

    return await asyncio.gather(count(Club), count(Player), count(Match))


@scenario("look-alike", why="the template finds everything loaded")
def template_with_loaded_rows():
    with Session() as session:
        players = session.scalars(select(Player).options(selectinload(Player.club))).all()
        return environment.get_template("squad.html").render(players=players)
