# mypy: ignore-errors
"""Writes, row by row and at once."""

from sqlalchemy import delete, insert, select, update

from bench.detection.scenario import scenario

from .league import Session, engines
from .models import Club, Goal, Match, Player, Sponsor, Task


@scenario("write-n-plus-one", kind="insert", why="an INSERT for each club, executed and committed on its own")
def tasks_inserted_one_by_one():
    with Session() as session:
        clubs = session.scalars(select(Club.id)).all()  # place: origin
        for club_id in clubs:  # place: loop
            session.execute(insert(Task).values(state=f"visit {club_id}", done=0))  # place: access
        session.commit()
        return len(clubs)


@scenario("write-n-plus-one", kind="update", why="an UPDATE for each match")
def matches_updated_one_by_one():
    with engines["main"].begin() as connection:
        ids = connection.execute(select(Match.id)).scalars().all()  # place: origin
        for match_id in ids:  # place: loop
            connection.execute(update(Match).where(Match.id == match_id).values(week=match_id + 1))  # place: access
        return len(ids)


@scenario("write-n-plus-one", kind="delete", why="a DELETE for each player")
def goals_deleted_one_by_one():
    with Session() as session:
        removed = 0
        for player in session.query(Player).all():  # place: loop origin
            removed += session.execute(delete(Goal).where(Goal.player_id == player.id)).rowcount  # place: access
        session.commit()
        return removed


@scenario("write-n-plus-one", kind="upsert", why="look it up, and add it if it is missing, for each name of a list")
def sponsors_imported():
    with Session() as session:
        known = session.query(Club).count()
        names = [f"Sponsor {n}" for n in range(0, known * 2, 2)]
        for name in names:  # place: loop
            sponsor = session.query(Sponsor).filter_by(name=name).first()  # place: access
            if sponsor is None:
                session.add(Sponsor(name=name))
                session.flush()
        session.commit()
        return session.query(Sponsor).count()


@scenario("look-alike", why="one flush writes all rows at once")
def unit_of_work():
    with Session() as session:
        for player in session.scalars(select(Player)):
            player.number += 10
        session.commit()
        return session.query(Task).count()
