"""Evidence for loads of single columns: deferred, of a subclass, expired."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import (
    Session,
    defer,
    load_only,
    selectinload,
)

from tests.sources.sqlalchemy.expected import (
    BIO,
    CUSTOMER,
    REFRESH,
    SELECT_CUSTOMERS,
    SELECT_ORDERS,
    eager,
)
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Company, Customer, Order


def test_deferred(session: Session) -> None:
    with record() as recorded:
        for customer in session.scalars(select(Customer)).all():
            assert customer.bio != ""
    assert recorded.evidence == [SELECT_CUSTOMERS, BIO, BIO, BIO]


def test_deferred_group_is_named_by_its_first_column(session: Session) -> None:
    with record() as recorded:
        assert session.get_one(Customer, 1).second_note == "second"
    assert recorded.evidence[1:] == [replace(BIO, relation="Customer.note")]


@pytest.mark.parametrize("option", [defer(Customer.name), load_only(Customer.id)])
def test_deferred_by_the_query(session: Session, option: object) -> None:
    with record() as recorded:
        customer = session.scalars(select(Customer).options(option).limit(1)).one()  # type: ignore[arg-type]
        assert customer.name == "Ada"
    assert recorded.evidence == [SELECT_CUSTOMERS, replace(BIO, relation="Customer.name")]


def test_deferred_of_an_object_loaded_through_a_relation(session: Session) -> None:
    with record() as recorded:
        order = session.scalars(select(Order).options(selectinload(Order.customer)).limit(1)).one()
        assert order.customer.bio == "mathematician"
    assert recorded.evidence == [SELECT_ORDERS, eager(CUSTOMER), BIO]


def test_columns_of_a_subclass(session: Session) -> None:
    with record() as recorded:
        company = session.scalars(select(Customer).where(Customer.name == "Acme")).one()
        assert isinstance(company, Company)
        assert company.vat_number == "AT1"
    company_column = replace(BIO, relation="Company.vat_number", owner="Company", target="Company", models=("Company",))
    assert recorded.evidence == [SELECT_CUSTOMERS, company_column]


def test_expired(session: Session) -> None:
    customers = session.scalars(select(Customer)).all()
    session.commit()
    with record() as recorded:
        assert [customer.name for customer in customers] == ["Ada", "Acme", "Emmy"]
    company = replace(REFRESH, owner="Company", target="Company", models=("Company",))
    assert recorded.evidence == [REFRESH, company, REFRESH]


def test_one_expired_column(session: Session) -> None:
    customer = session.get_one(Customer, 1)
    session.expire(customer, ["name"])
    with record() as recorded:
        assert customer.name == "Ada"
    assert recorded.evidence == [REFRESH]


def test_refresh(session: Session) -> None:
    customer = session.get_one(Customer, 1)
    with record() as recorded:
        session.refresh(customer)
    assert recorded.evidence == [REFRESH]


def test_expired_object_that_came_through_a_relation(session: Session) -> None:
    order = session.scalars(select(Order).options(selectinload(Order.customer)).limit(1)).one()
    session.expire(order.customer)
    with record() as recorded:
        assert order.customer.name == "Ada"
    assert recorded.evidence == [REFRESH]


def test_server_default_after_an_update(session: Session) -> None:
    order = session.get_one(Order, 1)
    order.state = cast("str", func.upper("paid"))
    session.flush()
    with record() as recorded:
        assert order.state == "PAID"
    assert recorded.evidence == [replace(REFRESH, owner="Order", target="Order", models=("Order",))]


def test_undeferred_column_needs_no_query(session: Session) -> None:
    with record() as recorded:
        assert session.get_one(Customer, 1).name == "Ada"
    assert len(recorded.evidence) == 1
