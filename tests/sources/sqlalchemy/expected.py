"""The evidence that loads of the shop's models must give, whole."""

from __future__ import annotations

from dataclasses import replace

from ennead.kernel.records import OrmEvidence

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
