from ennead.reporting.report import Report
from tests.reporting.findings import finding


def test_a_report_of_findings_alone_has_the_worst_first_and_the_suppressed_apart() -> None:
    low = finding(id="f1:low", severity="low")
    high = finding(id="f1:high", wasted_ms=10.0)
    higher = finding(id="f1:higher", wasted_ms=20.0)
    fine = finding(id="f1:fine", suppressed="fine")
    report = Report.of_findings("a test", [low, high, fine, higher])
    assert [entry.finding.id for entry in report.entries] == ["f1:higher", "f1:high", "f1:low"]
    assert [entry.finding.id for entry in report.suppressed] == ["f1:fine"]
    assert report.entries[0].routes == {"orders/": 1}
    assert report.wasted_ms == 10.0 + 20.0 + 49.5
