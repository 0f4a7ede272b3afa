# mypy: ignore-errors
"""The league's queries."""

from sqlalchemy import select

from .models import Club, Goal, Match, Player


def matches_of_week(session, week):
    return session.scalars(select(Match).where(Match.week >= week)).all()  # place[three_modules]: origin


class PlayerRepository:
    def __init__(self, session):
        self.session = session

    def by_number(self, club_id, number):
        wanted = select(Player).where(Player.club_id == club_id, Player.number == number)
        return self.session.scalars(wanted).one()  # place[repository_asked_per_line]: access

    def all_active(self):
        return self.session.query(Player).filter_by(active=True).all()  # place[service_class]: origin


def goals_of(session, club: Club):
    return session.scalars(select(Goal).join(Player).where(Player.club_id == club.id)).all()
