"""One replay: what the command gets, and how it ends."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.replay.environment import REPLAY_FILE, ReplayEnvironment
from ennead.replay.replay import Replay, Work
from tests.replay.project import ReplayedProject


def processes_of(folder: Path) -> list[int]:
    """Processes that work in a folder, however they were started; one that is just ending is waited for."""
    for _ in range(100):
        if not _working_in(folder):
            return []
        time.sleep(0.05)
    return _working_in(folder)


def _working_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inside = (entry / "cwd").readlink()
            except OSError:
                continue
            if inside.is_relative_to(folder):
                found.append(int(entry.name))
    return found


class TestWork:
    def test_words_lead_into_the_copy(self, tmp_path: Path) -> None:
        root, scratch = tmp_path / "shop", tmp_path / "scratch"
        for folder in (root, scratch):
            folder.mkdir()
            (folder / "settings.py").write_text("")
        (root / ".venv").mkdir()
        file = f"{root}/settings.py"
        command = (f"{root}/.venv/tool", file, f"--settings={file}", "-c", f"--env={root}/.venv", f"a={file}", "rel.py")
        work = Work(root=root, command=command)
        assert work.command_at(None, scratch) == [
            f"{root}/.venv/tool",
            f"{scratch}/settings.py",
            f"--settings={scratch}/settings.py",
            "-c",
            f"--env={root}/.venv",
            f"a={file}",
            "rel.py",
        ]
        assert Work(root=root, command=(file,)).command_at(None, scratch) == [f"{scratch}/settings.py"]

    def test_the_size_stands_in_words_and_variables(self, tmp_path: Path) -> None:
        work = Work(root=tmp_path, command=("seed", "--rows={size}"), environment={"ROWS": "{size}"})
        assert work.takes_size
        assert work.command_at(12, tmp_path) == ["seed", "--rows=12"]
        assert work.variables(12, tmp_path)["ROWS"] == "12"
        assert work.command_at(None, tmp_path) == ["seed", "--rows={size}"]
        assert not Work(root=tmp_path, command=("seed",), environment={}).takes_size

    def test_the_working_folder_is_that_of_the_copy(self, tmp_path: Path) -> None:
        root, scratch = tmp_path / "shop", tmp_path / "scratch"
        (root / "web").mkdir(parents=True)
        (scratch / "web").mkdir(parents=True)
        work = Work(root=root, command=("x",), working_folder=root / "web", environment={"PWD": str(root / "web")})
        assert work.folder_in(scratch) == scratch / "web"
        assert work.variables(None, scratch)["PWD"] == str(scratch / "web")
        assert "PWD" not in replace(work, environment={}).variables(None, scratch)


def test_the_environment_is_read_as_it_was_written(tmp_path: Path) -> None:
    environment = ReplayEnvironment(
        folder=str(tmp_path),
        scratch="/s",
        root="/r",
        store="/t",
        watched_lines={"a.py": (1, 2)},
        allowed_addresses=("h:1",),
    )
    assert ReplayEnvironment.read({REPLAY_FILE: str(environment.write())}) == environment
    with pytest.raises(KeyError):
        ReplayEnvironment.read({})


def test_what_a_command_gives(project: ReplayedProject) -> None:
    project.write(
        "program.py",
        """
        import os, sys, tempfile
        print(os.getcwd(), os.environ["PWD"] == os.getcwd(), sys.stdin.read() == "", sys.argv[1:])
        print(tempfile.gettempdir() == os.environ["TMPDIR"], os.environ.get("ENNEAD_DISABLED"))
        print(hash("a"))
        sys.stderr.write("last words\\n")
        sys.stdout.buffer.write(b"\\xff\\n")
        sys.stdout.flush()
        sys.exit(7)
        """,
    )
    more = {"ENNEAD_DISABLED": "1", "PWD": str(project.root)}
    first, second = (project.replay("program.py", "{size}", size=4, environment=more) for _ in range(2))
    assert first.stdout == second.stdout
    assert first.stdout.splitlines()[:2] == ["<project> True True ['4']", "True None"]
    assert first.stdout.endswith("�\n")
    assert (first.exit_code, first.stderr_tail, first.size) == (7, "last words\n", 4)
    assert first.peak_memory_bytes > 1_000_000
    assert first.scratch_root.endswith("replay-1/project")
    assert list(project.root.iterdir()) == [project.root / "program.py"]


def test_files_changed_and_left_out(project: ReplayedProject) -> None:
    project.write("value.py", "VALUE = 'original'\n")
    project.write("gone.py", "")
    project.write("program.py", "import value\nprint(value.VALUE)\nimport gone\n")
    replay = Replay(project.work("program.py"), project.folder / "r", project.store)
    trace = replay.run({"value.py": "VALUE = 'changed'\n"}, without=["gone.py"])
    replay.remove()
    assert (trace.stdout, trace.exit_code) == ("changed\n", 1)
    assert "No module named 'gone'" in trace.stderr_tail
    assert (project.root / "gone.py").exists()
    assert not (project.folder / "r").exists()


SLEEPY = """
import signal, subprocess, sys, time
if "child" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("child", flush=True)
    time.sleep(600)
child = subprocess.Popen([sys.executable, "program.py", "child"], stdout=subprocess.PIPE, {more})
print(child.stdout.readline(), flush=True)
{end}
"""


@pytest.mark.parametrize("more", ["", "start_new_session=True"])
def test_a_time_out_ends_all_processes(project: ReplayedProject, more: str) -> None:
    """Children too that do not listen, and those in a session of their own."""
    project.write("program.py", SLEEPY.format(more=more, end="time.sleep(600)"))
    trace = project.replay("program.py", timeout_seconds=4.0)
    assert (trace.exit_code, trace.stdout) == (124, "b'child\\n'\n")
    assert processes_of(project.folder) == []


def test_what_is_left_in_the_background_ends_with_the_command(project: ReplayedProject) -> None:
    project.write("program.py", SLEEPY.format(more="", end=""))
    trace = project.replay("program.py")
    assert trace.exit_code == 0
    assert processes_of(project.folder) == []


def test_a_signal_is_told_as_a_shell_does(project: ReplayedProject) -> None:
    project.write("program.py", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert project.replay("program.py").exit_code == 137


def test_a_program_that_is_missing_is_an_error(project: ReplayedProject) -> None:
    work = Work(root=project.root, command=("/nowhere/tool",), environment={})
    with pytest.raises(EnneadError, match="cannot start /nowhere/tool: No such file or directory"):
        Replay(work, project.folder / "r", project.store).run({})


def test_a_folder_that_is_there_already_is_an_error(project: ReplayedProject) -> None:
    (project.folder / "r" / "tmp").mkdir(parents=True)
    with pytest.raises(EnneadError, match=r"cannot replay in .*/r: File exists"):
        Replay(project.work(sys.executable), project.folder / "r", project.store).run({})
