"""Random graphs, random accesses and interruptions: batching shows what the ORM shows, in no more queries."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, inspect, select, text, update
from sqlalchemy.orm import Session, joinedload, lazyload, raiseload, selectinload
from sqlalchemy.pool import StaticPool

from tests.sources.sqlalchemy.auto_batch.comparison import Scenario, Seen, batching, listened
from tests.sources.sqlalchemy.auto_batch.models import (
    RELATIONS,
    Badge,
    Base,
    Clerk,
    Country,
    Manager,
    Person,
    Skill,
    Task,
    Team,
)

ENGINE = create_engine("sqlite://", poolclass=StaticPool)
Graph = dict[str, Any]
Step = tuple[str, int, int]
Interruption = tuple[int, Step]

ROOTS = (
    select(Person).order_by(Person.id),
    select(Person).order_by(Person.id.desc()).limit(4),
    select(Task).order_by(Task.points, Task.id),
    select(Team).order_by(Team.place, Team.code),
    select(Country).order_by(Country.code),
    select(Skill).order_by(Skill.id),
    select(Badge).order_by(Badge.id),
    select(Manager).order_by(Manager.id),
    select(Person).order_by(Person.id).execution_options(populate_existing=True),
    select(Person).order_by(Person.id).options(selectinload(Person.tasks), joinedload(Person.country)),
    select(Person).order_by(Person.id).options(lazyload(Person.tasks).joinedload(Task.owner)),
    select(Task).order_by(Task.id).options(raiseload("*")),
    select(Person).order_by(Person.id).options(lazyload(Person.tasks.and_(Task.points > 1))),
)
OFTEN = ("read",) * 30
INTERRUPTIONS = ("query", "change", "move", "add", "delete", "flush", "commit", "rollback", "expire", "expire all")
MORE_INTERRUPTIONS = ("core update", "text update", "get", "expunge", "collect", "refresh", "expire relation")

choices = st.integers(0, 30)
keys = st.none() | st.integers(1, 8)
person = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([Person, Clerk, Manager]),
        "name": st.integers(0, 2),
        "mentor": keys,
        "manager": keys,
        "country": st.none() | st.sampled_from(["at", "de", "xx"]),
        "team": st.none() | st.sampled_from([(1, "a"), (1, "b"), (9, "a")]),
        "skills": st.sets(st.integers(1, 3)),
    }
)
people = st.lists(person, min_size=2, max_size=8)
tasks = st.lists(
    st.tuples(keys, st.integers(0, 3), st.booleans(), st.sampled_from(["person", "clerk", "newest"])), max_size=12
)
graphs = st.fixed_dictionaries({"people": people, "tasks": tasks, "badges": st.lists(st.integers(1, 8), max_size=6)})
reading = st.lists(st.tuples(st.sampled_from(["read", "read", "read", "query"]), choices, choices), max_size=40)
everything = st.lists(
    st.tuples(st.sampled_from([*OFTEN, *INTERRUPTIONS, *MORE_INTERRUPTIONS]), choices, choices), max_size=40
)
roots = st.integers(0, len(ROOTS) - 1)
interruption = st.tuples(st.sampled_from([*INTERRUPTIONS, *MORE_INTERRUPTIONS]), choices, choices)
interruptions = st.lists(st.tuples(st.integers(1, 6), interruption), max_size=3)


def write(session: Session, graph: Graph) -> None:
    """Rows, not objects: keys may lead nowhere."""
    connection = session.connection()
    for table in Base.metadata.tables.values():
        connection.execute(table.delete())
    insert = {table.name: table.insert() for table in Base.metadata.sorted_tables}
    connection.execute(insert["country"], [{"code": "at", "name": "A"}, {"code": "de", "name": "D"}])
    connection.execute(insert["team"], [{"place": 1, "code": "a"}, {"place": 1, "code": "b"}])
    connection.execute(insert["skill"], [{"id": key, "name": f"skill {key % 2}"} for key in (1, 2, 3)])
    for key, person in enumerate(graph["people"], 1):
        place, code = person["team"] or (None, None)
        row = {"id": key, "name": f"name {person['name']}", "kind": person["kind"].__name__.lower(), "level": key % 3}
        row |= {"mentor_id": person["mentor"], "manager_id": person["manager"], "country_code": person["country"]}
        connection.execute(insert["person"], row | {"team_place": place, "team_code": code})
        if person["kind"] is Manager:
            connection.execute(insert["manager"], {"id": key, "budget": key})
        for skill in person["skills"]:
            connection.execute(insert["person_skill"], {"person_id": key, "skill_id": skill})
    for key, (owner, points, is_open, name) in enumerate(graph["tasks"], 1):
        row = {"id": key, "owner_id": owner, "points": points, "is_open": is_open}
        connection.execute(
            insert["task"], row | {"kind": name, "title": "newest" if name == "newest" else f"task {key % 3}"}
        )
    for key, person in enumerate(graph["badges"], 1):
        connection.execute(insert["badge"], {"id": key, "person_id": person})
    session.commit()


class Walk:
    """Steps taken from object to object."""

    def __init__(self, session: Session, seen: Seen) -> None:
        self.session = session
        self.seen = seen
        self.pool: list[Any] = []

    def take(self, step: Step) -> None:
        name, which, what = step
        if name == "query":
            self.query(which)
        elif name in ("flush", "commit", "rollback", "expire all"):
            getattr(self.session, name.replace(" ", "_"))()
        elif name == "collect":
            gc.collect()
        elif name == "get":
            self.seen.see(self.session.get(Task, which % 12 + 1))
        elif name in ("core update", "text update"):
            self.write_past_the_session(name, which, what)
        elif self.pool:
            self.touch(name, self.pool[which % len(self.pool)], what)

    def query(self, which: int) -> None:
        found = self.session.scalars(ROOTS[which % len(ROOTS)]).unique().all()
        self.seen.see(found)
        self.pool += found

    def write_past_the_session(self, name: str, which: int, what: int) -> None:
        key, owner = which % 12 + 1, what % 8 + 1
        if name == "core update":
            change = update(Task).where(Task.id == key).values(owner_id=owner, points=what)
            self.session.execute(change, execution_options={"synchronize_session": False})
        else:
            self.session.connection().execute(
                text(f"UPDATE task SET owner_id = {owner}, points = {what} WHERE id = {key}")
            )

    def touch(self, name: str, owner: Any, what: int) -> None:
        if name == "read":
            self.read(owner, what)
        elif not inspect(owner).persistent:
            return
        elif name in ("expire", "expunge", "refresh"):
            getattr(self.session, name)(owner)
        elif name == "expire relation":
            self.session.expire(owner, [RELATIONS[type(owner)][what % len(RELATIONS[type(owner)])]])
        else:
            self.change(name, owner, what)

    def read(self, owner: Any, what: int) -> None:
        relations = RELATIONS[type(owner)]
        value = self.seen.read(owner, relations[what % len(relations)])
        if isinstance(value, dict):
            self.pool += value.values()
        elif isinstance(value, list):
            self.pool += value
        elif value is not None:
            self.pool.append(value)
        for column in inspect(owner).mapper.column_attrs if inspect(owner).persistent else ():
            self.seen.read(owner, column.key)

    def change(self, name: str, owner: Any, what: int) -> None:
        if name == "change" and isinstance(owner, Person):
            owner.level = what
        elif name == "change" and isinstance(owner, Task):
            owner.owner_id = what % 8 + 1
        elif name == "move" and isinstance(owner, Task):
            owner.owner = next((other for other in self.pool if _may_own(other)), None)
        elif name == "add" and isinstance(owner, Person):
            self.session.add(Task(title="added", kind="person", owner_id=owner.id))
        elif name == "delete" and isinstance(owner, Badge | Task):
            self.session.delete(owner)


def _may_own(other: object) -> bool:
    return isinstance(other, Person) and bool(inspect(other).persistent)


def walk_of(root: int, steps: list[Step]) -> Scenario:
    def scenario(session: Session, seen: Seen) -> None:
        walk = Walk(session, seen)
        walk.query(root)
        for step in steps:
            try:
                walk.take(step)
            except Exception as error:  # noqa: BLE001 -- whatever it is, both must raise it
                seen.fail(error)
                session.rollback()

    return scenario


def seen_by(engine: Engine, graph: Graph, scenario: Scenario, *, enabled: bool, autoflush: bool) -> Seen:
    with Session(engine) as session:
        write(session, graph)
    seen = Seen()
    with batching(enabled=enabled), listened(engine, seen), Session(engine, autoflush=autoflush) as session:
        scenario(session, seen)
        if autoflush:
            _flush(session, seen)
        seen.values.append((len(session.new), len(session.dirty), len(session.deleted)))
        seen.values.append(seen.states())
    return seen


def _flush(session: Session, seen: Seen) -> None:
    """When the ORM finds an object in the session it asks for nothing, and so flushes nothing by itself yet."""
    try:
        session.flush()
    except Exception as error:  # noqa: BLE001 -- as in the walk
        seen.fail(error)
        session.rollback()


def check(graph: Graph, scenario: Scenario, *, autoflush: bool = True) -> None:
    plain = seen_by(ENGINE, graph, scenario, enabled=False, autoflush=autoflush)
    batched = seen_by(ENGINE, graph, scenario, enabled=True, autoflush=autoflush)
    assert batched.values == plain.values
    assert len(batched.statements) <= len(plain.statements)


EXAMPLE_COUNT = int(os.environ.get("ENNEAD_TEST_EXAMPLES", "40"))
many = settings(max_examples=EXAMPLE_COUNT, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(scope="module", autouse=True)
def tables() -> Iterator[None]:
    Base.metadata.create_all(ENGINE)
    yield
    ENGINE.dispose()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
class TestAgainstTheOrm:
    @many
    @given(graph=graphs, root=roots, steps=reading)
    def test_reading(self, graph: Graph, root: int, steps: list[Step]) -> None:
        check(graph, walk_of(root, steps))

    @many
    @given(graph=graphs, root=roots, steps=everything, autoflush=st.booleans())
    def test_reading_and_writing(self, graph: Graph, root: int, steps: list[Step], *, autoflush: bool) -> None:
        check(graph, walk_of(root, steps), autoflush=autoflush)

    @many
    @given(graph=graphs, root=roots, relations=st.lists(choices, min_size=1, max_size=2), between=interruptions)
    def test_interrupted_loops(
        self, graph: Graph, root: int, relations: list[int], between: list[Interruption]
    ) -> None:
        steps: list[Step] = []
        for index in range(8):
            steps += [("read", index, relation) for relation in relations]
            steps += [step for position, step in between if position == index]
        check(graph, walk_of(root, steps))
        check(graph, walk_of(root, steps), autoflush=False)
