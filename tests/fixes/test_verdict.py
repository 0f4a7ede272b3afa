"""Each rule with its twin: the same replays without what the rule objects to are accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ennead.fixes.comparison.edit import Edit
from ennead.fixes.trace import ReplayTrace
from ennead.fixes.verdict import Judgement, judge
from ennead.kernel.call_site import CallSite
from tests.fixes.replays import (
    ACCESS,
    BATCH,
    ITEMS,
    LARGE,
    LIST,
    LOOKUP,
    SMALL,
    finding,
    orders,
    original,
    repaired,
    replay,
    response,
    statement,
    unit,
    with_body,
    with_statements,
    with_unit,
)

Change = Callable[[ReplayTrace], ReplayTrace]


def same(trace: ReplayTrace) -> ReplayTrace:
    return trace


def judged(
    *, before: Change = same, second: Change = same, after: Change = same, only_large: bool = False, **more: Any
) -> Judgement:
    """Judge the repair, with the original (its second run) or the patched work changed at both sizes."""
    first = [before(original(size)) for size in (SMALL, LARGE)]
    again = [second(trace) for trace in first]
    patched = [after(repaired(size)) for size in (SMALL, LARGE)]
    if only_large:
        patched[0] = repaired(SMALL)
    arguments: dict[str, Any] = {"findings": finding(), **more}
    return judge([first[0], again[0]], [first[1], again[1]], [patched[0]], [patched[1]], **arguments)


def test_a_repair_that_changes_nothing_else_is_verified() -> None:
    judgement = judged()
    assert judgement.verdict == judgement.verification.verdict == "verified"
    assert judgement.is_accepted
    assert judgement.reasons == (
        "the same results with fewer queries: 11 → 2 queries at 10 rows, 51 → 2 queries at 50 rows",
    )
    assert judgement.verification.queries_before == {SMALL: 11, LARGE: 51}
    assert judgement.verification.queries_after == {SMALL: 2, LARGE: 2}
    assert judgement.verification.not_compared == ()
    assert set(judgement.verification.compared) == {
        "status",
        "response headers",
        "response body",
        "units of work",
        "exit code",
        "standard output",
        "mails",
        "connections attempted",
        "files written",
        "rows of every table",
        "executions of shop/views.py:12",
        "tables that each unit of work reads and writes",
        "new limits, joins and conditions of statements",
        "executions of each statement",
        "statements outside of units of work",
        "what queries sort by",
        "rows fetched",
        "time",
        "peak memory",
    }


def test_growth_is_told_for_every_statement() -> None:
    table = {item.statement: (item.before, item.after, item.is_target) for item in judged().growth}
    assert table == {
        LIST: ((1, 1), (1, 1), False),
        LOOKUP: ((10, 50), (0, 0), True),
        BATCH: ((0, 0), (1, 1), False),
    }
    assert judged().to_dict()["growth"][1]["before"] == [10, 50]


def test_at_one_size_it_is_verified_at_this_size() -> None:
    judgement = judge([original(SMALL)] * 2, [], [repaired(SMALL)], [], findings=finding())
    assert judgement.verdict == "verified-at-this-size"
    assert judgement.is_accepted
    assert judgement.verification.queries_before == {SMALL: 11}


def test_at_one_size_a_repair_of_half_of_the_work_is_not_flat() -> None:
    half = with_statements(original(SMALL), statement(LIST, rows=SMALL), statement(LOOKUP, count=5))
    assert judge([original(SMALL)] * 2, [], [half], [], findings=finding()).verdict == "reduced-not-flat"


def test_where_the_original_does_not_grow_it_is_verified_at_this_size() -> None:
    before = [replace(original(SMALL), size=size) for size in (SMALL, LARGE)]
    after = [replace(repaired(SMALL), size=size) for size in (SMALL, LARGE)]
    judgement = judge([before[0]] * 2, [before[1]] * 2, [after[0]], [after[1]], findings=finding())
    assert judgement.verdict == "verified-at-this-size"
    judgement = judge([before[0]] * 2, [before[1]] * 2, [after[0]], [after[1]], findings=finding(code="repeated-query"))
    assert judgement.verdict == "verified"


def test_a_change_by_hand_needs_no_finding() -> None:
    assert judged(findings=None).verdict == "verified"
    traces = [original(SMALL)] * 2, [original(LARGE)] * 2, [original(SMALL)], [original(LARGE)]
    assert judge(*traces).verdict == "no-effect"


# ------------------------------------------------------------------------------------------- could not run


def test_one_run_of_the_original_is_too_few() -> None:
    judgement = judge([original(SMALL)], [], [repaired(SMALL)], [], findings=finding())
    assert judgement.verdict == "could-not-run"
    assert not judgement.is_accepted


@pytest.mark.parametrize(("small", "large"), [([], [repaired(LARGE)]), ([repaired(SMALL)], [])])
def test_a_missing_run_of_the_patched_work_is_told(small: list[ReplayTrace], large: list[ReplayTrace]) -> None:
    judgement = judge([original(SMALL)] * 2, [original(LARGE)] * 2, small, large, findings=finding())
    assert judgement.verdict == "could-not-run"


def test_an_original_that_does_not_show_the_finding_could_not_run() -> None:
    judgement = judged(findings=finding("SELECT nothing"))
    assert judgement.verdict == "could-not-run"
    assert judgement.reasons == ("the original did not show the finding when it was run again",)


def test_an_original_that_fails_before_its_work_could_not_run() -> None:
    judgement = judged(before=lambda trace: replace(trace, units=(), exit_code=2, stderr_tail="No such command\n"))
    assert judgement.verdict == "could-not-run"
    assert judgement.reasons[0] == 'the original itself ended with exit code 2: "No such command"'


def test_a_patched_process_that_breaks_off_could_not_run() -> None:
    tail = "Traceback ...\nImportError: cannot import name 'x'\n"
    judgement = judged(after=lambda trace: replace(trace, units=(), exit_code=1, stderr_tail=tail))
    assert judgement.verdict == "could-not-run"
    assert judgement.reasons[0] == (
        "the patched work did not start with exit code 1 at 10 rows: \"ImportError: cannot import name 'x'\""
    )


def test_fewer_units_with_the_same_exit_code_change_the_results() -> None:
    more = unit([statement(ITEMS)], response([]), name="GET /items", route="/items")
    with_more = judged(
        before=lambda trace: replay(trace.size, [*trace.units, more]),
        after=lambda trace: replay(trace.size, [*trace.units, more]),
    )
    assert with_more.verdict == "verified"
    lost = judged(before=lambda trace: replay(trace.size, [*trace.units, more]))
    assert lost.verdict == "changes-results"
    assert "GET /items did not run at 10 rows" in lost.reasons
    new = judged(after=lambda trace: replay(trace.size, [*trace.units, more]))
    assert "GET /items ran, which the original does not do at 10 rows" in new.reasons


# ------------------------------------------------------------------------------------------- non-deterministic


def test_an_original_that_executes_other_statements_each_time_is_non_deterministic() -> None:
    other = judged(second=lambda trace: with_statements(trace, *trace.units[0].statements, statement(ITEMS)))
    assert other.verdict == "non-deterministic"


def test_an_original_with_another_structure_each_time_is_non_deterministic() -> None:
    assert judged(second=lambda trace: with_body(trace, orders(trace.size)[:-1])).verdict == "non-deterministic"


def test_an_original_that_mostly_varies_is_non_deterministic() -> None:
    bodies = iter(range(1000, 2000))

    def random(trace: ReplayTrace) -> ReplayTrace:
        return with_body(trace, [next(bodies) for _ in range(trace.size)])

    assert judged(before=random, second=random, after=random).verdict == "non-deterministic"


def test_a_leaf_that_varies_in_the_original_is_masked_and_told() -> None:
    moments = iter(range(1000, 2000))

    def dated(trace: ReplayTrace) -> ReplayTrace:
        return with_body(trace, {"at": next(moments), "orders": orders(trace.size)})

    judgement = judged(before=dated, second=dated, after=dated)
    assert judgement.verdict == "verified"
    assert judgement.verification.not_compared == tuple(
        f"response body (at) of GET /orders at {size} rows: two runs of the original differ there"
        for size in (SMALL, LARGE)
    )


def test_a_patch_that_varies_where_the_original_does_not_changes_the_results() -> None:
    moments = iter(range(1000, 2000))
    judgement = judged(
        before=lambda trace: with_body(trace, {"at": 1, "orders": orders(trace.size)}),
        after=lambda trace: with_body(trace, {"at": next(moments), "orders": orders(trace.size)}),
    )
    assert judgement.verdict == "changes-results"


def test_one_large_run_of_work_that_varies_tells_no_difference() -> None:
    def dated(trace: ReplayTrace, at: int) -> ReplayTrace:
        return with_body(trace, {"at": at, "orders": orders(trace.size)})

    small = [dated(original(SMALL), 1), dated(original(SMALL), 2)]
    patched = [dated(repaired(SMALL), 3)], [dated(repaired(LARGE), 4)]
    one = judge(small, [dated(original(LARGE), 1)], *patched, findings=finding())
    assert one.verdict == "non-deterministic"
    two = judge(small, [dated(original(LARGE), 1), dated(original(LARGE), 2)], *patched, findings=finding())
    assert two.verdict == "verified"


# ------------------------------------------------------------------------------------------- changes of results

CHANGES: dict[str, Change] = {
    "a row is dropped": lambda trace: with_body(trace, orders(trace.size)[:-1]),
    "a row is doubled": lambda trace: with_body(trace, [*orders(trace.size), orders(1)[0]]),
    "a value is another": lambda trace: with_body(trace, [{"id": 0, "customer": "?"}, *orders(trace.size)[1:]]),
    "a value has another type": lambda trace: with_body(
        trace, [{**row, "id": str(row["id"])} for row in orders(trace.size)]
    ),
    "an ordered list is in another order": lambda trace: with_body(trace, orders(trace.size)[::-1]),
    "another status": lambda trace: with_body(trace, orders(trace.size), status="404"),
    "an error page with status 200": lambda trace: with_body(trace, "<h1>Sorry</h1>", media_type="text/html"),
    "a header is lost": lambda trace: with_body(trace, orders(trace.size), headers={}),
    "no outcome": lambda trace: with_unit(trace, outcome=None),
    "another exit code": lambda trace: replace(trace, exit_code=1),
    "other output": lambda trace: replace(trace, stdout="done?\n"),
    "a mail is lost": lambda trace: replace(trace, mails=()),
    "a mail is doubled": lambda trace: replace(trace, mails=("To: a", "To: a")),
    "a mail is another": lambda trace: replace(trace, mails=("To: b",)),
    "a connection is attempted": lambda trace: replace(trace, egress=("tcp cache:6379",)),
    "a file is lost": lambda trace: replace(trace, files_written={}),
    "a file is another": lambda trace: replace(trace, files_written={"report.csv": "22"}),
    "a file is new": lambda trace: replace(trace, files_written={"report.csv": "11", "cache.json": "33"}),
    "the access no longer runs": lambda trace: replace(trace, line_counts={ACCESS.file: {ACCESS.line: 0}}),
    "the access runs less often": lambda trace: replace(
        trace, line_counts={ACCESS.file: {ACCESS.line: trace.size - 1}}
    ),
    "nobody saw the access": lambda trace: replace(trace, line_counts={}),
}


def with_effects(trace: ReplayTrace) -> ReplayTrace:
    """A mail, a file and a header besides."""
    outcome = replace(trace.units[0].outcome or response(None), headers={"x-total": "1"})
    return replace(with_unit(trace, outcome=outcome), mails=("To: a",), files_written={"report.csv": "11"})


def without_header(trace: ReplayTrace) -> ReplayTrace:
    outcome = trace.units[0].outcome
    return with_unit(
        trace, outcome=replace(outcome, headers={"x-total": "1"}) if outcome and not outcome.headers else outcome
    )


@pytest.mark.parametrize("sizes", [{SMALL, LARGE}, {LARGE}], ids=["both sizes", "only the large size"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_results_is_refused(name: str, sizes: set[int]) -> None:
    honest = {SMALL: with_effects(repaired(SMALL)), LARGE: with_effects(repaired(LARGE))}
    wrong = {size: CHANGES[name](trace) for size, trace in honest.items()}
    if name != "a header is lost":
        wrong = {size: without_header(trace) for size, trace in wrong.items()}
    before = {size: with_effects(original(size)) for size in (SMALL, LARGE)}
    small = wrong[SMALL] if SMALL in sizes else honest[SMALL]

    def judge_it(small: ReplayTrace, large: ReplayTrace) -> Judgement:
        return judge([before[SMALL]] * 2, [before[LARGE]] * 2, [small], [large], findings=finding())

    assert judge_it(honest[SMALL], honest[LARGE]).verdict == "verified"
    assert judge_it(small, wrong[LARGE]).verdict == "changes-results"


def test_the_order_may_change_where_no_query_promises_one() -> None:
    plain = "SELECT orders.id FROM orders"

    def unordered(trace: ReplayTrace) -> ReplayTrace:
        return with_statements(trace, *(statement(plain, rows=trace.size), *trace.units[0].statements[1:]))

    def reversed_order(trace: ReplayTrace) -> ReplayTrace:
        return with_body(unordered(trace), orders(trace.size)[::-1])

    judgement = judged(before=unordered, after=reversed_order)
    assert judgement.verdict == "verified"
    assert any("compared in any order" in sentence for sentence in judgement.verification.not_compared)
    edit = Edit(diff="-    return sorted(rows)\n+    return rows\n")
    assert judged(before=unordered, after=reversed_order, edit=edit).verdict == "changes-results"


def test_the_access_is_found_again_where_the_edit_moved_it() -> None:
    def moved(trace: ReplayTrace) -> ReplayTrace:
        return replace(trace, line_counts={ACCESS.file: {14: trace.size}})

    assert judged(after=moved, edit=Edit(moves={ACCESS.file: {12: 14}})).verdict == "verified"
    assert judged(after=moved).verdict == "changes-results"
    gone = judged(after=moved, edit=Edit(moves={ACCESS.file: {}}))
    assert gone.verdict == "verified"
    assert gone.verification.not_compared == ("executions of shop/views.py:12: the change leaves no line in its place",)


def test_an_access_that_cannot_be_watched_is_told() -> None:
    judgement = judged(findings=finding(call_site=CallSite("shop/list.html", 3, "list.html")))
    assert judgement.verification.not_compared == ("executions of shop/list.html:3: the line could not be watched",)


# ------------------------------------------------------------------------------------------- counts


def test_the_same_queries_as_before_are_no_effect() -> None:
    assert judged(after=lambda trace: original(trace.size)).verdict == "no-effect"


def test_more_queries_are_worse() -> None:
    def more(trace: ReplayTrace) -> ReplayTrace:
        return with_statements(original(trace.size), *original(trace.size).units[0].statements, statement(BATCH))

    assert judged(after=more).verdict == "worse"


def test_a_repair_of_every_second_row_is_not_flat() -> None:
    def half(trace: ReplayTrace) -> ReplayTrace:
        return with_statements(trace, statement(LIST, rows=trace.size), statement(LOOKUP, count=trace.size // 2))

    judgement = judged(after=half)
    assert judgement.verdict == "reduced-not-flat"
    assert judgement.reasons == (f"GET /orders: 10 → 50 executions became 5 → 25, not flat, of {LOOKUP}",)


def test_what_another_finding_of_the_same_statement_adds_is_not_counted() -> None:
    def twice(trace: ReplayTrace) -> ReplayTrace:
        both = (finding(query_count=trace.size), finding(id="f1:other", query_count=trace.size))
        return with_unit(
            trace, findings=both, statements=(statement(LIST, rows=trace.size), statement(LOOKUP, count=2 * trace.size))
        )

    def once(trace: ReplayTrace) -> ReplayTrace:
        return with_statements(original(trace.size), *original(trace.size).units[0].statements, statement(BATCH))

    assert judged(before=twice, after=once).verdict == "verified"
    assert judged(before=twice, after=once, findings=(finding(), finding(id="f1:other"))).verdict == "reduced-not-flat"


def test_one_statement_for_many_rows_is_the_same_at_both_sizes() -> None:
    def update(size: int, count: int = 1) -> Change:
        sql = f"UPDATE orders SET state = CASE{' WHEN orders.id = ? THEN ?' * size} END"
        return lambda trace: with_statements(trace, *trace.units[0].statements, statement(sql, count=count))

    updates = {size: update(size)(repaired(size)) for size in (SMALL, LARGE)}
    assert judged(after=lambda trace: updates[trace.size]).verdict == "verified"
    grown = {size: update(2, count=size // 10)(repaired(size)) for size in (SMALL, LARGE)}
    assert judged(after=lambda trace: grown[trace.size]).verdict == "reduced-not-flat"


def test_queries_moved_to_another_table_are_no_repair() -> None:
    def moved(trace: ReplayTrace) -> ReplayTrace:
        return with_statements(trace, *trace.units[0].statements, statement(ITEMS, count=trace.size - 2))

    assert judged(after=moved).verdict == "reduced-not-flat"


def test_queries_moved_to_another_connection_are_no_repair() -> None:
    def moved(trace: ReplayTrace) -> ReplayTrace:
        other = statement(LOOKUP, count=trace.size, connection="replica")
        return with_statements(trace, statement(LIST, rows=trace.size), other)

    assert judged(after=moved).verdict == "no-effect"


def test_queries_moved_out_of_the_units_are_no_repair() -> None:
    moved = judged(after=lambda trace: replace(trace, statement_count=trace.statement_count + trace.size))
    assert moved.verdict == "no-effect"
    assert moved.reasons[0] == (
        "the units of work run 9 queries less, but 10 more run outside of them"
        " (another connection, thread or process, or an INSERT that is sent row by row) at 10 rows"
    )
    begun = judged(after=lambda trace: replace(trace, statement_count=trace.statement_count + 2))
    assert begun.verdict == "verified"


def test_a_table_that_one_statement_outside_may_have_filled_is_no_repair() -> None:
    def change(trace: ReplayTrace, outside: int) -> ReplayTrace:
        kept = with_statements(trace, trace.units[0].statements[0])
        return replace(kept, statement_count=kept.statement_count + outside)

    assert judged(after=lambda trace: change(trace, 0)).is_accepted
    judgement = judged(after=lambda trace: change(trace, 1))
    assert judgement.verdict == "no-effect"
    assert "1 more run outside of them" in judgement.reasons[0]


def test_a_further_select_for_each_row_is_not_flat() -> None:
    def united(trace: ReplayTrace, parts: int) -> ReplayTrace:
        union = " UNION ".join([BATCH.replace("IN (?)", "= ?")] * parts)
        return with_statements(trace, trace.units[0].statements[0], statement(union, rows=trace.size))

    judgement = judged(after=lambda trace: united(trace, trace.size))
    assert judgement.verdict == "reduced-not-flat"
    assert judgement.reasons == ("GET /orders: its statements hold a further SELECT for each row, 9 → 49 in all",)
    assert judged(after=lambda trace: united(trace, 4)).is_accepted


def test_a_line_that_a_change_by_hand_edits_is_to_be_repaired() -> None:
    def two(trace: ReplayTrace, *, is_repaired: bool) -> ReplayTrace:
        items = statement(ITEMS, count=trace.size, access=ACCESS)
        orders, customers = trace.units[0].statements
        return with_statements(
            trace,
            orders,
            customers,
            *(() if is_repaired else (items,)),
            *[statement(ITEMS + " AND id IN (?)")] * is_repaired,
        )

    def verdict(edit: Edit, *, is_repaired: bool) -> str:
        return judged(
            before=lambda trace: two(trace, is_repaired=False),
            after=lambda trace: two(trace, is_repaired=is_repaired),
            findings=None,
            edit=edit,
        ).verdict

    edited = Edit(moves={ACCESS.file: {ACCESS.line: 12}}, rewritten={ACCESS.file: {ACCESS.line: "other(order)"}})
    assert verdict(Edit(), is_repaired=False) == "verified"
    assert verdict(edited, is_repaired=False) == "reduced-not-flat"
    assert verdict(edited, is_repaired=True) == "verified"


def test_what_only_the_changed_code_hides_from_view_is_refused() -> None:
    program = ("a program that is not Python was started, and not isolated: psql",)
    judgement = judged(after=lambda trace: replace(trace, problems=program))
    assert judgement.verdict == "changes-results"
    assert judgement.reasons[0] == f"what the original does not do: {program[0]} at 10 rows"
    assert judged(
        before=lambda trace: replace(trace, problems=program), after=lambda trace: replace(trace, problems=program)
    ).is_accepted


def test_statements_outside_that_start_to_grow_are_refused() -> None:
    grown = judged(after=lambda trace: replace(trace, statement_count=trace.statement_count + trace.size // 20))
    assert grown.verdict == "no-effect"


@pytest.mark.parametrize("missing", ["statement_count", "peak_memory_bytes"])
def test_what_was_not_measured_is_told(missing: str) -> None:
    unmeasured: dict[str, Any] = {missing: 0}
    judgement = judged(after=lambda trace: replace(trace, **unmeasured))
    assert judgement.verdict == "verified"
    assert len(judgement.verification.not_compared) == 1


@pytest.mark.parametrize(
    ("limit", "beyond"),
    [
        (
            lambda trace: with_statements(trace, statement(LIST, rows=300), statement(BATCH, rows=100)),
            lambda trace: with_statements(trace, statement(LIST, rows=301), statement(BATCH, rows=100)),
        ),
        (lambda trace: with_unit(trace, duration_ms=30.0), lambda trace: with_unit(trace, duration_ms=30.1)),
        (
            lambda trace: replace(trace, peak_memory_bytes=150 << 20),
            lambda trace: replace(trace, peak_memory_bytes=151 << 20),
        ),
    ],
    ids=["rows", "time", "memory"],
)
def test_costs_beyond_the_limits_are_worse(limit: Change, beyond: Change) -> None:
    assert judged(after=limit, only_large=True).verdict == "verified"
    assert judged(after=beyond, only_large=True).verdict == "worse"


def test_runs_of_the_original_that_were_not_watched_say_nothing_about_lines() -> None:
    unwatched = replace(original(SMALL), line_counts={})
    large = [replace(original(LARGE), line_counts={})], [replace(repaired(LARGE), line_counts={})]

    def with_count(count: int) -> Judgement:
        patched = replace(repaired(SMALL), line_counts={ACCESS.file: {ACCESS.line: count}})
        return judge([unwatched, original(SMALL)], large[0], [patched], large[1], findings=finding())

    assert with_count(SMALL).verdict == "verified"
    assert "executions of shop/views.py:12" in with_count(SMALL).verification.compared
    assert with_count(SMALL - 1).verdict == "changes-results"


@pytest.mark.parametrize(
    ("kind", "verdict"), [("request", "could-not-run"), ("test", "could-not-run"), ("script", "verified")]
)
def test_work_whose_answer_nobody_captured_is_not_judged(kind: str, verdict: str) -> None:
    def silent(trace: ReplayTrace) -> ReplayTrace:
        return with_unit(trace, kind=kind, outcome=None)

    assert judged(before=silent, after=silent).verdict == verdict


def test_a_patched_run_that_was_only_timed_says_nothing_about_lines() -> None:
    timed = replace(repaired(SMALL), line_counts={})
    assert judge([original(SMALL)] * 2, [], [repaired(SMALL), timed], [], findings=finding()).is_accepted
    assert judge([original(SMALL)] * 2, [], [timed, timed], [], findings=finding()).verdict == "changes-results"
