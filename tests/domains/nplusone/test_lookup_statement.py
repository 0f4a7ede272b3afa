"""What a SELECT of a loop asks for is read, or it is not: never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.lookup_statement import Aggregate, read_lookup


@pytest.mark.parametrize(
    ("statement", "aggregate"),
    [
        ("SELECT count(*) FROM line WHERE order_id = ?", Aggregate("count", None, distinct=False)),
        ('SELECT SUM("line"."price") AS "total" FROM "line"', Aggregate("sum", "price", distinct=False)),
        ("SELECT count(DISTINCT line.product_id) AS n FROM line", Aggregate("count", "product_id", distinct=True)),
        ("SELECT max(product.price) FROM line JOIN product ON product.id = line.product_id", None),
        ("SELECT max(price) FROM line JOIN product ON product.id = line.product_id", None),
        ("SELECT sum(price * amount) FROM line", None),
        ("SELECT sum(price), max(price) FROM line", None),
        ("SELECT price FROM line", None),
        (
            "SELECT count(*) AS n FROM (SELECT id AS a FROM line WHERE x = ?) AS anon",
            Aggregate("count", None, distinct=False),
        ),
        ("SELECT count(*) AS n FROM (SELECT DISTINCT id FROM line WHERE x = ?) AS anon", None),
        ("SELECT count(*) AS n FROM (SELECT id FROM line LIMIT ?) AS anon", None),
    ],
)
def test_the_aggregate_is_the_statements_own(statement: str, aggregate: Aggregate | None) -> None:
    lookup = read_lookup(statement)
    assert (lookup.aggregate if lookup else None) == aggregate


@pytest.mark.parametrize(
    ("statement", "column", "is_own"),
    [
        ("SELECT id FROM line WHERE order_id = ?", "order_id", True),
        ("SELECT id FROM line WHERE ? = line.order_id ORDER BY id", "order_id", True),
        ("SELECT id FROM line AS l WHERE l.order_id IN (?)", "order_id", True),
        ("SELECT l.id FROM line l JOIN orders o ON o.id = l.order_id WHERE o.shop_id = ?", "shop_id", False),
        ("SELECT l.id FROM line l JOIN orders o ON o.id = l.order_id WHERE shop_id = ?", "shop_id", False),
        ("SELECT l.id FROM line l, orders o WHERE l.shop_id = ? AND o.shop_id = ?", "shop_id", False),
        ("SELECT id FROM line WHERE order_id > ?", "order_id", False),
        ("SELECT id FROM line WHERE order_id = ? OR price = ?", "order_id", False),
    ],
)
def test_a_column_is_the_tables_own_if_the_condition_says_so(statement: str, column: str, is_own: bool) -> None:  # noqa: FBT001
    lookup = read_lookup(statement)
    assert lookup is not None
    assert lookup.owns(column) is is_own


@pytest.mark.parametrize(
    ("where", "conditions"),
    [
        ("a = ?", ("a = ?",)),
        ("(a = ? AND NOT b)", ("a = ?", "NOT b")),
        ("(a = ?) AND ((b = ? AND c IS NULL))", ("a = ?", "b = ?", "c IS NULL")),
        ("a = ? AND (b = ? OR c = ?)", ("a = ?", "b = ? OR c = ?")),
        ("a BETWEEN ? AND ?", ("a BETWEEN ? AND ?",)),
    ],
)
def test_conditions_that_all_have_to_hold(where: str, conditions: tuple[str, ...]) -> None:
    lookup = read_lookup(f"SELECT id FROM line WHERE {where}")
    assert lookup is not None
    assert lookup.conditions == conditions


@pytest.mark.parametrize(
    ("order", "columns"),
    [
        ("day", ("day",)),
        ("line.day DESC, line.id ASC", ("-day", "id")),
        ("LOWER(name)", None),
        ("other.day", None),
        ("1", None),
    ],
)
def test_the_order_is_read_if_it_is_one_of_own_columns(order: str, columns: tuple[str, ...] | None) -> None:
    lookup = read_lookup(f"SELECT id FROM line WHERE a = ? ORDER BY {order} LIMIT ?")
    assert lookup is not None
    assert lookup.order == columns
    assert lookup.is_limited


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE line SET a = ?",
        "",
        "SELECT ?",
        "SELECT a FROM b UNION SELECT a FROM c",
        "WITH x AS (SELECT ?) SELECT a FROM x",
    ],
)
def test_what_is_no_simple_select_is_not_read(statement: str) -> None:
    assert read_lookup(statement) is None


@pytest.mark.parametrize(
    ("statement", "asks"),
    [
        ("SELECT EXISTS (SELECT * FROM line WHERE line.order_id = ?) AS anon_1", True),
        ("SELECT ? AS a FROM line WHERE line.order_id = ? LIMIT ?", True),
        ("SELECT id FROM line WHERE line.order_id = ?", False),
    ],
)
def test_questions_for_existence(statement: str, asks: bool) -> None:  # noqa: FBT001
    lookup = read_lookup(statement)
    assert lookup is not None
    assert lookup.is_exists is asks


WORDS = 'SELECT FROM WHERE AND OR ( ) , a b.c ? = count(*) sum(a) IN (?) ORDER BY LIMIT JOIN ON AS DISTINCT " EXISTS'


@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=14).map(" ".join) | st.text(max_size=60))
def test_reading_never_raises(statement: str) -> None:
    lookup = read_lookup(f"SELECT {statement}")
    if lookup is not None:
        assert not lookup.owns("no_such_column")
