"""Each sort of relation, read from all rows of a result: the same as the ORM's, in a constant number of queries."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ennead.sources.sqlalchemy.auto_batch.counts import COUNTS
from tests.sources.sqlalchemy.auto_batch.comparison import Scenario, Seen, compare
from tests.sources.sqlalchemy.auto_batch.models import Base, Country, Manager, Person, Skill, Task, Team


def reads(model: type[Base], relation: str) -> Scenario:
    def scenario(session: Session, seen: Seen) -> None:
        for row in session.scalars(select(model)).all():
            seen.read(row, relation)

    return scenario


# Queries for eight people: the one for the rows, the first lazy load, and the one for all the others.
@pytest.mark.parametrize(
    ("model", "relation", "plain_count", "batched_count"),
    [
        pytest.param(Person, "country", 4, 3, id="many-to-one, text key"),
        pytest.param(Person, "team", 5, 3, id="many-to-one, composite key"),
        pytest.param(Person, "badge", 9, 3, id="one-to-one"),
        pytest.param(Person, "skills", 9, 3, id="many-to-many"),
        pytest.param(Skill, "people", 4, 3, id="many-to-many, the other way"),
        pytest.param(Person, "mentees", 9, 3, id="one-to-many, of the same model"),
        pytest.param(Person, "mentor", 1, 1, id="many-to-one, all in the session"),
        pytest.param(Person, "tasks", 9, 3, id="one-to-many, ordered downwards"),
        pytest.param(Task, "owner", 7, 3, id="many-to-one"),
        pytest.param(Team, "members", 5, 3, id="one-to-many, composite key"),
        pytest.param(Country, "people", 4, 3, id="one-to-many, text key"),
        pytest.param(Manager, "reports", 3, 3, id="two rows"),
        pytest.param(Person, "open_tasks", 9, 3, id="a condition"),
        pytest.param(Person, "tasks_of_my_kind", 9, 3, id="a condition on another column of the row"),
        pytest.param(Person, "newest_task", 9, 3, id="one-to-one with a condition"),
        pytest.param(Person, "tasks_by_title", 9, 3, id="a dictionary"),
        pytest.param(Person, "namesakes", 9, 3, id="neither side's primary key"),
    ],
)
def test_batched(model: type[Base], relation: str, plain_count: int, batched_count: int) -> None:
    plain, batched = compare(reads(model, relation))
    assert (plain.select_count, batched.select_count) == (plain_count, batched_count)


@pytest.mark.parametrize(
    ("relation", "why"),
    [
        ("hard_tasks", "the statement asks for more than equal columns"),
        ("guarded_tasks", None),
    ],
)
def test_left_to_the_orm(relation: str, why: str | None) -> None:
    plain, batched = compare(reads(Person, relation))
    assert batched.statements == plain.statements
    assert list(COUNTS) == ([f"refused: {why}"] if why else [])


@pytest.mark.parametrize("relation", ["task_query", "task_collection"])
def test_dynamic_and_write_only_collections_are_queries(relation: str) -> None:
    def scenario(session: Session, seen: Seen) -> None:
        for person in session.scalars(select(Person)):
            collection = getattr(person, relation)
            statement = collection.select() if relation == "task_collection" else collection.statement
            seen.see(session.scalars(statement).all())

    plain, batched = compare(scenario)
    assert batched.statements == plain.statements
    assert COUNTS == {}


def test_loads_inside_of_loads() -> None:
    def scenario(session: Session, seen: Seen) -> None:
        for country in session.scalars(select(Country)):
            for person in seen.read(country, "people"):
                for skill in seen.read(person, "skills"):
                    seen.read(skill, "people")
                for task in seen.read(person, "tasks"):
                    seen.read(task, "owner")

    plain, batched = compare(scenario)
    assert plain.select_count == 18
    assert batched.select_count == 11


def test_more_rows_than_promised_by_a_one_to_one_are_warned_of() -> None:
    def scenario(session: Session, seen: Seen) -> None:
        for task in session.scalars(select(Task)).all():
            task.title = "newest"
        session.commit()
        for person in session.scalars(select(Person).execution_options(populate_existing=True)):
            seen.read(person, "newest_task")

    plain, _ = compare(scenario)
    assert sum("Multiple rows returned with uselist=False" in str(value) for value in plain.values) == 4


def test_a_row_found_by_two_siblings_is_one_object() -> None:
    def scenario(session: Session, seen: Seen) -> None:
        people = session.scalars(select(Person)).all()
        skills = [seen.read(person, "skills") for person in people]
        assert skills[2][0] is skills[3][0]
        assert len({id(collection) for collection in skills}) == len(people)

    compare(scenario)
