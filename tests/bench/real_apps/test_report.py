"""RESULTS.md from a small score."""

from bench.detection.environment import version_of
from bench.real_apps.labels import Label
from bench.real_apps.report import Measured, results
from bench.real_apps.score import Score
from bench.real_apps.truth import Action


def test_the_report_tells_every_miss_false_alarm_and_failure_by_name() -> None:
    page = Action(
        "page",
        "ok",
        {"a": (3, 6, 12), "b": (3, 6, 12), "c": (2, 2, 2)},
        {"a": "SELECT a", "b": "SELECT b", "c": "SELECT c"},
        found={"a": {}, "c": {}},
        vetoed={"b": "chunks"},
        flagged={"zeal": True},
    )
    broken = Action("broken", "HTTP 500", {})
    labels = {("page", "b"): Label("n-plus-one", "views.py:7: each row")}
    measured = Measured(
        "shop 1.0",
        "django",
        "2026-11-23, Python 3.11.7",
        Score([page, broken], labels),
        ("zeal",),
        {"nplus1": "no wheel"},
    )

    report = results([measured], "python -m bench.real_apps")

    assert "Written by `python -m bench.real_apps`" in report
    assert (
        "| shop 1.0 | django | 1 (1 failed) | 2 | 0 | 0 | 2 | 1 | 1 | 0 | 1 | .500 (1/2) | .500 (1/2) | 1 |" in report
    )
    assert f"| {version_of('zeal')} | 1 | 1.000 (1/1) | 1.000 (1/1) | 1.000 (1/1) | 1.000 (1/1) |" in report
    assert f"| shop 1.0 | {version_of('zeal')} | 1.000 (1/1) | 1.000 (1/1) |" in report
    assert "nplus1 did not run: no wheel" in report
    assert "- page: 3 → 6 → 12 (chunks; n-plus-one: views.py:7: each row) `SELECT b`" in report
    assert "- page: 2 → 2 → 2 (found) `SELECT c`" in report
    assert "- broken: HTTP 500" in report


def test_an_application_that_did_not_run_is_told_and_not_counted() -> None:
    measured = Measured("shop 2.0", "django", "2026-11-23", Score([], {}), (), {"application": "no Python 3.12 here"})

    report = results([measured], "python -m bench.real_apps")

    assert "application did not run: no Python 3.12 here" in report
    assert "| shop 2.0 |" not in report
