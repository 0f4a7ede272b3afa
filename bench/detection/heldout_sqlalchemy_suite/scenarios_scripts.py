# mypy: ignore-errors
"""Short scripts, in several dialects of SQLAlchemy."""

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import defer, joinedload, load_only, selectinload, subqueryload

from bench.detection.scenario import scenario

from .league import Session, engines
from .models import Club, Goal, Match, Person, Player, Region, Sponsor, Stadium, sponsoring


@scenario("n-plus-one", kind="lookup", constant=True, why="one get() for each key of a tuple")
def three_keys():
    with Session() as session:
        names = []
        for pk in (1, 2, 3):  # place: loop
            names.append(session.get(Club, pk).name)  # place: access
        return names


@scenario("n-plus-one", kind="relation", constant=True, why="three rows, and each loads its region")
def three_rows():
    with Session() as s:
        clubs = s.query(Club).limit(3).all()  # place: origin
        for club in clubs:  # place: loop
            print(club.region.name)  # place: access
    return "done"


@scenario("n-plus-one", kind="relation", why="many-to-one, each match has a home club of its own")
def home_of_each_match():
    with Session() as session:
        return [match.home.name for match in session.scalars(select(Match))]  # place: loop origin access


@scenario("n-plus-one", kind="relation", why="one-to-many, one query a club")
def players_of_each_club():
    session = Session()
    clubs = session.query(Club).order_by(Club.name)  # place: origin
    squads = {}
    for club in clubs:  # place: loop
        squads[club.name] = len(club.players)  # place: access
    session.close()
    return squads


@scenario("n-plus-one", kind="relation", why="many-to-many, one query a club")
def sponsors_of_each_club():
    with Session() as session:
        result = session.execute(select(Club))  # place: origin
        rows = []
        for (club,) in result.all():  # place: loop
            rows.append([sponsor.name for sponsor in club.sponsors])  # place: access
        return rows


@scenario("n-plus-one", kind="relation", why="the association proxy loads the sponsors of each club")
def association_proxy_of_each_club():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()  # place: origin
        return [", ".join(club.sponsor_names) for club in clubs]  # place: loop access


@scenario("n-plus-one", kind="relation", why="the other side of the one-to-one, loaded for each club")
def stadium_of_each_club():
    with Session() as session:
        names = []
        for club in session.query(Club):  # place: loop origin
            if club.stadium is not None:  # place: access
                names.append(club.stadium.name)
        return names


@scenario("n-plus-one", kind="relation", why="each stadium loads its club")
def club_of_each_stadium():
    with Session() as session:
        stadiums = session.scalars(select(Stadium)).all()  # place: origin
        return dict((s.name, s.club.name) for s in stadiums)  # place: loop access


@scenario("n-plus-one", kind="relation", why="a dynamic relation queries each time it is asked")
def dynamic_relation():
    with Session() as session:
        counts = []
        for club in session.scalars(select(Club)).all():  # place: loop origin
            counts.append(club.home_matches.filter_by(state="played").count())  # place: access
        return counts


@scenario("n-plus-one", kind="lookup", why="a write-only relation, selected for each club")
def write_only_relation():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()  # place: origin
        weeks = []
        for club in clubs:  # place: loop
            weeks += [m.week for m in session.scalars(club.away_matches.select())]  # place: access
        return weeks


@scenario("n-plus-one", kind="deferred", why="a deferred column, read for each club")
def anthem_of_each_club():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()  # place: origin
        return max(len(club.anthem) for club in clubs)  # place: loop access


@scenario("n-plus-one", kind="deferred", why="load_only() left the number out")
def left_out_by_load_only():
    with Session() as session:
        players = session.scalars(select(Player).options(load_only(Player.name))).all()  # place: origin
        total = 0
        for player in players:  # place: loop
            total += player.number  # place: access
        return total


@scenario("n-plus-one", kind="deferred", why="the columns of the subclass are loaded for each referee")
def columns_of_a_subclass():
    with Session() as session:
        people = session.scalars(select(Person).order_by(Person.id)).all()  # place: origin
        return [person.licence for person in people if person.kind == "referee"]  # place: loop access


@scenario("n-plus-one", kind="deferred", why="commit() expired every object, and each is read again on its own")
def expired_by_commit():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()  # place: origin
        session.commit()
        return [club.name for club in clubs]  # place: loop access


@scenario("n-plus-one", kind="aggregate", why="one COUNT a club")
def counted_per_club():
    with Session() as db:
        return {c.id: db.query(Player).filter(Player.club_id == c.id).count() for c in db.query(Club)}  # place: loop origin access


@scenario("n-plus-one", kind="aggregate", why="one EXISTS a player")
def exists_per_player():
    with Session() as session:
        scorers = []
        for player in session.scalars(select(Player)).all():  # place: loop origin
            if session.scalar(select(exists().where(Goal.player_id == player.id))):  # place: access
                scorers.append(player.name)
        return scorers


@scenario("n-plus-one", kind="lookup", why="one first() a club")
def first_player_of_each_club():
    with Session() as session:
        clubs = session.query(Club).all()  # place: origin
        captains = []
        for club in clubs:  # place: loop
            captain = session.query(Player).filter_by(club_id=club.id).order_by(Player.number).first()  # place: access
            captains.append(captain.name)
        return captains


@scenario("n-plus-one", kind="lookup", why="ids first, and one get() an id")
def ids_then_get():
    with Session() as session:
        ids = session.scalars(select(Sponsor.id)).all()  # place: origin
        return [session.get(Sponsor, pk).name for pk in ids]  # place: loop access


@scenario("n-plus-one", kind="aggregate", why="tuples from a join, and one MAX a tuple")
def maximum_per_tuple():
    with Session() as session:
        pairs = session.execute(select(Match.id, Match.week)).all()  # place: origin
        latest = {}
        for match_id, week in pairs:  # place: loop
            latest[week, match_id] = session.execute(  # place: access
                select(func.max(Goal.minute)).where(Goal.match_id == match_id)
            ).scalar_one()
        return latest


@scenario("n-plus-one", kind="raw-sql", why="text() with a parameter, once a club")
def text_per_club():
    with engines["main"].connect() as connection:
        clubs = connection.execute(text("SELECT id, name FROM club")).fetchall()  # place: origin
        found = []
        for club in clubs:  # place: loop
            players = connection.execute(text("SELECT name FROM player WHERE club_id = :id"), {"id": club.id})  # place: access
            found.append((club.name, len(players.all())))
        return found


@scenario("n-plus-one", kind="raw-sql", why="text() with the value written into it, once a club")
def text_with_the_value_in_it():
    with Session() as session:
        minutes = []
        for club_id in session.scalars(select(Club.id)).all():  # place: loop origin
            sql = f"select sum(minute) from goal join player on player.id = player_id where club_id = {club_id}"
            minutes.append(session.execute(text(sql)).scalar())  # place: access
        return minutes


@scenario("n-plus-one", kind="raw-sql", why="the driver's own SQL, once a match")
def driver_sql_per_match():
    with engines["main"].begin() as connection:
        ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM match")]  # place: origin
        goals = 0
        for pk in ids:  # place: loop
            goals += connection.exec_driver_sql("SELECT count(*) FROM goal WHERE match_id = ?", (pk,)).scalar()  # place: access
        return goals


@scenario("n-plus-one", kind="lookup", why="Core, one select a sponsor")
def core_select_per_sponsor():
    with engines["main"].connect() as connection:
        sponsors = connection.execute(select(Sponsor.id)).scalars().all()  # place: origin
        clubs = []
        for sponsor_id in sponsors:  # place: loop
            wanted = select(sponsoring.c.club_id).where(sponsoring.c.sponsor_id == sponsor_id)
            clubs.append(connection.execute(wanted).scalars().all())  # place: access
        return clubs


@scenario("n-plus-one", kind="relation", why="a loop in a loop in a loop")
def three_levels():
    with Session() as session:
        lines = []
        for club in session.scalars(select(Club)).all():  # place: loop origin
            for player in club.players:  # place: loop origin access
                for goal in player.goals:  # place: access
                    lines.append((club.name, player.name, goal.minute))
        return lines


@scenario("n-plus-one", kind="relation", why="the home club was joined, the away club was not")
def joined_one_of_two():
    with Session() as session:
        session.expire_on_commit = False
        matches = session.scalars(select(Match).options(joinedload(Match.referee))).all()  # place: origin
        return [(m.referee.name, m.away.name) for m in matches]  # place: loop access


@scenario("n-plus-one", kind="lookup", why="refresh() for each object")
def refreshed_one_by_one():
    with Session() as session:
        matches = session.query(Match).all()  # place: origin
        for match in matches:  # place: loop
            session.refresh(match)  # place: access
        return [match.state for match in matches]


@scenario("n-plus-one", kind="relation", why="lazy loads while the rows stream in")
def lazy_loads_while_streaming():
    with Session() as session:
        stream = session.scalars(select(Goal).execution_options(yield_per=5))  # place: origin
        return [goal.player.name for goal in stream]  # place: loop access


@scenario("n-plus-one", kind="lookup", why="a deque of ids is worked off with one query each")
def while_loop_over_ids():
    with Session() as session:
        queue = [row.id for row in session.execute(select(Stadium.id))]  # place: origin
        names = []
        while queue:  # place: loop
            stadium_id = queue.pop(0)
            names.append(session.query(Stadium.name).filter(Stadium.id == stadium_id).scalar())  # place: access
        return names


@scenario("n-plus-one", kind="relation", why="the region of each club, on another engine")
def region_of_each_club_in_the_east():
    with Session(bind=engines["east"]) as session:
        clubs = session.query(Club).all()  # place: origin
        return [c.name for c in sorted(clubs, key=lambda club: club.region.name)]  # place: loop access


@scenario("look-alike", why="joined")
def everything_joined():
    with Session() as session:
        rows = session.scalars(select(Match).options(joinedload(Match.home), joinedload(Match.away))).all()
        return [(match.home.name, match.away.name) for match in rows]


@scenario("look-alike", why="select-in loading, a query a relation")
def two_levels_selectin():
    with Session() as session:
        clubs = session.scalars(select(Club).options(selectinload(Club.players).selectinload(Player.goals))).all()
        return [goal.minute for club in clubs for player in club.players for goal in player.goals]


@scenario("look-alike", why="subquery loading")
def subquery_loaded():
    with Session() as session:
        clubs = session.query(Club).options(subqueryload(Club.sponsors), defer(Club.colour)).all()
        return [len(club.sponsors) for club in clubs]


@scenario("look-alike", why="grouped in the database")
def grouped_count():
    with Session() as session:
        return [tuple(row) for row in session.execute(select(Player.club_id, func.count()).group_by(Player.club_id))]


@scenario("look-alike", why="the identity map answers: every region was loaded before")
def identity_map_answers():
    with Session() as session:
        regions = session.scalars(select(Region)).all()
        return len(regions), [club.region.name for club in session.scalars(select(Club))]


@scenario("look-alike", why="get() finds every club in the identity map")
def get_from_the_identity_map():
    with Session() as session:
        clubs = session.scalars(select(Club)).all()
        return [session.get(Club, match.home_id).name for match in session.scalars(select(Match))], len(clubs)
