"""Whatever of ours fails, the host's results and exceptions are those that it has without us."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, bindparam, create_engine, event, func, insert, select, text, update
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.pool import StaticPool

from ennead.agent.unit_of_work import Hit, UnitOfWork
from ennead.agent.units import Recording
from ennead.kernel.records import OrmEvidence
from ennead.sources.sqlalchemy import (
    columns,
    compiled,
    connections,
    cursor,
    identity,
    orm,
    queries,
    relations,
    selects,
)
from tests.sources.sqlalchemy import shop
from tests.sources.sqlalchemy.shop import Address, Company, Customer, Order, Tag

TAGS = Tag.metadata.tables["tag"]
ORDERS = Order.metadata.tables["orders"]


class Step(NamedTuple):
    """One of our functions, and where it is looked up."""

    owner: Any
    name: str
    provenance: bool = True

    def __str__(self) -> str:
        owner = getattr(self.owner, "__qualname__", self.owner.__name__.rpartition(".")[2])
        return f"{owner}.{self.name}" + ("" if self.provenance else " without provenance")


STEPS = (
    Step(queries, "perf_counter_ns"),
    Step(queries, "sent_batch"),
    Step(queries, "add_to_batch"),
    Step(queries, "evidence_of"),
    Step(queries, "watch_rows"),
    Step(connections.Connections, "of"),
    Step(connections.Connections, "begin"),
    Step(connections.Connections, "end"),
    Step(connections, "_base_name"),
    Step(UnitOfWork, "record"),
    Step(cursor, "_returns_rows"),
    Step(cursor, "_stand_in"),
    Step(cursor, "_stand_in", provenance=False),
    Step(Hit, "capture_rows"),
    Step(identity.IdentityMap, "get"),
    Step(identity.IdentityMap, "set"),
    Step(compiled.EvidenceOfStatement, "resolve"),
    Step(selects.ModelSelects, "evidence_for"),
    Step(selects, "_aggregate_method"),
    Step(selects, "_is_get"),
    Step(columns.ColumnLoads, "evidence_for"),
    Step(columns.LoadOfExpired, "resolve"),
    Step(columns, "_attributes_by_result_name"),
    Step(orm, "_evidence"),
    Step(orm, "column_load"),
    Step(orm, "relation_evidence"),
    Step(relations.RelationEvidence, "__init__"),
    Step(OrmEvidence, "__init__"),
)


class BrokenStepError(Exception):
    """What a broken step raises; the host must never see it."""


def host_work(engine: Engine, tasks: Sequence[Callable[[Session], object]] | None = None) -> list[object]:
    """Everything a host does, and what it gets: results, exceptions with their frames."""
    outcomes: list[object] = []
    with Session(engine) as session:
        for task in TASKS if tasks is None else tasks:
            try:
                outcomes.append(task(session))
            except Exception as error:  # noqa: BLE001 -- whatever the host gets is compared
                frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                outcomes.append((type(error), str(error), type(error.__cause__), frames))
                session.rollback()
    return outcomes


def read(session: Session) -> object:
    customers = session.scalars(select(Customer).order_by(Customer.id)).all()
    return [(type(c).__name__, c.name, c.bio, c.address and c.address.city, len(c.orders)) for c in customers]


def read_eagerly(session: Session) -> object:
    statement = select(Customer).options(selectinload(Customer.orders).selectinload(Order.tags)).order_by(Customer.id)
    return [[[tag.name for tag in order.tags] for order in customer.orders] for customer in session.scalars(statement)]


def read_expired(session: Session) -> object:
    companies = session.scalars(select(Company)).all()
    session.expire_all()
    return [(company.vat_number, company.name) for company in companies]


def look_up(session: Session) -> object:
    order = session.get(Order, 1)
    return order and order.customer.name, session.get(Order, 100), session.scalar(select(func.count(Order.id)))


def core(session: Session) -> object:
    connection = session.connection()
    rows = connection.execute(select(ORDERS.c.id).execution_options(yield_per=2)).partitions()
    return [len(part) for part in rows], connection.execute(text("SELECT name FROM tag")).first()


def write(session: Session) -> object:
    customer = Customer(name="Grace", address=Address(city="Linz"), orders=[Order(total=1), Order(total=2)])
    company = Company(name="Initech", vat_number="AT2")
    session.add_all([customer, company, *(Tag(name=f"tag {number}") for number in range(4))])
    session.flush()
    customer.orders[0].total = 5
    customer.orders[0].tags = [session.get_one(Tag, 1)]
    session.flush()
    for order in customer.orders:
        session.delete(order)
    session.commit()
    names = session.scalars(select(Tag.name).order_by(Tag.id)).all()
    return customer.id, company.id, names, session.scalar(select(func.count()).select_from(Order))


def write_many(session: Session) -> object:
    inserted = session.scalars(insert(Tag).returning(Tag.name), [{"name": "x"}, {"name": "y"}]).all()
    statement = update(TAGS).where(TAGS.c.name == bindparam("old")).values(name="z")
    result = session.connection().execute(statement, [{"old": "x"}, {"old": "y"}])
    session.rollback()
    return inserted, result.rowcount


def fail_to_write(session: Session) -> object:
    session.add(Address(customer_id=1))
    session.flush()
    return None


def fail_to_read(session: Session) -> object:
    return session.execute(text("SELECT * FROM nowhere")).all()


def use_savepoints(session: Session) -> object:
    with session.begin_nested():
        session.add(Tag(name="saved"))
    savepoint = session.begin_nested()
    session.add(Tag(name="undone"))
    session.flush()
    savepoint.rollback()
    return session.scalars(select(Tag.name).where(Tag.name.in_(["saved", "undone"]))).all()


TASKS: tuple[Callable[[Session], object], ...] = (
    *(read, read_eagerly, read_expired, look_up, core, write, write_many),
    *(fail_to_write, fail_to_read, use_savepoints, read),
)


def new_shop() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    shop.create(engine)
    with Session(engine) as session:
        shop.fill(session)
    return engine


@pytest.fixture(scope="module")
def expected() -> list[object]:
    """What the host gets without us."""
    engine = new_shop()
    outcomes = host_work(engine)
    engine.dispose()
    return outcomes


def test_nothing_broken(hooks: None, expected: list[object]) -> None:
    engine = new_shop()
    with Recording("test", "profile", explicit=True) as recording:
        assert host_work(engine) == expected
    engine.dispose()
    assert recording.unit is not None
    assert recording.unit.internal_error_count == 0
    assert len(recording.unit.hits) > 50


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_broken_step(step: Step, hooks: None, expected: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BrokenStepError

    engine = new_shop()
    kind: Any = "profile" if step.provenance else "request"
    with Recording("test", kind, explicit=True) as recording, monkeypatch.context() as patched:
        patched.setattr(step.owner, step.name, fail)
        outcomes = host_work(engine)
    engine.dispose()
    assert outcomes == expected
    assert recording.unit is not None
    assert recording.unit.internal_error_count > 0


def _raise(*_: object, **__: object) -> None:
    message = "the host's own"
    raise LookupError(message)


@pytest.mark.parametrize("name", ["before_cursor_execute", "after_cursor_execute", "begin", "commit", "handle_error"])
def test_engine_events_of_the_host_that_raise(name: str) -> None:
    assert _with_listener(name, hooked=True) == _with_listener(name, hooked=False)


@pytest.mark.parametrize("hooked", [True, False])
def test_session_events_of_the_host_that_raise(*, hooked: bool) -> None:
    if hooked:
        orm.install()
    engine = new_shop()
    try:
        with Recording("test", "profile", explicit=True), Session(engine) as session:
            event.listen(session, "do_orm_execute", _raise)
            with pytest.raises(LookupError, match="the host's own"):
                session.get(Order, 1)
    finally:
        engine.dispose()
        orm.uninstall()


def _with_listener(name: str, *, hooked: bool) -> list[object]:
    engine = new_shop()
    event.listen(engine, name, _raise)
    if hooked:
        queries.install()
        orm.install()
    try:
        with Recording("test", "profile", explicit=True):
            # SQLite refuses savepoints until the cursor of a failed statement is garbage: when that is, nobody knows.
            return host_work(engine, [task for task in TASKS if task is not use_savepoints])
    finally:
        orm.uninstall()
        queries.uninstall()
        engine.dispose()
