"""What is read out of the records of a replay."""

from __future__ import annotations

import pytest

from tests.replay.project import ReplayedProject

BOOKS = """
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

class Base(DeclarativeBase):
    pass

class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]

engine = create_engine("sqlite:///books.sqlite3")
Base.metadata.create_all(engine)
"""


@pytest.mark.parametrize(
    ("end", "transactions"),
    [("session.commit()", 3), ("session.flush()", 1), ("session.execute(select(Book)); session.commit()", 3)],
)
def test_transactions_that_write_are_counted(project: ReplayedProject, end: str, transactions: int) -> None:
    writes = f"""
from sqlalchemy import select
with Session(engine) as session:
    session.execute(select(Book))
    session.commit()
    for _ in range(3):
        session.add(Book(title="Emma"))
        {end}
    session.commit()
"""
    (unit,) = project.run(BOOKS + writes).units
    assert unit.writing_transactions == transactions


DJANGO = """
import django, os
from contextlib import nullcontext
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
from django.db import connection, transaction
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE book (title TEXT)")
    with {block}():
        for title in ("Emma", "Persuasion", "Lady Susan"):
            cursor.execute("INSERT INTO book VALUES (%s)", [title])
"""


@pytest.mark.parametrize(("block", "transactions"), [("transaction.atomic", 1), ("nullcontext", 3)])
def test_a_write_outside_of_a_transaction_is_one_of_its_own(
    project: ReplayedProject, block: str, transactions: int
) -> None:
    project.write_django()
    (unit,) = project.run(DJANGO.format(block=block)).units
    assert unit.writing_transactions == transactions
