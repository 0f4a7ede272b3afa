import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings

from ennead.kernel.call_site import CallSite
from ennead.kernel.finding import SEVERITIES, Severity
from ennead.reporting.report import Entry, Report
from ennead.reporting.repository_places import RepositoryPlaces
from ennead.reporting.sarif import SCHEMA, level_of, sarif
from tests.reporting.findings import ACCESS, LOOP, ORIGIN, finding
from tests.reporting.reports import evil_report, report
from tests.reporting.sarif_schema import problems
from tests.reporting.texts import reports

PLACES = RepositoryPlaces("/srv", "/srv")
_LINK = re.compile(r"(?<!\\)\]\((\d+)\)")


def log_of(told: Report, places: RepositoryPlaces = PLACES) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif(told, places))
    assert problems(log) == []
    return log


def run_of(told: Report, places: RepositoryPlaces = PLACES) -> dict[str, Any]:
    (run,) = log_of(told, places)["runs"]
    return dict(run)


def results_of(*entries: Entry) -> list[dict[str, Any]]:
    return list(run_of(report(entries=entries, suppressed=()))["results"])


def place_of(location: dict[str, Any]) -> tuple[str, int]:
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_the_schema_refuses_what_is_no_sarif() -> None:
    log = log_of(report())
    del log["runs"][0]["results"][0]["message"]
    log["runs"][0]["results"][1]["level"] = "bad"
    assert [problem.partition(":")[0] for problem in problems(log)] == ["runs/0/results/0", "runs/0/results/1/level"]


def test_the_log_around_the_results() -> None:
    log = log_of(report())
    run = log["runs"][0]
    assert (log["$schema"], log["version"]) == (SCHEMA, "2.1.0")
    assert run["automationDetails"] == {"id": "ennead/20261102T093000Z-abcdef"}
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "commandLine": "python manage.py runserver",
            "exitCode": 0,
            "startTimeUtc": "2026-11-02T09:30:00.000Z",
            "endTimeUtc": "2026-11-02T09:30:12.500Z",
            "toolExecutionNotifications": [
                {"level": "warning", "message": {"text": "2 units of work were dropped"}},
            ],
        }
    ]
    assert run["originalUriBaseIds"].keys() == {"%SRCROOT%"}


def test_rules_have_help() -> None:
    entries = [Entry.of(finding(code=code)) for code in ("write-n-plus-one", "n-plus-one", "slow-page", "n-plus-one")]
    run = run_of(report(entries=tuple(entries), suppressed=()))
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("Ennead", "0.1.0")
    assert [rule["id"] for rule in driver["rules"]] == ["write-n-plus-one", "n-plus-one", "slow-page"]
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in driver["rules"])
    assert "select_related" in driver["rules"][1]["help"]["text"]
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]


def test_a_result_points_at_the_access_and_tells_the_way() -> None:
    (result,) = results_of(report().entries[0])
    (location,) = result["locations"]
    assert place_of(location) == ("shop/pricing.py", 7)
    assert location["physicalLocation"]["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    assert location["physicalLocation"]["region"]["snippet"] == {"text": "return order.customer.discount"}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "shop.pricing.total", "kind": "function"}]
    assert [(place_of(each), each["message"]["text"]) for each in result["relatedLocations"]] == [
        (("shop/views.py", 21), "the rows are queried here (100 rows)"),
        (("shop/views.py", 22), "looped over here"),
        (("shop/models.py", 40), "called from here"),
    ]
    (flow,) = result["codeFlows"]
    (thread,) = flow["threadFlows"]
    assert [(*place_of(step["location"]), step["importance"]) for step in thread["locations"]] == [
        ("shop/views.py", 21, "essential"),
        ("shop/views.py", 22, "essential"),
        ("shop/models.py", 40, "important"),
        ("shop/pricing.py", 7, "essential"),
    ]


def test_what_a_result_says() -> None:
    (result,) = results_of(report().entries[0])
    assert result["message"]["text"] == (
        "N+1 (relation) of shop.Order.customer: 100 queries where 1 would do. The query at shop/views.py:21 returned "
        "100 rows. The loop loads the customer once per item. Origin: [shop/views.py:21](1). "
        "Loop: [shop/views.py:22](2). Advice: Load customer eagerly."
    )
    assert result["partialFingerprints"] == {
        "enneadFindingId/v1": "f1:00000000000000aa",
        "primaryLocationLineHash": "f1:00000000000000aa",
    }
    assert result["occurrenceCount"] == 3
    properties = result["properties"]
    assert (properties["queryCount"], properties["queriesNeeded"], properties["totalQueryCount"]) == (100, 1, 300)
    assert properties["routes"] == {"orders/": 3}


def test_a_finding_of_one_line_has_no_flow() -> None:
    (result,) = results_of(Entry.of(finding(origin=None, loop=None, call_path=(ACCESS,))))
    assert "codeFlows" not in result
    assert result["relatedLocations"] == []


def test_only_suppressed_results_are_suppressed() -> None:
    by_comment = finding(suppressed="at most three rows", evidence={"suppressed_by": "comment shop/views.py:22"})
    by_settings = finding(suppressed="ignored by settings: legacy/*", evidence={"suppressed_by": "ignore legacy/*"})
    run = run_of(report(suppressed=(Entry.of(by_comment), Entry.of(by_settings))))
    assert [result["suppressions"] for result in run["results"]] == [
        [],
        [],
        [{"kind": "inSource", "status": "accepted", "justification": "at most three rows"}],
        [{"kind": "external", "status": "accepted", "justification": "ignored by settings: legacy/*"}],
    ]


def test_known_findings_are_told_as_accepted_outside_of_the_source() -> None:
    (result,) = run_of(report(entries=(), suppressed=(), known=report().entries[:1]))["results"]
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "known in the baseline"},
    ]


def test_what_is_accepted_can_be_left_out() -> None:
    told = report(known=report().entries[1:], entries=report().entries[:1])
    log = json.loads(sarif(told, PLACES, with_suppressed=False))
    assert problems(log) == []
    assert [result["suppressions"] for result in log["runs"][0]["results"]] == [[]]
    assert len(run_of(told)["results"]) == 3


@pytest.mark.parametrize(
    ("site", "region"),
    [
        (
            CallSite("a.py", 3, "f", "x = y.z", column=4, end_line=3, end_column=7),
            {"startLine": 3, "startColumn": 5, "endColumn": 8, "snippet": {"text": "x = y.z"}},
        ),
        (
            CallSite("a.py", 3, "f", "x = y(", column=4, end_line=5, end_column=2),
            {"startLine": 3, "startColumn": 5, "snippet": {"text": "x = y("}},
        ),
        (  # bytes are no characters
            CallSite("a.py", 3, "f", "é = y.z", column=5, end_line=3, end_column=8),
            {"startLine": 3, "snippet": {"text": "é = y.z"}},
        ),
        (CallSite("a.py", 3, "f", column=4), {"startLine": 3}),
    ],
)
def test_columns_are_told_where_they_are_sure(site: CallSite, region: dict[str, Any]) -> None:
    (result,) = results_of(Entry.of(finding(call_site=site)))
    assert result["locations"][0]["physicalLocation"]["region"] == region


def test_files_elsewhere_have_whole_addresses() -> None:
    site = replace(ACCESS, file="/usr/lib/a b/tool.py")
    (result,) = results_of(Entry.of(finding(call_site=site)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///usr/lib/a%20b/tool.py"}


def test_paths_are_mapped() -> None:
    places = RepositoryPlaces("/app", "/checkout", (("/app", "services/web"),))
    result = run_of(report(), places)["results"][0]
    assert place_of(result["locations"][0]) == ("services/web/shop/pricing.py", 7)
    assert "[services/web/shop/views.py:21](1)" in result["message"]["text"]


def test_a_finding_without_a_file_is_told_by_its_route() -> None:
    nowhere = CallSite("<stdin>", 1, "f")
    bare, typed = results_of(
        Entry.of(finding(call_site=None, call_path=(), loop=None, origin=None)),
        Entry.of(finding(call_site=nowhere, call_path=(nowhere,), loop=LOOP, origin=ORIGIN)),
    )
    assert bare["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "orders/", "kind": "function"}]}]
    assert place_of(typed["locations"][0]) == ("shop/views.py", 22)
    assert [place_of(each) for each in typed["relatedLocations"]] == [("shop/views.py", 21), ("shop/views.py", 22)]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_every_severity_has_a_level(severity: Severity) -> None:
    (result,) = results_of(Entry.of(finding(severity=severity)))
    assert result["level"] == level_of(severity)


def test_a_command_that_failed_and_one_that_was_never_run() -> None:
    assert run_of(report(exit_code=1))["invocations"][0]["executionSuccessful"] is False
    bare = run_of(Report.of_findings("profile", [finding()]))
    assert bare["invocations"] == [{"executionSuccessful": True, "commandLine": "profile"}]


def test_braces_and_brackets_are_no_placeholders_and_no_links() -> None:
    (result,) = results_of(Entry.of(finding(relation="a[0]](7) {0}", explanation="see [x](9)")))
    text = result["message"]["text"]
    assert "a[0]] (7) {{0}}" in text
    assert "see [x] (9)" in text


def test_any_text_survives() -> None:
    assert (
        run_of(evil_report())["results"][0]["properties"]["relation"]
        == "</code><script>alert('x')</script>\\x1b[31m&amp;"
    )


@settings(max_examples=30)
@given(told=reports())
def test_arbitrary_texts_are_valid(told: Report) -> None:
    text = sarif(told, PLACES)
    assert text.isascii()
    for result in log_of(told)["runs"][0]["results"]:
        ids = {location["id"] for location in result["relatedLocations"]}
        assert {int(number) for number in _LINK.findall(result["message"]["text"])} <= ids
        for location in (*result["locations"], *result["relatedLocations"]):
            if "physicalLocation" in location:
                artifact = location["physicalLocation"]["artifactLocation"]
                assert re.fullmatch(r"[A-Za-z0-9/:._~%-]+", artifact["uri"])
                assert unquote(artifact["uri"], errors="strict")
