"""A trial runs the code of its own copy, on copies of the rows."""

from functools import partial
from pathlib import Path

import pytest

from bench.fixes.rows import fill
from bench.fixes.scratch import copy_project, lay_over
from bench.fixes.trial import Trial, in_child, show

SCENARIO = "jinja_template_loop"
FILE = "bench/detection/sqlalchemy_suite/scenarios_web.py"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fixes")
    copy_project(folder / "original")
    answer = in_child(partial(fill, "sqlalchemy", folder / "rows", 4), folder / "original")
    assert answer is None
    return folder


def test_the_original_is_counted_and_its_findings_are_told(filled: Path) -> None:
    shown = show(Trial("sqlalchemy", SCENARIO, filled / "original", filled / "rows", profiled=True))
    assert shown["queries"] == 5
    assert [finding["relation"] for finding in shown["findings"]] == ["Shipment.customer"]


def test_a_patched_copy_is_what_runs(filled: Path, tmp_path: Path) -> None:
    copy_project(tmp_path / "patched")
    text = (filled / "original" / FILE).read_text()
    eager = text.replace("select(Shipment).order_by(Shipment.id)", "select(Shipment).where(Shipment.id < 0)")
    assert eager != text
    lay_over(tmp_path / "patched", {FILE: eager})
    assert show(Trial("sqlalchemy", SCENARIO, tmp_path / "patched", filled / "rows"))["queries"] == 1


def test_an_error_of_the_code_is_an_answer(filled: Path) -> None:
    shown = show(Trial("sqlalchemy", "no such scenario", filled / "original", filled / "rows"))
    assert shown["error"].startswith("KeyError")
