import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.project import ENNEAD, Project

N_PLUS_ONE = "from lookups import look_up\nprint(look_up(6)[-1])\n"
FINE = "import lookups\nprint('fine')\n"


@pytest.fixture
def shop(project: Project) -> Project:
    project.write("bad.py", N_PLUS_ONE)
    project.write("fine.py", FINE)
    project.write("fails.py", N_PLUS_ONE + "raise SystemExit(4)\n")
    return project


class TestReport:
    def test_goes_to_standard_error_and_leaves_standard_output_to_the_command(self, shop: Project) -> None:
        completed = shop.ennead("run", "--", "bad.py")
        assert (completed.stdout, completed.returncode) == ("c5\n", 0)
        report = completed.stderr
        assert "6 queries where 1 would do" in report
        assert re.search(r"loop +lookups\.py:12 +for number in range\(count\):", report)
        assert re.search(r"access +lookups\.py:13 +row = connection\.execute\(.*×6", report)
        assert "SELECT name FROM customer WHERE id = ?" in report
        assert re.search(r"ennead  1 finding in 1 place \(1 low\) · .* · 8 queries, .* · 1 script\n", report)

    def test_names_the_html_file(self, shop: Project) -> None:
        *_, path, step = shop.ennead("run", "--", "bad.py").stderr.splitlines()
        assert step.startswith("        next: ennead explain f1:")
        assert (shop.folder / path.strip()).read_text().startswith("<!doctype html>")

    def test_of_a_program_that_is_fine(self, shop: Project) -> None:
        completed = shop.ennead("run", "--", "fine.py")
        assert completed.stdout == "fine\n"
        assert "ennead  no N+1 found · 2 queries" in completed.stderr

    def test_of_a_program_without_queries(self, shop: Project) -> None:
        shop.write("idle.py", "print('idle')\n")
        completed = shop.ennead("run", "--", "idle.py")
        assert "no unit of work with a query was recorded" in completed.stderr

    def test_of_a_program_that_is_no_python(self, shop: Project) -> None:
        completed = shop.ennead("run", "--", "true")
        assert "no Python process was seen" in completed.stderr
        assert completed.returncode == 0

    def test_quiet_prints_nothing_and_still_writes_the_html_file(self, shop: Project) -> None:
        completed = shop.ennead("run", "--quiet", "--", "bad.py")
        assert (completed.stdout, completed.stderr) == ("c5\n", "")
        assert (shop.last_run.path / "report.html").is_file()

    def test_no_report_only_records(self, shop: Project) -> None:
        completed = shop.ennead("run", "--no-report", "--", "bad.py")
        assert (completed.stdout, completed.stderr) == ("c5\n", "")
        assert not (shop.last_run.path / "report.html").exists()
        assert len(shop.units) == 1

    def test_json_follows_the_commands_own_output(self, shop: Project) -> None:
        completed = shop.ennead("run", "--quiet", "--json", "--", "bad.py")
        own, _, document = completed.stdout.partition("\n")
        assert own == "c5"
        assert json.loads(document)["findings"][0]["finding"]["query_count"] == 6

    def test_json_and_html_into_files(self, shop: Project) -> None:
        completed = shop.ennead("run", "-q", "--json", "r.json", "--html", "r.html", "--", "bad.py")
        assert completed.stdout == "c5\n"
        assert json.loads((shop.folder / "r.json").read_text())["summary"]["finding_count"] == 1
        assert "<!doctype html>" in (shop.folder / "r.html").read_text()

    def test_verbose_tells_the_evidence(self, shop: Project) -> None:
        told = shop.ennead("run", "-v", "--", "bad.py").stderr
        assert re.search(r"decided by: (?:rules|both) \(the model gives it \d+ %\)\n", told)


class TestExitCode:
    @pytest.mark.parametrize(
        ("options", "script", "code"),
        [
            ((), "bad.py", 0),
            ((), "fails.py", 4),
            (("--fail-on", "info"), "fine.py", 0),
            (("--fail-on", "low"), "bad.py", 1),
            (("--fail-on", "high"), "bad.py", 0),
            (("--fail-on", "low", "--no-report"), "bad.py", 1),
            (("--fail-on", "low", "--quiet"), "bad.py", 1),
            (("--fail-on", "low"), "fails.py", 4),
        ],
    )
    def test_is_the_commands_own_unless_asked(
        self, shop: Project, options: tuple[str, ...], script: str, code: int
    ) -> None:
        completed = shop.ennead("run", *options, "--", script)
        assert completed.returncode == code
        assert "Traceback" not in completed.stderr

    def test_fail_on_is_not_answered_by_silence(self, shop: Project) -> None:
        completed = shop.ennead("run", "--fail-on", "low", "--", sys.executable, "-I", "bad.py")
        assert completed.returncode == 1  # -I: the command cannot import its own module, either
        shop.write("alone.py", "print('alone')\n")
        completed = shop.ennead("run", "--fail-on", "low", "--", sys.executable, "-I", "alone.py")
        assert completed.returncode == 2
        assert "nothing was observed" in completed.stderr

    @pytest.mark.parametrize(("command", "code"), [("no-such-program", 127), ("./lookups.txt", 126)])
    def test_of_a_program_that_cannot_be_started(self, shop: Project, command: str, code: int) -> None:
        shop.write("lookups.txt", "")
        completed = shop.ennead("run", "--", command)
        assert completed.returncode == code
        assert completed.stderr.startswith("ennead: ")
        assert len(completed.stderr.splitlines()) == 1
        assert shop.runs == []


class TestCommand:
    @pytest.mark.parametrize(
        "command",
        [("bad.py",), ("-m", "bad"), ("-c", "import bad"), (sys.executable, "bad.py"), ("python", "bad.py")],
        ids=["script", "module", "code", "interpreter", "python"],
    )
    def test_forms(self, shop: Project, command: tuple[str, ...]) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        completed = shop.ennead("run", "--", *command, environment={"PATH": path})
        assert completed.stdout == "c5\n"
        assert "6 queries where 1 would do" in completed.stderr

    def test_a_program_beside_our_python_is_found_without_an_activated_environment(self, shop: Project) -> None:
        completed = shop.ennead("run", "-q", "--", "pytest", "--version", environment={"PATH": "/usr/bin:/bin"})
        assert completed.returncode == 0
        assert completed.stdout.startswith("pytest ")

    @pytest.mark.parametrize("command", [("pytest",), ("python", "-m", "pytest")], ids=["script", "module"])
    def test_tests_are_units_of_work_however_pytest_is_started(self, shop: Project, command: tuple[str, ...]) -> None:
        shop.write("test_it.py", "from lookups import look_up\n\ndef test_it():\n    look_up(5)\n")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        options = ("-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:randomly", "test_it.py")
        completed = shop.ennead("run", "-q", "--", *command, *options, environment={"PATH": path})
        assert completed.returncode == 0, completed.stdout
        assert shop.report()["summary"]["unit_counts"] == {"test": 1, "script": 1}

    def test_everything_after_its_name_is_the_commands_own(self, shop: Project) -> None:
        shop.write("args.py", "import sys\nprint(sys.argv[1:])\n")
        completed = shop.ennead("run", "-q", "args.py", "--json", "--", "-v", "--fail-on")
        assert completed.stdout == "['--json', '--', '-v', '--fail-on']\n"

    def test_standard_input_is_the_commands_own(self, shop: Project) -> None:
        shop.write("echo.py", "print(input())\n")
        completed = subprocess.run(
            [*ENNEAD, "run", "-q", "--", "echo.py"],
            cwd=shop.folder,
            env=shop.environment(),
            input="hello\n",
            capture_output=True,
            text=True,
            check=True,
        )
        assert completed.stdout == "hello\n"

    def test_must_be_named(self, shop: Project) -> None:
        completed = shop.ennead("run")
        assert completed.returncode == 2
        assert "name the command to run" in completed.stderr

    def test_a_forgotten_separator_is_explained(self, shop: Project) -> None:
        completed = shop.ennead("run", "-m", "bad")
        assert completed.returncode == 2
        assert "ennead run -- -m" in completed.stderr


class TestSettings:
    def test_the_kill_switch(self, shop: Project) -> None:
        completed = shop.ennead("run", "--", "fails.py", environment={"ENNEAD_DISABLED": "1"})
        assert (completed.stdout, completed.returncode) == ("c5\n", 4)
        assert completed.stderr == "ennead: switched off by ENNEAD_DISABLED, the command runs unobserved\n"
        assert shop.runs == []

    @pytest.mark.parametrize("name", ["ENNEAD_SAMPLE_RATIO", "NPLUSONE_ML_TIMEOUT_MS", "ENNEAD_KEPT_RUNS"])
    def test_a_wrong_one_is_told_before_the_command_runs(self, shop: Project, name: str) -> None:
        completed = shop.ennead("run", "--", "bad.py", environment={name: "many"})
        assert completed.returncode == 2
        assert re.fullmatch(rf'Error: {name} must be an? [\w ]+, got "many"\n', completed.stderr)
        assert completed.stdout == ""

    def test_a_folder_that_cannot_be_written_is_told_before_the_command_runs(self, shop: Project) -> None:
        completed = shop.ennead("run", "--output", "lookups.py", "--", "bad.py")
        assert completed.returncode == 2
        assert completed.stdout == ""
        assert "name another folder with --output or ENNEAD_OUTPUT" in completed.stderr

    def test_records_go_where_they_are_sent(self, shop: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = tmp_path_factory.mktemp("records")
        shop.ennead("run", "-q", "--output", str(folder), "--", "bad.py", check=True)
        assert shop.runs == []
        assert "6 queries" in shop.ennead("report", "--output", str(folder)).stdout
        assert "6 queries" in shop.ennead("report", environment={"ENNEAD_OUTPUT": str(folder)}).stdout

    def test_pyproject_counts(self, shop: Project) -> None:
        shop.write("pyproject.toml", '[tool.ennead]\noutput = "records"\nkept_runs = 2\n')
        for _ in range(3):
            shop.ennead("run", "-q", "--", "fine.py", check=True)
        assert len(list((shop.folder / "records" / "runs").iterdir())) == 2

    def test_records_stand_in_the_project_root_wherever_one_is(self, shop: Project) -> None:
        (shop.folder / "sub").mkdir()
        subprocess.run(
            [*ENNEAD, "run", "-q", "--", sys.executable, "../bad.py"],
            cwd=shop.folder / "sub",
            env=shop.environment(),
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert len(shop.runs) == 1
        (unit,) = shop.units
        loop = unit.findings[0].loop
        assert loop is not None
        assert loop.file == "lookups.py"

    def test_the_projects_own_hold_wherever_one_stands(self, shop: Project) -> None:
        shop.write("pyproject.toml", '[tool.ennead]\nignore = ["lookups.py"]\n')
        (shop.folder / "sub").mkdir()
        completed = subprocess.run(
            [*ENNEAD, "run", "--", sys.executable, "../bad.py"],
            cwd=shop.folder / "sub",
            env=shop.environment(),
            check=True,
            capture_output=True,
            text=True,
        )
        assert "no N+1 found · 1 suppressed" in completed.stderr


_SERVER = """
import sys, time
from lookups import unit
print("serving", flush=True)
time.sleep(1.5)
for number in range(3):
    unit("orders/", 5)
    time.sleep(0.1)
try:
    print("waiting", flush=True)
    sys.stdin.readline()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    time.sleep(0.3)
print("stopped", flush=True)
"""


@pytest.fixture
def server(project: Project) -> Iterator[subprocess.Popen[str]]:
    project.write("server.py", _SERVER)
    process = subprocess.Popen(
        [*ENNEAD, "run", "--", "server.py"],
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


class TestLiveLines:
    def test_tell_a_new_finding_once_while_the_command_runs(self, server: subprocess.Popen[str]) -> None:
        assert server.stderr is not None
        line = server.stderr.readline()
        assert re.fullmatch(r"ennead  low  customer ×5  lookups\.py:13  orders/\n", line)
        assert server.poll() is None
        _, rest = server.communicate("\n", timeout=120)
        assert rest.count("×5  lookups.py:13") == 0
        assert "5 queries where 1 would do" in rest
        assert "in 3 units of work" in rest

    @pytest.mark.parametrize("runner", ["pytest", "unittest"])
    def test_do_not_tear_the_output_of_a_test_runner_apart(self, project: Project, runner: str) -> None:
        project.write(
            "test_slow.py",
            "import time, unittest\nfrom lookups import unit\n"
            "class TestSlow(unittest.TestCase):\n"
            "    def test_slow(self):\n        unit('orders/', 5)\n        time.sleep(2.5)\n",
        )
        completed = project.ennead("run", "--", "-m", runner, "test_slow.py" if runner == "pytest" else "test_slow")
        assert completed.returncode == 0
        assert "×5  lookups.py:13" not in completed.stderr
        assert "5 queries where 1 would do" in completed.stderr

    def test_can_be_asked_for(self, project: Project) -> None:
        project.write("script.py", "import time\nfrom lookups import look_up, unit\nunit('a', 4)\ntime.sleep(2.5)\n")
        assert "ennead  low" in project.ennead("run", "--live", "--", "script.py").stderr
        assert "ennead  low" not in project.ennead("run", "--no-live", "--", "script.py").stderr


class TestSignals:
    def test_an_interrupt_reaches_the_command_once_and_the_report_is_printed(
        self, server: subprocess.Popen[str]
    ) -> None:
        assert server.stdout is not None
        assert [server.stdout.readline() for _ in range(2)] == ["serving\n", "waiting\n"]
        server.send_signal(signal.SIGINT)
        assert server.stdout.readline() == "interrupted\n"
        output, errors = server.communicate(timeout=120)
        assert output == "stopped\n"
        assert "5 queries where 1 would do" in errors
        assert server.returncode == 0

    def test_ctrl_c_in_a_terminal_reaches_the_command_once(self, project: Project) -> None:
        project.write("server.py", _SERVER)
        output = _type_ctrl_c([*ENNEAD, "run", "--", "server.py"], project)
        assert output.count("interrupted") == 1
        assert "stopped" in output
        assert "5 queries where 1 would do" in output


def _type_ctrl_c(command: list[str], project: Project) -> str:
    """Run a command as the foreground job of a terminal of its own, and press Ctrl-C once it has told a finding."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project.folder)
        os.execvpe(command[0], command, project.environment({"TERM": "dumb"}))  # noqa: S606 -- a terminal's own job
    output, pressed, deadline = "", False, time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            piece = os.read(terminal, 4096).decode(errors="replace")
        except OSError:  # the other side has closed
            break
        output += piece
        if not pressed and "waiting" in output and "×5" in output:
            pressed = True
            os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, output
    return output
