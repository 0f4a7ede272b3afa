"""Keys that refer to each other by their names, whatever the names are."""

import pytest

from ennead.domains.nplusone.related_reads import offer_of, wanted_of
from ennead.domains.nplusone.sequence_features import sequence_features
from tests.domains.nplusone.traces import Trace

ORDERS = ("SELECT id, customer_id FROM shop_order WHERE paid = ?", ("shop_order",))


@pytest.mark.parametrize(
    ("statement", "table", "met"),
    [
        ("SELECT a FROM shop_customer WHERE id = ?", "shop_customer", True),
        ("SELECT a FROM customers WHERE id = ?", "customers", True),
        ("SELECT a FROM public.customer WHERE pk = ?", "public.customer", True),
        ("SELECT a FROM customer WHERE id IN (?)", "customer", True),
        ("SELECT a FROM line WHERE order_id = ?", "line", True),
        ("SELECT a FROM line WHERE shop_order_id = ?", "line", True),
        ("SELECT a FROM setting WHERE id = ?", "setting", False),
        ("SELECT a FROM customer WHERE name = ?", "customer", False),
        ("SELECT a FROM customer WHERE id > ?", "customer", False),
        ("SELECT a FROM line WHERE basket_id = ?", "line", False),
    ],
)
def test_keys_may_have_come_from_what_names_them(statement: str, table: str, met: bool) -> None:  # noqa: FBT001
    assert wanted_of(statement, (table,)).is_met_by(offer_of(*ORDERS)) is met


def test_irregular_plurals_are_met() -> None:
    offer = offer_of("SELECT category_id FROM product", ("product",))
    assert wanted_of("SELECT a FROM categories WHERE id = ?", ("categories",)).is_met_by(offer)


@pytest.mark.parametrize(
    ("statement", "is_list"),
    [
        ("SELECT id FROM t", True),
        ("SELECT id FROM t WHERE paid = ?", True),
        ("SELECT id FROM t WHERE id = ?", False),
        ("SELECT id FROM t ORDER BY id LIMIT 1", False),
    ],
)
def test_a_list_compares_no_key_and_takes_all(statement: str, is_list: bool) -> None:  # noqa: FBT001
    assert offer_of(statement, ("t",)).is_list is is_list


@pytest.mark.parametrize(
    ("first", "read", "listed"),
    [
        ("SELECT customer_id FROM orders", 1.0, 1.0),
        ("SELECT customer_id FROM orders WHERE id = 1", 1.0, 0.0),
        ("SELECT other_id FROM orders", 0.0, 0.0),
    ],
)
def test_as_features_of_a_group(first: str, read: float, listed: float) -> None:
    trace = Trace()
    trace.run(first)
    for number in range(3):
        trace.run("SELECT a FROM customer WHERE id = ?", number)
    vector = sequence_features(trace.groups()[1])
    assert (vector["related_read_before"], vector["related_list_before"]) == (read, listed)


def test_what_runs_only_after_the_loop_brought_nothing() -> None:
    trace = Trace()
    for number in range(3):
        trace.run("SELECT a FROM customer WHERE id = ?", number)
    trace.run("SELECT customer_id FROM orders")
    assert sequence_features(trace.groups()[0])["related_read_before"] == 0.0
