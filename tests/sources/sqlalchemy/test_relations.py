"""Evidence for every sort of load of a relation."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import (
    Session,
    contains_eager,
    immediateload,
    joinedload,
    selectinload,
    subqueryload,
)

from ennead.kernel.records import OrmEvidence
from tests.sources.sqlalchemy.expected import (
    ADDRESS,
    CUSTOMER,
    GET_ORDER,
    ORDERS,
    SELECT_CUSTOMERS,
    SELECT_ORDERS,
    TAGS,
    eager,
)
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Company, Customer, Order, Tag


def test_one_to_many(session: Session) -> None:
    with record() as recorded:
        for customer in session.scalars(select(Customer)).all():
            assert len(customer.orders) == 2
    assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, ORDERS, ORDERS]


def test_many_to_one(session: Session) -> None:
    with record() as recorded:
        for order in session.scalars(select(Order)).all():
            assert order.customer.name
    assert recorded.evidence == [SELECT_ORDERS, CUSTOMER, CUSTOMER, CUSTOMER]


def test_many_to_many(session: Session) -> None:
    with record() as recorded:
        for order in session.scalars(select(Order).limit(2)).all():
            assert len(order.tags) == 2
    assert recorded.evidence == [SELECT_ORDERS, TAGS, TAGS]


def test_one_to_one(session: Session) -> None:
    with record() as recorded:
        for customer in session.scalars(select(Customer)).all():
            assert customer.address
    assert recorded.evidence == [SELECT_CUSTOMERS, ADDRESS, ADDRESS, ADDRESS]


def test_nested(session: Session) -> None:
    with record() as recorded:
        for customer in session.scalars(select(Customer).limit(1)).all():
            for order in customer.orders:
                assert order.tags
    assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, TAGS, TAGS]


def test_of_an_object_loaded_through_a_relation_with_options(session: Session) -> None:
    with record() as recorded:
        order = session.scalars(select(Order).options(selectinload(Order.customer)).limit(1)).one()
        assert order.customer.address
    assert recorded.evidence == [SELECT_ORDERS, eager(CUSTOMER), ADDRESS]


def test_inherited_relation_belongs_to_the_model_that_declares_it(session: Session) -> None:
    with record() as recorded:
        company = session.scalars(select(Company)).one()
        assert company.orders
    assert recorded.evidence == [OrmEvidence(library="sqlalchemy", target="Company", models=("Company",)), ORDERS]


def test_during_an_autoflush_between(session: Session) -> None:
    with record() as recorded:
        customer = session.get_one(Customer, 1)
        session.add(Tag(name="green"))
        assert customer.orders
    assert [evidence and evidence.relation for evidence in recorded.evidence] == [None, None, "Customer.orders"]
    assert recorded.queries[1].operation == "insert"
    assert recorded.evidence[1] is None


def test_immediate_loading_is_lazy_loading_at_the_query(session: Session) -> None:
    with record() as recorded:
        session.scalars(select(Customer).options(immediateload(Customer.orders))).all()
    assert recorded.evidence == [SELECT_CUSTOMERS, ORDERS, ORDERS, ORDERS]


@pytest.mark.parametrize("loader", [selectinload, subqueryload])
def test_eager_loading(session: Session, loader: type) -> None:
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
def test_joined_loading_is_one_select(session: Session, statement: object) -> None:
    with record() as recorded:
        for customer in session.scalars(statement).unique():  # type: ignore[call-overload]
            assert len(customer.orders) == 2
    assert recorded.evidence == [SELECT_CUSTOMERS]


def test_object_in_the_identity_map_needs_no_query(session: Session) -> None:
    with record() as recorded:
        customers = session.scalars(select(Customer)).all()
        assert all(order.customer in customers for order in session.scalars(select(Order)))
    assert recorded.evidence == [SELECT_CUSTOMERS, SELECT_ORDERS]


def test_lazy_load_while_flushing(session: Session) -> None:
    with record() as recorded:
        session.delete(session.get_one(Order, 1))
        session.flush()
    assert recorded.evidence == [GET_ORDER, TAGS, None, None]
    assert [query.operation for query in recorded.queries] == ["select", "select", "delete", "delete"]
