# mypy: ignore-errors
"""Repeated queries that are there for a reason, and the identical question again."""

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import selectinload

from bench.detection.scenario import scenario

from .league import CONFERENCES, Session, engines
from .models import Club, Goal, Match, Player, Setting, Sponsor, Task


@scenario("look-alike", why="IN lists of five keys")
def chunked_in():
    with Session() as session:
        ids = session.scalars(select(Goal.id)).all()
        minutes = []
        for start in range(0, len(ids), 5):
            part = ids[start : start + 5]
            minutes += session.scalars(select(Goal.minute).where(Goal.id.in_(part)))
        return minutes


@scenario("look-alike", why="a key set page walk")
def keyset_walk():
    with Session() as session:
        last, names = 0, []
        while page := session.scalars(select(Player).where(Player.id > last).order_by(Player.id).limit(4)).all():
            names += [player.name for player in page]
            last = page[-1].id
        return names


@scenario("look-alike", why="an OFFSET page walk")
def offset_walk():
    with Session() as session:
        offset, rows = 0, []
        while True:
            page = session.query(Goal).order_by(Goal.id).offset(offset).limit(5).all()
            rows += [goal.minute for goal in page]
            if len(page) < 5:
                return rows
            offset += 5


@scenario("look-alike", why="select-in loading for each batch of a stream")
def selectin_for_each_batch():
    with Session() as session:
        stream = session.scalars(select(Club).options(selectinload(Club.players)).execution_options(yield_per=4))
        return [len(club.players) for batch in stream.partitions() for club in batch]


@scenario("look-alike", why="a worker takes one task at a time, so that others can take the next")
def task_worker():
    done = 0
    while True:
        with Session.begin() as session:
            task = session.scalars(
                select(Task).where(Task.state == "waiting").order_by(Task.id).limit(1).with_for_update(skip_locked=True)
            ).first()
            if task is None:
                return done
            task.state = "done"
        done += 1


@scenario("look-alike", why="waits until a task has changed")
def poll_a_task():
    for attempt in range(6):
        with Session() as session:
            state = session.execute(select(Task.state).where(Task.id == 2)).scalar_one()
            if state == "done":
                return attempt
            if attempt == 3:
                session.execute(update(Task).where(Task.id == 2).values(state="done"))
                session.commit()
    return None


@scenario("look-alike", why="each conference has a database of its own")
def every_conference():
    totals = {}
    for name in CONFERENCES:
        with engines[name].connect() as connection:
            totals[name] = connection.scalar(select(func.count()).select_from(Club))
    return totals


@scenario("look-alike", why="a savepoint and one statement a batch")
def savepoint_per_batch():
    with Session() as session:
        total = session.scalar(select(func.count(Sponsor.id)))
        names = [f"new sponsor {n}" for n in range(total)]
        for start in range(0, total, 4):
            with session.begin_nested():
                session.execute(Sponsor.__table__.insert(), [{"name": name} for name in names[start : start + 4]])
        session.commit()
        return session.scalar(select(func.count(Sponsor.id)))


@scenario("look-alike", why="counts up until the name is free")
def free_club_name():
    with Session() as session:
        number = 0
        while session.scalar(select(Club.id).where(Club.name == f"Club {number}")) is not None:
            number += 4
        return number


@scenario("look-alike", why="three fields of one registration, each checked once")
def unique_fields():
    wanted = {"name": "FC Nobody", "colour": "violet", "anthem": "hmm"}
    with Session() as session:
        taken = []
        for field, value in wanted.items():
            if session.query(Club.id).filter(getattr(Club, field) == value).first():
                taken.append(field)
        return taken


@scenario("look-alike", why="three lines, three players with three roles")
def three_players_from_three_lines():
    with Session() as session:
        keeper = session.get(Player, 1)
        captain = session.get(Player, 4)
        striker = session.get(Player, 5)
        return [player.name for player in (keeper, captain, striker)]


@scenario("look-alike", why="two different settings")
def two_settings():
    with Session() as session:
        points = int(session.scalar(select(Setting.value).where(Setting.key == "points")))
        squad = int(session.scalar(select(Setting.value).where(Setting.key == "squad")))
        return points * squad


@scenario("look-alike", why="one figure for each of three fixed states")
def count_per_state():
    with Session() as session:
        return {
            state: session.query(Match).filter_by(state=state).count() for state in ("played", "planned", "cancelled")
        }


@scenario("look-alike", why="tries again after an error")
def retry_until_found():
    for attempt in range(4):
        try:
            with Session() as session:
                return attempt, session.query(Sponsor.name).filter_by(name="Late").one()[0]
        except NoResultFound:
            if attempt == 2:
                with Session.begin() as session:
                    session.add(Sponsor(name="Late"))
    return None


@scenario("look-alike", why="the progress of one task is read after each batch")
def progress_of_one_task():
    with Session() as session:
        task = session.get(Task, 1)
        for _ in range(4):
            session.execute(update(Task).where(Task.id == 1).values(done=Task.done + 3))
            session.refresh(task)
        return task.done


@scenario("look-alike", why="the same object expires at each commit and is read again")
def one_object_after_each_commit():
    with Session() as session:
        task = session.get(Task, 1)
        for _ in range(4):
            task.done += 1
            session.commit()
        return task.done


@scenario("look-alike", why="one window of weeks after the other")
def windows_of_weeks():
    with Session() as session:
        table = []
        for start in (1, 3, 5, 7):
            played = select(func.count(Match.id)).where(Match.week.between(start, start + 1))
            table.append(session.scalar(played))
        return table


@scenario("look-alike", why="another table each time")
def size_of_every_table():
    with engines["main"].connect() as connection:
        tables = ("club", "player", "match", "goal", "sponsor")
        return {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables}


@scenario("look-alike", why="asks conference after conference until one knows the club")
def first_conference_that_knows():
    for name in CONFERENCES:
        with Session(bind=engines[name]) as session:
            club = session.scalars(select(Club).where(Club.name == "Club 1", Club.colour == "none")).first()
            if club is not None:
                return club.name
    return "nobody"


@scenario("look-alike", why="bisection: each question depends on the answer before it")
def bisection():
    with Session() as session:
        low, high = 1, session.scalar(select(func.max(Goal.id)))
        while low < high:
            middle = (low + high) // 2
            if session.scalar(select(func.sum(Goal.minute)).where(Goal.id <= middle)) > 60:
                high = middle
            else:
                low = middle + 1
        return low


@scenario("duplicate", kind="same-parameters", why="the same setting for each match")
def points_for_each_match():
    with Session() as session:
        total = 0
        for match in session.scalars(select(Match)).all():
            total += match.week * int(session.scalar(select(Setting.value).where(Setting.key == "points")))
        return total


@scenario("duplicate", kind="same-parameters", why="first() of one query, again for each player")
def first_club_for_each_player():
    with Session() as session:
        rows = []
        for player in session.query(Player).all():
            favourite = session.query(Club).filter(Club.colour == "red").order_by(Club.id).first()
            rows.append((player.name, favourite.name))
        return rows


@scenario("duplicate", kind="same-parameters", why="three sections of one page ask the same question")
def three_sections_of_a_page():
    def header(session):
        return f"{played(session)} matches played"

    def body(session):
        return "*" * played(session)

    def footer(session):
        return f"total: {played(session)}"

    def played(session):
        return session.scalar(select(func.count(Match.id)).where(Match.state == "played"))

    with Session() as session:
        return header(session), body(session), footer(session)


@scenario("duplicate", kind="same-parameters", why="the property of one club, read four times")
def property_of_one_club():
    with Session() as session:
        club = session.get(Club, 1)
        return [club.goals_shot, club.goals_shot * 2, club.goals_shot * 3, club.goals_shot * 4]


@scenario("duplicate", kind="same-parameters", why="a raw query without parameters for each sponsor")
def same_text_for_each_sponsor():
    with engines["main"].connect() as connection:
        shares = []
        for (name,) in connection.execute(text("SELECT name FROM sponsor")).all():
            total = connection.execute(text("SELECT count(*) FROM sponsoring")).scalar()
            shares.append((name, 1 / total))
        return shares
