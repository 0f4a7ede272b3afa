"""Thresholds by route, job and test: what a pattern names, what falls short, and every message about a wrong table."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennead.domains.nplusone.engine import NPlusOneDetectionEngine
from ennead.domains.nplusone.service import NPlusOneDetectionService
from ennead.domains.nplusone.settings import NPlusOneSettings
from ennead.domains.nplusone.thresholds import Threshold, read_thresholds, threshold_for, unit_names
from ennead.kernel.errors import EnneadError
from ennead.kernel.settings import load_settings
from tests.domains.nplusone.traces import lazy_orders

(FINDING,) = NPlusOneDetectionService().analyze(lazy_orders().context()).findings
COUNT, WASTED = FINDING.query_count, FINDING.wasted_ms


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("GET /reports/*", True),
        ("request:*", True),
        ("reports/<int:pk>/", True),
        ("request:reports/*", True),
        ("*", True),
        ("GET /reports", False),
        ("job:*", False),
        ("get /reports/*", False),
        ("", False),
    ],
)
def test_a_pattern_names_units_by_name_route_and_kind(pattern: str, matches: bool) -> None:  # noqa: FBT001 -- a parameter
    names = unit_names("GET /reports/7/", "request", "reports/<int:pk>/")
    assert Threshold(pattern).matches(names) is matches


@pytest.mark.parametrize(
    ("kind", "name", "pattern"),
    [
        ("job", "shop.tasks.send_mails", "job:shop.tasks.*"),
        ("test", "tests/test_orders.py::test_list[3]", "tests/test_orders.py::*"),
        ("command", "import_prices", "command:import_*"),
    ],
)
def test_jobs_tests_and_commands_have_no_route(kind: str, name: str, pattern: str) -> None:
    names = unit_names(name, kind, None)
    assert Threshold(pattern).matches(names)
    assert not Threshold("request:*").matches(names)


def test_a_request_that_a_test_makes_can_be_named_by_the_test() -> None:
    names = unit_names("GET /orders/", "request", "orders/", ("test:tests/test_orders.py::test_list", "script:pytest"))
    for pattern in ("tests/test_orders.py::*", "test:*", "script:pytest", "GET /*"):
        assert Threshold(pattern).matches(names)
    assert not Threshold("job:*").matches(names)


def test_the_first_that_matches_counts() -> None:
    first, rest = Threshold("GET /a*", 5), Threshold("*", 50)
    assert threshold_for(("GET /a/b",), (first, rest)) == first
    assert threshold_for(("GET /b",), (first, rest)) == rest
    assert threshold_for(("GET /b",), (first,)) is None


@pytest.mark.parametrize(
    ("threshold", "falls_short"),
    [
        (Threshold("*"), False),
        (Threshold("*", COUNT), False),
        (Threshold("*", COUNT + 1), True),
        (Threshold("*", 0, WASTED), False),
        (Threshold("*", 0, WASTED + 0.1), True),
        (Threshold("*", COUNT, WASTED + 0.1), True),
    ],
)
def test_every_limit_must_be_reached(threshold: Threshold, falls_short: bool) -> None:  # noqa: FBT001 -- a parameter
    assert threshold.falls_short(FINDING) is falls_short


def _analysed(*thresholds: Threshold, ignore: tuple[str, ...] = ()) -> tuple[int, list[str | None], list[Any]]:
    engine = NPlusOneDetectionEngine(NPlusOneSettings(thresholds=thresholds, ignore=ignore))
    analysis = NPlusOneDetectionService(engine).analyze(lazy_orders().context())
    by = [finding.evidence.get("suppressed_by") for finding in (*analysis.findings, *analysis.suppressed)]
    return len(analysis.findings), [finding.suppressed for finding in analysis.suppressed], by


def test_a_finding_below_is_kept_apart_with_the_threshold_as_its_reason() -> None:
    shown, reasons, by = _analysed(Threshold("GET /orders", 20, 5.0))
    assert (shown, reasons) == (0, ["below the threshold of GET /orders (20 queries and 5 ms wasted)"])
    assert by == ["thresholds GET /orders"]


def test_a_finding_above_and_a_finding_of_another_route_are_shown() -> None:
    assert _analysed(Threshold("GET /orders", COUNT)) == (1, [], [None])
    assert _analysed(Threshold("GET /reports", 20)) == (1, [], [None])


def test_what_is_ignored_anyway_is_told_as_ignored() -> None:
    assert _analysed(Threshold("*", 999), ignore=("shop.*",))[2] == ["ignore shop.*"]


# ------------------------------------------------------------------------------------------------ reading


def test_reads_the_table_of_pyproject_and_the_same_lines_from_the_environment() -> None:
    expected = (Threshold("GET /reports/*", 20, 5.0), Threshold("job:*", 100))
    table = {"GET /reports/*": {"min_queries": 20, "min_wasted_ms": 5}, "job:*": {"min_queries": 100}}
    assert load_settings(NPlusOneSettings, {}, {"thresholds": table}).thresholds == expected
    lines = '"GET /reports/*" = {min_queries = 20, min_wasted_ms = 5}\n"job:*" = {min_queries = 100}'
    assert load_settings(NPlusOneSettings, {"ENNEAD_THRESHOLDS": lines}).thresholds == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("GET = ", "ENNEAD_THRESHOLDS must be lines like"),
        (3, 'must be a table like "GET /reports/*" = {min_queries = 20}, got "3"'),
        ([], "must be a table like"),
        ({"a": 3}, '"a" must have min_queries, min_wasted_ms or both, got "3"'),
        ({"a": {}}, "must have min_queries"),
        ({"a": {"min_query": 3}}, "must have min_queries"),
        ({"a": {"min_queries": -1}}, "min_queries must be a number of at least 0"),
        ({"a": {"min_queries": True}}, "min_queries must be a number of at least 0"),
        ({"a": {"min_queries": 2.5}}, "min_queries must be an integer"),
        ({"a": {"min_wasted_ms": "5ms"}}, 'min_wasted_ms must be a number of at least 0, got "5ms"'),
        ({"a": {"min_wasted_ms": float("nan")}}, "must be a number of at least 0"),
        ({"a": {"min_wasted_ms": float("inf")}}, "must be a number of at least 0"),
    ],
)
def test_a_wrong_table_is_told_in_one_line(value: object, message: str) -> None:
    with pytest.raises(EnneadError) as error:
        read_thresholds(value, "ENNEAD_THRESHOLDS")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda each: st.dictionaries(st.text(max_size=3), each)
    )
)
def test_whatever_the_table_is_it_is_read_or_refused(value: object) -> None:
    try:
        read = read_thresholds(value, "thresholds")
    except EnneadError:
        return
    assert all(isinstance(each, Threshold) for each in read)


def test_a_finding_that_wastes_no_time_is_below_any_time() -> None:
    assert Threshold("*", 0, 0.1).falls_short(replace(FINDING, wasted_ms=0.0))
