# mypy: ignore-errors
"""Code with layers, other modules, properties, functional style, trees."""

import io
from functools import reduce
from itertools import chain
from operator import attrgetter

from sqlalchemy import func, select

from bench.detection.scenario import scenario

from . import programme
from .league import Session
from .models import Club, Goal, Match, Player, Region
from .queries import PlayerRepository, goals_of


@scenario("n-plus-one", kind="relation", why="the referee of each match; query, loop and access are in three modules")
def three_modules():
    with Session() as session:
        return programme.programme(session, 1)


@scenario("n-plus-one", kind="relation", why="a class with small methods; one of them loads the club of each player")
def service_class():
    with Session() as session:
        return list(programme.Roster(session).lines())


@scenario("n-plus-one", kind="lookup", why="one lookup for each line of a file")
def repository_asked_per_line():
    with Session() as session:
        count = session.scalar(select(func.count(Club.id)))
        file = io.StringIO("".join(f"{pk},1\n" for pk in range(1, count + 1)))
        players = PlayerRepository(session)
        names = []
        for line in file:  # place: loop
            club_id, number = map(int, line.split(","))
            names.append(players.by_number(club_id, number).name)
        return names


@scenario("n-plus-one", kind="aggregate", why="the property counts in the database")
def property_with_object_session():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()  # place: origin
        return max(clubs, key=lambda club: club.goals_shot).name  # place: loop


@scenario("n-plus-one", kind="relation", why="repr() loads the region of each club")
def repr_loads_the_region():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()  # place: origin
        return [repr(club) for club in clubs]  # place: loop


@scenario("n-plus-one", kind="relation", why="map() with attrgetter() walks a relation")
def attrgetter_over_a_relation():
    with Session() as session:
        matches = session.query(Match).all()  # place: origin
        return list(map(attrgetter("referee.licence"), matches))  # place: loop access


@scenario("n-plus-one", kind="relation", why="reduce() over the players of each club")
def reduce_over_collections():
    with Session() as session:
        clubs = session.query(Club).all()  # place: origin
        return reduce(lambda total, club: total + len(club.players), clubs, 0)  # place: loop access


@scenario("n-plus-one", kind="relation", why="chain() pulls the goals of one match after the other")
def chained_collections():
    with Session() as session:
        matches = session.scalars(select(Match)).all()  # place: origin
        goals = chain.from_iterable(match.goals for match in matches)  # place: loop access
        return [goal.minute for goal in goals]


@scenario("n-plus-one", kind="lookup", why="the helper runs a query for each club")
def helper_that_selects():
    with Session() as session:
        shot = {}
        for club in session.scalars(select(Club)).all():  # place: loop origin
            shot[club.name] = len(goals_from(session, club))
        return shot


def goals_from(session, club):
    wanted = select(Goal).join(Player).where(Player.club_id == club.id)
    return session.scalars(wanted).all()  # place[helper_that_selects]: access


def outline(region, depth=0):
    yield "  " * depth + region.name
    for child in region.children:  # place[recursive_outline]: loop origin access
        yield from outline(child, depth + 1)


@scenario("n-plus-one", kind="relation", why="one query a node of the tree")
def recursive_outline():
    with Session() as session:
        root = session.scalars(select(Region).where(Region.parent_id.is_(None))).one()
        return list(outline(root))


def active_only(players):
    for player in players:  # place[generator_pipeline]: loop
        if player.club.colour != "red":  # place[generator_pipeline]: access
            yield player


@scenario("n-plus-one", kind="relation", why="a stage of the pipeline loads the club of each player")
def generator_pipeline():
    with Session() as session:
        players = session.scalars(select(Player))  # place: origin
        return [player.name for player in active_only(players)]


def load_scorers(session):
    return session.execute(select(Goal.player_id).distinct().order_by(Goal.player_id)).scalars().all()  # place[loader_loop_and_lookup_in_functions]: origin


def scorer_name(session, player_id):
    return session.execute(select(Player.name).where(Player.id == player_id)).scalar_one()  # place[loader_loop_and_lookup_in_functions]: access


@scenario("n-plus-one", kind="lookup", why="the ids of one function, and a query an id in another")
def loader_loop_and_lookup_in_functions():
    with Session() as session:
        return [scorer_name(session, pk) for pk in load_scorers(session)]  # place: loop


@scenario("n-plus-one", kind="aggregate", why="two questions a club, taking turns")
def two_questions_taking_turns():
    with Session() as session:
        table = []
        for index, club in enumerate(session.scalars(select(Club)).all(), start=1):  # place: loop origin
            at_home = session.scalar(select(func.count()).select_from(Match).where(Match.home_id == club.id))  # place: access
            away = session.scalar(select(func.count()).select_from(Match).where(Match.away_id == club.id))  # place: access
            table.append((index, club.name, at_home, away))
        return table


@scenario("look-alike", why="one helper call for a single club")
def helper_for_one_club():
    with Session() as session:
        club = session.scalars(select(Club).limit(1)).one()
        return [goal.minute for goal in goals_of(session, club)]


@scenario("look-alike", why="one query a level of the tree")
def tree_by_levels():
    with Session() as session:
        names, level = [], [1]
        while level:
            rows = session.execute(select(Region.id, Region.name).where(Region.parent_id.in_(level))).all()
            names += [row.name for row in rows]
            level = [row.id for row in rows]
        return names


@scenario("look-alike", why="the path of a single region")
def breadcrumb_of_one_region():
    with Session() as session:
        region = session.scalars(select(Region).order_by(Region.id.desc()).limit(1)).one()
        crumbs = []
        while region is not None:
            crumbs.append(region.name)
            region = region.parent
        return crumbs


@scenario("look-alike", why="a memo answers all but the two numbers that there are")
def memo_of_two_numbers():
    with Session() as session:
        memo = {}
        for player in session.scalars(select(Player)):
            if player.number not in memo:
                same = select(func.count()).where(Player.number == player.number)
                memo[player.number] = session.scalar(same)
        return memo


@scenario("look-alike", why="one single match and what belongs to it")
def one_match_in_detail():
    with Session() as session:
        match = session.get(Match, 1)
        return match.home.name, match.away.name, match.referee.name, [goal.minute for goal in match.goals]
