# mypy: ignore-errors
"""Less usual shapes: index loops, recursion over a list, mixins, streams, task groups, memos."""

import asyncio
import functools
from collections import defaultdict

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import selectinload

from bench.detection.scenario import scenario

from .league import AsyncSessions, Session, engines
from .models import Club, Goal, Match, Player, Region, Setting, Sponsor, Stadium, Task
from .web import environment


@scenario("n-plus-one", kind="relation", why="an index loop; each row loads its club")
def index_loop():
    with Session() as session:
        stadiums = session.query(Stadium).all()  # place: origin
        names = []
        for i in range(len(stadiums)):  # place: loop
            names.append(stadiums[i].club.name)  # place: access
        return names


def minutes_of(session, ids):
    if not ids:
        return []
    head, *tail = ids
    return [session.get(Goal, head).minute, *minutes_of(session, tail)]  # place[recursion_over_a_list]: loop access


@scenario("n-plus-one", kind="lookup", why="a list worked off by recursion, one get() a step")
def recursion_over_a_list():
    with Session() as session:
        ids = session.scalars(select(Goal.id)).all()  # place: origin
        return minutes_of(session, ids)


@scenario("n-plus-one", kind="lookup", why="names of a list, each looked up with one_or_none()")
def names_looked_up():
    with Session() as session:
        names = [f"Club {n}" for n in range(session.query(Club).count())]
        found = []
        for name in names:  # place: loop
            club = session.query(Club).filter_by(name=name).one_or_none()  # place: access
            if club:
                found.append(club.id)
        return found


@scenario("n-plus-one", kind="lookup", why="try and except around one query a name")
def unknown_names_collected():
    with Session() as session:
        names = [f"Player {n}" for n in range(0, 3 * session.query(Club).count(), 2)]
        unknown = []
        for name in names:  # place: loop
            try:
                session.execute(select(Player.id).where(Player.name == name)).scalar_one()  # place: access
            except NoResultFound:
                unknown.append(name)
        return unknown


def as_dict(row, relations):
    columns = {attribute.key: getattr(row, attribute.key) for attribute in inspect(row).mapper.column_attrs}
    for relation in relations:
        columns[relation] = getattr(row, relation).name  # place[dictionaries_by_reflection]: access
    return columns


@scenario("n-plus-one", kind="relation", why="a generic to-dictionary function walks the relation of each stadium")
def dictionaries_by_reflection():
    with Session() as session:
        stadiums = session.scalars(select(Stadium)).all()  # place: origin
        return [as_dict(stadium, ["club"]) for stadium in stadiums]  # place: loop


@scenario("n-plus-one", kind="relation", why="a loop in a loop in the template")
def nested_loops_in_a_template():
    with Session() as session:
        clubs = session.scalars(select(Club).order_by(Club.id)).all()  # place: origin
        return environment.get_template("clubs.html").render(clubs=clubs)


@scenario("n-plus-one", kind="aggregate", why="an asynchronous stream, and one count a row of it")
async def async_stream():
    async with AsyncSessions() as reader, AsyncSessions() as session:
        sizes = []
        async for club in await reader.stream_scalars(select(Club)):  # place: loop origin
            sizes.append(await session.scalar(select(func.count()).where(Player.club_id == club.id)))  # place: access
        return sizes


@scenario("n-plus-one", kind="lookup", why="a task for each id in a task group")
async def task_group():
    async def arena_of(club_id):
        async with AsyncSessions() as session:
            return await session.scalar(select(Stadium.name).where(Stadium.club_id == club_id))  # place: access

    async with AsyncSessions() as session:
        ids = (await session.scalars(select(Club.id))).all()  # place: origin
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(arena_of(club_id)) for club_id in ids]  # place: loop
    return [task.result() for task in tasks]


class Report:
    """A base class that loops; the subclasses know the columns."""

    model = None

    def __init__(self, session):
        self.session = session

    def rows(self):
        for each in self.session.scalars(select(self.model)).all():  # place[loop_in_a_base_class]: loop origin
            yield tuple(self.columns(each))


class ScorerReport(Report):
    model = Player

    def columns(self, player):
        yield player.name
        yield self.session.scalar(select(func.count(Goal.id)).where(Goal.player_id == player.id))  # place[loop_in_a_base_class]: access


@scenario("n-plus-one", kind="aggregate", why="the loop is in a base class, the query in a subclass")
def loop_in_a_base_class():
    with Session() as session:
        return list(ScorerReport(session).rows())


@scenario("n-plus-one", kind="aggregate", why="all() asks the database for each match")
def all_over_queries():
    with Session() as session:
        matches = session.scalars(select(Match)).all()  # place: origin
        return all(session.query(Goal).filter(Goal.match == match).count() < 9 for match in matches)  # place: loop access


@scenario("n-plus-one", kind="relation", why="grouped into a defaultdict by a relation")
def grouped_in_a_defaultdict():
    with Session() as session:
        groups = defaultdict(list)
        for goal in session.query(Goal).order_by(Goal.minute):  # place: loop origin
            groups[goal.match.week].append(goal.minute)  # place: access
        return dict(groups)


@scenario("n-plus-one", kind="relation", constant=True, why="the two relations of each of three matches")
def two_relations_of_three_rows():
    with Session() as session:
        rows = session.query(Match).order_by(Match.id.desc()).limit(3)  # place: origin
        return [(m.referee.name, len(m.goals)) for m in rows]  # place: loop access


@scenario("look-alike", why="a memoised function asks once for each of three colours")
def lru_cache_over_few_keys():
    with Session() as session:

        @functools.cache
        def clubs_in(colour):
            return session.scalar(select(func.count(Club.id)).where(Club.colour == colour))

        return [clubs_in(club.colour) for club in session.scalars(select(Club)).all()]


@scenario("look-alike", why="many players, one club: the identity map answers after the first")
def players_of_a_single_club():
    with Session() as session:
        players = session.scalars(select(Player).where(Player.club_id == 1)).all()
        return [player.club.name for player in players]


@scenario("look-alike", why="children fetched once and stitched to their parents by hand")
def stitched_by_hand():
    with Session() as session:
        squads = defaultdict(list)
        for player in session.scalars(select(Player)):
            squads[player.club_id].append(player.name)
        return {club.name: squads[club.id] for club in session.scalars(select(Club))}


@scenario("look-alike", why="a query in a loop that ends with its first pass")
def loop_left_at_once():
    with Session() as session:
        for match in session.scalars(select(Match).order_by(Match.week.desc())).all():
            if match.week:
                return match.home.name
    return None


@scenario("look-alike", why="parents and children of one batch, two queries a batch")
def two_queries_a_batch():
    with engines["main"].connect() as connection:
        last, table = 0, []
        while True:
            clubs = connection.execute(select(Club.id, Club.name).where(Club.id > last).order_by(Club.id).limit(4)).all()
            if not clubs:
                return table
            ids = [club.id for club in clubs]
            squads = connection.execute(select(Player.club_id, Player.name).where(Player.club_id.in_(ids))).all()
            table.append((len(clubs), len(squads)))
            last = ids[-1]


@scenario("look-alike", why="a worker of raw SQL takes one task at a time")
def raw_task_worker():
    taken = []
    while True:
        with engines["main"].begin() as connection:
            row = connection.exec_driver_sql("SELECT id FROM task WHERE state = 'waiting' ORDER BY id LIMIT 1").first()
            if row is None:
                return taken
            connection.exec_driver_sql("UPDATE task SET state = 'taken' WHERE id = ?", (row.id,))
            taken.append(row.id)


@scenario("look-alike", why="the tree's levels come from one eager query, three levels deep")
def tree_loaded_ahead():
    with Session() as session:
        root = session.scalars(
            select(Region).where(Region.id == 1).options(selectinload(Region.children, recursion_depth=-1))
        ).one()
        names, todo = [], [root]
        while todo:
            region = todo.pop()
            names.append(region.name)
            todo += region.children
        return names


def named(session, *names):
    return session.scalars(select(Sponsor.id).where(Sponsor.name.in_(names))).all()


@scenario("look-alike", why="one helper, called from two lines with different questions")
def helper_called_from_two_lines():
    with Session() as session:
        gold = named(session, "Sponsor 1", "Sponsor 2")
        silver = named(session, "Sponsor 3", "Sponsor 4", "Sponsor 5")
        return gold, silver


@scenario("look-alike", why="an insert of all rows in one call")
def inserted_at_once():
    with engines["main"].begin() as connection:
        connection.execute(Task.__table__.insert(), [{"state": "new", "done": n} for n in range(20)])
        return connection.scalar(select(func.count(Task.id)))


@scenario("duplicate", kind="same-parameters", why="get() in a new session each time, always with the same key")
def season_for_each_stadium():
    with Session() as session:
        names = session.scalars(select(Stadium.name)).all()
    labels = []
    for name in names:
        with Session() as session:
            labels.append(f"{name} {session.get(Setting, 'season').value}")
    return labels
