"""Writes that go out one row at a time where one bulk statement would do."""

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bench.detection.scenario import scenario

from .database import AsyncSessions, Session, begin
from .models import Account, AuditEntry, Remark, Setting, Shipment, Tag

WORDS = [f"word-{number}" for number in range(12)]


@scenario("write-n-plus-one", "insert", why="flush after each add sends each row alone; one flush sends pages")
def flush_after_each_add():
    with Session() as session:
        for number in range(12):  # place: loop
            session.add(AuditEntry(subject_kind="import", subject_id=number, action="added"))
            session.flush()  # place: access
        session.commit()
        return number


@scenario("write-n-plus-one", "insert", why="a Core INSERT for each shipment of a list")
def core_insert_for_each_row():
    with begin() as connection:
        ids = connection.scalars(select(Shipment.id)).all()  # place: origin
        for shipment_id in ids:  # place: loop
            connection.execute(insert(Remark).values(shipment_id=shipment_id, text="counted"))  # place: access
        return len(ids)


@scenario("write-n-plus-one", "insert", why="an awaited INSERT for each word")
async def async_insert_for_each_item():
    async with AsyncSessions() as session:
        for word in WORDS:  # place: loop
            await session.execute(insert(Tag).values(name=word))  # place: access
        await session.commit()
        return len(WORDS)


@scenario("write-n-plus-one", "update", why="each shipment is updated by its own statement; WHERE reaches them all")
def update_for_each_row():
    with Session() as session:
        ids = session.scalars(select(Shipment.id).where(Shipment.weight > 20)).all()  # place: origin
        for shipment_id in ids:  # place: loop
            session.execute(update(Shipment).where(Shipment.id == shipment_id).values(status="late"))  # place: access
        session.commit()
        return len(ids)


@scenario("write-n-plus-one", "update", why="textual UPDATE for each row, where executemany or CASE sends one")
def text_update_for_each_row():
    with begin() as connection:
        rows = connection.execute(text("SELECT id, price FROM product")).all()  # place: origin
        for row in rows:  # place: loop
            raise_price = text("UPDATE product SET price = :price WHERE id = :id")
            connection.execute(raise_price, {"price": row.price + 1, "id": row.id})  # place: access
        return len(rows)


@scenario("write-n-plus-one", "delete", why="a DELETE for each id of a list")
def delete_for_each_row():
    with Session() as session:
        ids = session.scalars(select(Remark.id)).all()  # place: origin
        for remark_id in ids:  # place: loop
            session.execute(delete(Remark).where(Remark.id == remark_id))  # place: access
        session.commit()
        return len(ids)


@scenario("write-n-plus-one", "upsert", why="get-or-create: a SELECT for each name, and an INSERT where there is none")
def get_or_create_for_each_item():
    with Session() as session:
        tags = []
        for word in ["tag-1", "tag-2", *WORDS]:  # place: loop
            tag = session.scalar(select(Tag).where(Tag.name == word))  # place: access
            if tag is None:
                tag = Tag(name=word)
                session.add(tag)
                session.flush()  # place: access
            tags.append(tag.id)
        session.commit()
        return tags


@scenario("write-n-plus-one", "upsert", why="ON CONFLICT takes a list of rows, yet gets one at a time")
def upsert_for_each_item():
    with begin() as connection:
        for word in WORDS:  # place: loop
            row = sqlite_insert(Setting).values(key=word, value="on")
            newer = row.on_conflict_do_update(index_elements=["key"], set_={"value": row.excluded.value})
            connection.execute(newer)  # place: access
        return len(WORDS)


@scenario("write-n-plus-one", "upsert", why="merge and its flush: a SELECT and an UPDATE for each account")
def merge_and_flush_for_each_item():
    with begin() as connection:
        balances = connection.execute(select(Account.id, Account.balance)).all()  # place: origin
    with Session() as session:
        for account_id, balance in balances:  # place: loop
            session.merge(Account(id=account_id, balance=balance + 1))  # place: access
            session.flush()  # place: access
        session.commit()
        return len(balances)
