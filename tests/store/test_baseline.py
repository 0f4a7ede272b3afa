"""What a baseline recognises, and what it does not."""

from datetime import date

import pytest

from ennead.kernel.finding import Finding
from ennead.store.baseline import LEAST_GROWTH, Baseline, KnownFinding, steady_place
from tests.reporting.findings import ACCESS, finding

FIRST, LATER = date(2026, 11, 2), date(2026, 12, 24)
WEAK = "f1:00000000000000ee"


def _baseline(*findings: Finding, places: tuple[str, ...] = ("orders/",)) -> Baseline:
    return Baseline().with_findings([(each, places) for each in findings], FIRST)


def _of_logs(**changes: object) -> Finding:
    """As logs and spans tell it: without call sites."""
    return finding(**{"id": "f1:log", "call_site": None, "call_path": (), "loop": None, "origin": None, **changes})


# ------------------------------------------------------------------------------------------------ entries


def test_an_entry_has_no_line_number_and_no_source() -> None:
    (entry,) = _baseline(finding(evidence={"weak_id": WEAK})).entries
    assert entry == KnownFinding(
        id="f1:00000000000000aa",
        weak_id=WEAK,
        code="n-plus-one",
        about="shop.Order.customer",
        place="shop/pricing.py in total",
        count=100,
        first_seen=FIRST,
        seen_in=("orders/",),
    )


def test_a_finding_without_a_relation_is_told_by_its_statement() -> None:
    (entry,) = _baseline(finding(relation=None)).entries
    assert entry.about == "SELECT ... FROM customer c WHERE c.id = ?"
    short = finding(relation=None, statement='UPDATE "t" SET `a b` = ? WHERE "t"."id" = ?')
    assert _baseline(short).entries[0].about == "UPDATE t SET `a b` = ? WHERE t.id = ?"


@pytest.mark.parametrize(
    ("place", "steady"),
    [
        ("orders/<int:pk>/", "orders/<int:pk>/"),
        ("orders/", "orders/"),
        ("GET /orders/7/lines", "GET /orders/*/lines"),
        ("GET /orders/?page=2", "GET /orders/"),
        ("GET /a/550e8400-e29b-41d4-a716-446655440000", "GET /a/*"),
        ("/api/{id}/v2", "/api/{id}/v2"),
        ("tests/test_2.py::TestIt::test_it[ann@example.org-[x]]", "tests/test_2.py::TestIt::test_it"),
        ("tests/test_2.py::test_it", "tests/test_2.py::test_it"),
        ("shop.tasks.send_mails", "shop.tasks.send_mails"),
        ("manage.py import_2024", "manage.py import_2024"),
        ("", ""),
    ],
)
def test_what_differs_from_one_time_to_the_next_is_no_part_of_a_place(place: str, steady: str) -> None:
    assert steady_place(place) == steady


# ------------------------------------------------------------------------------------------------ recognising


def test_known_and_new_are_told_apart_in_order() -> None:
    a, b, c = (finding(id=f"f1:{name}") for name in "abc")
    split = _baseline(b).split([c, b, a])
    assert (split.new, split.known) == ((c, a), (b,))


def test_an_empty_baseline_knows_nothing() -> None:
    assert Baseline().split([finding()]).new == (finding(),)
    assert not Baseline().knows(finding(id="", evidence={"weak_id": ""}))


def test_where_a_side_knows_no_call_site_the_weak_id_links() -> None:
    evidence = {"weak_id": WEAK}
    assert _baseline(finding(evidence=evidence)).knows(_of_logs(evidence=evidence))
    assert _baseline(_of_logs(evidence=evidence)).knows(finding(evidence=evidence))
    assert not _baseline(finding(evidence=evidence)).knows(_of_logs(evidence={"weak_id": "f1:other"}))
    assert not _baseline(finding(evidence={})).knows(_of_logs(evidence={}))


def test_the_same_statement_at_another_place_of_the_route_is_new() -> None:
    evidence = {"weak_id": WEAK}
    assert not _baseline(finding(evidence=evidence)).knows(finding(id="f1:b", evidence=evidence))


def test_gone_is_what_nothing_stands_for() -> None:
    baseline = _baseline(finding(id="f1:a"), finding(id="f1:b"))
    assert [entry.id for entry in baseline.gone([finding(id="f1:b"), finding(id="f1:c")])] == ["f1:a"]
    assert [entry.id for entry in baseline.without({"f1:a"}).entries] == ["f1:b"]


@pytest.mark.parametrize(
    ("before", "now", "grown"),
    [(10, 20, False), (10, 21, True), (10, 9, False), (2, 5, False), (2, 2 + LEAST_GROWTH, True), (1, 5, False)],
)
def test_grown_is_more_than_twice_and_five_more(before: int, now: int, *, grown: bool) -> None:
    found = _baseline(finding(query_count=before)).grown([finding(query_count=now)])
    assert bool(found) is grown


def test_the_factor_can_be_chosen_and_new_findings_never_grow() -> None:
    baseline = _baseline(finding(query_count=10))
    assert baseline.grown([finding(query_count=21)], 3.0) == ()
    assert baseline.grown([finding(id="f1:new", query_count=999)]) == ()


# ------------------------------------------------------------------------------------------------ updating


def test_an_update_keeps_the_first_day_and_the_others_and_takes_over_the_count() -> None:
    before = _baseline(finding(id="f1:a"), finding(id="f1:b"), places=("orders/",))
    after = before.with_findings([(finding(id="f1:b", query_count=7), ["export/"])], LATER)
    a, b = after.entries
    assert (a.id, a.count, a.first_seen) == ("f1:a", 100, FIRST)
    assert (b.id, b.count, b.first_seen, b.seen_in) == ("f1:b", 7, FIRST, ("export/", "orders/"))


def test_written_anew_it_forgets_the_others_but_not_the_first_day() -> None:
    before = _baseline(finding(id="f1:a"), finding(id="f1:b"))
    after = before.with_findings([(finding(id="f1:b"), []), (finding(id="f1:c"), [])], LATER, keep_others=False)
    assert [(entry.id, entry.first_seen) for entry in after.entries] == [("f1:b", FIRST), ("f1:c", LATER)]


def test_an_entry_of_logs_becomes_the_agents_and_never_the_other_way() -> None:
    evidence = {"weak_id": WEAK}
    agent = finding(evidence=evidence)
    for before, found in ((_of_logs(evidence=evidence), agent), (agent, _of_logs(evidence=evidence))):
        (entry,) = _baseline(before).with_findings([(found, ["orders/"])], LATER).entries
        assert (entry.id, entry.place, entry.first_seen) == (agent.id, f"{ACCESS.file} in total", FIRST)


def test_two_findings_of_the_agent_for_one_entry_of_logs_are_both_kept() -> None:
    evidence = {"weak_id": WEAK}
    found = [(finding(id=name, evidence=evidence), ["orders/"]) for name in ("f1:a", "f1:b")]
    after = _baseline(_of_logs(evidence=evidence)).with_findings(found, LATER)
    assert sorted(entry.id for entry in after.entries) == ["f1:a", "f1:b"]


def test_places_are_bounded_and_in_order() -> None:
    (entry,) = _baseline(finding(), places=tuple(f"route-{letter}/" for letter in "gfedcba")).entries
    assert entry.seen_in == ("route-a/", "route-b/", "route-c/", "route-d/", "route-e/")
