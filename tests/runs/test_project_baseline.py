"""The baseline over a report: what is known is kept apart, and told if it has grown."""

from datetime import date
from pathlib import Path

import pytest

from ennead.agent.places import PROJECT
from ennead.kernel.errors import EnneadError
from ennead.reporting.report import Report
from ennead.runs.project_baseline import ProjectBaseline
from ennead.store.baseline import Baseline
from ennead.store.baseline_file import write_baseline
from tests.reporting.findings import finding
from tests.reporting.reports import report

KNOWN = Baseline().with_findings([(finding(query_count=100), ["orders/"])], date(2026, 11, 2))


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PROJECT, "_path", str(tmp_path))
    monkeypatch.delenv("ENNEAD_PROJECT_ROOT", raising=False)


def test_known_findings_are_kept_apart_and_new_ones_stay() -> None:
    told = ProjectBaseline(baseline=KNOWN, exists=True).apply(report())
    assert [entry.finding.id for entry in told.entries] == ["f1:00000000000000bb"]
    assert [entry.finding.id for entry in told.known] == ["f1:00000000000000aa"]
    assert told.notes == report().notes
    assert told.suppressed == report().suppressed


def test_without_a_file_a_report_is_as_it_was() -> None:
    assert ProjectBaseline().apply(report()) == report()


def test_what_has_grown_is_told() -> None:
    small = Baseline().with_findings([(finding(query_count=20), [])], date(2026, 11, 2))
    told = ProjectBaseline(baseline=small, exists=True).apply(report(notes=()))
    (note,) = told.notes
    assert note == (
        "a known finding has grown: f1:00000000000000aa shop.Order.customer at shop/pricing.py:7, "
        "20 queries in the baseline, 100 now"
    )
    assert ProjectBaseline(baseline=small, exists=True, growth=5.0).apply(report(notes=())).notes == ()


def test_it_is_read_from_the_project_root(tmp_path: Path) -> None:
    path = tmp_path / ".ennead-baseline.json"
    assert ProjectBaseline.read() == ProjectBaseline(path, Baseline(), exists=False, growth=2.0)
    write_baseline(path, KNOWN)
    assert ProjectBaseline.read() == ProjectBaseline(path, KNOWN, exists=True, growth=2.0)


def test_the_settings_name_another_file_and_factor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ennead]\nbaseline = "ci/known.json"\nbaseline_growth = 3\n')
    (tmp_path / "ci").mkdir()
    write_baseline(tmp_path / "ci" / "known.json", KNOWN)
    assert (ProjectBaseline.read().exists, ProjectBaseline.read().growth) == (True, 3.0)
    monkeypatch.setenv("ENNEAD_BASELINE", "")
    assert ProjectBaseline.read().path is None
    assert not ProjectBaseline.read().exists


def test_a_broken_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".ennead-baseline.json").write_text("{")
    with pytest.raises(EnneadError, match="is no baseline"):
        ProjectBaseline.read()


def test_many_that_have_grown_are_not_all_told() -> None:
    many = [finding(id=f"f1:{number}", query_count=1) for number in range(8)]
    small = Baseline().with_findings([(each, []) for each in many], date(2026, 11, 2))
    grown = Report.of_findings("it", [finding(id=each.id, query_count=50) for each in many])
    notes = ProjectBaseline(baseline=small, exists=True).apply(grown).notes
    assert len(notes) == 6
    assert notes[-1] == "3 more known findings have grown"
