"""The same with FastAPI and SQLAlchemy: rows of columns get code, objects words, and both are told."""

import sys

from tests.runs.project import Project

SHOP = """
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import StaticPool, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class TaxRate(Base):
    __tablename__ = "tax_rate"
    id: Mapped[int] = mapped_column(primary_key=True)
    percent: Mapped[int]


class Menu(Base):
    __tablename__ = "menu"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
app = FastAPI()


def shared(session):
    rates = session.execute(select(TaxRate.percent).order_by(TaxRate.id)).all()
    menu = session.scalars(select(Menu)).all()
    return {"rates": [rate.percent for rate in rates], "menu": [entry.text for entry in menu]}


@app.get("/rate/{number}")
def rate(number: int):
    with Session(engine) as session:
        return {"rate": session.get(TaxRate, number).percent, **shared(session)}


@app.get("/about")
def about():
    with Session(engine) as session:
        return shared(session)


if __name__ == "__main__":
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([TaxRate(percent=7), TaxRate(percent=19), Menu(text="home")])
        session.commit()
    client = TestClient(app)
    for page in ("rate/1", "about", "rate/2", "about", "rate/1", "about"):
        print(client.get(f"/{page}").json())
"""


def test_columns_get_code_that_answers_the_same_and_objects_get_words(project: Project) -> None:
    project.write("shop.py", SHOP)
    before = project.run(sys.executable, "shop.py", check=True).stdout
    told = {asked["call_site"]["line"]: asked for asked in project.report()["asked_again"]}
    lines = SHOP.splitlines()
    number = next(number for number, line in enumerate(lines, 1) if "rates = session" in line)
    assert sorted(told) == [number, number + 1]
    assert {asked["unit_count"] for asked in told.values()} == {6}
    assert told[number + 1]["recommendations"][0]["code"] is None
    keep, dictionary = told[number]["recommendations"]
    lines[number - 1] = "    " + keep["code"]
    project.write("shop.py", "\n".join([dictionary["code"], *lines]))
    assert project.run(sys.executable, "shop.py", check=True).stdout == before
    (rest,) = project.report()["asked_again"]
    assert rest["cache_key"].startswith("Menu:all:")
