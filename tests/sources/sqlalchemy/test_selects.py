"""Evidence for SELECTs that users write, and none where the ORM says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import exists, func, insert, select, text, update
from sqlalchemy.exc import LegacyAPIWarning
from sqlalchemy.orm import (
    Session,
    aliased,
    selectin_polymorphic,
)

from ennead.kernel.records import OrmEvidence
from tests.sources.sqlalchemy.expected import (
    COUNT_ORDERS,
    GET_ORDER,
    SELECT_CUSTOMERS,
    SELECT_ORDERS,
)
from tests.sources.sqlalchemy.recording import record
from tests.sources.sqlalchemy.shop import Address, Company, Customer, Order, Tag


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
