from __future__ import annotations

from ennead.fixes.comparison.caching import compare_sources_of_data
from ennead.fixes.comparison.edit import Edit
from ennead.fixes.comparison.notes import Notes
from ennead.fixes.trace import ReplayTrace, StatementTrace
from tests.fixes.replays import ACCESS, BATCH, ITEMS, LIST, LOOKUP, orders, replay, response, statement, unit

LISTING, CUSTOMERS, INSERT = statement(LIST), statement(BATCH), statement("INSERT INTO log VALUES (?)")


def work(*units: tuple[str, list[StatementTrace]]) -> ReplayTrace:
    return replay(2, [unit(statements, response(orders(2)), name=name, route=name) for name, statements in units])


def said(original: ReplayTrace, patched: ReplayTrace, edit: Edit | None = None) -> list[str]:
    notes = Notes()
    compare_sources_of_data(original, patched, edit or Edit(), notes)
    return list(notes.differences)


def test_a_unit_that_asks_as_before_is_accepted() -> None:
    before = work(("/a", [LISTING, statement(LOOKUP)]), ("/a", [LISTING, statement(LOOKUP)]))
    assert said(before, work(("/a", [LISTING, CUSTOMERS]), ("/a", [LISTING, CUSTOMERS]))) == []


def test_a_unit_without_any_query_is_refused() -> None:
    before = work(("/a", [LISTING]), ("/a", [LISTING]))
    assert said(before, work(("/a", [LISTING]), ("/a", []))) == [
        "/a (no. 2) at 2 rows asks no database any more: what it shows comes from a cache or from elsewhere"
    ]
    assert said(work(("/a", [])), work(("/a", []))) == []


def test_a_table_that_only_the_first_of_two_units_reads_is_refused() -> None:
    before = work(("/a", [LISTING, CUSTOMERS]), ("/a", [LISTING, CUSTOMERS]))
    assert said(before, work(("/a", [LISTING, CUSTOMERS]), ("/a", [LISTING]))) == [
        "/a (no. 2) at 2 rows does not read customers any more though an earlier one does: it answers from a cache"
    ]


def test_a_table_that_no_unit_needs_any_more_is_accepted() -> None:
    before = work(("/a", [LISTING, CUSTOMERS]), ("/a", [LISTING, CUSTOMERS]))
    assert said(before, work(("/a", [LISTING]), ("/a", [LISTING]))) == []


def test_a_cache_that_another_route_filled_is_refused() -> None:
    before = work(("/a", [LISTING, CUSTOMERS]), ("/b", [statement(ITEMS), CUSTOMERS]))
    assert len(said(before, work(("/a", [LISTING, CUSTOMERS]), ("/b", [statement(ITEMS)])))) == 1
    other = work(("/a", [LISTING, statement(LOOKUP)]), ("/b", [statement(ITEMS), CUSTOMERS]))
    assert said(other, work(("/a", [LISTING, statement(LOOKUP)]), ("/b", [statement(ITEMS)]))) == []


def test_a_write_that_is_gone_is_refused() -> None:
    before = work(("/a", [LISTING, INSERT]))
    assert said(before, work(("/a", [LISTING]))) == ["/a at 2 rows does not write to log any more"]
    assert said(before, work(("/a", [LISTING, INSERT]))) == []


def test_a_table_is_needless_only_if_the_line_that_asked_for_it_is_still_there() -> None:
    before, after = work(("/a", [LISTING, statement(LOOKUP, access=ACCESS)])), work(("/a", [LISTING]))
    assert said(before, after, Edit(moves={ACCESS.file: {ACCESS.line: 3}})) == []
    assert said(before, after, Edit(moves={ACCESS.file: {}})) == [
        "/a at 2 rows does not read customers any more, and the line that asked for it is gone"
    ]
    assert said(before, work(("/a", [LISTING, CUSTOMERS])), Edit(moves={ACCESS.file: {}})) == []


def test_a_lookup_that_became_something_else_needs_a_key_of_the_row() -> None:
    before = work(("/a", [LISTING, statement(LOOKUP, count=2, access=ACCESS)]))
    after = work(("/a", [LISTING]))

    def rewritten(text: str) -> Edit:
        line = ACCESS.line
        return Edit(moves={ACCESS.file: {line: line}}, rewritten={ACCESS.file: {line: text}})

    assert said(before, after, rewritten("check(order.customer_id)")) == []
    assert said(before, after, rewritten("check(Customer())")) == [
        (
            "/a at 2 rows does not read customers any more, and no key of its rows takes its place:"
            " nobody can tell what the new code works on"
        )
    ]
    assert said(before, work(("/a", [LISTING, CUSTOMERS])), rewritten("check(kept[order])")) == []


def test_a_table_that_an_earlier_unit_loads_as_a_whole_is_a_cache() -> None:
    before = work(("/a", [LISTING]), ("/b", [statement(ITEMS), statement(LOOKUP)]))
    whole = statement("SELECT customers.id, customers.name FROM customers")
    assert said(before, work(("/a", [LISTING, whole]), ("/b", [statement(ITEMS)]))) == [
        "/b at 2 rows does not read customers any more, which an earlier one now loads: it answers from a cache"
    ]
    assert said(before, work(("/a", [LISTING, whole]), ("/b", [statement(ITEMS), CUSTOMERS]))) == []
    assert said(before, work(("/a", [LISTING, CUSTOMERS]), ("/b", [statement(ITEMS)]))) == []
