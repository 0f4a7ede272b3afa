"""Look-alikes: statements that repeat because the work comes in batches, pages, attempts or shards."""

import time

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from bench.detection.scenario import scenario

from .database import Session, begin, connect, shards
from .models import AuditEntry, Customer, Depot, Message, Parcel, Product, Reading, Sensor, Shipment, Tag
from .repositories import email_is_free, shipments_between
from .scenarios_web import client


def in_chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


@scenario("look-alike", why="four ids a query is the set-based form, cut up for the parameter limit")
def ids_in_chunks():
    with Session() as session:
        ids = session.scalars(select(Shipment.id)).all()
        weights = {}
        for chunk in in_chunks(ids, 4):
            query = select(Parcel.shipment_id, func.sum(Parcel.weight)).where(Parcel.shipment_id.in_(chunk))
            weights.update(session.execute(query.group_by(Parcel.shipment_id)).all())
        return weights


@scenario("look-alike", why="textual SQL with an IN list for each chunk, the last one shorter")
def text_in_chunks():
    with connect() as connection:
        skus = connection.scalars(select(Product.sku)).all()
        prices = {}
        for chunk in in_chunks(skus, 3):
            marks = ", ".join(f":sku{number}" for number in range(len(chunk)))
            values = {f"sku{number}": sku for number, sku in enumerate(chunk)}
            rows = connection.execute(text(f"SELECT sku, price FROM product WHERE sku IN ({marks})"), values)
            prices.update(dict(rows.all()))
        return prices


@scenario("look-alike", why="eleven queries of a hundred keys each, as an export would make them")
def keys_in_chunks_of_a_hundred():
    with connect() as connection:
        keys = connection.scalars(select(Sensor.id)).all()
        hottest = []
        for chunk in in_chunks(keys, 100):
            query = select(func.max(Reading.celsius)).where(Reading.sensor_id.in_(chunk))
            hottest.append(connection.scalar(query))
        return max(hottest)


@scenario("look-alike", why="each page starts where the last one ended; the pages cannot be one query by design")
def keyset_pagination():
    seen, last = [], 0
    with Session() as session:
        while page := session.execute(
            select(Shipment.id, Shipment.reference).where(Shipment.id > last).order_by(Shipment.id).limit(4)
        ).all():
            seen.extend(reference for _, reference in page)
            last = page[-1].id
    return seen


@scenario("look-alike", why="an export walks pages by offset to bound its memory")
def limit_offset_pages():
    page_size, lines = 5, []
    with connect() as connection:
        total = connection.scalar(select(func.count()).select_from(Shipment))
        for offset in range(0, total, page_size):
            page = select(Shipment.reference, Shipment.weight).order_by(Shipment.id).limit(page_size).offset(offset)
            lines.extend(f"{reference};{weight}" for reference, weight in connection.execute(page))
    return lines


@scenario("look-alike", why="a client walks the pages of an API; every page counts and reads one page")
async def api_page_walk():
    references, after = [], 0
    async with client() as browser:
        while after is not None:
            page = (await browser.get("/shipments/page", params={"after": after})).json()
            references.extend(item["reference"] for item in page["items"])
            after = page["next_after"]
    return references


@scenario("look-alike", why="one IN query for each partition of a streamed result")
def partitions_with_one_query_each():
    totals = {}
    with Session() as session:
        result = session.scalars(select(Shipment.id).order_by(Shipment.id).execution_options(yield_per=4))
        for ids in result.partitions():
            query = select(Parcel.shipment_id, func.count()).where(Parcel.shipment_id.in_(ids))
            totals.update(session.execute(query.group_by(Parcel.shipment_id)).all())
    return totals


@scenario("look-alike", why="waiting for another process: the same question until the answer changes")
def poll_until_state_changes():
    with Session(expire_on_commit=False) as session:
        for attempt in range(8):
            state = session.scalar(select(Message.state).where(Message.id == 1))
            session.rollback()
            if state == "sent":
                return attempt
            time.sleep(0.001)
            if attempt == 5:
                another_process_sends(1)
    return None


def another_process_sends(message_id):
    with begin() as connection:
        connection.execute(update(Message).where(Message.id == message_id).values(state="sent"))


@scenario("look-alike", why="a feed is polled for what came after the last seen id, which moves on")
def poll_with_moving_cursor():
    received, last_seen = [], 0
    with connect() as connection:
        for _round in range(6):
            news = select(Message.id, Message.payload).where(Message.id > last_seen).order_by(Message.id).limit(2)
            for message_id, payload in connection.execute(news).all():
                received.append(payload)
                last_seen = message_id
            connection.rollback()
    return received


@scenario("look-alike", why="four attempts at one read, the first three fail")
def retry_read_until_view_exists():
    with connect() as connection:
        for attempt in range(1, 6):
            try:
                query = text("SELECT sum(weight) FROM daily_weight WHERE day <= :day")
                return connection.execute(query, {"day": 100 + attempt}).scalar()
            except OperationalError:
                connection.rollback()
                if attempt == 3:
                    nightly_job_builds_view()
    return None


def nightly_job_builds_view():
    with begin() as connection:
        totals = "SELECT day, sum(weight) AS weight FROM shipment GROUP BY day"
        connection.execute(text(f"CREATE VIEW daily_weight AS {totals}"))


@scenario("look-alike", why="an optimistic lock is lost to a rival three times; each attempt reads a new version")
def retry_after_lost_optimistic_lock():
    with connect() as connection:
        for rivals_left in (2, 1, 0, 0):
            version = connection.scalar(select(Depot.version).where(Depot.id == 1))
            connection.rollback()
            if rivals_left:
                rival_takes_a_slot()
            mine = update(Depot).where(Depot.id == 1, Depot.version == version)
            taken = connection.execute(mine.values(version=version + 1, free_slots=Depot.free_slots - 1)).rowcount
            connection.commit()
            if taken:
                return version
    return None


def rival_takes_a_slot():
    with begin() as connection:
        step = {"version": Depot.version + 1, "free_slots": Depot.free_slots - 1}
        connection.execute(update(Depot).where(Depot.id == 1).values(step))


@scenario("look-alike", why="a free reference is searched by trying; collisions are rare, not one for each row")
def retry_on_unique_collision():
    with Session() as session:
        for number in (1, 2, 3, 9_000):
            try:
                with session.begin_nested():
                    session.execute(insert(Tag).values(name=f"tag-{number}"))
                break
            except IntegrityError:
                continue
        session.commit()
        return number


@scenario("look-alike", why="the same count on each of four databases; no statement spans them")
def count_on_every_shard():
    total = 0
    for engine in shards().values():
        with engine.connect() as connection:
            total += connection.scalar(select(func.count()).select_from(Shipment))
    return total


@scenario("look-alike", why="each shard has its own high-water mark, so the parameter differs by database")
def changes_since_mark_on_every_shard():
    marks = {"north": 1, "south": 2, "east": 3, "west": 4}
    changed = {}
    for name, engine in shards().items():
        with engine.connect() as connection:
            query = select(Shipment.reference).where(Shipment.id > marks[name])
            changed[name] = connection.scalars(query).all()
    return changed


@scenario("look-alike", why="a worker claims one job at a time so that several workers can share the queue")
def worker_claims_one_job_at_a_time():
    handled = []
    with Session(expire_on_commit=False) as session:
        while True:
            queued = select(Message).where(Message.state == "queued").order_by(Message.id).limit(1)
            message = session.scalar(queued)
            if message is None:
                return handled
            message.state = "sent"
            session.commit()
            handled.append(message.payload)


@scenario("look-alike", why="old rows go in portions, so that no transaction holds its locks for long")
def retention_deletes_in_portions():
    removed = 0
    with connect() as connection:
        while True:
            portion = select(AuditEntry.id).order_by(AuditEntry.id).limit(4).scalar_subquery()
            gone = connection.execute(delete(AuditEntry).where(AuditEntry.id.in_(portion))).rowcount
            connection.commit()
            removed += gone
            if gone < 4:
                return removed


@scenario("look-alike", why="each import step has its own savepoint and its own statement")
def savepoint_around_each_step():
    steps = (
        update(Shipment).where(Shipment.status == "new").values(status="moving"),
        update(Depot).values(free_slots=Depot.free_slots + 1),
        delete(AuditEntry).where(AuditEntry.action == "renamed"),
        insert(Tag).values(name="imported"),
    )
    with Session() as session:
        for step in steps:
            with session.begin_nested():
                session.execute(step)
        session.commit()
        return len(steps)


@scenario("look-alike", why="one form checks three different addresses for three different reasons")
def uniqueness_checks_for_three_fields():
    with Session() as session:
        return {
            "login": email_is_free(session, "new@example.org"),
            "billing": email_is_free(session, "billing@example.org"),
            "invitation": email_is_free(session, "c2@example.org"),
        }


@scenario("look-alike", why="today, this week, this month: three lines, three windows, one shape")
def three_windows_from_three_lines():
    with Session() as session:
        today = sum(shipments_between(session, 100, 110))
        week = sum(shipments_between(session, 50, 110))
        month = sum(shipments_between(session, 0, 110))
        return {"today": today, "week": week, "month": month}


@scenario("look-alike", why="one count for each of four fixed states, however many rows there are")
def count_for_each_fixed_state():
    with Session() as session:
        counts = {}
        for state in ("new", "moving", "late", "done"):
            counts[state] = session.scalar(select(func.count()).where(Shipment.status == state))
        return counts


@scenario("look-alike", why="a health report counts the rows of different tables")
def count_of_each_table():
    with Session() as session:
        tables = (Customer, Shipment, Parcel, Depot, Message, Sensor)
        return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) for model in tables}
