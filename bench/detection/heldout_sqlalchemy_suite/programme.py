# mypy: ignore-errors
"""The printed programme of a match day."""

from .naming import title_of
from .queries import PlayerRepository, matches_of_week


def programme(session, week):
    lines = []
    for match in matches_of_week(session, week):  # place[three_modules]: loop
        lines.append(title_of(match))
    return lines


class Roster:
    def __init__(self, session):
        self.players = PlayerRepository(session).all_active()

    def lines(self):
        for player in self.players:  # place[service_class]: loop
            yield self.line(player)

    def line(self, player):
        return f"{player.number:2} {player.name} ({self.club_name(player)})"

    @staticmethod
    def club_name(player):
        return player.club.name  # place[service_class]: access
