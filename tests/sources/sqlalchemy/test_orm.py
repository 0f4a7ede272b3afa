"""How evidence gets from the session's event to the cursor's."""

from __future__ import annotations

import gc
import weakref

from sqlalchemy import Engine, create_engine, event, inspect, select
from sqlalchemy.ext.horizontal_shard import ShardedSession
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    sessionmaker,
    with_loader_criteria,
)
from sqlalchemy.pool import StaticPool

from ennead.sources.sqlalchemy import orm
from tests.sources.sqlalchemy.expected import (
    GET_ORDER,
    ORDERS,
    SELECT_CUSTOMERS,
    SELECT_ORDERS,
)
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Base, Customer, Order, create, fill


class TestHandover:
    def test_host_replaces_the_statement(self, session: Session) -> None:
        def only_cheap(state: ORMExecuteState) -> None:
            state.statement = state.statement.options(with_loader_criteria(Order, Order.total < 15))

        event.listen(session, "do_orm_execute", only_cheap)
        with record() as recorded:
            assert len(session.get_one(Customer, 1).orders) == 1
        assert recorded.evidence[-1] == ORDERS

    def test_host_invokes_the_statement_itself(self, session: Session) -> None:
        event.listen(session, "do_orm_execute", lambda state: state.invoke_statement(), retval=True)
        with record() as recorded:
            assert session.get_one(Customer, 1).orders
        assert recorded.evidence[-1] == ORDERS

    def test_session_classes_made_before_and_after(self, engine: Engine, session: Session) -> None:
        class Later(Session):
            pass

        for make in (Later, sessionmaker(class_=Later), sessionmaker()):
            with make(bind=engine) as other, record() as recorded:
                assert other.get(Order, 1)
            assert recorded.evidence == [GET_ORDER]

    def test_sharded_session(self, hooks: None) -> None:
        engines = {name: create_engine("sqlite://", poolclass=StaticPool) for name in ("east", "west")}
        for engine in engines.values():
            create(engine)
            with Session(engine) as session:
                fill(session)
        with record() as recorded, _sharded(engines) as session:
            customers = session.scalars(select(Customer).where(Customer.name == "Ada")).all()
            assert [len(customer.orders) for customer in customers] == [2, 2]
        for engine in engines.values():
            engine.dispose()
        assert recorded.evidence == [SELECT_CUSTOMERS, SELECT_CUSTOMERS, ORDERS, ORDERS]
        assert [query.connection for query in recorded.queries] == ["sqlite", "sqlite#2", "sqlite", "sqlite#2"]

    def test_uncached_statements(self, session: Session) -> None:
        with record() as recorded:
            for _ in range(2):
                session.execute(select(Order), execution_options={"compiled_cache": None}).all()
        assert recorded.evidence == [SELECT_ORDERS, SELECT_ORDERS]

    def test_nothing_is_handed_over_outside_of_units_of_work(self, session: Session) -> None:
        options = []
        event.listen(session, "do_orm_execute", lambda state: options.append(dict(state.local_execution_options)))
        session.get(Order, 1)
        assert "ennead_evidence" not in options[0]


def _sharded(engines: dict[str, Engine]) -> ShardedSession:
    def of_execution(state: ORMExecuteState) -> list[str]:
        origin = state.lazy_loaded_from
        return list(engines) if origin is None or origin.identity_token is None else [str(origin.identity_token)]

    return ShardedSession(
        shard_chooser=lambda *_: "east",
        identity_chooser=lambda *_, **__: list(engines),
        execute_chooser=of_execution,
        shards=dict(engines),
    )


def test_install_twice_and_uninstall_twice(engine: Engine) -> None:
    assert orm.install() == orm.install()
    assert event.contains(Session, "do_orm_execute", orm._on_orm_execute)
    orm.uninstall()
    orm.uninstall()
    assert not event.contains(Session, "do_orm_execute", orm._on_orm_execute)


def test_models_are_not_kept_alive(session: Session) -> None:
    gc.collect()
    before = len(orm._MODELS)

    def use_model_once() -> weakref.ref[type]:
        class Temporary(DeclarativeBase):
            pass

        class Label(Temporary):
            __tablename__ = "tag"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str] = mapped_column(deferred=True)

        with record():
            assert session.scalars(select(Label).limit(1)).one().name
        assert len(orm._MODELS) == before + 1
        session.expunge_all()
        Temporary.registry.dispose()
        return weakref.ref(Label)

    label = use_model_once()
    session.connection().engine.clear_compiled_cache()
    gc.collect()
    assert label() is None
    assert len(orm._MODELS) == before
    assert inspect(Base, raiseerr=False) is None
