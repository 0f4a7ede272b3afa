"""Everything that may happen between two lazy loads, and everything that sessions and statements may be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, inspect, select, text, update
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    joinedload,
    lazyload,
    load_only,
    raiseload,
    scoped_session,
    selectinload,
    sessionmaker,
    with_loader_criteria,
)
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.orm.interfaces import ORMOption

from ennead.sources.sqlalchemy.auto_batch.counts import COUNTS
from tests.sources.sqlalchemy.auto_batch.comparison import Seen, batching, compare, new_engine
from tests.sources.sqlalchemy.auto_batch.models import Badge, Country, Person, Task

PEOPLE = select(Person).order_by(Person.id)


def tasks_of(session: Session, seen: Seen, between: Callable[[list[Person]], object] = lambda people: None) -> None:
    """Read the tasks of all people, with something happening after the third."""
    people = list(session.scalars(PEOPLE))
    for person in people[:3]:
        seen.read(person, "tasks")
    between(people)
    for person in people[3:]:
        seen.read(person, "tasks")


def test_a_found_object_needs_no_flush() -> None:
    """As after an eager load: the ORM finds the next country in the session, asks for nothing and flushes nothing."""

    def dirty_counts(*options: ORMOption, enabled: bool) -> list[int]:
        engine = new_engine()
        with Session(engine) as session:
            session.add_all(Country(code=code, name=code) for code in ("l1", "l2", "l3"))
            session.flush()
            session.add_all(Person(id=100 + key, name="", kind="person", country_code=f"l{key}") for key in (1, 2, 3))
            session.commit()
        with batching(enabled=enabled), Session(engine) as session:
            people = list(session.scalars(PEOPLE.where(Person.id > 100).options(*options)))
            assert [person.country.code for person in people[:2] if person.country] == ["l1", "l2"]
            people[0].level = 7
            counts = [len(session.dirty)]
            assert people[2].country is not None
            counts.append(len(session.dirty))
            assert session.scalar(select(Person.level).where(Person.id == 101)) == 7
            return [*counts, len(session.dirty)]

    assert dirty_counts(enabled=False) == [1, 0, 0]
    assert dirty_counts(enabled=True) == dirty_counts(selectinload(Person.country), enabled=False) == [1, 1, 0]


class TestSiblings:
    def test_loaded_already(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = session.scalars(PEOPLE).all()
            session.scalars(PEOPLE.where(Person.id > 4).options(selectinload(Person.tasks))).all()
            loaded = people[6].tasks
            for person in people:
                seen.read(person, "tasks")
            assert people[6].tasks is loaded

        plain, batched = compare(scenario)
        assert (plain.select_count, batched.select_count) == (7, 5)

    def test_related_objects_with_other_options(self) -> None:
        """A load fills in what objects of the session lack; others must stay as they are."""

        def scenario(session: Session, seen: Seen) -> None:
            people = list(session.scalars(PEOPLE.options(lazyload(Person.tasks).joinedload(Task.owner))))
            seen.read(people[0], "tasks")
            tasks = session.scalars(select(Task).options(raiseload("*"))).all()
            seen.read(people[1], "tasks")
            seen.see([sorted(inspect(task).unloaded) for task in tasks])

        compare(scenario)
        assert COUNTS["refused: related objects that were loaded with other options"] == 1

    def test_same_objects_by_another_relation(self) -> None:
        """Options are for one path: what waits was loaded by them, and is not what the other relation loads."""

        def scenario(session: Session, seen: Seen) -> None:
            people = list(session.scalars(PEOPLE.options(lazyload(Person.tasks).joinedload(Task.owner))))
            for person in people[:2]:
                seen.read(person, "tasks")
            seen.see([sorted(inspect(task).unloaded) for person in people[2:] for task in person.open_tasks])

        compare(scenario)

    def test_related_objects_without_a_column(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = session.scalars(PEOPLE).all()
            tasks = session.scalars(select(Task).options(load_only(Task.id, Task.owner_id))).all()
            for person in people[:2]:
                seen.read(person, "tasks")
            seen.see([sorted(inspect(task).unloaded) for task in tasks])

        compare(scenario)
        assert COUNTS["refused: related objects that were loaded with other options"] == 1

    def test_pending_and_transient(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = list(session.scalars(PEOPLE))
            for person in (*people[:2], Person(name="transient", kind="person"), *people[2:]):
                seen.read(person, "tasks")
            pending = Person(id=100, name="pending", kind="person")
            session.add(pending)
            seen.read(pending, "tasks")
            for person in people:
                seen.read(person, "skills")

        plain, batched = compare(scenario)
        assert batched.select_count < plain.select_count

    def test_deleted(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            badges = list(session.scalars(select(Badge)))
            session.delete(badges[3])
            for badge in badges[:2]:
                seen.read(badge, "person")
            session.flush()
            for badge in badges[:3]:
                seen.read(badge, "person")

        compare(scenario)

    def test_detached(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            tasks_of(session, seen, lambda people: session.expunge(people[4]))

        _, batched = compare(scenario)
        assert any("DetachedInstanceError" in str(value) for value in batched.values)
        assert batched.select_count == 3

    @pytest.mark.parametrize("attributes", [None, ["tasks"], ["name"]])
    def test_expired(self, attributes: list[str] | None) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = list(session.scalars(PEOPLE))
            session.expire(people[4], attributes)
            for person in people:
                seen.read(person, "tasks")
                seen.read(person, "name")

        plain, batched = compare(scenario)
        assert batched.select_count < plain.select_count

    @pytest.mark.parametrize("index", [0, 5])
    def test_expired_after_the_batch(self, index: int) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            tasks_of(session, seen, lambda people: session.expire(people[index]))

        compare(scenario)

    def test_related_object_expired_after_the_batch(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            def expire(people: list[Person]) -> None:
                task = session.get_one(Task, 7)
                session.connection().execute(text("UPDATE task SET title = 'new' WHERE id = 7"))
                session.expire(task)

            tasks_of(session, seen, expire)
            seen.see([task.title for task in session.scalars(select(Task))])

        compare(scenario)

    def test_changed_key(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            tasks = list(session.scalars(select(Task).order_by(Task.id)))
            tasks[3].owner_id = 8
            for task in tasks:
                seen.read(task, "owner")
            with session.no_autoflush:
                tasks[4].owner_id = 1
                session.expire(tasks[4], ["owner"])
                seen.read(tasks[4], "owner")

        compare(scenario)

    def test_the_same_row_asked_twice_is_no_second_sibling(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            person = session.scalars(PEOPLE).all()[0]
            for _ in range(3):
                seen.read(person, "tasks")
                session.expire(person, ["tasks"])

        plain, batched = compare(scenario)
        assert batched.statements == plain.statements
        assert COUNTS == {}


class TestWrites:
    def test_flushed(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            def move(people: list[Person]) -> None:
                people[0].tasks.clear()
                session.add(Task(title="added", owner_id=people[5].id))

            tasks_of(session, seen, move)

        compare(scenario)
        compare(scenario, autoflush=False)

    @pytest.mark.parametrize("synchronize", [False, "fetch", "evaluate", "auto"])
    def test_updated_in_bulk(self, synchronize: Any) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            statement = update(Task).values(owner_id=8, title="moved")
            options = {"synchronize_session": synchronize}
            tasks_of(session, seen, lambda people: session.execute(statement, execution_options=options))
            seen.see([task.title for task in session.scalars(select(Task).order_by(Task.id))])

        compare(scenario)

    def test_as_text(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            statement = text("UPDATE task SET owner_id = 8, title = 'moved'")
            tasks_of(session, seen, lambda people: session.connection().execute(statement))
            seen.see([task.title for task in session.scalars(select(Task).order_by(Task.id))])

        compare(scenario)

    def test_by_another_session(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            def elsewhere(people: list[Person]) -> None:
                with Session(session.get_bind()) as other:
                    other.execute(update(Task).values(owner_id=8))
                    other.commit()

            tasks_of(session, seen, elsewhere)

        compare(scenario)

    @pytest.mark.parametrize("end", ["commit", "rollback"])
    @pytest.mark.parametrize("expire_on_commit", [True, False])
    def test_another_transaction(self, end: str, *, expire_on_commit: bool) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            tasks_of(session, seen, lambda people: getattr(session, end)())

        compare(scenario, expire_on_commit=expire_on_commit)

    def test_savepoint(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            def undo(people: list[Person]) -> None:
                savepoint = session.begin_nested()
                session.execute(update(Task).values(owner_id=8))
                seen.read(people[3], "tasks")
                savepoint.rollback()

            tasks_of(session, seen, undo)

        compare(scenario)

    def test_changes_that_wait_for_a_flush(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            for task in session.scalars(select(Task).order_by(Task.id)):
                owner = seen.read(task, "owner")
                task.points = owner.level if owner else 0

        compare(scenario)
        assert COUNTS["refused: changes that are not flushed"] > 0
        compare(scenario, autoflush=False)

    def test_autoflush_comes_before_the_load(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = list(session.scalars(PEOPLE))
            seen.read(people[0], "tasks")
            session.add(Task(title="added", owner_id=2))
            seen.read(people[1], "tasks")

        _, batched = compare(scenario)
        assert any("added" in statement or statement.startswith("INSERT") for statement in batched.statements)


class TestSessionsAndResults:
    def test_rows_of_two_results_are_no_siblings(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = [session.scalars(PEOPLE.where(Person.id == key)).one() for key in range(1, 9)]
            for person in people:
                seen.read(person, "tasks")

        plain, batched = compare(scenario)
        assert batched.statements == plain.statements
        assert COUNTS == {}

    def test_each_result_has_a_batch_of_its_own(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            first = session.scalars(PEOPLE.where(Person.id < 5)).all()
            second = session.scalars(PEOPLE).all()  # the first four are there already
            for one, other in zip(first, reversed(second), strict=False):
                seen.read(one, "tasks")
                seen.read(other, "tasks")

        plain, batched = compare(scenario)
        assert (plain.select_count, batched.select_count) == (10, 6)

    def test_two_sessions(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            with Session(session.get_bind()) as other:
                for one, another in zip(session.scalars(PEOPLE).all(), other.scalars(PEOPLE).all(), strict=True):
                    seen.read(one, "tasks")
                    seen.read(another, "tasks")

        plain, batched = compare(scenario)
        assert (plain.select_count, batched.select_count) == (18, 6)

    def test_a_session_used_again(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            tasks_of(session, seen)
            session.close()
            tasks_of(session, seen)
            session.expunge_all()
            tasks_of(session, seen)

        plain, batched = compare(scenario)
        assert (plain.select_count, batched.select_count) == (27, 9)

    def test_scoped_session_and_query(self) -> None:
        engine = new_engine()
        sessions = scoped_session(sessionmaker(engine))
        counts = []
        for enabled in (False, True):
            statements: list[str] = []
            event.listen(engine, "before_cursor_execute", lambda *details, to=statements: to.append(details[2]))
            with batching(enabled=enabled):
                names = [[task.title for task in person.tasks] for person in sessions.query(Person).order_by(Person.id)]
            sessions.remove()
            counts.append((len(statements), names))
        engine.dispose()
        assert counts[0][1] == counts[1][1]
        assert [count for count, _ in counts] == [9, 12 - 9]

    @pytest.mark.parametrize("chunk", [2, 3, 100])
    def test_yield_per(self, chunk: int) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            for person in session.scalars(PEOPLE.execution_options(yield_per=chunk)):
                seen.read(person, "tasks")

        plain, batched = compare(scenario)
        assert (plain.select_count, batched.select_count) == (9, {2: 6, 3: 5, 100: 3}[chunk])

    def test_populate_existing(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            again = PEOPLE.execution_options(populate_existing=True)
            tasks_of(session, seen, lambda people: session.scalars(again).all())
            tasks_of(session, seen, lambda people: session.refresh(people[5]))

        plain, batched = compare(scenario)
        assert batched.select_count < plain.select_count


class TestOptions:
    @pytest.mark.parametrize(
        "option",
        [
            lazyload(Person.tasks).joinedload(Task.owner),
            lazyload(Person.tasks).selectinload(Task.owner),
            lazyload(Person.tasks.and_(Task.points > 1)),
            lazyload(Person.tasks).load_only(Task.title),
            joinedload(Person.country),
            with_loader_criteria(Task, Task.points > 1),
        ],
        ids=["joined", "selectin", "and_", "load_only", "of another relation", "criteria"],
    )
    def test_of_the_statement(self, option: Any) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            for person in session.scalars(PEOPLE.options(option)):
                for task in seen.read(person, "tasks"):
                    seen.see(sorted(inspect(task).dict))
                    seen.read(task, "owner")

        plain, batched = compare(scenario)
        assert batched.select_count < plain.select_count

    def test_raiseload(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = session.scalars(PEOPLE.options(raiseload(Person.tasks))).all()
            for person in people:
                seen.read(person, "tasks")
                seen.read(person, "skills")

        plain, batched = compare(scenario)
        assert (plain.select_count, batched.select_count) == (9, 3)
        assert sum("InvalidRequestError" in str(value) for value in batched.values) == 8

    def test_objects_that_wait_are_loaded_again_for_another_statement_with_options(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            people = session.scalars(PEOPLE).all()
            for person in people[:3]:
                seen.read(person, "tasks")
            statement = select(Task).where(Task.owner_id > 3).order_by(Task.id)
            for task in session.scalars(statement.options(raiseload(Task.owner), load_only(Task.title))):
                seen.see(sorted(inspect(task).dict))
                seen.read(task, "owner")
            for person in people[3:]:
                seen.read(person, "tasks")

        compare(scenario)

    @pytest.mark.parametrize("options", [{"populate_existing": True}, {"shop": 1}])
    def test_execution_options(self, options: dict[str, Any]) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            for person in session.scalars(PEOPLE, execution_options=options):
                seen.read(person, "tasks")

        plain, batched = compare(scenario)
        assert (plain.select_count, batched.select_count) == (9, 3)  # lazy loads do not inherit them


class TestHooks:
    """A session's own ``do_orm_execute`` may do anything to a lazy load: such a session is left alone."""

    def test_tenants(self) -> None:
        tenant = {"points": 0}

        def only_my_tasks(state: ORMExecuteState) -> None:
            if state.is_select:
                least = tenant["points"]
                state.statement = state.statement.options(with_loader_criteria(Task, Task.points >= least))

        def scenario(session: Session, seen: Seen) -> None:
            event.listen(session, "do_orm_execute", only_my_tasks)
            tenant["points"] = 0
            tasks_of(session, seen, lambda people: tenant.update(points=2))

        plain, batched = compare(scenario)
        assert batched.statements == plain.statements
        assert set(COUNTS) == {"refused: the session has do_orm_execute hooks"}

    def test_a_class_that_executes_in_its_own_way(self) -> None:
        class OwnSession(Session):
            def execute(self, *args: Any, **kwargs: Any) -> Any:
                return super().execute(*args, **kwargs)

        engine = new_engine()
        with batching(), OwnSession(engine) as session:
            assert [len(person.tasks) for person in session.scalars(PEOPLE)] == [0, 1, 2, 3, 0, 1, 2, 3]
        engine.dispose()
        assert set(COUNTS) == {"refused: the session's class executes in its own way"}

    def test_load_events(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            loaded: list[str] = []

            def note(instance: Task, _context: object) -> None:
                loaded.append(f"{instance.id} {instance.title}")

            event.listen(Task, "load", note)
            tasks_of(session, seen)
            event.remove(Task, "load", note)
            seen.see(sorted(loaded))

        _, batched = compare(scenario)
        assert batched.select_count == 3

    def test_an_error_of_a_load_event_reaches_the_host(self) -> None:
        def scenario(session: Session, seen: Seen) -> None:
            def fail(instance: Task, _context: object) -> None:
                if instance.owner_id == 2:
                    message = "the host's own"
                    raise LookupError(message)

            event.listen(Task, "load", fail)
            people = list(session.scalars(PEOPLE))
            for person in people:
                try:
                    seen.read(person, "tasks")
                except LookupError as error:
                    seen.see(str(error))
            event.remove(Task, "load", fail)

        engine = new_engine()
        seen = Seen()
        from ennead.sources.sqlalchemy.auto_batch import hooks

        hooks.install()
        try:
            with Session(engine) as session:
                scenario(session, seen)
        finally:
            hooks.uninstall()
            engine.dispose()
        assert "the host's own" in seen.values


def test_detached_objects_raise_as_ever() -> None:
    engine = new_engine()
    with batching():
        with Session(engine) as session:
            people = list(session.scalars(PEOPLE))
            assert [len(person.tasks) for person in people[:3]] == [0, 1, 2]
        with pytest.raises(DetachedInstanceError):
            _ = people[5].tasks
    engine.dispose()


def test_nothing_is_left_behind() -> None:
    listeners = list(Session().dispatch.do_orm_execute)
    with batching():
        assert len(list(Session().dispatch.do_orm_execute)) == len(listeners) + 1
    assert list(Session().dispatch.do_orm_execute) == listeners


def test_switched_off_in_mid_loop() -> None:
    engine = new_engine()
    with Session(engine) as session:
        with batching():
            countries = list(session.scalars(select(Country).order_by(Country.code)))
            assert [len(country.people) for country in countries[:2]] == [2, 2]
        assert len(countries[2].people) == 2
    engine.dispose()
