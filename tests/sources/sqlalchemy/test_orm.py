"""Whole evidence for every sort of load, and nothing where the ORM says nothing."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy import Engine, event, exists, func, insert, inspect, select, text, update
from sqlalchemy.exc import LegacyAPIWarning
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    aliased,
    contains_eager,
    defer,
    immediateload,
    joinedload,
    load_only,
    mapped_column,
    selectin_polymorphic,
    selectinload,
    sessionmaker,
    subqueryload,
    with_loader_criteria,
)

from ennead.kernel.records import OrmEvidence
from ennead.sources.sqlalchemy import orm
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Address, Base, Company, Customer, Order, Tag

ORDERS = OrmEvidence(
    library="sqlalchemy",
    lazy_load=True,
    kind="relation",
    relation="Customer.orders",
    owner="Customer",
    target="Order",
    cardinality="many",
    models=("Order",),
)
CUSTOMER = OrmEvidence(
    library="sqlalchemy",
    lazy_load=True,
    kind="relation",
    relation="Order.customer",
    owner="Order",
    target="Customer",
    cardinality="one",
    models=("Customer",),
)
TAGS = replace(ORDERS, relation="Order.tags", owner="Order", target="Tag", models=("Tag",))
ADDRESS = replace(CUSTOMER, relation="Customer.address", owner="Customer", target="Address", models=("Address",))
BIO = OrmEvidence(
    library="sqlalchemy",
    lazy_load=True,
    kind="deferred",
    relation="Customer.bio",
    owner="Customer",
    target="Customer",
    models=("Customer",),
)
REFRESH = replace(BIO, relation=None, method="refresh")
SELECT_ORDERS = OrmEvidence(library="sqlalchemy", target="Order", models=("Order",))
SELECT_CUSTOMERS = OrmEvidence(library="sqlalchemy", target="Customer", models=("Customer",))
GET_ORDER = OrmEvidence(library="sqlalchemy", kind="lookup", target="Order", models=("Order",), method="get")
COUNT_ORDERS = OrmEvidence(library="sqlalchemy", kind="aggregate", models=("Order",), method="count")


def eager(lazy: OrmEvidence) -> OrmEvidence:
    return replace(lazy, lazy_load=False, eager=True)


class TestRelations:
    def test_one_to_many(self, session: Session) -> None:
        with record() as recorded:
            for customer in session.scalars(select(Customer)).all():
                assert len(customer.orders) == 2
        assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, ORDERS, ORDERS]

    def test_many_to_one(self, session: Session) -> None:
        with record() as recorded:
            for order in session.scalars(select(Order)).all():
                assert order.customer.name
        assert recorded.evidence == [SELECT_ORDERS, CUSTOMER, CUSTOMER, CUSTOMER]

    def test_many_to_many(self, session: Session) -> None:
        with record() as recorded:
            for order in session.scalars(select(Order).limit(2)).all():
                assert len(order.tags) == 2
        assert recorded.evidence == [SELECT_ORDERS, TAGS, TAGS]

    def test_one_to_one(self, session: Session) -> None:
        with record() as recorded:
            for customer in session.scalars(select(Customer)).all():
                assert customer.address
        assert recorded.evidence == [SELECT_CUSTOMERS, ADDRESS, ADDRESS, ADDRESS]

    def test_nested(self, session: Session) -> None:
        with record() as recorded:
            for customer in session.scalars(select(Customer).limit(1)).all():
                for order in customer.orders:
                    assert order.tags
        assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, TAGS, TAGS]

    def test_of_an_object_loaded_through_a_relation_with_options(self, session: Session) -> None:
        with record() as recorded:
            order = session.scalars(select(Order).options(selectinload(Order.customer)).limit(1)).one()
            assert order.customer.address
        assert recorded.evidence == [SELECT_ORDERS, eager(CUSTOMER), ADDRESS]

    def test_inherited_relation_belongs_to_the_model_that_declares_it(self, session: Session) -> None:
        with record() as recorded:
            company = session.scalars(select(Company)).one()
            assert company.orders
        assert recorded.evidence == [OrmEvidence(library="sqlalchemy", target="Company", models=("Company",)), ORDERS]

    def test_during_an_autoflush_between(self, session: Session) -> None:
        with record() as recorded:
            customer = session.get_one(Customer, 1)
            session.add(Tag(name="green"))
            assert customer.orders
        assert [evidence and evidence.relation for evidence in recorded.evidence] == [None, None, "Customer.orders"]
        assert recorded.queries[1].operation == "insert"
        assert recorded.evidence[1] is None

    def test_immediate_loading_is_lazy_loading_at_the_query(self, session: Session) -> None:
        with record() as recorded:
            session.scalars(select(Customer).options(immediateload(Customer.orders))).all()
        assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, ORDERS, ORDERS]

    @pytest.mark.parametrize("loader", [selectinload, subqueryload])
    def test_eager_loading(self, session: Session, loader: type) -> None:
        with record() as recorded:
            statement = select(Customer).options(loader(Customer.orders).options(loader(Order.tags)))
            assert [len(customer.orders) for customer in session.scalars(statement)] == [2, 2, 2]
        assert recorded.evidence == [SELECT_CUSTOMERS, eager(ORDERS), eager(TAGS)]

    @pytest.mark.parametrize(
        "statement",
        [
            select(Customer).options(joinedload(Customer.orders)),
            select(Customer).join(Customer.orders).options(contains_eager(Customer.orders)),
        ],
    )
    def test_joined_loading_is_one_select(self, session: Session, statement: object) -> None:
        with record() as recorded:
            for customer in session.scalars(statement).unique():  # type: ignore[call-overload]
                assert len(customer.orders) == 2
        assert recorded.evidence == [SELECT_CUSTOMERS]

    def test_object_in_the_identity_map_needs_no_query(self, session: Session) -> None:
        with record() as recorded:
            customers = session.scalars(select(Customer)).all()
            assert all(order.customer in customers for order in session.scalars(select(Order)))
        assert recorded.evidence == [SELECT_CUSTOMERS, SELECT_ORDERS]

    def test_lazy_load_while_flushing(self, session: Session) -> None:
        with record() as recorded:
            session.delete(session.get_one(Order, 1))
            session.flush()
        assert recorded.evidence == [GET_ORDER, TAGS, None, None]
        assert [query.operation for query in recorded.queries] == ["select", "select", "delete", "delete"]


class TestColumns:
    def test_deferred(self, session: Session) -> None:
        with record() as recorded:
            for customer in session.scalars(select(Customer)).all():
                assert customer.bio != ""
        assert recorded.evidence == [SELECT_CUSTOMERS, BIO, BIO, BIO]

    def test_deferred_group_is_named_by_its_first_column(self, session: Session) -> None:
        with record() as recorded:
            assert session.get_one(Customer, 1).second_note == "second"
        assert recorded.evidence[1:] == [replace(BIO, relation="Customer.note")]

    @pytest.mark.parametrize("option", [defer(Customer.name), load_only(Customer.id)])
    def test_deferred_by_the_query(self, session: Session, option: object) -> None:
        with record() as recorded:
            customer = session.scalars(select(Customer).options(option).limit(1)).one()  # type: ignore[arg-type]
            assert customer.name == "Ada"
        assert recorded.evidence == [SELECT_CUSTOMERS, replace(BIO, relation="Customer.name")]

    def test_deferred_of_an_object_loaded_through_a_relation(self, session: Session) -> None:
        with record() as recorded:
            order = session.scalars(select(Order).options(selectinload(Order.customer)).limit(1)).one()
            assert order.customer.bio == "mathematician"
        assert recorded.evidence == [SELECT_ORDERS, eager(CUSTOMER), BIO]

    def test_columns_of_a_subclass(self, session: Session) -> None:
        with record() as recorded:
            company = session.scalars(select(Customer).where(Customer.name == "Acme")).one()
            assert isinstance(company, Company)
            assert company.vat_number == "AT1"
        company_column = replace(
            BIO, relation="Company.vat_number", owner="Company", target="Company", models=("Company",)
        )
        assert recorded.evidence == [SELECT_CUSTOMERS, company_column]

    def test_expired(self, session: Session) -> None:
        customers = session.scalars(select(Customer)).all()
        session.commit()
        with record() as recorded:
            assert [customer.name for customer in customers] == ["Ada", "Acme", "Emmy"]
        company = replace(REFRESH, owner="Company", target="Company", models=("Company",))
        assert recorded.evidence == [REFRESH, company, REFRESH]

    def test_one_expired_column(self, session: Session) -> None:
        customer = session.get_one(Customer, 1)
        session.expire(customer, ["name"])
        with record() as recorded:
            assert customer.name == "Ada"
        assert recorded.evidence == [REFRESH]

    def test_refresh(self, session: Session) -> None:
        customer = session.get_one(Customer, 1)
        with record() as recorded:
            session.refresh(customer)
        assert recorded.evidence == [REFRESH]

    def test_expired_object_that_came_through_a_relation(self, session: Session) -> None:
        order = session.scalars(select(Order).options(selectinload(Order.customer)).limit(1)).one()
        session.expire(order.customer)
        with record() as recorded:
            assert order.customer.name == "Ada"
        assert recorded.evidence == [REFRESH]

    def test_server_default_after_an_update(self, session: Session) -> None:
        order = session.get_one(Order, 1)
        order.state = cast("str", func.upper("paid"))
        session.flush()
        with record() as recorded:
            assert order.state == "PAID"
        assert recorded.evidence == [replace(REFRESH, owner="Order", target="Order", models=("Order",))]

    def test_undeferred_column_needs_no_query(self, session: Session) -> None:
        with record() as recorded:
            assert session.get_one(Customer, 1).name == "Ada"
        assert len(recorded.evidence) == 1


class TestSelects:
    def test_get(self, session: Session) -> None:
        with record() as recorded:
            orders = [session.get(Order, key) for key in (1, 2, 1)]
        assert None not in orders
        assert recorded.evidence == [GET_ORDER, GET_ORDER]

    def test_get_by_the_query_api(self, session: Session) -> None:
        with record() as recorded, pytest.warns(LegacyAPIWarning, match="get"):
            assert session.query(Order).get(1)
        assert recorded.evidence == [GET_ORDER]

    def test_merge_looks_up_by_get(self, session: Session) -> None:
        with record() as recorded, session.no_autoflush:
            session.merge(Order(id=2, total=5, customer_id=1))
        assert recorded.evidence == [GET_ORDER]

    def test_select_by_key(self, session: Session) -> None:
        with record() as recorded:
            session.scalars(select(Order).where(Order.id == 1)).one()
            session.get_one(Order, 2)
            session.scalars(select(Order).where(Order.id == 3)).one()
        assert recorded.evidence == [SELECT_ORDERS, GET_ORDER, SELECT_ORDERS]

    def test_columns_and_aliases(self, session: Session) -> None:
        other = aliased(Order)
        with record() as recorded:
            session.execute(select(Order.total, Customer.name).join(Order.customer)).all()
            session.execute(select(other)).all()
            session.query(Order.total).all()
        both = OrmEvidence(library="sqlalchemy", models=("Order", "Customer"))
        assert recorded.evidence == [both, SELECT_ORDERS, SELECT_ORDERS]

    @pytest.mark.parametrize(
        "statement",
        [
            select(func.count()).select_from(Order),
            select(func.count(Order.id)),
            select(func.count(Order.id).label("n")).where(Order.customer_id == 1),
            select(func.count(Order.id.distinct())),
            select(func.count()).where(Order.customer_id == 1).select_from(Order),
        ],
    )
    def test_count(self, session: Session, statement: object) -> None:
        with record() as recorded:
            assert session.scalar(statement)  # type: ignore[call-overload]
        assert recorded.evidence == [COUNT_ORDERS]

    def test_count_by_the_query_api(self, session: Session) -> None:
        with record() as recorded:
            assert session.query(Order).filter(Order.customer_id == 1).count() == 2
        assert recorded.evidence == [COUNT_ORDERS]

    @pytest.mark.parametrize(
        "statement",
        [
            select(func.sum(Order.total)),
            select(func.coalesce(func.max(Order.total), 0)),
            select(func.min(Order.total), func.count()),
            select(func.avg(Order.total).label("mean")).where(Order.customer_id == 1),
        ],
    )
    def test_other_aggregates(self, session: Session, statement: object) -> None:
        with record() as recorded:
            session.execute(statement).one()  # type: ignore[call-overload]
        assert recorded.evidence == [replace(COUNT_ORDERS, method="aggregate")]

    def test_exists(self, session: Session) -> None:
        with record() as recorded:
            assert session.scalar(select(exists(select(Order.id).where(Order.customer_id == 1))))
            assert session.query(session.query(Order).filter(Order.id == 1).exists()).scalar()
        exists_orders = replace(COUNT_ORDERS, method="exists")
        assert recorded.evidence == [exists_orders, exists_orders]

    def test_grouped_aggregates_are_a_select(self, session: Session) -> None:
        with record() as recorded:
            session.execute(select(Order.customer_id, func.count()).group_by(Order.customer_id)).all()
            session.execute(select(Order.total, func.lower(Order.state))).all()
        assert recorded.evidence == [SELECT_ORDERS, SELECT_ORDERS]

    def test_dynamic_and_write_only_collections_are_selects(self, session: Session) -> None:
        customer = session.get_one(Customer, 1)
        with record() as recorded:
            assert customer.order_query.count() == 2
            assert len(list(customer.order_query)) == 2
            assert len(session.scalars(customer.order_collection.select()).all()) == 2
        assert recorded.evidence == [COUNT_ORDERS, SELECT_ORDERS, SELECT_ORDERS]

    def test_selectin_polymorphic_is_a_select(self, session: Session) -> None:
        with record() as recorded:
            session.scalars(select(Customer).options(selectin_polymorphic(Customer, [Company]))).all()
        of_company = OrmEvidence(library="sqlalchemy", target="Company", models=("Company",))
        assert recorded.evidence == [SELECT_CUSTOMERS, of_company]


class TestNoEvidence:
    def test_core_and_text(self, session: Session) -> None:
        orders = Order.__table__
        with record() as recorded:
            session.execute(select(orders)).all()
            session.execute(select(func.count()).select_from(orders)).all()
            session.execute(text("SELECT id FROM orders")).all()
            session.connection().execute(select(Order.id)).all()
            session.connection().exec_driver_sql("SELECT id FROM orders").all()
            session.scalars(select(Order).from_statement(text("SELECT * FROM orders"))).all()
        assert recorded.evidence == [None] * 6

    def test_core_select_with_the_text_of_a_model_select(self, session: Session) -> None:
        with record() as recorded:
            session.scalars(select(Tag)).all()
            session.execute(select(Tag.__table__)).all()
        assert recorded.statements[0] == recorded.statements[1]
        assert recorded.evidence == [OrmEvidence(library="sqlalchemy", target="Tag", models=("Tag",)), None]

    def test_writes(self, session: Session) -> None:
        with record() as recorded:
            session.execute(update(Order).values(total=1))
            session.execute(insert(Tag), [{"name": "x"}, {"name": "y"}])
            session.scalars(insert(Tag).returning(Tag), [{"name": "z"}]).all()
            session.get_one(Address, 1).city = "Graz"
            session.flush()
        assert [query.operation for query in recorded.queries if query.orm] == ["select"]


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


def test_install_twice_and_uninstall_twice(engine: Engine) -> None:
    assert orm.install() == orm.install()
    assert event.contains(Session, "do_orm_execute", orm._on_orm_execute)
    orm.uninstall()
    orm.uninstall()
    assert not event.contains(Session, "do_orm_execute", orm._on_orm_execute)


def test_models_are_not_kept_alive(session: Session) -> None:
    def use_model_once() -> weakref.ref[type]:
        class Temporary(DeclarativeBase):
            pass

        class Label(Temporary):
            __tablename__ = "tag"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str] = mapped_column(deferred=True)

        with record():
            assert session.scalars(select(Label).limit(1)).one().name
        assert len(orm._MODELS) == 1
        session.expunge_all()
        Temporary.registry.dispose()
        return weakref.ref(Label)

    label = use_model_once()
    session.connection().engine.clear_compiled_cache()
    gc.collect()
    assert label() is None
    assert len(orm._MODELS) == 0
    assert inspect(Base, raiseerr=False) is None
