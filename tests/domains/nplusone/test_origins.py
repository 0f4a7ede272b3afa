"""The query whose rows were looped over."""

from dataclasses import replace

import pytest

from ennead.domains.nplusone.groups import QueryGroup
from ennead.domains.nplusone.origins import Origin, find_origin, is_chain
from tests.domains.nplusone.traces import (
    ACCESS,
    CALLER,
    CUSTOMER,
    LINES,
    ORDERS,
    ORIGIN,
    Trace,
    lazy_orders,
    look_ups,
    site,
)

ORDERS_SQL = "SELECT id, customer_id FROM shop_order"
CUSTOMER_SQL = "SELECT name FROM shop_customer WHERE id = ?"
ELSEWHERE = site("shop/menu.py:3 menu")


def _last(trace: Trace) -> tuple[QueryGroup, list[QueryGroup]]:
    groups = trace.groups()
    return groups[-1], groups


def _origin(trace: Trace) -> Origin | None:
    return find_origin(*_last(trace))


def _customers(trace: Trace, count: int = 3, **fields: object) -> Trace:
    for number in range(count):
        trace.run(CUSTOMER_SQL, number, rows=1, **fields)  # type: ignore[arg-type]
    return trace


# ------------------------------------------------------------------------------------------------ the plain case


def test_all_witnesses_agree() -> None:
    assert _origin(lazy_orders(4)) == Origin(ORIGIN, 4, (0,), 1.0, matches_owner=True)


def test_nearness_alone_will_do_without_an_orm_and_without_provenance() -> None:
    assert _origin(look_ups(4)) == Origin(ORIGIN, 4, (0,), None, matches_owner=False)


def test_no_query_before_no_origin() -> None:
    assert _origin(_customers(Trace())) is None


@pytest.mark.parametrize("rows", [0, 1])
def test_one_row_is_no_collection(rows: int) -> None:
    trace = Trace()
    trace.run(ORDERS_SQL, at=ORIGIN, rows=rows)
    assert _origin(_customers(trace)) is None


def test_an_unknown_number_of_rows_may_be_many() -> None:
    trace = Trace()
    trace.run(ORDERS_SQL, at=ORIGIN)
    assert _origin(_customers(trace)) == Origin(ORIGIN, None, (0,), None, matches_owner=False)


def test_a_write_is_no_origin() -> None:
    trace = Trace()
    trace.run("UPDATE shop_order SET seen = 1", at=ORIGIN, rows=5)
    assert _origin(_customers(trace)) is None


def test_what_ran_afterwards_is_no_origin() -> None:
    trace = _customers(Trace())
    trace.run(ORDERS_SQL, at=ORIGIN, rows=3)
    groups = trace.groups()
    assert find_origin(groups[0], groups) is None


def test_another_unit_of_work_is_no_origin() -> None:
    trace = Trace()
    trace.run(ORDERS_SQL, at=ORIGIN, rows=3, unit=1)
    assert _origin(_customers(trace)) is None


def test_the_origin_is_where_the_query_was_built() -> None:
    built_at = site("shop/managers.py:7 recent")
    trace = Trace()
    trace.run(ORDERS_SQL, at=ORIGIN, rows=3, orm=replace(ORDERS, built_at=built_at))
    found = _origin(_customers(trace))
    assert found is not None
    assert found.site == built_at


def test_without_call_paths_there_is_no_place() -> None:
    trace = Trace()
    trace.run(ORDERS_SQL, at=(), rows=3)
    found = _origin(_customers(trace, at=()))
    assert found == Origin(None, 3, (0,), None, matches_owner=False)


# ------------------------------------------------------------------------------------------------ several candidates


def test_provenance_beats_nearness() -> None:
    trace = Trace()
    origin = trace.run(ORDERS_SQL, at=ORIGIN, rows=3)
    trace.run("SELECT id FROM shop_banner", at=ELSEWHERE, rows=3)
    found = _origin(_customers(trace, supplied_by=((origin, 1, 0),)))
    assert found == Origin(ORIGIN, 3, (0,), 1.0, matches_owner=False)


def test_the_model_beats_nearness() -> None:
    trace = Trace()
    trace.run(ORDERS_SQL, at=ORIGIN, rows=3, orm=ORDERS)
    trace.run("SELECT id FROM shop_banner", at=ELSEWHERE, rows=3)
    found = _origin(_customers(trace, orm=CUSTOMER))
    assert found == Origin(ORIGIN, 3, (0,), None, matches_owner=True)


def test_two_queries_of_one_model_are_told_apart_by_provenance() -> None:
    trace = Trace()
    origin = trace.run(ORDERS_SQL, at=ORIGIN, rows=3, orm=ORDERS)
    trace.run(ORDERS_SQL + " WHERE seen = 1", at=ELSEWHERE, rows=3, orm=ORDERS)
    found = _origin(_customers(trace, orm=CUSTOMER, supplied_by=((origin, 1, 0),)))
    assert found is not None
    assert (found.indexes, found.supplied_ratio) == ((0,), 1.0)


def test_small_integers_of_another_table_do_not_fool_it_where_the_model_is_known() -> None:
    trace = Trace()
    origin = trace.run(ORDERS_SQL, at=ORIGIN, rows=3, orm=ORDERS)
    menu = trace.run("SELECT id FROM shop_banner", at=ELSEWHERE, rows=9)
    found = _origin(_customers(trace, orm=CUSTOMER, supplied_by=((menu, 0, 0), (origin, 1, 0))))
    assert found is not None
    assert found.site == ORIGIN


def test_the_same_function_beats_another_one() -> None:
    trace = Trace()
    trace.run(ORDERS_SQL, at=ORIGIN, rows=3)
    trace.run("SELECT id FROM shop_banner", at=ELSEWHERE, rows=3)
    found = _origin(_customers(trace))
    assert found is not None
    assert found.site == ORIGIN


def test_another_look_up_of_the_same_loop_is_no_origin() -> None:
    trace = Trace()
    for number in range(4):
        trace.run(CUSTOMER_SQL, number, rows=1)
        trace.run("SELECT total FROM invoice WHERE customer_id = ?", number, at=CALLER, rows=1)
    assert _origin(trace) is None


def test_without_any_witness_a_lazy_load_has_no_origin() -> None:
    trace = Trace()
    trace.run("SELECT id FROM shop_banner", at=ELSEWHERE, rows=3)
    assert _origin(_customers(trace, orm=CUSTOMER)) is None


def test_the_share_is_that_of_one_column() -> None:
    trace = Trace()
    origin = trace.run("SELECT id, customer_id, seller_id FROM shop_order", at=ORIGIN, rows=4, orm=ORDERS)
    for number in range(4):
        trace.run(CUSTOMER_SQL, number, rows=1, orm=CUSTOMER, supplied_by=((origin, 1 + number % 2, 0),))
    found = _origin(trace)
    assert found is not None
    assert found.supplied_ratio == 0.5


# ------------------------------------------------------------------------------------------------ nested loops


def test_an_inner_loop_is_fed_by_the_outer_ones_repeats() -> None:
    trace = Trace()
    outer = trace.run(ORDERS_SQL, at=ORIGIN, rows=3, orm=ORDERS)
    for order in range(3):
        lines = trace.run(
            "SELECT id, product_id FROM shop_line WHERE order_id = ?",
            order,
            at=CALLER,
            rows=2,
            orm=LINES,
            supplied_by=((outer, 0, 0),),
        )
        for line in range(2):
            trace.run(
                "SELECT name FROM shop_product WHERE id = ?",
                10 * order + line,
                rows=1,
                orm=replace(CUSTOMER, relation="shop.Line.product", owner="shop.Line", target="shop.Product"),
                supplied_by=((lines, 1, 0),),
            )
    groups = trace.groups()
    inner = find_origin(groups[2], groups)
    middle = find_origin(groups[1], groups)
    assert middle == Origin(ORIGIN, 3, (0,), 1.0, matches_owner=True)
    assert inner == Origin(CALLER, 6, (1, 4, 7), 1.0, matches_owner=True)


def test_a_tree_walked_node_by_node_feeds_itself() -> None:
    trace = Trace()
    children = {0: (1, 2), 1: (3, 4), 2: (5, 6), 3: (), 4: (), 5: (), 6: ()}
    asked: dict[int, int] = {}
    for node, found in children.items():
        parent = next((asked[up] for up, below in children.items() if node in below), None)
        supplied_by = () if parent is None else ((parent, 0, 0),)
        asked[node] = trace.run(
            "SELECT id FROM shop_category WHERE parent_id = ?", node, rows=len(found), supplied_by=supplied_by
        )
    found_origin = _origin(trace)
    assert found_origin is not None
    assert (found_origin.site, found_origin.row_count) == (ACCESS, 6)


# ------------------------------------------------------------------------------------------------ chains


def _chain(rows: int, *, linked: bool = True) -> QueryGroup:
    trace = Trace()
    previous = None
    for number in range(5):
        supplied_by = ((previous, 1, 0),) if linked and previous is not None else ()
        previous = trace.run("SELECT id, next_id FROM link WHERE id = ?", number, rows=rows, supplied_by=supplied_by)
    return trace.groups()[0]


def test_each_ones_row_names_the_next_one() -> None:
    assert is_chain(_chain(rows=1))


def test_rows_of_several_children_are_no_chain() -> None:
    assert not is_chain(_chain(rows=3))


def test_without_links_there_is_no_chain() -> None:
    assert not is_chain(_chain(rows=1, linked=False))


def test_rows_of_an_earlier_result_are_no_chain() -> None:
    assert not is_chain(lazy_orders(5).groups()[1])


def test_a_single_execution_is_no_chain() -> None:
    trace = Trace()
    trace.run("SELECT id, next_id FROM link WHERE id = ?", 1, rows=1)
    assert not is_chain(trace.groups()[0])
