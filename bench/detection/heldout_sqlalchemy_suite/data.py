# mypy: ignore-errors
"""Rows: `size` of each main entity, a few of what a league has few of."""

from sqlalchemy.orm import Session

from .models import Base, Club, Goal, Match, Player, Referee, Region, Setting, Sponsor, Stadium, Task


def populate(engine, size):
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(_clubs(size))
        session.flush()
        session.add_all(_season(size))
        session.add_all(Task(id=n + 1, state="waiting", done=0) for n in range(size))
        session.add_all(Setting(key=k, value=v) for k, v in (("points", "3"), ("squad", "11"), ("season", "2026")))
        session.commit()


def _clubs(size):
    sponsors = [Sponsor(id=n + 1, name=f"Sponsor {n}") for n in range(size)]
    rows = [Region(id=n + 1, name=f"Region {n}", parent_id=(n - 1) // 2 + 1 if n else None) for n in range(size)]
    for n in range(size):
        club = Club(
            id=n + 1,
            name=f"Club {n}",
            colour=("red", "blue", "green")[n % 3],
            anthem="la " * 60,
            region_id=n + 1,
            sponsors=[sponsors[n], sponsors[(n + 1) % size]],
        )
        rows += [club, Stadium(id=n + 1, name=f"Arena {n}", club=club)]
        rows += [
            Player(id=2 * n + i + 1, name=f"Player {2 * n + i}", number=i + 1, active=n % 2 == 0, club=club)
            for i in range(2)
        ]
    return rows


def _season(size):
    rows = [Referee(id=n + 1, name=f"Referee {n}", licence=f"L{n:03}") for n in range(size)]
    for n in range(size):
        rows.append(
            Match(
                id=n + 1,
                week=n // 2 + 1,
                state=("played", "planned", "cancelled")[n % 3],
                home_id=n + 1,
                away_id=(n + 1) % size + 1,
                referee_id=n + 1,
            )
        )
        rows += [Goal(id=2 * n + i + 1, minute=10 + n + i, match_id=n + 1, player_id=2 * n + i + 1) for i in range(2)]
    return rows
