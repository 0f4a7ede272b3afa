"""Nested relations are one path, from the outermost collection on."""

from dataclasses import replace

import pytest

from ennead.domains.nplusone.relation_paths import RelationPaths, path_to, relation_paths, walks_a_tree
from ennead.domains.nplusone.rules import Evidence, gather_evidence
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.kernel.call_site import CallSite
from ennead.kernel.records import OrmEvidence
from tests.domains.nplusone.traces import CUSTOMER, LINES, ORDERS, ORIGIN, Trace, site

LINES_PLACE, PRODUCT_PLACE, SUPPLIER_PLACE, CITY = (
    site(f"shop/views.py:{line} order_list") for line in (12, 13, 14, 15)
)
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


def _names(found: RelationPaths) -> list[str]:
    return ["__".join(str(step.relation).rsplit(".", 1)[-1] for step in path) for path in found.paths]


def _path(trace: Trace, relation: str) -> tuple[list[str], bool, CallSite | None]:
    """Names, whether all of them are single, and the place."""
    found = relation_paths(_evidence(trace, relation))
    return _names(found), found.single, found.place


@pytest.mark.parametrize("relation", ["shop.Order.lines", "shop.Line.product", "shop.Product.supplier"])
def test_each_level_has_the_whole_path_from_the_collection(relation: str) -> None:
    assert _path(_orders(), relation) == (["lines__product__supplier"], False, ORIGIN)


def test_the_path_to_one_relation_ends_with_it() -> None:
    found = path_to(_evidence(_orders(), "shop.Line.product"))
    assert _names(found) == ["lines__product"]
    assert found.owner == "shop.Order"
    assert found.starts_at_root


def test_a_tree_has_a_path_for_each_leaf() -> None:
    trace = _orders()
    city = replace(CUSTOMER, relation="shop.Product.maker", owner="shop.Product", target="shop.Maker")
    products = [index for index, group in enumerate(trace.context().queries) if group.relation == "shop.Line.product"]
    for number, index in enumerate(products):
        trace.run(
            "SELECT name FROM maker WHERE id = ?", 300 + number, at=CITY, rows=1, orm=city, supplied_by=((index, 0, 0),)
        )
    for relation in ("shop.Order.lines", "shop.Product.maker", "shop.Product.supplier"):
        assert _path(trace, relation)[0] == ["lines__product__supplier", "lines__product__maker"]


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
    assert _path(trace, "shop.Customer.city") == (["customer__city"], True, ORIGIN)


@pytest.mark.parametrize("method", ["filter", "order_by", "slice", "first"])
def test_a_path_does_not_go_through_what_a_prefetch_would_not_answer(method: str) -> None:
    trace = _orders(lines=replace(LINES, method=method))
    assert _path(trace, "shop.Line.product") == (["product__supplier"], True, LINES_PLACE)


def test_a_path_does_not_go_through_a_limit() -> None:
    trace = _orders(lines_sql="SELECT id, product_id FROM line WHERE order_id = ? LIMIT 5")
    assert _path(trace, "shop.Line.product")[0] == ["product__supplier"]


def test_a_path_does_not_go_through_a_query_written_by_hand() -> None:
    by_hand = OrmEvidence("django", kind="lookup", target="shop.Line", models=("shop.Line",), method="filter")
    trace = _orders(lines=by_hand)
    assert _path(trace, "shop.Line.product") == (["product__supplier"], True, LINES_PLACE)


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
    assert _path(trace, "shop.Category.children")[0] == ["children"]


def test_without_an_origin_there_is_no_place() -> None:
    trace = Trace()
    for number in range(3):
        trace.run("SELECT name FROM customer WHERE id = ?", number, rows=1, orm=CUSTOMER)
    assert _path(trace, "shop.Order.customer") == (["customer"], True, None)


def test_one_finding_repairs_all_levels() -> None:
    """Two prescriptions for nested levels applied singly: 17 queries become 14; one path for both: 3."""
    findings = NPlusOneDetectionService().analyze(_orders().context()).findings
    codes = {finding.recommendations[0].code for finding in findings}
    assert codes == {'orders = Order.objects.all().prefetch_related("lines__product__supplier")'}


def test_rows_of_a_prefetch_hang_on_the_query_that_was_prefetched_for() -> None:
    trace = Trace()
    orders = trace.run("SELECT id FROM shop_order", at=ORIGIN, rows=3, orm=ORDERS)
    eager = replace(LINES, lazy_load=False, eager=True, method="prefetch_related")
    sql = "SELECT id, product_id FROM line WHERE order_id IN (?, ?, ?)"
    lines = trace.run(sql, 0, 1, 2, at=ORIGIN, rows=6, orm=eager, supplied_by=((orders, 0, 0),))
    for number in range(6):
        at = PRODUCT_PLACE
        trace.run(
            "SELECT id FROM product WHERE id = ?", number, at=at, rows=1, orm=PRODUCT, supplied_by=((lines, 1, 0),)
        )
    assert _path(trace, "shop.Line.product") == (["lines__product"], False, ORIGIN)


def _categories(*, up: bool, deep: bool) -> Trace:
    """Three categories of which each asks for its parent, or its children, and with ``deep`` these again for theirs."""
    trace = Trace()
    category = OrmEvidence("django", target="shop.Category", models=("shop.Category",))
    relation = replace(CUSTOMER if up else LINES, owner="shop.Category", target="shop.Category")
    relation = replace(relation, relation="shop.Category.parent" if up else "shop.Category.children")
    relation = replace(relation, models=("shop.Category",))
    sql = f"SELECT id, parent_id FROM category WHERE {'id' if up else 'parent_id'} = ?"
    source = trace.run("SELECT id, parent_id FROM category", at=ORIGIN, rows=3, orm=category)
    for number in range(3):
        column = 1 if up else 0
        feeding = source
        for level in range(3 if deep else 1):
            value = 10 * number + level
            feeding = trace.run(sql, value, rows=1, orm=relation, supplied_by=((feeding, column, 0),))
    return trace


@pytest.mark.parametrize("up", [True, False])
def test_a_relation_followed_again_and_again_walks_a_tree(up: bool) -> None:  # noqa: FBT001
    relation = "shop.Category.parent" if up else "shop.Category.children"
    assert walks_a_tree(_evidence(_categories(up=up, deep=True), relation))
    assert not walks_a_tree(_evidence(_categories(up=up, deep=False), relation))


def test_a_relation_to_another_model_is_no_tree() -> None:
    assert not walks_a_tree(_evidence(_orders(), "shop.Line.product"))
