"""Nested relations are one path, from the outermost collection on."""

from dataclasses import replace
from typing import Any

import pytest

from ennead.domains.nplusone.relation_paths import RelationPath, relation_path
from ennead.domains.nplusone.rules import Evidence, gather_evidence
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.records import OrmEvidence
from tests.domains.nplusone.traces import CUSTOMER, LINES, ORDERS, ORIGIN, Trace, site

LINES_PLACE, PRODUCT_PLACE, SUPPLIER_PLACE = (site(f"shop/views.py:{line} order_list") for line in (12, 13, 14))
PRODUCT = replace(CUSTOMER, relation="shop.Line.product", owner="shop.Line", target="shop.Product")
PRODUCT = replace(PRODUCT, models=("shop.Product",))
SUPPLIER = replace(PRODUCT, relation="shop.Product.supplier", owner="shop.Product", target="shop.Supplier")
SUPPLIER = replace(SUPPLIER, models=("shop.Supplier",))


def _orders(
    *, lines: OrmEvidence | None = LINES, lines_sql: str = "SELECT id, product_id FROM line WHERE order_id = ?"
) -> Trace:
    """Orders, their lines, each line's product, each product's supplier, all lazily."""
    trace = Trace()
    place = replace(ORIGIN, source="orders = Order.objects.all()")
    orders = trace.run("SELECT id FROM shop_order", at=place, rows=3, orm=ORDERS)
    for order in range(3):
        first = trace.run(lines_sql, order, at=LINES_PLACE, rows=2, orm=lines, supplied_by=((orders, 0, 0),))
        for line in (2 * order, 2 * order + 1):
            product = trace.run(
                "SELECT id, supplier_id FROM product WHERE id = ?",
                100 + line,
                at=PRODUCT_PLACE,
                rows=1,
                orm=PRODUCT,
                supplied_by=((first, 1, 0),),
            )
            trace.run(
                "SELECT name FROM supplier WHERE id = ?",
                200 + line,
                at=SUPPLIER_PLACE,
                rows=1,
                orm=SUPPLIER,
                supplied_by=((product, 1, 0),),
            )
    return trace


def _evidence(trace: Trace, relation: str) -> Evidence:
    groups = trace.groups()
    group = next(each for each in groups if each.orm and each.orm.relation == relation)
    return gather_evidence(group, groups, NPlusOneSettings(), ".")


def _path(trace: Trace, relation: str, **fields: Any) -> RelationPath:
    return relation_path(_evidence(trace, relation), **fields)


@pytest.mark.parametrize(
    ("relation", "names", "single"),
    [
        ("shop.Order.lines", ("lines",), False),
        ("shop.Line.product", ("lines", "product"), False),
        ("shop.Product.supplier", ("lines", "product", "supplier"), False),
    ],
)
def test_each_level_has_the_whole_path_from_the_collection(relation: str, names: tuple[str, ...], single: bool) -> None:  # noqa: FBT001
    assert _path(_orders(), relation) == RelationPath(names, single, ORIGIN)


def test_sqlalchemy_wants_owners_with_the_names() -> None:
    names = ("shop.Order.lines", "shop.Line.product")
    assert _path(_orders(), "shop.Line.product", qualified=True).names == names


def test_forward_relations_alone_can_be_joined() -> None:
    trace = Trace()
    orders = trace.run("SELECT id, customer_id FROM shop_order", at=ORIGIN, rows=3, orm=ORDERS)
    city = replace(CUSTOMER, relation="shop.Customer.city", owner="shop.Customer", target="shop.City")
    for number in range(3):
        customer = trace.run(
            "SELECT id, city_id FROM customer WHERE id = ?",
            number,
            at=LINES_PLACE,
            rows=1,
            orm=CUSTOMER,
            supplied_by=((orders, 1, 0),),
        )
        trace.run(
            "SELECT name FROM city WHERE id = ?",
            50 + number,
            at=PRODUCT_PLACE,
            rows=1,
            orm=city,
            supplied_by=((customer, 1, 0),),
        )
    assert _path(trace, "shop.Customer.city") == RelationPath(("customer", "city"), single=True, place=ORIGIN)


@pytest.mark.parametrize("method", ["filter", "order_by", "slice", "first"])
def test_a_path_does_not_go_through_what_a_prefetch_would_not_answer(method: str) -> None:
    trace = _orders(lines=replace(LINES, method=method))
    assert _path(trace, "shop.Line.product") == RelationPath(("product",), single=True, place=LINES_PLACE)


def test_a_path_does_not_go_through_a_limit() -> None:
    trace = _orders(lines_sql="SELECT id, product_id FROM line WHERE order_id = ? LIMIT 5")
    assert _path(trace, "shop.Line.product").names == ("product",)


def test_a_path_does_not_go_through_a_query_written_by_hand() -> None:
    by_hand = OrmEvidence("django", kind="lookup", target="shop.Line", models=("shop.Line",), method="filter")
    trace = _orders(lines=by_hand)
    assert _path(trace, "shop.Line.product") == RelationPath(("product",), single=True, place=LINES_PLACE)


def test_the_path_of_a_tree_ends() -> None:
    trace = Trace()
    roots = trace.run(
        "SELECT id FROM category",
        at=ORIGIN,
        rows=2,
        orm=OrmEvidence("django", target="shop.Category", models=("shop.Category",)),
    )
    children = replace(LINES, relation="shop.Category.children", owner="shop.Category", target="shop.Category")
    children = replace(children, models=("shop.Category",))
    for place in (LINES_PLACE, PRODUCT_PLACE):
        for number in range(2):
            trace.run(
                "SELECT id FROM category WHERE parent_id = ?",
                number,
                at=place,
                rows=2,
                orm=children,
                supplied_by=((roots, 0, 0),),
            )
    assert _path(trace, "shop.Category.children").names == ("children",)


def test_without_an_origin_there_is_no_place() -> None:
    trace = Trace()
    for number in range(3):
        trace.run("SELECT name FROM customer WHERE id = ?", number, rows=1, orm=CUSTOMER)
    assert _path(trace, "shop.Order.customer") == RelationPath(("customer",), single=True, place=None)


def test_one_finding_repairs_all_levels() -> None:
    """Two prescriptions for nested levels applied singly: 17 queries become 14; one path for both: 3."""
    findings = NPlusOneDetectionService().analyze(_orders().context()).findings
    codes = {finding.relation: finding.recommendations[0].code for finding in findings}
    assert codes["shop.Product.supplier"] == 'orders = Order.objects.all().prefetch_related("lines__product__supplier")'
    assert codes["shop.Order.lines"] == 'orders = Order.objects.all().prefetch_related("lines")'
