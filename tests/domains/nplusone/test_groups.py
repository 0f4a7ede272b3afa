"""Repeated queries, gathered by statement, connection and call path."""

from dataclasses import replace

import pytest
from hypothesis import given

from ennead.domains.nplusone.groups import QueryGroup, collapse_recursion, group_queries
from ennead.domains.nplusone.observation import QueryExecutionContext
from ennead.kernel.records import Supply
from tests.domains.nplusone.test_observation import CONTEXTS
from tests.domains.nplusone.traces import ACCESS, CALLER, CUSTOMER, ORIGIN, Trace, lazy_orders, site

SQL = "SELECT name FROM shop_customer WHERE id = ?"


def _only(trace: Trace) -> QueryGroup:
    (group,) = trace.groups()
    return group


# ------------------------------------------------------------------------------------------------ what is together


def test_executions_of_one_statement_at_one_place_are_together() -> None:
    first, second = lazy_orders(4).groups()
    assert (first.indexes, second.indexes) == ((0,), (1, 2, 3, 4))


def test_interleaved_statements_are_apart() -> None:
    trace = Trace()
    for number in range(3):
        trace.run("SELECT a FROM t WHERE id = ?", number)
        trace.run("SELECT b FROM u WHERE id = ?", number)
    assert [group.indexes for group in trace.groups()] == [(0, 2, 4), (1, 3, 5)]


@pytest.mark.parametrize(
    "difference",
    [{"at": CALLER}, {"at": (ACCESS, site("shop/api.py:9 export"))}, {"connection": "replica"}, {"unit": 1}],
    ids=["line", "caller", "connection", "nested unit"],
)
def test_one_statement_elsewhere_is_apart(difference: dict[str, object]) -> None:
    trace = Trace()
    for number in range(2):
        trace.run(SQL, number)
        trace.run(SQL, number, **difference)  # type: ignore[arg-type]
    assert [group.indexes for group in trace.groups()] == [(0, 2), (1, 3)]


def test_two_accesses_on_one_line_are_apart_by_their_columns() -> None:
    trace = Trace()
    for number in range(2):
        trace.run(SQL, number, at=replace(ACCESS, column=8))
        trace.run(SQL, number, at=replace(ACCESS, column=30))
    assert len(trace.groups()) == 2


def test_the_depth_of_a_recursion_does_not_matter() -> None:
    trace = Trace()
    step = site("shop/tree.py:9 walk")
    for depth in range(1, 4):
        trace.run(SQL, depth, at=(ACCESS, *[step] * depth, CALLER))
    assert _only(trace).call_path == (ACCESS, step, CALLER)


def test_recursion_collapses_to_each_place_once() -> None:
    assert collapse_recursion([ACCESS, CALLER, ACCESS, ORIGIN, CALLER]) == (ACCESS, CALLER, ORIGIN)


def test_transaction_control_and_schema_changes_are_in_no_group() -> None:
    trace = Trace()
    for sql in ("BEGIN", "SAVEPOINT s1", "COMMIT", "CREATE TABLE t (a int)", "PRAGMA foreign_keys"):
        trace.run(sql)
    assert trace.groups() == []


def test_a_single_execution_is_a_group_too() -> None:
    trace = Trace()
    trace.run(SQL, 1)
    assert _only(trace).count == 1


def test_failed_executions_are_counted_apart() -> None:
    trace = Trace()
    for number, error in enumerate((None, "OperationalError", None)):
        trace.run(SQL, number, error=error)
    group = _only(trace)
    assert (group.indexes, group.count, group.failed_count) == ((0, 2), 2, 1)


def test_a_statement_that_only_failed_is_no_group() -> None:
    trace = Trace()
    trace.run(SQL, 1, error="OperationalError")
    assert trace.groups() == []


@given(CONTEXTS)
def test_every_read_and_write_that_did_not_fail_is_in_exactly_one_group(context: QueryExecutionContext) -> None:
    indexes = [index for group in group_queries(context) for index in group.indexes]
    wanted = {
        index for index, query in enumerate(context.queries) if (query.is_read or query.is_write) and not query.error
    }
    assert len(indexes) == len(set(indexes))
    assert set(indexes) == wanted


@given(CONTEXTS)
def test_groups_stand_in_the_order_of_their_first_execution(context: QueryExecutionContext) -> None:
    firsts = [group.indexes[0] for group in group_queries(context)]
    assert firsts == sorted(firsts)


# ------------------------------------------------------------------------------------------------ what is said of it


def test_figures_of_a_group() -> None:
    group = lazy_orders(4, ms=2.5).groups()[1]
    assert (group.count, group.distinct_count, group.lazy_load_count, group.duration_ms) == (4, 4, 4, 10.0)
    assert group.orm == CUSTOMER
    assert group.first is group.context.queries[1]
    assert group.queries == group.context.queries[1:]


def test_identical_parameters_are_one_set() -> None:
    trace = Trace()
    for number in (7, 7, 8):
        trace.run(SQL, number)
    assert _only(trace).distinct_count == 2


def test_statements_without_parameters_have_one_set() -> None:
    trace = Trace()
    for _ in range(3):
        trace.run("SELECT a FROM t")
    group = _only(trace)
    assert (group.distinct_count, group.varying, group.varying_columns, group.varies_by_key) == (1, (), (), False)


def test_evidence_is_that_of_the_first_that_has_some() -> None:
    trace = Trace()
    for orm in (None, CUSTOMER, replace(CUSTOMER, method="first")):
        trace.run(SQL, 1, orm=orm)
    group = _only(trace)
    assert (group.orm, group.lazy_load_count) == (CUSTOMER, 2)


@pytest.mark.parametrize(
    ("sql", "rows", "columns"),
    [
        ("SELECT a FROM t WHERE id = ?", [(1,), (2,)], ("id",)),
        ("SELECT a FROM t WHERE b IN (?)", [(1,), (2,)], ("b",)),
        ("SELECT a FROM t WHERE b = ? AND c = ?", [(1, 1), (2, 2)], ("b", "c")),
        ("SELECT a FROM t WHERE b = ? AND day < ?", [(1, 1), (2, 2)], ()),
        ("SELECT a FROM t WHERE b = ? AND day < ?", [(1, 1), (2, 1)], ("b",)),
        ("SELECT a FROM t WHERE day < ?", [(1,), (2,)], ()),
        ("SELECT a FROM t WHERE lower(x) || ? = ?", [(1, 1), (1, 2)], ()),
        ("SELECT a FROM t", [(), ()], ()),
    ],
)
def test_tells_which_columns_a_set_could_be_asked_for(
    sql: str, rows: list[tuple[object, ...]], columns: tuple[str, ...]
) -> None:
    trace = Trace()
    for values in rows:
        trace.run(sql, *values)
    assert _only(trace).set_columns == columns


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("SELECT a FROM t WHERE b = 1 ORDER BY day DESC LIMIT 1", True),
        ("SELECT a FROM t WHERE b = 1 LIMIT 1", False),
        ("SELECT a FROM t WHERE b = 1 ORDER BY day", False),
    ],
)
def test_tells_whether_the_first_of_each_are_taken(sql: str, first: bool) -> None:  # noqa: FBT001 -- a parameter
    trace = Trace()
    trace.run(sql)
    assert _only(trace).takes_first_of_each is first


@pytest.mark.parametrize(
    ("sql", "rows", "varying", "columns", "by_key"),
    [
        ("SELECT a FROM t WHERE id = ?", [(1,), (2,)], ("equal",), ("id",), True),
        ("SELECT a FROM t WHERE name = ?", [("a",), ("b",)], ("equal",), ("name",), False),
        ("SELECT a FROM t WHERE id = ? AND b = ?", [(1, 5), (1, 6)], ("equal",), ("b",), False),
        ("SELECT a FROM t WHERE id = ? AND b = ?", [(1, 5), (2, 6)], ("equal",), ("id", "b"), True),
        ("SELECT a FROM t WHERE id > ? LIMIT 5", [(1,), (2,)], ("range",), ("id",), False),
        ("SELECT a FROM t WHERE id = 3 LIMIT 5 OFFSET ?", [(0,), (5,)], ("page",), (), False),
        ("SELECT a FROM t WHERE name LIKE ?", [("a%",), ("b%",)], ("pattern",), ("name",), False),
        ("UPDATE t SET owner_id = ? WHERE b = ?", [(1, 1), (2, 2)], ("assign", "equal"), ("owner_id", "b"), False),
        ("INSERT INTO t (a) VALUES (?)", [(1,), (2,)], ("value",), (), False),
    ],
)
def test_tells_what_varies(
    sql: str,
    rows: list[tuple[object, ...]],
    varying: tuple[str, ...],
    columns: tuple[str, ...],
    by_key: bool,  # noqa: FBT001
) -> None:
    trace = Trace()
    for values in rows:
        trace.run(sql, *values)
    group = _only(trace)
    assert (group.varying, group.varying_columns, group.varies_by_key) == (varying, columns, by_key)


@pytest.mark.parametrize(
    ("statements", "varying", "largest"),
    [
        (
            ["SELECT a FROM t WHERE id IN (1, 2) AND b = 7", "SELECT a FROM t WHERE id IN (3, 4, 5) AND b = 7"],
            "list",
            3,
        ),
        (["SELECT a FROM t WHERE id IN (1, 2) AND b = 7", "SELECT a FROM t WHERE id IN (1, 2) AND b = 8"], "equal", 2),
        (["SELECT a FROM t WHERE b = 1 AND id = ANY(ARRAY[1, 2])"] * 2, "", 2),
        (
            [
                "SELECT a FROM t WHERE (x, y) IN ((1, 2), (3, 4)) AND b = 7",
                "SELECT a FROM t WHERE (x, y) IN ((5, 6)) AND b = 7",
            ],
            "list",
            2,
        ),
    ],
)
def test_lists_of_different_length_do_not_shift_what_follows(statements: list[str], varying: str, largest: int) -> None:
    trace = Trace()
    for sql in statements:
        trace.run(sql)
    group = _only(trace)
    assert (" ".join(group.varying), group.largest_list) == (varying, largest)


def test_parameters_that_no_placeholder_explains_still_vary() -> None:
    trace = Trace()
    for number in range(2):
        trace.run("CALL refresh()", 1, number, operation="select")
    assert _only(trace).varying == ("other",)


def test_supplies_are_those_of_the_parameters_that_vary() -> None:
    trace = Trace()
    for number in range(3):
        trace.run(
            "SELECT a FROM t WHERE shop_id = ? AND id = ?", 1, number, supplied_by=((0, 0, 0), (0, 2, 1), (0, 5, 1))
        )
    assert _only(trace).supplies == ((Supply(0, 2, 1), Supply(0, 5, 1)),) * 3


def test_supplies_are_those_of_all_where_none_varies() -> None:
    trace = Trace()
    for _ in range(2):
        trace.run("SELECT a FROM t WHERE shop_id = ? AND id = ?", 1, 1, supplied_by=((0, 0, 0), (0, 2, 1)))
    assert _only(trace).supplies == ((Supply(0, 0, 0), Supply(0, 2, 1)),) * 2


def test_groups_are_made_once_for_a_context() -> None:
    context = lazy_orders(3).context()
    assert group_queries(context) is group_queries(context)
    assert [group.number for group in group_queries(context)] == [0, 1]
    other = replace(context, queries=context.queries[1:])
    assert [group.indexes for group in group_queries(other)] == [(0, 1, 2)]


# ------------------------------------------------------------------------------------------------ provenance


@pytest.mark.parametrize(
    ("supplies", "ratio"),
    [
        ([((0, 1, 0),)] * 4, 1.0),
        ([((0, 1, 0),), (), ((0, 1, 0),), ()], 0.5),
        ([((0, 1, 0),), ((0, 2, 0),), ((0, 1, 0),), ((0, 1, 0),)], 0.75),
        ([((0, 1, 0), (0, 2, 0)), ((0, 1, 0), (0, 2, 0)), ((0, 2, 0),), ()], 0.75),
        ([((0, 1, 0), (0, 1, 0)), (), (), ()], 0.25),
        ([()] * 4, 0.0),
        ([((1, 1, 0),)] * 4, 0.0),
    ],
    ids=["all", "half", "one column of two", "the better of two columns", "once for each", "none", "another query"],
)
def test_the_share_that_one_column_of_a_result_supplied(
    supplies: list[tuple[tuple[int, int, int], ...]], ratio: float
) -> None:
    trace = Trace()
    trace.run("SELECT id, customer_id FROM shop_order", at=ORIGIN, rows=4)
    trace.run("SELECT id FROM shop_banner", at=CALLER, rows=4)
    for number, supplied_by in enumerate(supplies):
        trace.run(SQL, number, supplied_by=supplied_by)
    orders, _, customers = trace.groups()
    assert customers.supplied_ratio(orders) == ratio
    assert orders.supplied_ratio(customers) == 0.0


@pytest.mark.parametrize(
    ("rows", "distance", "links"),
    [(1, 1, 3), (0, 1, 3), (None, 1, 3), (2, 1, 0), (1, 2, 0)],
    ids=["one row", "no row", "unknown", "several rows", "an earlier one"],
)
def test_links_lead_from_one_row_to_the_next(rows: int | None, distance: int, links: int) -> None:
    trace = Trace()
    for number in range(4):
        source = number - distance
        supplied_by = ((source, 1, 0),) if source >= 0 else ()
        trace.run("SELECT id, next_id FROM link WHERE id = ?", number, rows=rows, supplied_by=supplied_by)
    assert _only(trace).link_count == links


def test_without_provenance_there_are_no_links() -> None:
    trace = Trace()
    for number in range(4):
        trace.run("SELECT id, next_id FROM link WHERE id = ?", number, rows=1)
    assert _only(trace).link_count == 0


# ------------------------------------------------------------------------------------------------ recursions

CHILDREN = "SELECT id FROM category WHERE parent_id = ?"
ASKS, CALLS = site("shop/tree.py:5 walk"), site("shop/tree.py:6 walk")


def _tree(*, failing_level: int | None = None) -> Trace:
    """A function that calls itself: the outermost level, and three further in."""
    trace = Trace()
    for level in range(4):
        path = (ASKS, *[CALLS] * level, CALLER)
        trace.run(CHILDREN, level, at=path, error="OperationalError" if level == failing_level else None)
    return trace


def test_the_levels_of_a_recursion_are_one_group() -> None:
    group = _only(_tree())
    assert (group.indexes, group.call_path) == ((0, 1, 2, 3), (ASKS, CALLS, CALLER))


def test_failures_on_any_level_are_counted() -> None:
    group = _only(_tree(failing_level=2))
    assert (group.indexes, group.failed_count) == ((0, 1, 3), 1)


def test_two_callers_of_what_does_not_call_itself_are_apart() -> None:
    trace = Trace()
    for number in range(2):
        trace.run(CHILDREN, number, at=(ASKS, CALLER))
        trace.run(CHILDREN, number, at=(ASKS, site("shop/menu.py:9 menu"), CALLER))
    assert [group.indexes for group in trace.groups()] == [(0, 2), (1, 3)]
