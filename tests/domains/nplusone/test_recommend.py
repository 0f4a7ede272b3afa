"""Advice: the right one for each sort of access, and never one that was measured to change nothing or to do harm."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.kernel.finding import Finding, Recommendation
from ennead.kernel.records import OrmEvidence
from tests.domains.nplusone.traces import ACCESS, CUSTOMER, LINES, ORDERS, ORIGIN, Trace, site

SQL = "SELECT name FROM shop_customer WHERE id = ?"
LIMITED = "SELECT name FROM shop_line WHERE order_id = ? ORDER BY day LIMIT 1"
GROUPED = "by_key = defaultdict(list)  # from collections\nfor item in {}:\n    by_key[item.city].append(item)"
SA_ORDERS = OrmEvidence("sqlalchemy", target="Order", models=("Order",))
SA_CUSTOMER = replace(
    CUSTOMER, library="sqlalchemy", relation="Order.customer", owner="Order", target="Customer", models=("Customer",)
)
SA_LINES = replace(SA_CUSTOMER, relation="Order.lines", target="Line", models=("Line",), cardinality="many")
SA_CUSTOMER, SA_LINES = replace(SA_CUSTOMER, method=None), replace(SA_LINES, method=None)


def _finding(
    orm: OrmEvidence | None,
    sql: str = SQL,
    *,
    line: str = "orders = Order.objects.all()",
    origin_orm: OrmEvidence | None = ORDERS,
    extra: tuple[object, ...] = (),
    access: str = "",
) -> Finding:
    """The only finding of a page on which each order asks for something."""
    trace = Trace()
    source = replace(ORIGIN, source=line)
    origin = trace.run("SELECT id, customer_id FROM shop_order", at=source, rows=5, orm=origin_orm)
    for number in range(5):
        trace.run(
            sql,
            number,
            *(f"{value} {number}" for value in extra),
            at=replace(ACCESS, source=access),
            rows=1,
            orm=orm,
            supplied_by=((origin, 1, 0),),
        )
    (finding,) = NPlusOneDetectionService().analyze(trace.context()).findings
    return finding


def _advice(orm: OrmEvidence | None, sql: str = SQL, **fields: Any) -> Recommendation:
    recommendation, *_ = _finding(orm, sql, **fields).recommendations
    assert recommendation.status == "advice"
    assert recommendation.verification is None
    return recommendation


# ------------------------------------------------------------------------------------------------ Django


def test_a_forward_relation_is_joined_at_the_origin() -> None:
    advice = _advice(CUSTOMER)
    assert advice.code == 'orders = Order.objects.all().select_related("customer")'
    assert advice.place == ORIGIN


def test_a_generic_relation_is_prefetched_and_not_joined() -> None:
    generic = replace(CUSTOMER, target=None, method="GenericForeignKey", relation="shop.Order.subject")
    assert _advice(generic).code == 'orders = Order.objects.all().prefetch_related("subject")'


COUNTED = "SELECT COUNT(*) FROM shop_line WHERE shop_line.order_id = ?"
PART = "SELECT id FROM shop_line WHERE shop_line.order_id = ? AND shop_line.sent"
SORTED = "SELECT id FROM shop_line WHERE shop_line.order_id = ? ORDER BY shop_line.day DESC"
SUMMED = "SELECT SUM(shop_line.price) FROM shop_line WHERE shop_line.order_id = ?"


@pytest.mark.parametrize(
    ("method", "sql", "access", "code"),
    [
        ("all", SQL, "", '.prefetch_related("lines")'),
        (None, SQL, "", '.prefetch_related("lines")'),
        ("values_list", SQL, "", '.prefetch_related("lines")'),
        ("iterator", SQL, "", '.prefetch_related("lines")'),
        ("contains", LIMITED, "", '.prefetch_related("lines")'),
        ("count", COUNTED, "", '.annotate(lines_count=Count("lines", distinct=True))'),
        (
            "count",
            f"{COUNTED} AND shop_line.sent",
            "order.lines.filter(sent=True).count()",
            '.annotate(lines_count=Count("lines", filter=Q(lines__sent=True), distinct=True))',
        ),
        ("count", f"{COUNTED} AND shop_line.sent", "order.lines.filter(sent=flag).count()", None),
        ("count", f"{COUNTED} AND shop_line.sent", "order.lines.exclude(sent=False).count()", None),
        (
            "exists",
            "SELECT 1 AS a FROM shop_line WHERE shop_line.order_id = ? LIMIT 1",
            "",
            '.annotate(has_lines=Exists(Line.objects.filter(order_id=OuterRef("pk"))))',
        ),
        (
            "exists",
            "SELECT 1 AS a FROM shop_order_lines WHERE shop_order_lines.order_id = ? LIMIT 1",
            "",
            '.annotate(lines_count=Count("lines", distinct=True))',
        ),
        (
            "aggregate",
            SUMMED,
            "",
            (
                '.annotate(lines_sum=Subquery(Line.objects.filter(order_id=OuterRef("pk")).order_by().values("order_id")'
                '.annotate(value=Sum("price")).values("value")))'
            ),
        ),
        ("aggregate", SUMMED.replace("SUM", "MAX"), "", '.annotate(lines_max=Max("lines__price"))'),
        ("aggregate", SUMMED.replace("shop_line.price", "a + b"), "", None),
        (
            "filter",
            PART,
            "order.lines.filter(sent=True)",
            '.prefetch_related(Prefetch("lines", queryset=Line.objects.filter(sent=True), to_attr="lines_wanted"))',
        ),
        ("filter", PART, "order.lines.filter(sent=flag)", None),
        (
            "order_by",
            SORTED,
            "",
            '.prefetch_related(Prefetch("lines", queryset=Line.objects.order_by("-day"), to_attr="lines_wanted"))',
        ),
        ("order_by", SORTED.replace("shop_line.day", "LOWER(name)"), "", None),
    ],
)
def test_a_collection_is_answered_for_all_rows(method: str | None, sql: str, access: str, code: str | None) -> None:
    expected = code and f"orders = Order.objects.all(){code}"
    assert _advice(replace(LINES, method=method), sql, access=access).code == expected


def test_values_of_a_prefetched_relation_would_query_again() -> None:
    assert ".values() would query again" in _advice(replace(LINES, method="values")).text
    assert ".values()" not in _advice(LINES).text


@pytest.mark.parametrize("method", ["first", "last", "latest", "earliest"])
def test_one_of_many_is_prefetched_as_a_slice(method: str) -> None:
    code = _advice(replace(LINES, method=method), LIMITED).code
    assert code is not None
    assert 'Prefetch("lines", queryset=Line.objects.order_by("day")[:1], to_attr="first_lines")' in code


@pytest.mark.parametrize(
    ("access", "rows"),
    [("order.lines.order_by('day')[:3]", 3), ("order.lines.order_by('day')[0]", 1), ("rows[:limit]", None)],
)
def test_a_slice_of_each_is_prefetched_as_a_slice(access: str, rows: int | None) -> None:
    code = _advice(replace(LINES, method="slice"), LIMITED, access=access).code
    assert code is None if rows is None else f'Line.objects.order_by("day")[:{rows}]' in (code or "")


def test_the_line_that_reads_is_the_other_half() -> None:
    finding = _finding(replace(LINES, method="count"), COUNTED, access="total += order.lines.count()  # all")
    assert [advice.code for advice in finding.recommendations] == [
        'orders = Order.objects.all().annotate(lines_count=Count("lines", distinct=True))',
        "total += order.lines_count  # all",
    ]
    assert [advice.place for advice in finding.recommendations] == [ORIGIN, ACCESS]


def test_a_deferred_column_is_loaded_with_the_rows() -> None:
    deferred = replace(CUSTOMER, kind="deferred", relation="shop.Order.note", target=None, cardinality=None)
    advice = _advice(deferred)
    assert advice.title == "Load note with the rows"
    assert ".only()" in advice.text
    assert advice.code is None


@pytest.mark.parametrize(
    ("method", "sql", "code"),
    [
        ("get", SQL, "by_key = Customer.objects.in_bulk(keys)"),
        (
            "get",
            "SELECT id FROM shop_customer WHERE email = ?",
            "by_key = {item.email: item for item in Customer.objects.filter(email__in=keys)}",
        ),
        (
            "filter",
            "SELECT id FROM shop_customer WHERE city = ?",
            GROUPED.format("Customer.objects.filter(city__in=keys)"),
        ),
        (
            "count",
            "SELECT COUNT(*) FROM shop_customer WHERE city = ?",
            'figures = dict(Customer.objects.filter(city__in=keys).values_list("city").annotate(Count("pk")))',
        ),
    ],
)
def test_a_look_up_is_made_once_for_all_keys(method: str, sql: str, code: str) -> None:
    look_up = OrmEvidence("django", kind="lookup", target="shop.Customer", models=("shop.Customer",), method=method)
    assert _advice(look_up, sql).code == code


def test_no_code_is_guessed_for_a_key_of_two_columns() -> None:
    look_up = OrmEvidence("django", kind="lookup", target="shop.Customer", models=("shop.Customer",), method="get")
    advice = _advice(look_up, "SELECT id FROM shop_customer WHERE city = ? AND name = ?", extra=("Ada",))
    assert advice.code is None
    assert "one query" in advice.text


# ------------------------------------------------------------------------------------------------ SQLAlchemy


@pytest.mark.parametrize(
    ("orm", "code"),
    [
        (SA_CUSTOMER, "session.scalars(select(Order).options(joinedload(Order.customer)))"),
        (SA_LINES, "session.scalars(select(Order).options(selectinload(Order.lines)))"),
        (
            replace(SA_CUSTOMER, kind="deferred", relation="Order.note"),
            "session.scalars(select(Order).options(undefer(Order.note)))",
        ),
    ],
)
def test_options_are_added_to_the_select(orm: OrmEvidence, code: str) -> None:
    advice = _advice(orm, line="session.scalars(select(Order))", origin_orm=SA_ORDERS)
    assert advice.code == code
    loader = code.partition("options(")[2].partition("(")[0]
    assert f"(needs: from sqlalchemy.orm import {loader})." in advice.text


def test_expired_objects_need_no_loader_option() -> None:
    refreshed = replace(SA_CUSTOMER, kind="deferred", relation=None, method="refresh", owner="Customer")
    advice = _advice(refreshed, origin_orm=SA_ORDERS)
    assert "expire_on_commit=False" in advice.text
    assert "needs:" not in advice.text
    assert advice.code == "fresh = session.scalars(select(Customer).where(Customer.id.in_(keys))).all()"


@pytest.mark.parametrize(
    ("orm", "sql", "code"),
    [
        (
            OrmEvidence("sqlalchemy", kind="lookup", target="Customer", models=("Customer",), method="get"),
            SQL,
            "by_key = {item.id: item for item in session.scalars(select(Customer).where(Customer.id.in_(keys)))}",
        ),
        (
            OrmEvidence("sqlalchemy", target="Customer", models=("Customer",)),
            "SELECT id FROM shop_customer WHERE city = ?",
            GROUPED.format("session.scalars(select(Customer).where(Customer.city.in_(keys)))"),
        ),
        (
            OrmEvidence("sqlalchemy", kind="aggregate", models=("Customer",), method="count"),
            "SELECT COUNT(*) FROM shop_customer WHERE city = ?",
            (
                "figures = dict(session.execute(select(Customer.city, func.count()).where(Customer.city.in_(keys))"
                ".group_by(Customer.city)).tuples().all())"
            ),
        ),
        (OrmEvidence("sqlalchemy"), SQL, None),
    ],
)
def test_look_ups_are_made_once_for_all_keys(orm: OrmEvidence, sql: str, code: str | None) -> None:
    advice = _advice(orm, sql, origin_orm=SA_ORDERS)
    assert advice.code == code
    assert "one" in advice.text


# ------------------------------------------------------------------------------------------------ plain SQL


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (SQL, "SELECT id, name FROM shop_customer WHERE id IN (...)"),
        (
            "SELECT id FROM shop_order WHERE customer_id = ? ORDER BY day DESC LIMIT 1",
            None,
        ),
        ("SELECT id FROM shop_order WHERE city = ? AND name = ?", None),
        ("SELECT id FROM shop_order WHERE name LIKE ?", None),
        (
            "SELECT COUNT(*) FROM shop_customer WHERE city = ?",
            "SELECT city, count(*) FROM shop_customer WHERE city IN (...) GROUP BY city",
        ),
        (
            "SELECT SUM(total) FROM invoice WHERE customer_id = ?",
            "SELECT customer_id, sum(total) FROM invoice WHERE customer_id IN (...) GROUP BY customer_id",
        ),
    ],
)
def test_plain_sql_is_answered_with_a_set(sql: str, code: str | None) -> None:
    extra = ("Ada",) if sql.count("?") > 1 else ()
    assert _advice(None, sql, origin_orm=None, extra=extra).code == code


@pytest.mark.parametrize("library", ["django", "sqlalchemy"])
def test_the_first_row_of_each_is_ranked_and_not_fetched_with_all_others(library: str) -> None:
    orm = OrmEvidence(library, kind="lookup", target="Order", models=("Order",), method="first")
    sql = "SELECT id FROM shop_order WHERE customer_id = ? ORDER BY day LIMIT 1"
    code = _advice(orm, sql, access="session.scalars(query).first()").code
    assert code is not None
    assert "partition_by=" in code


# ------------------------------------------------------------------------------------------------ writes


@pytest.mark.parametrize(
    ("library", "sql", "code"),
    [
        ("django", "INSERT INTO shop_line (a) VALUES (?)", "Line.objects.bulk_create(objects)"),
        ("django", "UPDATE shop_line SET a = 1 WHERE id = ?", 'Line.objects.bulk_update(objects, fields=["a"])'),
        ("django", "DELETE FROM shop_line WHERE id = ?", "Line.objects.filter(pk__in=keys).delete()"),
        ("sqlalchemy", "INSERT INTO shop_line (a) VALUES (?)", "session.execute(insert(Line), rows)"),
        (None, "INSERT INTO shop_line (a) VALUES (?)", None),
    ],
)
def test_writes_are_made_in_bulk(library: str | None, sql: str, code: str | None) -> None:
    trace = Trace()
    orm = OrmEvidence(library, target="shop.Line", models=("shop.Line",)) if library else None
    for number in range(5):
        trace.run(sql, number, orm=orm, at=())
    (finding,) = NPlusOneDetectionService().analyze(trace.context()).findings
    assert finding.code == "write-n-plus-one"
    assert finding.recommendations[0].code == code


def test_an_identical_query_is_asked_once() -> None:
    trace = Trace()
    for line in (5, 9, 20):
        trace.run("SELECT value FROM setting WHERE name = ?", "tax", at=site(f"shop/views.py:{line}"))
    (finding,) = NPlusOneDetectionService().analyze(trace.context()).findings
    assert finding.recommendations[0].title == "Ask once and keep the answer"


# ------------------------------------------------------------------------------------------------ wrong advice

NAMED = (
    "all",
    "get",
    "first",
    "last",
    "latest",
    "count",
    "exists",
    "aggregate",
    "filter",
    "order_by",
    "slice",
    "values",
)
METHODS = (None, *NAMED, "values_list", "iterator", "distinct", "contains")


def _code_of(orm: OrmEvidence, sql: str) -> str:
    return " ".join(advice.code or "" for advice in _finding(orm, sql).recommendations)


@pytest.mark.parametrize("method", METHODS)
def test_no_join_for_a_query_written_by_hand(method: str | None) -> None:
    """``select_related`` for a helper that calls ``.get()``: 11 queries before, 11 after."""
    look_up = OrmEvidence("django", kind="lookup", target="shop.Customer", models=("shop.Customer",), method=method)
    assert "select_related" not in _code_of(look_up, SQL)
    assert "prefetch_related" not in _code_of(look_up, SQL)


@pytest.mark.parametrize(("method", "sql"), list(product(METHODS[1:], [SQL, LIMITED])))
def test_no_plain_prefetch_for_what_it_would_not_answer(method: str, sql: str) -> None:
    """A prefetch for ``.order_by().first()`` or ``.filter().exists()``: 11 before, 12 after. For a LIMIT: all rows."""
    wanted_whole = method == "contains" or (method in ("all", "values", "values_list", "iterator") and sql == SQL)
    assert ('.prefetch_related("lines")' in _code_of(replace(LINES, method=method), sql)) is wanted_whole


@pytest.mark.parametrize(("method", "cardinality"), list(product(METHODS, ["one", "many"])))
def test_no_join_for_a_collection(method: str | None, cardinality: Any) -> None:
    joins = "select_related(" in _code_of(replace(LINES, method=method, cardinality=cardinality), SQL)
    assert joins is (cardinality == "one")


@pytest.mark.parametrize(("method", "sql"), list(product(METHODS, [SQL, LIMITED])))
def test_sqlalchemy_gets_loader_options_for_lazy_loads_only(method: str | None, sql: str) -> None:
    look_up = OrmEvidence("sqlalchemy", kind="lookup", target="Customer", models=("Customer",), method=method)
    code = _code_of(look_up, sql)
    assert "joinedload" not in code
    assert "selectinload" not in code


def test_every_finding_has_advice_at_a_place() -> None:
    for orm, sql in product([CUSTOMER, LINES, SA_CUSTOMER, SA_LINES, None], [SQL, LIMITED]):
        origin_orm = SA_ORDERS if orm is not None and orm.library == "sqlalchemy" else ORDERS
        (advice,) = _finding(orm, sql, origin_orm=origin_orm).recommendations
        assert advice.title
        assert advice.text
        assert advice.place in (ORIGIN, ACCESS)
