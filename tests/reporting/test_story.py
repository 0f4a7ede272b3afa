from dataclasses import replace

import pytest

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import Recommendation
from ennead.reporting.report import Entry
from ennead.reporting.story import Story, stories, subject
from tests.reporting.findings import ACCESS, LOOP, ORIGIN, VIA, finding

OTHER_ACCESS = CallSite("shop/pricing.py", 9, "total", "return order.coupon.code")


def _entry(routes: dict[str, int] | None = None, **changes: object) -> Entry:
    made = finding(**changes)
    return Entry(
        finding=made,
        total_query_count=made.query_count,
        total_wasted_ms=made.wasted_ms,
        routes={"orders/": 1} if routes is None else routes,
    )


FIRST = _entry()
SECOND = _entry(id="f1:bb", relation="shop.Order.coupon", call_site=OTHER_ACCESS, severity="low", wasted_ms=3.0)


def _ids(told: list[Story]) -> list[list[str]]:
    return [[entry.finding.id for entry in story.entries] for story in told]


class TestStories:
    def test_findings_of_one_loop_are_one_story_the_worst_first(self) -> None:
        assert _ids(stories([SECOND, FIRST])) == [[FIRST.finding.id, "f1:bb"]]

    @pytest.mark.parametrize(
        "other",
        [
            replace(SECOND, finding=replace(SECOND.finding, loop=replace(LOOP, line=30))),
            replace(SECOND, finding=replace(SECOND.finding, loop=None)),
            replace(SECOND, routes={"export/": 1}),
            replace(SECOND, finding=replace(SECOND.finding, domain="cache")),
        ],
        ids=["another loop", "no loop", "another route", "another domain"],
    )
    def test_others_are_stories_of_their_own(self, other: Entry) -> None:
        assert _ids(stories([FIRST, other])) == [[FIRST.finding.id], ["f1:bb"]]

    def test_two_findings_without_a_loop_are_two_stories(self) -> None:
        assert len(stories([_entry(loop=None), _entry(id="f1:bb", loop=None)])) == 2

    def test_a_common_route_is_enough(self) -> None:
        wide = replace(FIRST, routes={"orders/": 3, "export/": 1})
        assert len(stories([wide, SECOND])) == 1

    def test_the_worst_story_comes_first(self) -> None:
        small = replace(FIRST, finding=replace(FIRST.finding, id="f1:cc", loop=None, severity="info"))
        critical = replace(small, finding=replace(small.finding, id="f1:dd", severity="critical"), total_wasted_ms=0.1)
        assert _ids(stories([small, FIRST, critical])) == [["f1:dd"], [FIRST.finding.id], ["f1:cc"]]


class TestNumbers:
    def test_are_those_of_all_findings(self) -> None:
        story = Story((FIRST, SECOND))
        assert (story.query_count, story.queries_needed, story.wasted_ms) == (200, 2, 52.5)
        assert (story.severity, story.confidence, story.id) == ("high", 99.0, FIRST.finding.id)
        assert story.subjects == ("shop.Order.customer", "shop.Order.coupon")

    def test_routes_are_counted_once_for_all_findings(self) -> None:
        story = Story((replace(FIRST, routes={"orders/": 3}), replace(SECOND, routes={"orders/": 2, "export/": 9})))
        assert list(story.routes.items()) == [("export/", 9), ("orders/", 3)]

    @pytest.mark.parametrize(
        ("entries", "title"),
        [
            ((FIRST,), "N+1 (relation)"),
            ((FIRST, SECOND), "2 × N+1"),
            ((FIRST, _entry(code="write-n-plus-one", kind="update")), "N+1 and Writes in a loop"),
            ((_entry(code="something-new", kind="odd"),), "something-new (odd)"),
        ],
    )
    def test_the_title_names_the_codes(self, entries: tuple[Entry, ...], title: str) -> None:
        assert Story(entries).title == title

    def test_the_same_advice_is_given_once(self) -> None:
        assert len(Story((FIRST, SECOND)).recommendations) == 1

    def test_what_is_still_to_be_done_comes_before_advice_on_what_has_a_fix(self) -> None:
        fixed = Recommendation("Load customer", "It was run.", status="verified")
        first = replace(FIRST.finding, recommendations=(fixed, *FIRST.finding.recommendations))
        open_advice = Recommendation("Load coupon eagerly", "Join it.")
        second = replace(SECOND.finding, recommendations=(open_advice,))
        story = Story((replace(FIRST, finding=first), replace(SECOND, finding=second)))
        titles = [each.title for each in story.recommendations]
        assert titles == ["Load customer", "Load coupon eagerly", "Load customer eagerly"]
        assert not story.is_repaired


class TestLines:
    def _told(self, *entries: Entry) -> list[tuple[str, str]]:
        return [("+".join(line.roles), str(line.site)) for line in Story(entries).lines]

    def test_are_in_the_order_things_happen(self) -> None:
        assert self._told(FIRST, SECOND) == [
            ("origin", "shop/views.py:21"),
            ("loop", "shop/views.py:22"),
            ("via", "shop/models.py:40"),
            ("access", "shop/pricing.py:7"),
            ("access", "shop/pricing.py:9"),
        ]

    def test_a_line_with_several_roles_is_told_once(self) -> None:
        everything = _entry(loop=ORIGIN, call_site=replace(ORIGIN, column=4), call_path=())
        (line,) = Story((everything,)).lines
        assert (line.roles, line.row_count, line.query_count) == (("origin", "loop", "access"), 100, 100)

    def test_what_the_first_level_loads_feeds_the_second_inside_the_loop(self) -> None:
        nested = _entry(id="f1:bb", origin=ACCESS, origin_row_count=7, call_site=OTHER_ACCESS)
        assert self._told(FIRST, nested)[-2:] == [
            ("origin+access", "shop/pricing.py:7"),
            ("access", "shop/pricing.py:9"),
        ]
        assert self._told(FIRST, nested)[0] == ("origin", "shop/views.py:21")

    def test_frames_outside_of_the_loop_are_not_told(self) -> None:
        outside = CallSite("shop/cli.py", 3, "main", "order_list()")
        path = (*FIRST.finding.call_path, outside)
        assert "shop/cli.py:3" not in [place for _, place in self._told(_entry(call_path=path))]

    def test_the_frame_of_a_comprehension_is_its_functions(self) -> None:
        inner = CallSite("shop/views.py", 22, "order_list.<locals>.<listcomp>", "[row(o) for o in orders]")
        told = self._told(_entry(call_path=(ACCESS, VIA, inner, CallSite("shop/cli.py", 3, "main", "x"))))
        assert [place for role, place in told if role == "via"] == ["shop/models.py:40"]

    def test_nothing_is_told_of_the_way_in_where_the_loop_is_not_on_the_path(self) -> None:
        elsewhere = replace(LOOP, file="shop/other.py")
        assert [role for role, _ in self._told(_entry(loop=elsewhere))] == ["origin", "loop", "access"]

    def test_a_finding_without_places_has_none(self) -> None:
        assert self._told(_entry(origin=None, loop=None, call_site=None, call_path=())) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "shop.Order.customer"),
        ({"relation": None}, "shop.Order, shop.Customer"),
        ({"relation": None, "models": ()}, "customer"),
        ({"relation": None, "models": (), "statement": "BEGIN"}, ""),
    ],
)
def test_subject(changes: dict[str, object], expected: str) -> None:
    assert subject(finding(**changes)) == expected
