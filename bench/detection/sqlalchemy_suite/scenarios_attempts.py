"""Look-alikes: one question asked a few times over, each time for a reason of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import create_engine, delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import selectinload

from bench.detection.scenario import scenario

from .database import AsyncSessions, Session, connect, databases, shards
from .flask_app import app
from .models import Customer, Depot, Message, Reading, Shipment, Tag, TrackingEvent
from .repositories import setting
from .scenarios_batches import another_process_sends
from .scenarios_web import client


@scenario("look-alike", why="a job is refreshed until another process has finished it")
def poll_by_refreshing_one_object():
    with Session() as session:
        message = session.get(Message, 2)
        for attempt in range(8):
            session.commit()
            if attempt == 5:
                another_process_sends(2)
            session.refresh(message)
            if message.state == "sent":
                return attempt
    return None


@scenario("look-alike", why="a coroutine waits for a state, sleeping between the questions")
async def async_poll_until_sent():
    async with AsyncSessions() as session:
        for attempt in range(8):
            pending = select(func.count()).where(Message.id == 3, Message.state == "queued")
            waiting = await session.scalar(pending)
            await session.rollback()
            if not waiting:
                return attempt
            if attempt == 4:
                another_process_sends(3)
            await asyncio.sleep(0.001)
    return None


@scenario("look-alike", why="a customer is searched shard by shard until found")
def search_on_shards_until_found():
    for name, engine in shards().items():
        with PlainSession(engine) as session:
            customer = session.scalars(select(Customer).where(Customer.email == "moved@example.org")).first()
            if customer is not None:
                return name
    return "on no shard"


def late_shipments_of(engine):
    with PlainSession(engine) as session:
        return session.scalars(select(Shipment.reference).where(Shipment.status == "late")).all()


@scenario("look-alike", why="one thread and one query for each database")
def every_shard_in_its_own_thread():
    with ThreadPoolExecutor(max_workers=4) as pool:
        return [len(references) for references in pool.map(late_shipments_of, shards().values())]


@scenario("look-alike", why="the replica is not filled yet: four attempts in new sessions, then the main database")
def retry_with_new_session():
    replica = create_engine(databases().main.url.set(database=":memory:"))
    for engine in (replica, replica, replica, replica, databases().main):
        try:
            with PlainSession(engine) as session:
                return session.scalars(select(Shipment.reference).where(Shipment.day > 50)).all()
        except OperationalError:
            continue
        finally:
            replica.dispose()
    return None


@scenario("look-alike", why="a free name is searched by counting up; the first free one ends the search")
def name_counted_up_until_free():
    name, number = "urgent", 1
    with Session() as session:
        while session.scalar(select(Tag.id).where(Tag.name == name)) is not None:
            number += 1
            name = f"urgent-{number}"
    return name


@scenario("look-alike", why="sender, receiver and payer are three roles on three lines")
def three_roles_from_three_lines():
    with Session() as session:
        sender = session.get(Customer, 1)
        receiver = session.get(Customer, 2)
        payer = session.get(Customer, 3)
        return f"from {sender.name} to {receiver.name}, paid by {payer.name}"


@scenario("look-alike", why="two settings, read where each is needed")
def settings_from_several_lines():
    with Session() as session:
        currency = setting(session, "currency")
        locale = setting(session, "locale")
        theme = setting(session, "theme") or "light"
        return currency, locale, theme


@scenario("look-alike", why="one query for each level of the tree, with all parents of the level in it")
def tree_read_level_by_level():
    with connect() as connection:
        level, names = [1], []
        while level:
            children = select(Depot.id, Depot.name).where(Depot.parent_id.in_(level)).order_by(Depot.id)
            rows = connection.execute(children).all()
            names.extend(row.name for row in rows)
            level = [row.id for row in rows]
        return names


@scenario("look-alike", why="a bisection needs the last answer before the next question")
def bisection_for_the_first_warm_sensor():
    low, high = 1, 1024
    with connect() as connection:
        while low < high:
            middle = (low + high) // 2
            warm = connection.scalar(select(func.count()).where(Reading.id <= middle, Reading.celsius > 28))
            low, high = (low, middle) if warm else (middle + 1, high)
    return low


@scenario("look-alike", why="a back-fill walks the keys range by range, one UPDATE for each range")
def backfill_by_key_ranges():
    with connect() as connection:
        last = connection.scalar(select(func.max(TrackingEvent.id)))
        changed = 0
        for start in range(1, last + 1, 8):
            portion = update(TrackingEvent).where(TrackingEvent.id >= start, TrackingEvent.id < start + 8)
            changed += connection.execute(portion.values(code="KEPT")).rowcount
            connection.commit()
        return changed


@scenario("look-alike", why="an archive job reads a fixed range of days at a time to bound its memory")
def export_by_ranges_of_days():
    lines = []
    with connect() as connection:
        last = connection.scalar(select(func.max(Shipment.day)))
        for start in range(0, last + 1, 40):
            window = select(Shipment.reference).where(Shipment.day.between(start, start + 39)).order_by(Shipment.id)
            lines.extend(connection.scalars(window))
    return lines


@scenario("look-alike", why="each page brings its parcels in one IN query")
def page_walk_with_selectinload():
    weights, last = [], 0
    with Session() as session:
        while True:
            page = select(Shipment).where(Shipment.id > last).order_by(Shipment.id).limit(5)
            shipments = session.scalars(page.options(selectinload(Shipment.parcels))).all()
            if not shipments:
                return weights
            weights.extend(sum(parcel.weight for parcel in each.parcels) for each in shipments)
            last = shipments[-1].id


@scenario("look-alike", why="a worker takes one message at a time off the table and returns it")
def worker_takes_messages_off_the_table():
    taken = []
    with connect() as connection:
        while True:
            oldest = select(func.min(Message.id)).scalar_subquery()
            gone = connection.execute(delete(Message).where(Message.id == oldest).returning(Message.payload)).first()
            connection.commit()
            if gone is None:
                return taken
            taken.append(gone.payload)


@scenario("look-alike", why="a worker claims three jobs at a time until none is left")
def worker_claims_jobs_in_batches():
    sent = 0
    with Session(expire_on_commit=False) as session:
        while batch := session.scalars(
            select(Message).where(Message.state == "queued").order_by(Message.id).limit(3)
        ).all():
            for message in batch:
                message.state = "sent"
            session.commit()
            sent += len(batch)
    return sent


@scenario("look-alike", why="requests of different users: each one looks its own user up")
async def one_request_of_each_user():
    async with client() as browser:
        users = [f"c{number}@example.org" for number in range(1, 7)]
        return [(await browser.get("/me", headers={"x-user": user})).json()["name"] for user in users]


@scenario("look-alike", why="pages opened one after the other, each loads its own shipment")
def one_page_for_each_request():
    browser = app.test_client()
    return [browser.get(f"/shipments/{number}").json["reference"] for number in range(1, 7)]
