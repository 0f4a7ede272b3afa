from dataclasses import replace
from typing import Any

import pytest

from ennead.kernel.finding import Finding
from ennead.reporting.comparison import Comparison
from ennead.reporting.report import Report
from ennead.runs.comparing import compare, compare_runs, statement_counts
from ennead.runs.folder import RunFolder
from ennead.runs.merging import report_of
from ennead.runs.reading import RunRecords
from ennead.runs.records import UnitRecord
from tests.reporting.findings import finding
from tests.runs.project import Project
from tests.runs.test_folder import FACTS
from tests.runs.units import unit

AA, BB = "f1:00000000000000aa", "f1:00000000000000bb"
SCRIPT = """
from lookups import connection, unit
from ennead.agent.units import Recording

unit("orders/", {count})
with Recording("basket/", "job", route="basket/"):
    for number in range({odd}):
        connection.execute("SELECT name FROM customer WHERE id < 3")
        connection.execute("DELETE FROM customer WHERE id = -1")
        connection.commit()
"""


def recorded(project: Project, *options: str) -> RunFolder:
    """Runs of one second are in no order: the new one is what was not there before."""
    before = {run.id for run in project.runs}
    project.ennead("run", "--quiet", *options, "--", "script.py", check=True)
    (new,) = (run for run in project.runs if run.id not in before)
    return new


def report(*units: UnitRecord) -> Report:
    return report_of("run", FACTS, RunRecords(units=units))


def compared(before: tuple[UnitRecord, ...], after: tuple[UnitRecord, ...]) -> Comparison:
    return compare(report(*before), report(*after), {}, {})


def statuses(comparison: Comparison) -> list[tuple[str, str, int | None, int | None]]:
    return [(change.finding.id, change.status, change.before, change.after) for change in comparison.findings]


def other(**changes: Any) -> Finding:
    return finding(id=BB, statement_fingerprint="def", **changes)


def test_a_finding_that_was_not_there_is_new() -> None:
    comparison = compared((unit(finding()),), (unit(finding(), other(query_count=7)),))
    assert statuses(comparison) == [(BB, "new", None, 7), (AA, "same", 100, 100)]
    assert comparison.findings[0].note == ""
    assert comparison.findings[0].routes == ("orders/",)


def test_a_finding_that_is_not_there_any_more_is_gone() -> None:
    comparison = compared((unit(finding(), other(query_count=7)),), (unit(finding()),))
    assert statuses(comparison) == [(BB, "gone", 7, None), (AA, "same", 100, 100)]


def test_a_finding_whose_route_did_not_run_is_not_gone() -> None:
    comparison = compared((unit(finding()),), (unit(route="export/"),))
    assert statuses(comparison) == [(AA, "not-run", 100, None)]
    assert comparison.notes[:2] == ("only the first run did orders/", "only the second run did export/")


def test_a_finding_that_one_route_of_two_ran_again_is_gone_with_a_note() -> None:
    comparison = compared((unit(finding()), unit(finding(), route="export/")), (unit(),))
    assert statuses(comparison) == [(AA, "gone", 100, None)]
    assert comparison.findings[0].note == "export/ did not run again"


@pytest.mark.parametrize(("before", "after", "status"), [(10, 100, "grown"), (100, 10, "shrunk"), (10, 10, "same")])
def test_counts_are_those_of_the_worst_unit_of_work(before: int, after: int, status: str) -> None:
    small = unit(finding(query_count=3))
    comparison = compared((small, unit(finding(query_count=before))), (unit(finding(query_count=after)), small, small))
    assert statuses(comparison) == [(AA, status, before, after)]


def test_a_finding_that_was_suppressed_since_is_neither_gone_nor_new() -> None:
    quiet = unit(finding(suppressed="never more than three"))
    there = compared((unit(finding()),), (quiet,))
    assert statuses(there) == [(AA, "suppressed", 100, None)]
    assert there.findings[0].note == "never more than three"
    back = compared((quiet,), (unit(finding()),))
    assert statuses(back) == [(AA, "new", None, 100)]
    assert back.findings[0].note == "was suppressed before"


def test_a_finding_that_moved_is_told_as_such() -> None:
    moved = replace(finding(), id=BB)
    comparison = compared((unit(finding()),), (unit(moved),))
    assert statuses(comparison) == [(BB, "new", None, 100), (AA, "gone", 100, None)]
    assert comparison.findings[0].note == f"runs the same statement as {AA}, which is gone: it may have moved"
    elsewhere = compared((unit(finding()), unit(route="export/")), (unit(moved, route="export/"), unit()))
    assert elsewhere.findings[0].note == ""


def test_a_finding_on_a_route_that_did_not_run_before_says_so() -> None:
    comparison = compared((unit(),), (unit(finding(), route="export/"),))
    assert comparison.findings[0].note == "what it was found in did not run before"


def test_routes_that_both_runs_did() -> None:
    comparison = compared(
        (unit(query_count=10), unit(query_count=40), unit(route="a/", query_count=5), unit(route="b/", query_count=5)),
        (unit(query_count=20), unit(route="a/", query_count=5), unit(route="c/", query_count=5)),
    )
    assert [(change.route, change.kind, change.before, change.after) for change in comparison.routes] == [
        ("orders/", "request", 40, 20),
    ]
    assert comparison.notes[:2] == ("only the first run did b/", "only the second run did c/")


def test_the_sides() -> None:
    comparison = compared((unit(finding()),), (unit(),))
    assert (comparison.before.finding_count, comparison.after.finding_count) == (1, 0)
    assert (comparison.before.query_count, comparison.before.unit_count) == (101, 1)
    assert comparison.after.command == "python manage.py check"


def test_two_runs_of_a_program(project: Project) -> None:
    runs = []
    for count, odd in ((4, 2), (9, 5)):
        project.write("script.py", SCRIPT.format(count=count, odd=odd))
        runs.append(recorded(project, "--keep-contexts"))
    comparison = compare_runs(*runs)
    grown = comparison.of("grown")
    assert [(change.before, change.after) for change in grown if "WHERE id = ?" in change.finding.statement] == [(4, 9)]
    assert {(change.route, change.before, change.after) for change in comparison.routes} == {
        ("orders/", 4, 9),
        ("basket/", 4, 10),
    }
    same = compare_runs(runs[0], runs[0])
    assert (same.changed, same.routes, same.statements) == ((), (), ())


def test_statements_without_a_finding_are_compared_where_both_runs_kept_the_queries(project: Project) -> None:
    runs = []
    for number in (1, 2):
        statements = "connection.execute('SELECT name FROM customer WHERE id < 3')\n    " * number
        project.write(
            "script.py",
            "from lookups import connection\nfrom ennead.agent.units import Recording\n"
            f"with Recording('basket/', 'job', route='basket/'):\n    {statements}connection.execute('SELECT 1')\n",
        )
        runs += [recorded(project, "--keep-contexts"), recorded(project)]
    kept_before, bare_before, kept_after, bare_after = runs
    (change,) = compare_runs(kept_before, kept_after).statements
    assert (change.route, change.before, change.after) == ("basket/", 1, 2)
    assert change.statement == "SELECT name FROM customer WHERE id < ?"
    assert compare_runs(kept_before, bare_after).statements == ()
    assert compare_runs(bare_before, kept_after).statements == ()


def test_contexts_that_were_cut_are_not_counted(project: Project) -> None:
    project.write("script.py", "from lookups import unit\nunit('orders/', 9)\n")
    recorded(project, "--keep-contexts")
    (whole,) = (unit for unit in project.units if unit.route == "orders/")
    ((key, counted),) = statement_counts([whole]).items()
    assert (key[0], counted.execution_count) == ("orders/", 9)
    assert statement_counts([replace(whole, cut_query_count=1)]) == {}
    assert statement_counts([replace(whole, dropped_query_count=1)]) == {}
    assert statement_counts([replace(whole, context=None)]) == {}


@pytest.mark.parametrize("context", [{}, {"queries": [{}]}, {"schema": 99}, {"queries": 3}])
def test_a_broken_context_costs_itself_only(context: dict[str, Any]) -> None:
    assert statement_counts([unit(context=context)]) == {}
