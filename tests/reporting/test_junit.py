from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given, settings

from ennead.kernel.finding import SEVERITIES, severity_rank
from ennead.reporting.junit import junit
from ennead.reporting.report import Entry, Report
from ennead.reporting.repository_places import RepositoryPlaces
from tests.reporting.findings import finding
from tests.reporting.reports import evil_report, report
from tests.reporting.texts import reports

PLACES = RepositoryPlaces("/srv", "/srv")


def read(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 -- our own


def cases(told: Report) -> list[ET.Element]:
    return list(read(junit(told, PLACES)).iter("testcase"))


def with_fine_route() -> Report:
    (load,) = report().routes
    fine = replace(load, route="basket/", finding_count=0, duration_ms=100.0)
    job = replace(load, route="shop.tasks.mail", kind="job", finding_count=0, duration_ms=1_500.0)
    return report(routes=(load, fine, job))


def test_one_suite_for_each_kind_and_one_case_for_each_route() -> None:
    root = read(junit(with_fine_route(), PLACES))
    assert (root.tag, root.attrib) == (
        "testsuites",
        {"name": "ennead", "tests": "3", "failures": "1", "errors": "0", "skipped": "0", "time": "2.000"},
    )
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("time")) for suite in root] == [
        ("ennead job", "1", "0", "1.500"),
        ("ennead request", "2", "1", "0.500"),
    ]
    assert [
        (case.get("classname"), case.get("name"), case.find("failure") is not None) for case in root.iter("testcase")
    ] == [
        ("ennead.job", "shop.tasks.mail", False),
        ("ennead.request", "orders/", True),
        ("ennead.request", "basket/", False),
    ]


def test_a_failure_tells_the_stories() -> None:
    (case,) = cases(report())
    (failure,) = case
    assert failure.get("type") == "n-plus-one"
    assert failure.get("message") == "2 findings: n-plus-one; 202 queries in the worst request"
    text = failure.text or ""
    assert "200 queries where 2 would do" in text
    assert "access  shop/pricing.py:7  return order.customer.discount  ×200" in text
    assert "\x1b" not in text


def test_what_is_not_severe_enough_fails_nothing() -> None:
    info = report(entries=(Entry.of(finding(severity="info")),))
    (case,) = cases(info)
    assert [child.tag for child in case] == ["system-out"]
    assert "100 queries where 1 would do" in (case[0].text or "")


def test_the_threshold_is_the_callers() -> None:
    for threshold in SEVERITIES:
        root = read(junit(report(entries=(Entry.of(finding(severity="medium")),)), PLACES, fail_on=threshold))
        assert (root.get("failures") == "1") == (severity_rank("medium") >= severity_rank(threshold))


def test_suppressed_findings_fail_nothing() -> None:
    (case,) = cases(report(entries=()))
    assert list(case) == []


def test_a_finding_belongs_to_the_kind_of_work_that_had_it() -> None:
    (load,) = report().routes
    twin = replace(load, kind="job", finding_count=0)
    assert [case.find("failure") is not None for case in cases(report(routes=(load, twin)))] == [False, True]


def test_findings_without_a_run_are_a_case_of_their_own() -> None:
    (case,) = cases(Report.of_findings("nightly", [finding(route=None)]))
    assert (case.get("classname"), case.get("name")) == ("ennead.profile", "nightly")
    assert case.find("failure") is not None


def test_any_text_survives() -> None:
    (case,) = cases(evil_report())
    assert case.get("name") == "</code><script>alert('x')</script>\\x1b[31m&amp;"


def test_what_xml_cannot_say_is_escaped() -> None:
    odd = finding(code="a\ufffeb", relation="\uffff")
    (case,) = cases(report(entries=(Entry.of(odd),)))
    assert case[0].get("type") == "a\\ufffeb"
    assert "\\uffff" in (case[0].text or "")


@settings(max_examples=50)
@given(told=reports())
def test_arbitrary_texts_are_well_formed(told: Report) -> None:
    text = junit(told, PLACES)
    root = read(text.encode().decode())
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "system-out",
    }  # fmt: skip
    assert len(list(root.iter("testcase"))) == int(root.attrib["tests"])
    assert len(list(root.iter("failure"))) == int(root.attrib["failures"])
