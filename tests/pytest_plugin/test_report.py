"""The report at the end of a session, the run folder, JSON; and that nothing happens until somebody asks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import ACCESS, Run

TESTS = """
import pytest
from shop import at_once, one_by_one

def test_one_by_one():
    assert len(one_by_one()) == 5

def test_at_once():
    assert len(at_once()) == 5

@pytest.mark.parametrize("number", [1, 2])
def test_cases(number):
    one_by_one()

@pytest.fixture
def prepared():
    one_by_one()
    yield
    one_by_one()

def test_prepared(prepared):
    at_once()
"""


def test_pytest_finds_it_and_it_is_silent_until_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    asked = "\ndef test_nothing_is_loaded():\n    assert 'ennead.agent' not in sys.modules\n"
    result = run("import sys" + asked, plugins=())
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["plugins: *ennead-*"])
    result.stdout.no_fnmatch_line("ennead*")
    result.stdout.no_fnmatch_line("*= ennead*")


def test_findings_are_told_with_their_tests_and_fail_nothing(run: Run, pytester: pytest.Pytester) -> None:
    result = run(TESTS, "--ennead", "--ennead-json=report.json")
    result.assert_outcomes(passed=5)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "ennead: N+1 queries are reported",
            "*= ennead =*",
            "*N+1*customer*",
            "*test_shop.py::test_one_by_one*test_shop.py::test_cases (2 cases)*",
            f"*{ACCESS}*",
            "ennead  1 finding in 1 place *5 tests",
            "*ennead report *",
        ]
    )
    report = json.loads((pytester.path / "report.json").read_text("utf-8"))
    (entry,) = report["findings"]
    assert entry["finding"]["code"] == "n-plus-one"
    assert entry["tests"] == {
        "test_shop.py::test_one_by_one": 1,
        "test_shop.py::test_cases[1]": 1,
        "test_shop.py::test_cases[2]": 1,
    }
    assert report["notes"] == []
    assert report["summary"]["unit_counts"] == {"test": 5}


def test_a_suite_without_one_says_so(run: Run) -> None:
    result = run("from shop import at_once\ndef test_at_once():\n    at_once()\n", "--ennead")
    result.stdout.fnmatch_lines(["ennead  no N+1 found*1 test"])


def test_findings_have_the_ids_of_ennead_run_and_the_run_can_be_told_again(run: Run, pytester: pytest.Pytester) -> None:
    run(TESTS, "--ennead", "--ennead-json=plugin.json")
    told = _ennead(pytester, "report", "--json", "again.json")
    assert told.returncode == 0, told.stderr
    observed = _ennead(
        pytester, "run", "--json", "run.json", "--no-live", "--", sys.executable, "-m", "pytest", "-k", "not prepared"
    )
    assert observed.returncode == 0, observed.stdout + observed.stderr
    ids = {
        name: {entry["finding"]["id"] for entry in json.loads((pytester.path / name).read_text("utf-8"))["findings"]}
        for name in ("plugin.json", "again.json", "run.json")
    }
    assert ids["plugin.json"] == ids["again.json"] == ids["run.json"] != set()


def test_what_fixtures_do_counts_where_it_is_asked_for(run: Run, pytester: pytest.Pytester) -> None:
    result = run(TESTS, "--ennead", "-o", "ennead_fixtures=true", "--ennead-json=report.json", "-k", "prepared")
    result.assert_outcomes(passed=1, deselected=4)
    (entry,) = json.loads((pytester.path / "report.json").read_text("utf-8"))["findings"]
    assert list(entry["tests"]) == ["test_shop.py::test_prepared"]


def test_set_up_and_tear_down_of_a_test_case_are_not_the_tests_own(run: Run) -> None:
    tests = """
        import unittest
        from shop import at_once, one_by_one

        class ShopTests(unittest.TestCase):
            def setUp(self):
                one_by_one()
            def tearDown(self):
                one_by_one()
            def test_at_once(self):
                at_once()

        class AsyncShopTests(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self):
                one_by_one()
            async def test_at_once(self):
                at_once()
        """
    result = run(tests, "--ennead-fail")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["ennead  no N+1 found*2 queries*2 tests"])


def test_everything_can_be_switched_off(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_DISABLED", "1")
    result = run(TESTS, "--ennead-fail")
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(["ennead: switched off by ENNEAD_DISABLED"])
    result.stdout.no_fnmatch_line("*= ennead =*")


def test_a_run_folder_that_cannot_be_made_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_OUTPUT", "/proc/nowhere")
    result = run(TESTS, "--ennead")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: cannot keep records in /proc/nowhere*ENNEAD_OUTPUT*"])


def _ennead(pytester: pytest.Pytester, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("ennead")), *arguments],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
