"""``ennead history``: what the memory holds, as a person and as a program reads it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ennead.cli.main import ennead
from ennead.cli.memory import as_judged, notes_on_outcome, remember_fixes
from ennead.cli.memory import remembered as remembered_report
from ennead.kernel.finding import Verification
from ennead.reporting.report import Report
from ennead.runs.reading import RunRecords
from ennead.store.remembering import Remembered, remember
from ennead.store.verdicts import give_verdict
from tests.cli.memories import CUSTOMER, LINES, TAGS, remembered
from tests.runs.project import Project
from tests.store.conftest import finding, run, seen

WITH_STORE = {"ENNEAD_STORE": "on"}
LOOP = "from lookups import unit\nunit('import/', 6)\n"
SET = (
    "from lookups import connection\nfrom ennead.agent.units import Recording\n"
    "with Recording('import/', 'job', route='import/'):\n"
    "    connection.execute('SELECT id, name FROM customer').fetchall()\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ENNEAD_PROJECT_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _told(*arguments: str) -> Result:
    return CliRunner().invoke(ennead, ["history", *arguments])


def test_an_empty_memory_says_what_to_do(folder: Path) -> None:
    told = _told()
    assert told.exit_code == 0
    assert "'ennead run -- COMMAND' remembers what it finds" in told.output
    assert "ennead history --import" in told.output
    assert not (folder / ".ennead").exists()
    assert json.loads(_told("--json").output) == []


def test_the_list_tells_status_trend_and_place(folder: Path) -> None:
    remembered(folder)
    lines = _told().output.splitlines()
    told = {line.split()[1]: line for line in lines if "f1:" in line}
    assert told[CUSTOMER.id].split()[:4] == ["recurring", CUSTOMER.id, "███", "3"]
    assert told[LINES.id].split()[:4] == ["fixed", LINES.id, "█▁▁", "1"]
    assert told[TAGS.id].split()[:4] == ["regressed", TAGS.id, "█▁█", "2"]
    assert "shop/views.py in order_list" in told[TAGS.id]
    assert lines[-1] == "3 patterns (1 recurring, 1 regressed, 1 fixed) in 3 runs, .ennead/memory.sqlite"


def test_json_is_complete(folder: Path) -> None:
    remembered(folder)
    (told,) = [each for each in json.loads(_told("--json").output) if each["pattern"] == TAGS.id]
    assert (told["status"], told["trend"], told["regression_count"]) == ("regressed", [12, 0, 12], 1)
    assert (told["is_shown"], told["showing"], told["places"]) == (True, "shown", ["orders/"])


def test_one_pattern_in_full(folder: Path) -> None:
    remembered(folder)
    output = _told(LINES.id).output
    assert output.startswith(f"{LINES.id}  fixed  n-plus-one (relation), low\n")
    assert "queries        30.0 -> 23.0" in output
    assert "12.0 queries, 11 ms wasted -> none" in output
    document = json.loads(_told(LINES.id, "--json").output)
    assert document["improvement"]["queries_after"] == 23.0
    assert [each["query_count"] for each in document["runs"]] == [12]


@pytest.mark.parametrize(
    ("since", "expected"),
    [("2026-11-03 12:00", {CUSTOMER.id, TAGS.id}), ("2026-11-01", {CUSTOMER.id, TAGS.id, LINES.id})],
)
def test_since_a_day(folder: Path, since: str, expected: set[str]) -> None:
    remembered(folder)
    assert {each["pattern"] for each in json.loads(_told("--since", since, "--json").output)} == expected


def test_since_when_nothing_happened(folder: Path) -> None:
    remembered(folder)
    assert "nothing was found or fixed since" in _told("--since", "2099-01-01").output


def test_what_is_hidden_is_listed_with_its_reason(folder: Path) -> None:
    memory = remembered(folder)
    assert "nothing is hidden" in _told("--hidden").output
    give_verdict(memory, TAGS.id, "noise")
    give_verdict(memory, CUSTOMER.id, "wontfix")
    output = _told("--hidden").output
    assert "you called it noise" in output
    assert "you said that it will not be repaired" in output
    assert LINES.id not in output


def test_of_many_places_the_first_are_shown(folder: Path) -> None:
    memory = remembered(folder)
    many = finding("shop.Order.seller")
    places = tuple(f"page-{chr(97 + number)}/" for number in range(23))
    remember(memory, run(3, seen(many, places=places), places=places))
    assert " page-t/, 3 more\n" in _told(many.id).output
    assert len(json.loads(_told(many.id, "--json").output)["places"]) == 23


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["f1:none"], "no pattern called 'f1:none' is remembered; there are: f1:"),
        (["f1:"], "3 patterns begin with 'f1:': "),
        (["--since", "yesterday"], "--since must be a day like 2026-11-02, or 7d or 4w, got 'yesterday'"),
    ],
)
def test_errors_name_the_way_out(folder: Path, arguments: list[str], error: str) -> None:
    remembered(folder)
    told = _told(*arguments)
    assert told.exit_code == 2
    assert error in told.output
    assert told.output.count("\n") == 1


def test_a_memory_that_is_off_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNEAD_STORE", "off")
    assert _told().output == "Error: nothing is remembered: ENNEAD_STORE is off\n"


class TestRuns:
    def test_a_run_is_remembered_and_its_verdicts_are_heeded(self, folder: Path) -> None:
        project = Project(folder)
        project.write("script.py", LOOP)
        project.ennead("run", "-q", "--", "script.py", environment=WITH_STORE, check=True)
        (found,) = json.loads(_told("--json").output)
        assert (found["status"], found["trend"]) == ("new", [6])
        assert found["signature"].startswith("n-plus-one/raw-sql/key")

        assert CliRunner().invoke(ennead, ["verdict", found["pattern"], "noise"]).exit_code == 0
        again = project.ennead("run", "--no-live", "--fail-on", "info", "--", "script.py", environment=WITH_STORE)
        assert again.returncode == 1  # a verdict never decides whether a build fails
        assert "1 finding is hidden by your verdicts: 'ennead history --hidden' lists them" in again.stderr
        assert "6 queries where" not in again.stderr
        report = ["report", "--output", str(folder / ".ennead")]
        assert "6 queries where" in CliRunner().invoke(ennead, [*report, "-v"]).output
        assert len(json.loads(CliRunner().invoke(ennead, [*report, "--json"]).output)["findings"]) == 1

        project.write("script.py", SET)
        fixed = project.ennead("run", "--no-live", "--", "script.py", environment=WITH_STORE, check=True)
        assert "1 finding of earlier runs fixed" in fixed.stderr

    def test_recorded_runs_are_taken_over_once(self, folder: Path) -> None:
        project = Project(folder)
        project.write("script.py", LOOP)
        project.run("script.py", check=True)
        assert not (folder / ".ennead" / "memory.sqlite").exists()  # switched off, so nothing is remembered
        imports = [_told("--import").output for _ in range(2)]
        assert imports == ["1 run taken over, 0 known already\n", "0 runs taken over, 1 known already\n"]
        (found,) = json.loads(_told("--json").output)
        assert found["trend"] == [6]

    def test_a_memory_that_cannot_be_used_breaks_no_run(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        project.write("script.py", LOOP)
        broken = {**WITH_STORE, "ENNEAD_STORE_URL": "postgresql://somebody:secret@127.0.0.1:1/name"}
        completed = project.ennead("run", "--no-live", "--", "script.py", environment=broken)
        assert completed.returncode == 0
        assert "6 queries where 1 would do" in completed.stderr
        assert "note  the run could not be remembered: " in completed.stderr
        assert "secret" not in completed.stderr


@pytest.mark.parametrize("command", ["history", "verdict", "threshold"])
def test_without_the_extra_it_says_what_to_install(command: str) -> None:
    code = "import sys; sys.modules['alembic'] = None; from ennead.cli.main import main; main()"
    told = subprocess.run([sys.executable, "-c", code, command], capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert told.stderr == f"Error: {command} needs alembic: pip install 'ennead[store]'\n"


def test_without_the_extra_a_report_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)
    report = Report.of_findings("manage.py test", [finding()])
    assert remembered_report(report, RunRecords(), tmp_path) is report
    assert as_judged(report, tmp_path) is report


def test_what_a_regression_says() -> None:
    found = finding()
    report = Report.of_findings("manage.py test", [found])
    told = list(notes_on_outcome(Remembered(regressed=(found.id, "f1:forgotten"), fixed=("f1:a", "f1:b")), report))
    where = f"{found.id} shop.Order.customer at shop/views.py:9"
    assert told == [
        f"back after it was fixed: {where} ('ennead history {found.id}' tells when)",
        "back after it was fixed: f1:forgotten ('ennead history f1:forgotten' tells when)",
        "2 findings of earlier runs fixed: 'ennead history' tells what it brought",
    ]


def test_a_verified_fix_is_told_with_what_it_brings(folder: Path) -> None:
    remembered(folder)
    verified = Verification("verified", "", {10: 11, 100: 101}, {10: 2, 100: 2}, 50.0, 4.0, ("status",), ())
    assert remember_fixes({CUSTOMER.id: verified}, None) == ()
    told = "verified; 11 -> 2 queries at 10 rows, 101 -> 2 at 100 rows; 50 ms -> 4.0 ms"
    (line,) = [line for line in _told().output.splitlines() if CUSTOMER.id in line]
    assert line.endswith(f"  fix {told}")
    assert line.startswith("recurring")
    assert f"  verified-fix  {told}\n" in _told(CUSTOMER.id).output
    (fix,) = json.loads(_told(CUSTOMER.id, "--json").output)["verdicts"]
    assert (fix["verdict"], fix["reason"]) == ("verified-fix", told)


def test_a_fix_is_not_remembered_where_nothing_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered(folder)
    monkeypatch.setenv("ENNEAD_STORE", "off")
    verified = Verification("verified", "", {1: 9}, {1: 2}, 5.0, 4.0, (), ())
    assert remember_fixes({CUSTOMER.id: verified}, None) == ()
    monkeypatch.delenv("ENNEAD_STORE")
    assert "verified-fix" not in _told(CUSTOMER.id).output


def test_a_broken_memory_is_a_note_of_the_fix(folder: Path) -> None:
    (folder / ".ennead").mkdir()
    (folder / ".ennead" / "memory.sqlite").write_text("no database " * 100)
    verified = Verification("verified", "", {1: 9}, {1: 2}, 5.0, 4.0, (), ())
    (note,) = remember_fixes({CUSTOMER.id: verified}, None)
    assert note.startswith("the fix could not be remembered: the memory in ")
