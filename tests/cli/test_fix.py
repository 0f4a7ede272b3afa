"""``ennead fix`` as a person types it, on a Django project and on a script with SQLAlchemy."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shops import Shop
from tests.runs.project import ENNEAD, Project

REQUESTS = ("-m", "ennead.replay.requests", "/orders/")


@dataclass
class Fixed:
    """A project that fixes were looked for in, and what was seen of it."""

    shop: Shop
    completed: subprocess.CompletedProcess[str]
    before: dict[str, str]
    answer: dict[str, Any]
    temporary: Path


@pytest.fixture(scope="module")
def fixed(django: Shop, tmp_path_factory: pytest.TempPathFactory) -> Fixed:
    """The last run's worst finding was fixed, told as a diff and as JSON, and not applied."""
    temporary = tmp_path_factory.mktemp("temporary")
    before = django.digests()
    django.run(*REQUESTS, check=True)
    path = temporary.parent / "fixes.json"
    completed = django.ennead("fix", "--diff", "--json", str(path), environment={"TMPDIR": str(temporary)})
    return Fixed(django, completed, before, json.loads(path.read_text()), temporary)


@pytest.mark.slow
class TestOfARecordedRun:
    def test_tells_the_verified_fix(self, fixed: Fixed) -> None:
        assert fixed.completed.returncode == 0, fixed.completed.stderr
        story = fixed.completed.stderr
        assert "FIXED  shop.Order.customer  shop/views.py:8  f1:" in story
        assert "verified: the same results with fewer queries: 7 → 1 queries at 6 rows, 25 → 1 queries at" in story
        assert "response body" in story
        assert "1 of 1 finding fixed and verified" in story

    def test_goes_into_a_pipe_as_plain_text(self, fixed: Fixed) -> None:
        assert "\x1b" not in fixed.completed.stdout + fixed.completed.stderr
        assert "replaying" not in fixed.completed.stderr  # whoever wants the diff wants no progress

    def test_the_diff_is_one_for_git(self, fixed: Fixed) -> None:
        shop = fixed.shop
        try:
            shop.git("apply", text=fixed.completed.stdout)
            assert 'Order.objects.order_by("id").select_related("customer")' in shop.git("diff")
        finally:
            shop.git("checkout", "-q", ".")

    def test_json_says_the_same(self, fixed: Fixed) -> None:
        answer = fixed.answer
        (fix,) = answer["fixes"]
        assert (answer["is_complete"], fix["status"]) == (True, "fixed")
        assert answer["diff"] == fix["diff"] == fixed.completed.stdout
        assert fix["attempts"][-1]["verdict"] == "verified"

    def test_nothing_of_the_user_has_changed(self, fixed: Fixed) -> None:
        assert fixed.shop.digests() == fixed.before
        assert fixed.shop.git("status", "--porcelain") == ""

    def test_nothing_is_left_behind(self, fixed: Fixed) -> None:
        assert list(fixed.temporary.iterdir()) == []

    def test_reports_tell_the_verification(self, fixed: Fixed) -> None:
        shop, finding = fixed.shop, fixed.answer["fixes"][0]["finding"]["id"]
        (entry,) = shop.report()["findings"]
        advice = entry["finding"]["recommendations"][0]
        assert (advice["status"], advice["verification"]["verdict"]) == ("verified", "verified")
        assert "select_related" in shop.ennead("explain", finding, check=True).stdout
        path = shop.folder / ".ennead" / "page.html"
        shop.ennead("report", "--html", str(path), check=True)
        assert "select_related" in path.read_text()


SIZED = ("--sizes", "3,9", "--", "report.py", "{size}")


@pytest.mark.slow
def test_apply_changes_committed_files_only(script: Shop) -> None:
    text = (script.folder / "report.py").read_text()
    script.write("report.py", text + "# a comment\n")
    edited = script.digests()
    looked = script.ennead("fix", *SIZED)
    assert looked.stdout.endswith("note: no file was changed; the same command with --apply writes the fix\n")
    refused = script.ennead("fix", "--apply", *SIZED)
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].startswith("Error: report.py has uncommitted edits: commit them first, or")
    assert script.digests() == edited
    applied = script.ennead("fix", "--apply", "--force", *SIZED, environment={"FORCE_COLOR": "1"})
    assert applied.returncode == 0, applied.stderr
    assert "changed: report.py" in applied.stdout
    assert "no file was changed" not in applied.stdout
    assert "\x1b[" in applied.stdout
    now = (script.folder / "report.py").read_text()
    assert "joinedload" in now or "selectinload" in now
    assert now.endswith("# a comment\n")
    assert sorted(script.digests()) == sorted(edited)


@pytest.mark.slow
def test_what_has_no_fix_is_told_and_left_alone(project: Project) -> None:
    project.write("fixed.py", "from lookups import connection\nprint(1)\n")
    project.write(
        "loop.py",
        """\
from lookups import connection
names = {}
for number in range(5):
    names[number] = connection.execute("SELECT name FROM customer WHERE id = ?", (number + len(names),)).fetchone()
print(names)
""",
    )
    texts = {path.name: path.read_bytes() for path in project.folder.glob("*.py")}
    completed = project.ennead("fix", "--apply", "--", "loop.py", environment={"NO_COLOR": "1"})
    assert completed.returncode == 1, completed.stderr
    assert "nothing was changed: no fix was verified" in completed.stdout
    assert "0 of 1 finding fixed and verified" in completed.stdout
    assert {path.name: path.read_bytes() for path in project.folder.glob("*.py")} == texts
    fine = project.ennead("fix", "--", "fixed.py")
    assert (fine.returncode, fine.stdout) == (0, "nothing to fix: the replayed work shows no finding\n")


ERRORS = {
    "nothing to run": ((), "no run is recorded and no command is given: name one behind --, as in -- python "),
    "no program": (("--", "no-such-program"), "there is no program 'no-such-program' on the path"),
    "no finding": (("f1:abc", "--", "fine.py"), "no runs in"),
    "no run": (("20260101", "--", "fine.py"), "no runs in"),
    "one size": (
        ("--sizes", "4", "--", "fine.py", "{size}"),
        "name two sizes, the smaller one first, as in 10,50; got 4",
    ),
    "no size": (("--sizes", "4,8", "--", "fine.py"), "sizes are for a command that takes one"),
    "no folder": (("--json", "no/such/answer.json", "--", "fine.py"), "cannot write no/such/answer.json: there is no "),
    "a folder": (("--json", ".", "--", "fine.py"), "cannot write .: it is a folder"),
    "a server": (("--", "uvicorn", "shop:app"), "a server does not end, a replay does"),
}


@pytest.mark.parametrize(("arguments", "words"), ERRORS.values(), ids=ERRORS)
def test_errors_are_one_line(project: Project, arguments: tuple[str, ...], words: str) -> None:
    project.write("fine.py", "print(1)\n")
    completed = project.ennead("fix", *arguments)
    assert (completed.returncode, completed.stdout) == (2, "")
    (line,) = completed.stderr.splitlines()
    assert line.startswith(f"Error: {words}")


def test_findings_and_runs_that_a_run_does_not_have(project: Project) -> None:
    project.write("bad.py", "from lookups import look_up\nprint(look_up(6)[-1])\n")
    project.run("bad.py", check=True)
    for name in ("f1:0000", "nothing"):
        completed = project.ennead("fix", name)
        assert completed.returncode == 2
        (line,) = completed.stderr.splitlines()
        assert line.startswith(f"Error: no finding of run {project.last_run.id} called {name!r}; there are: f1:")
        assert line.endswith("; a command would stand behind --") == (name == "nothing")


@pytest.mark.parametrize("typed", ["python manage.py test", "python -m jobs", "--all pytest -x"])
def test_a_command_without_its_dashes_is_understood(project: Project, typed: str) -> None:
    completed = project.ennead("fix", *typed.split())
    assert completed.returncode == 2
    assert completed.stderr.rstrip().endswith("; put -- before the command: ennead fix -- python manage.py test")


def test_a_misspelt_option_is_no_command(project: Project) -> None:
    completed = project.ennead("fix", "--al")
    assert completed.returncode == 2
    assert "put --" not in completed.stderr
    assert "Usage: ennead fix [OPTIONS] [RUN_OR_FINDING] [-- COMMAND...]" in " ".join(completed.stderr.split())


@pytest.mark.parametrize("option", ["--seconds", "--timeout"])
def test_no_time_at_all_is_a_mistake(project: Project, option: str) -> None:
    completed = project.ennead("fix", option, "0", "--", "fine.py")
    assert completed.returncode == 2
    assert "0.0 is not in the range x>0" in completed.stderr


def test_what_was_repaired_since_the_run_is_noted(project: Project) -> None:
    program = project.write("bad.py", "from lookups import look_up\nprint(look_up(6)[-1])\n")
    project.run("bad.py", check=True)
    program.write_text("import lookups\n")
    completed = project.ennead("fix")
    assert completed.returncode == 0
    first, note, *_ = completed.stdout.splitlines()
    assert first == "nothing to fix: the replayed work shows no finding"
    assert note == "note: the run has recorded 1 finding: repaired since, or the replay does something else"


def test_a_command_that_fails_is_told_with_its_last_words(project: Project) -> None:
    project.write("fails.py", "import nothing_there\n")
    completed = project.ennead("fix", "--", "fails.py")
    assert completed.returncode == 2
    words = "ModuleNotFoundError: No module named 'nothing_there'"
    assert completed.stderr.splitlines()[-1] == f"Error: the replayed work failed with exit code 1: {words}"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_everything(project: Project, number: signal.Signals, code: int) -> None:
    temporary = project.folder / "temporary"
    temporary.mkdir()
    project.write("long.py", "import os, time\nopen('begun', 'w').write(str(os.getpid()))\ntime.sleep(600)\n")
    environment = project.environment({"TMPDIR": str(temporary)})
    with subprocess.Popen(
        [*ENNEAD, "fix", "--", "long.py"], cwd=project.folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        begun = _awaited(temporary)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in errors
    assert list(temporary.iterdir()) == []
    assert not Path("/proc", begun).exists()
    assert not (project.folder / "begun").exists()


def _awaited(temporary: Path) -> str:
    """What the replayed program wrote as soon as it ran."""
    for _ in range(600):
        for path in temporary.glob("*/replay-1/project/begun"):
            if path.read_text():
                return path.read_text()
        time.sleep(0.1)
    pytest.fail("the replayed program did not begin")
