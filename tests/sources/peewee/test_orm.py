"""What Peewee's ORM says about a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from peewee import JOIN, BackrefAccessor, ModelSelect, fn, prefetch

from ennead.kernel.records import OrmEvidence
from ennead.sources.peewee import orm
from tests.sources.peewee.shop import Customer, Line, Node, Order, OrderTag, Product, Tag
from tests.sources.sqlalchemy.recording import record


def evidence(run: Callable[[], object], position: int = -1) -> OrmEvidence:
    with record() as recorded:
        run()
    found = recorded.queries[position].orm
    assert found is not None
    assert found.library == "peewee"
    return found


def test_a_foreign_key_is_loaded_lazily(database: Any) -> None:
    order = Order.get_by_id(1)
    found = evidence(lambda: order.customer)
    assert found == OrmEvidence(
        library="peewee",
        lazy_load=True,
        kind="relation",
        relation="Order.customer",
        owner="Order",
        target="Customer",
        cardinality="one",
        models=("Customer",),
    )


def test_a_loaded_foreign_key_is_kept(database: Any) -> None:
    order = Order.get_by_id(1)
    with record() as recorded:
        assert order.customer is order.customer
        assert order.customer_id == 1
    assert len(recorded.queries) == 1


READS: dict[str, Callable[[Any], object]] = {
    "list": list,
    "length": len,
    "item": lambda lines: lines[0],
    "iterator": lambda lines: [line.price for line in lines.iterator()],
    "first": lambda lines: lines.where(Line.price > 0).first(),
    "filter": lambda lines: list(lines.where(Line.price > 0)),
    "join": lambda lines: list(lines.join(Product)),
}


@pytest.mark.parametrize("read", READS)
def test_a_back_reference_is_loaded_lazily(database: Any, read: str) -> None:
    order = Order.get_by_id(1)
    found = evidence(lambda: READS[read](order.lines))
    assert (found.lazy_load, found.kind, found.relation, found.owner) == (True, "relation", "Order.lines", "Order")
    assert (found.target, found.cardinality, found.models[0]) == ("Line", "many", "Line")


ADDED: dict[str | None, Callable[[Any], Any]] = {
    None: lambda lines: lines,
    "filter": lambda lines: lines.where(Line.price > 0),
    "order_by": lambda lines: lines.order_by(Line.price),
    "slice": lambda lines: lines.limit(2),
    "values": lambda lines: lines.dicts(),
    "distinct": lambda lines: lines.distinct(True),  # noqa: FBT003 -- as Peewee documents it
}


@pytest.mark.parametrize("method", ADDED)
def test_what_was_added_to_a_back_reference_is_told(database: Any, method: str | None) -> None:
    order = Order.get_by_id(1)
    assert evidence(lambda: list(ADDED[method](order.lines))).method == method


def test_figures_of_a_back_reference(database: Any) -> None:
    order = Order.get_by_id(1)
    for run, method in (
        (lambda: order.lines.where(Line.price > 0).count(), "count"),
        (lambda: order.lines.where(Line.price > 0).exists(), "exists"),
        (lambda: order.lines.select(fn.SUM(Line.price)).scalar(), "aggregate"),
    ):
        found = evidence(run)
        assert (found.lazy_load, found.kind, found.method) == (True, "aggregate", method)
        assert (found.relation, found.target) == ("Order.lines", "Line")


def test_many_to_many(database: Any) -> None:
    order = Order.get_by_id(1)
    found = evidence(lambda: [tag.name for tag in order.tags])
    assert (found.lazy_load, found.relation, found.owner, found.target) == (True, "Order.tags", "Order", "Tag")
    assert (found.cardinality, found.method) == ("many", None)
    back = evidence(lambda: list(Tag.get_by_id(1).orders))
    assert (back.relation, back.owner, back.target) == ("Tag.orders", "Tag", "Order")


def test_relations_of_a_model_with_itself(database: Any) -> None:
    root = Node.get(Node.name == "root")
    assert evidence(lambda: list(root.children)).relation == "Node.children"
    leaf = Node.get(Node.name == "leaf")
    found = evidence(lambda: leaf.parent)
    assert (found.relation, found.owner, found.target) == ("Node.parent", "Node", "Node")


def test_prefetches_are_eager(database: Any) -> None:
    with record() as recorded:
        for order in prefetch(Order.select(), Line, Product, OrderTag, Tag):
            assert len(order.lines) == 3
            assert [line.product.name for line in order.lines]
            assert len(order.tags) == 2
    found = [(item and item.eager, item and item.relation, item and item.lazy_load) for item in recorded.evidence]
    assert found[-1] == (False, None, False)
    assert {relation for _, relation, _ in found[:-1]} == {
        "Order.lines",
        "Line.product",
        "Order.ordertagthrough_set",
        "OrderTagThrough.tag",
    }
    assert all(eager and not lazy for eager, _, lazy in found[:-1])


def test_with_related_is_eager(database: Any) -> None:
    if not hasattr(ModelSelect, "with_related"):
        pytest.skip("this Peewee has no with_related()")
    with record() as recorded:
        for order in Order.select().with_related(Order.customer, Order.lines):
            assert order.customer.name
            assert len(list(order.lines)) == 3
    found = [(item and item.eager, item and item.relation) for item in recorded.evidence]
    assert found == [(False, None), (True, "Order.customer"), (True, "Order.lines")]


def test_joined_models_are_told(database: Any) -> None:
    query = Order.select(Order, Customer).join(Customer, JOIN.LEFT_OUTER)
    found = evidence(lambda: [order.customer.name for order in query])
    assert (found.models, found.target, found.lazy_load) == (("Order", "Customer"), "Order", False)


OPERATIONS: dict[str, tuple[Callable[[], object], str | None, str | None]] = {
    "by key": (lambda: Order.get_by_id(1), "lookup", "get_by_id"),
    "get": (lambda: Order.get(Order.day == 1), "lookup", "get"),
    "get or none": (lambda: Order.get_or_none(Order.day == 9), "lookup", "get_or_none"),
    "first": (lambda: Order.select().first(), "lookup", "first"),
    "rows": (lambda: list(Order.select()), "lookup", None),
    "count": (lambda: Order.select().count(), "aggregate", "count"),
    "exists": (lambda: Order.select().exists(), "aggregate", "exists"),
    "aggregate": (lambda: Line.select(fn.MAX(Line.price)).scalar(), "aggregate", "aggregate"),
    "get, there": (lambda: Tag.get_or_create(name="tag 1"), "lookup", "get_or_create"),
    "get, not there": (lambda: Tag.get_or_create(name="new"), None, "get_or_create"),
    "create": (lambda: Tag.create(name="new"), None, "create"),
    "delete": (lambda: Tag.get_by_id(1).delete_instance(), None, "delete_instance"),
    "raw": (lambda: list(Tag.raw("SELECT * FROM tag")), None, None),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations(database: Any, name: str) -> None:
    run, kind, method = OPERATIONS[name]
    found = evidence(run)
    assert (found.kind, found.method, found.lazy_load) == (kind, method, False)


def test_queries_without_a_model_have_no_evidence(database: Any) -> None:
    with record() as recorded:
        database.execute_sql("SELECT 1").fetchall()
    assert recorded.evidence == [None]


def test_the_place_where_a_query_was_begun(database: Any) -> None:
    with record() as recorded:
        begun = Order.select()
        extended = begun.where(Order.day > 0)
        for _ in extended:
            pass
        for _ in Order.select():
            pass
    first, second = recorded.evidence
    assert first is not None
    assert second is not None
    assert first.built_at is not None
    assert first.built_at.source == "begun = Order.select()"
    assert second.built_at is None


def test_uninstall_leaves_no_trace() -> None:
    plain = (vars(BackrefAccessor)["__get__"], vars(ModelSelect)["__init__"])
    orm.install()
    orm.install()
    assert vars(BackrefAccessor)["__get__"] is not plain[0]
    orm.uninstall()
    orm.uninstall()
    assert (vars(BackrefAccessor)["__get__"], vars(ModelSelect)["__init__"]) == plain
