"""Models with every sort of relation that the ORM loads lazily."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, String, Table, func
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    Session,
    WriteOnlyMapped,
    attribute_keyed_dict,
    mapped_column,
    relationship,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


person_skill = Table(
    "person_skill",
    Base.metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("skill_id", ForeignKey("skill.id"), primary_key=True),
)


def _of_owner(condition: str, **options: Any) -> Any:
    """Tasks of a person that meet a condition, too."""
    joined = f"and_(Person.id == foreign(Task.owner_id), {condition})"
    return relationship("Task", primaryjoin=joined, viewonly=True, order_by="Task.id", **options)


class Country(Base):
    __tablename__ = "country"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(20))

    people: Mapped[list[Person]] = relationship(back_populates="country", order_by="Person.id")


class Team(Base):
    __tablename__ = "team"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(8), primary_key=True)

    members: Mapped[list[Person]] = relationship(back_populates="team", order_by="Person.name.desc(), Person.id")


class Person(Base):
    __tablename__ = "person"
    __table_args__ = (ForeignKeyConstraint(["team_place", "team_code"], ["team.place", "team.code"]),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[int] = mapped_column(default=0)
    country_code: Mapped[str | None] = mapped_column(ForeignKey("country.code"))
    team_place: Mapped[int | None]
    team_code: Mapped[str | None] = mapped_column(String(8))
    mentor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id", name="person_manager", use_alter=True))

    country: Mapped[Country | None] = relationship(back_populates="people")
    team: Mapped[Team | None] = relationship(back_populates="members")
    badge: Mapped[Badge | None] = relationship(back_populates="person")
    skills: Mapped[list[Skill]] = relationship(
        secondary=person_skill, back_populates="people", order_by="Skill.name, Skill.id"
    )
    mentor: Mapped[Person | None] = relationship(
        remote_side="Person.id", back_populates="mentees", foreign_keys=[mentor_id]
    )
    mentees: Mapped[list[Person]] = relationship(
        back_populates="mentor", foreign_keys=[mentor_id], order_by="Person.id"
    )
    manager: Mapped[Manager | None] = relationship(
        foreign_keys=[manager_id], back_populates="reports", primaryjoin="Person.manager_id == Manager.id"
    )
    tasks: Mapped[list[Task]] = relationship(back_populates="owner", order_by="Task.points.desc(), Task.id")
    tasks_by_title: Mapped[dict[str, Task]] = relationship(
        viewonly=True, collection_class=attribute_keyed_dict("title"), order_by="Task.id"
    )
    task_query: DynamicMapped[Task] = relationship(viewonly=True, order_by="Task.id")
    task_collection: WriteOnlyMapped[Task] = relationship(viewonly=True, order_by="Task.id")
    guarded_tasks: Mapped[list[Task]] = relationship(viewonly=True, lazy="raise")
    open_tasks: Mapped[list[Task]] = _of_owner("Task.is_open")
    tasks_of_my_kind: Mapped[list[Task]] = _of_owner("Task.kind == Person.kind")
    hard_tasks: Mapped[list[Task]] = _of_owner("Task.points > Person.level")
    newest_task: Mapped[Task | None] = _of_owner("Task.title == 'newest'", uselist=False)
    namesakes: Mapped[list[Person]] = relationship(
        primaryjoin="Person.name == remote(foreign(Person.name))", viewonly=True, order_by="Person.id", uselist=True
    )

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}  # noqa: RUF012 -- SQLAlchemy's way


class Clerk(Person):
    __mapper_args__ = {"polymorphic_identity": "clerk"}  # noqa: RUF012 -- SQLAlchemy's way


class Manager(Person):
    __tablename__ = "manager"

    id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    budget: Mapped[int] = mapped_column(default=0)

    reports: Mapped[list[Person]] = relationship(
        foreign_keys=[Person.manager_id],
        back_populates="manager",
        primaryjoin=lambda: Person.manager_id == Manager.id,
        order_by=Person.id,
    )

    __mapper_args__ = {  # noqa: RUF012 -- SQLAlchemy's way
        "polymorphic_identity": "manager",
        "inherit_condition": id == Person.id,  # noqa: A003 -- the column of this class
    }


class Badge(Base):
    __tablename__ = "badge"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(back_populates="badge")


class Skill(Base):
    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))

    people: Mapped[list[Person]] = relationship(
        secondary=person_skill, back_populates="skills", order_by="Person.id.desc()"
    )


class Task(Base):
    __tablename__ = "task"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20), default="person")
    is_open: Mapped[bool] = mapped_column(default=True)
    points: Mapped[int] = mapped_column(default=0)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    owner: Mapped[Person | None] = relationship(back_populates="tasks")


TO_ONE = ("country", "team", "badge", "mentor", "manager", "newest_task")
TO_MANY = ("skills", "mentees", "tasks", "open_tasks", "tasks_of_my_kind", "hard_tasks", "tasks_by_title", "namesakes")
RELATIONS: dict[type[Base], tuple[str, ...]] = {
    Person: (*TO_ONE, *TO_MANY, "guarded_tasks"),
    Clerk: (*TO_ONE, *TO_MANY),
    Manager: (*TO_ONE, *TO_MANY, "reports"),
    Country: ("people",),
    Team: ("members",),
    Badge: ("person",),
    Skill: ("people",),
    Task: ("owner",),
}


def rows_of(number: int) -> list[Base]:
    """A small company in which everything is there more than once, and something of each sort is missing."""
    countries = [Country(code=code, name=code.title()) for code in ("at", "de", "fr")]
    teams = [Team(place=place, code=code) for place in (1, 2) for code in ("a", "b")]
    kinds = (Person, Clerk, Manager)
    people = [kinds[index % 3](id=index + 1, name=f"name {index % 4}", level=index % 3) for index in range(number)]
    managers = [person for person in people if isinstance(person, Manager)]
    skills = [Skill(id=index + 1, name=name) for index, name in enumerate(("weaving", "baking", "law"))]
    badges = [Badge(person=person) for person in people[::2]]
    tasks = []
    for index, person in enumerate(people):
        person.country = countries[index % 4] if index % 4 < 3 else None
        person.team = teams[index % 5] if index % 5 < 4 else None
        person.mentor = people[index // 2] if index else None
        earlier = [manager for manager in managers if manager.id <= index]
        person.manager = earlier[index % len(earlier)] if earlier else None
        person.skills = skills[: index % 4]
        tasks += [
            Task(title="newest" if turn == 0 else f"task {turn}", kind=kind, points=turn * index % 5, owner=person)
            for turn, kind in enumerate(("person", "clerk", "manager")[: index % 4])
        ]
    for index, task in enumerate(tasks):
        task.is_open = bool(index % 3)
    return [*countries, *teams, *people, *skills, *badges, *tasks, Task(title="nobody's")]


def fill(session: Session, number: int = 8) -> None:
    """Write the company."""
    session.add_all(rows_of(number))
    session.commit()


def person_count(session: Session) -> int:
    """How many people there are."""
    return session.query(func.count(Person.id)).scalar() or 0
