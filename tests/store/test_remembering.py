"""A run is taken in: new, seen again, fixed, back; counted once; and the memory stays small."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ennead.store import remembering
from ennead.store.history import find_pattern, improvement, known_patterns, known_runs, sightings, unusual_routes
from ennead.store.memory import Memory
from ennead.store.remembering import Remembered, remember
from ennead.store.schema import FINDINGS, PATTERNS, ROUTES
from ennead.store.settings import StoreSettings
from ennead.store.verdicts import give_verdict
from tests.store.conftest import BEGIN, finding, run, seen

CUSTOMER = finding()
LINES = finding("shop.Order.lines")


def test_a_pattern_is_new_and_then_recurring(either: Memory) -> None:
    assert remember(either, run(0, seen(CUSTOMER))) == Remembered(new=(CUSTOMER.id,))
    assert remember(either, run(1, seen(CUSTOMER), seen(LINES))) == Remembered(
        new=(LINES.id,), recurring=(CUSTOMER.id,)
    )
    told = {each.pattern: each for each in known_patterns(either)}
    assert [told[CUSTOMER.id].status, told[LINES.id].status] == ["recurring", "new"]
    assert (told[CUSTOMER.id].detection_count, told[CUSTOMER.id].run_count) == (4, 2)
    assert (told[CUSTOMER.id].first_detected, told[CUSTOMER.id].last_detected) == (BEGIN, BEGIN + timedelta(days=1))


def test_the_same_run_twice_is_counted_once(either: Memory) -> None:
    remember(either, run(0, seen(CUSTOMER)))
    assert remember(either, run(0, seen(CUSTOMER))).is_known
    assert known_patterns(either)[0].detection_count == 2


def test_fixed_and_back_again(either: Memory) -> None:
    remember(either, run(0, seen(CUSTOMER)))
    assert remember(either, run(1, queries=4)).fixed == (CUSTOMER.id,)
    assert known_patterns(either)[0].status == "fixed"
    assert remember(either, run(2, seen(CUSTOMER))).regressed == (CUSTOMER.id,)
    (back,) = known_patterns(either)
    assert (back.status, back.regression_count, back.regressed_at) == ("regressed", 1, BEGIN + timedelta(days=2))
    assert back.trend == (12, 0, 12)


def test_what_was_not_exercised_is_not_fixed(either: Memory) -> None:
    remember(either, run(0, seen(CUSTOMER, places=("orders/", "customers/")), places=("orders/", "customers/")))
    assert remember(either, run(1, places=("orders/",))).fixed == ()
    (told,) = known_patterns(either)
    assert (told.status, told.trend) == ("once", (12, None))


def test_a_pattern_of_many_places_is_fixed_by_a_run_of_all_of_them_only(memory: Memory) -> None:
    places = tuple(f"page-{chr(97 + number)}/" for number in range(26))
    remember(memory, run(0, seen(CUSTOMER, places=places), places=places))
    assert remember(memory, run(1, places=places[:20])).fixed == ()
    assert remember(memory, run(2, places=places)).fixed == (CUSTOMER.id,)


def test_a_pattern_whose_places_were_cut_is_never_called_fixed(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "_MOST_PLACES", 2)
    places = ("a/", "b/", "c/")
    remember(memory, run(0, seen(CUSTOMER, places=places), seen(LINES, places=places[:2]), places=places))
    remember(memory, run(1, seen(CUSTOMER, places=("a/",)), seen(LINES, places=("a/",)), places=places))
    assert remember(memory, run(2, places=places)).fixed == (LINES.id,)
    told = {each.pattern: each for each in known_patterns(memory)}
    assert told[CUSTOMER.id].places == ("a/", "b/", "...")
    assert told[CUSTOMER.id].trend == (12, 12, None)
    assert told[LINES.id].places == ("a/", "b/")


def test_a_run_that_something_is_lost_of_fixes_nothing(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    assert remember(memory, run(1, is_whole=False)).fixed == ()


def test_what_was_only_given_too_little_confidence_is_not_fixed(memory: Memory) -> None:
    other = replace(LINES, statement="SELECT name FROM line WHERE id = ?")
    remember(memory, run(0, seen(CUSTOMER), seen(other)))
    doubting = replace(run(1, queries=4), doubted=frozenset({CUSTOMER.statement}))
    assert remember(memory, doubting).fixed == (other.id,)


def test_a_place_without_a_query_fixes_nothing(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    assert remember(memory, run(1, queries=0)).fixed == ()


def test_a_suppressed_finding_is_neither_fixed_nor_lost(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    assert remember(memory, run(1, seen(replace(CUSTOMER, suppressed="three rows")))).fixed == ()
    assert known_patterns(memory)[0].status == "suppressed"


def test_an_older_run_adds_to_the_counts_and_changes_nothing_else(memory: Memory) -> None:
    remember(memory, run(5, seen(CUSTOMER)))
    remember(memory, run(6, queries=4))
    outcome = remember(memory, run(1, seen(replace(CUSTOMER, severity="high"))))
    assert outcome == Remembered(recurring=(CUSTOMER.id,))
    (told,) = known_patterns(memory)
    assert (told.status, told.severity, told.first_detected) == ("fixed", "low", BEGIN + timedelta(days=1))


def test_a_finding_without_call_sites_is_the_pattern_of_its_weak_id(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    of_a_log = replace(CUSTOMER, id="f1:0000000000000000", call_site=None)
    assert remember(memory, run(1, seen(of_a_log))).recurring == (CUSTOMER.id,)
    of_elsewhere = replace(CUSTOMER, id="f1:1111111111111111")  # it has a call site, and another one
    assert remember(memory, run(2, seen(CUSTOMER), seen(of_elsewhere))).new == (of_elsewhere.id,)


def test_what_a_fix_brought_is_measured_on_its_places(either: Memory) -> None:
    remember(either, run(0, seen(CUSTOMER), places=("orders/", "home/"), queries=30))
    remember(either, run(1, seen(CUSTOMER), places=("orders/", "home/"), queries=34))
    remember(either, run(2, places=("orders/", "home/"), queries=6))
    brought = improvement(either, known_patterns(either)[0])
    assert brought is not None
    assert (brought.queries_before, brought.queries_after) == (16.0, 3.0)
    assert (brought.pattern_queries_before, brought.wasted_ms_before) == (12.0, 11.0)
    assert (brought.runs_before, brought.runs_after) == (2, 1)


def test_nothing_is_said_to_be_brought_while_it_is_there(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    assert improvement(memory, known_patterns(memory)[0]) is None


def test_severity_and_frequency_over_time(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    remember(memory, run(1, seen(replace(CUSTOMER, severity="high", query_count=80), units=5)))
    told = [(each.query_count, each.unit_count, each.severity) for each in sightings(memory, CUSTOMER.id)]
    assert told == [(80, 5, "high"), (12, 2, "low")]


def test_a_place_that_does_more_than_it_usually_did(memory: Memory) -> None:
    for day in range(3):
        remember(memory, run(day, queries=20))
    assert unusual_routes(memory) == ()
    remember(memory, run(3, queries=60))
    (told,) = unusual_routes(memory)
    assert told == ("orders/", 30.0, 10.0)


def test_a_name_is_recognised_by_its_beginning(memory: Memory) -> None:
    remember(memory, run(0, seen(CUSTOMER)))
    digits = CUSTOMER.id.partition(":")[2]
    assert find_pattern(memory, digits[:6]).pattern == find_pattern(memory, CUSTOMER.id).pattern == CUSTOMER.id


def test_projects_of_one_database_know_nothing_of_each_other(memory: Memory) -> None:
    other = Memory(memory.database, "another")
    remember(memory, run(0, seen(CUSTOMER)))
    assert known_patterns(other) == ()
    assert remember(other, run(0, seen(CUSTOMER))).new == (CUSTOMER.id,)


def test_writers_at_once_lose_nothing(either: Memory) -> None:
    days = range(8)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda day: remember(either, run(day, seen(CUSTOMER))), days))
    (told,) = known_patterns(either)
    assert (told.run_count, told.detection_count) == (len(days), 2 * len(days))


class TestBounds:
    def test_the_newest_runs_stay(self, memory: Memory) -> None:
        bounded = replace(memory, settings=StoreSettings(store_runs=3))
        for day in range(5):
            remember(bounded, run(day, seen(CUSTOMER)))
        assert [each.started_at for each in known_runs(bounded)] == [BEGIN + timedelta(days=day) for day in (4, 3, 2)]
        assert len(sightings(bounded, CUSTOMER.id)) == 3

    def test_old_runs_go_and_take_their_patterns_along(self, memory: Memory) -> None:
        bounded = replace(memory, settings=StoreSettings(store_days=30))
        remember(bounded, run(0, seen(LINES)))
        remember(bounded, run(60, seen(CUSTOMER)))
        assert [each.pattern for each in known_patterns(bounded)] == [CUSTOMER.id]

    def test_a_pattern_with_a_verdict_stays(self, memory: Memory) -> None:
        bounded = replace(memory, settings=StoreSettings(store_days=30))
        remember(bounded, run(0, seen(LINES)))
        give_verdict(bounded, LINES.id, "noise")
        remember(bounded, run(60, seen(CUSTOMER)))
        assert {each.pattern for each in known_patterns(bounded)} == {CUSTOMER.id, LINES.id}

    def test_rows_are_bounded_by_whole_runs(self, either: Memory) -> None:
        bounded = replace(either, settings=StoreSettings(store_rows=100))
        many = [seen(finding(f"shop.Model{number}.field")) for number in range(60)]
        for day in range(4):
            remember(bounded, run(day, *many))
        rows = bounded.read(
            lambda connection: connection.execute(
                select(func.count()).select_from(FINDINGS).where(FINDINGS.c.project == bounded.project)
            ).scalar_one()
        )
        assert rows == 60
        assert len(known_runs(bounded)) == 1

    def test_names_that_know_no_end_are_cut(self, either: Memory) -> None:
        endless = replace(CUSTOMER, statement="SELECT 1 " * 10_000, relation="x" * 10_000, route="r" * 10_000)
        remember(either, run(0, seen(endless, places=("p" * 10_000,)), places=("p" * 10_000,)))
        widths = either.read(
            lambda connection: connection.execute(
                select(
                    func.length(PATTERNS.c.query_template), func.length(PATTERNS.c.about), func.length(ROUTES.c.place)
                )
                .select_from(PATTERNS.join(ROUTES, ROUTES.c.project == PATTERNS.c.project))
                .where(PATTERNS.c.project == either.project)
            ).one()
        )
        assert tuple(widths) == (4_000, 300, 400)
