"""Whole processes: what they do with Ennead in them, and what of it reaches the run folder."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.runs.project import ENNEAD, Project

_HANGING = """
import sys, time
from lookups import unit

unit("first", 5)
time.sleep(0.5)
unit("second", 4)
time.sleep(0.5)
print("ready", flush=True)
{ending}
"""


def _names(project: Project) -> list[str]:
    return sorted(unit.name for unit in project.units)


def test_a_script_is_one_unit_of_work(project: Project) -> None:
    project.write("script.py", "from lookups import look_up\nprint(look_up(6)[-1])\n")
    completed = project.run("script.py")
    assert (completed.stdout, completed.stderr, completed.returncode) == ("c5\n", "", 0)
    (unit,) = project.units
    assert (unit.name, unit.kind, unit.query_count) == ("script.py", "script", 8)
    (finding,) = unit.findings
    assert (finding.code, finding.query_count) == ("n-plus-one", 6)
    assert finding.loop is not None
    assert (finding.loop.file, finding.loop.source) == ("lookups.py", "for number in range(count):")


def test_nested_units_of_work_record_themselves_and_the_script_does_not_swallow_them(project: Project) -> None:
    project.write("script.py", "from lookups import look_up, unit\nunit('import', 4)\nlook_up(3)\n")
    project.run("script.py")
    assert {unit.name: (unit.kind, unit.query_count) for unit in project.units} == {
        "import": ("job", 4),
        "script.py": ("script", 2 + 3),
    }


@pytest.mark.parametrize(
    ("ending", "exit_code"),
    [("sys.exit(3)", 3), ("raise ValueError('host')", 1), ("sys.exit()", 0)],
    ids=["exit", "exception", "success"],
)
def test_the_script_is_recorded_however_python_ends(project: Project, ending: str, exit_code: int) -> None:
    project.write("script.py", f"import sys\nfrom lookups import look_up\nlook_up(4)\n{ending}\n")
    completed = project.run("script.py")
    assert completed.returncode == exit_code
    assert ("ValueError: host" in completed.stderr) == (exit_code == 1)
    assert _names(project) == ["script.py"]


def test_os_exit_loses_the_script_alone(project: Project) -> None:
    project.write("script.py", _HANGING.format(ending="import os; os._exit(7)"))
    assert project.run("script.py").returncode == 7
    assert _names(project) == ["first", "second"]
    assert not project.records.ends


def test_a_killed_process_loses_its_last_unit_of_work_at_most(project: Project) -> None:
    project.write("script.py", _HANGING.format(ending="import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    completed = project.run("script.py")
    assert completed.returncode == 128 + signal.SIGKILL
    assert _names(project) == ["first", "second"]
    assert any("ended by a signal" in note for note in project.report()["notes"])


def test_sigterm_ends_the_command_as_it_would_without_us(project: Project) -> None:
    project.write("script.py", _HANGING.format(ending="time.sleep(60)"))
    process = subprocess.Popen(
        [*ENNEAD, "run", "--quiet", "--", "script.py"],
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    assert process.wait(timeout=120) == 128 + signal.SIGTERM
    process.stdout.close()
    assert _names(project) == ["first", "second"]


def test_a_forked_child_writes_its_own_records(project: Project) -> None:
    project.write(
        "script.py",
        """
        import os, sys
        from lookups import look_up, unit
        look_up(3)
        pid = os.fork()
        if pid == 0:
            unit("child", 5)
            look_up(4)
            sys.exit(0)
        os.waitpid(pid, 0)
        unit("parent", 6)
        """.replace("\n        ", "\n"),
    )
    assert project.run("script.py").stderr == ""
    assert len(project.last_run.record_files) == 2
    counts = sorted((unit.name, unit.query_count) for unit in project.units)
    # The parent's two set-up queries and three look-ups are in the parent's script alone.
    assert counts == [("child", 5), ("parent", 6), ("script.py", 4), ("script.py", 2 + 3)]


def test_a_forked_child_that_ends_with_os_exit_writes_its_records(project: Project) -> None:
    """As workers of RQ and Celery do."""
    project.write(
        "script.py",
        """
        import os
        from lookups import look_up, unit
        pid = os.fork()
        if pid == 0:
            unit("child", 5)
            look_up(4)
            os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
        unit("parent", 6)
        """.replace("\n        ", "\n"),
    )
    assert project.run("script.py").stderr == ""
    counts = sorted((unit.name, unit.query_count) for unit in project.units)
    assert counts == [("child", 5), ("parent", 6), ("script.py", 2), ("script.py", 4)]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_write_their_own_records(project: Project, method: str) -> None:
    project.write(
        "script.py",
        f"""
        import multiprocessing
        import jobs
        if __name__ == "__main__":
            context = multiprocessing.get_context("{method}")
            child = context.Process(target=jobs.work)
            child.start()
            child.join()
            raise SystemExit(child.exitcode)
        """.replace("\n        ", "\n"),
    )
    project.write("jobs.py", "def work():\n    from lookups import look_up, unit\n    unit('job', 5)\n    look_up(4)\n")
    completed = project.run("script.py")
    assert (completed.returncode, completed.stderr) == (0, "")
    units = {unit.kind: unit for unit in project.units if unit.query_count != 2}
    assert units["job"].query_count == 5
    assert units["script"].query_count in (4, 2 + 4)
    assert units["script"].findings or units["script"].sightings


def test_a_host_that_forks_is_not_told_that_it_has_threads(project: Project) -> None:
    """Python 3.12 warns of forking with threads; ours must not be the reason."""
    project.write(
        "script.py",
        """
        import os, threading, time
        from lookups import unit
        for number in range(20):
            unit(f"unit {number}", 30)
            pid = os.fork()
            if pid == 0:
                os._exit(len(threading.enumerate()) - 1)
            _, status = os.waitpid(pid, 0)
            assert status == 0, status
        """.replace("\n        ", "\n"),
    )
    completed = project.run("-W", "error::DeprecationWarning", "script.py")
    assert (completed.returncode, completed.stderr) == (0, "")
    assert len([unit for unit in project.units if unit.kind == "job"]) == 20


def test_sub_processes_are_observed(project: Project) -> None:
    project.write("child.py", "from lookups import look_up\nlook_up(5)\n")
    project.write(
        "script.py", "import subprocess, sys\nsubprocess.run([sys.executable, 'child.py'], check=True, cwd='.')\n"
    )
    project.run("script.py")
    assert _names(project) == ["child.py"]


def test_threads_end_in_the_unit_of_work_that_started_them(project: Project) -> None:
    project.write(
        "script.py",
        "import threading\nfrom lookups import look_up\n"
        "thread = threading.Thread(target=look_up, args=(5,))\nthread.start()\nthread.join()\n",
    )
    project.run("script.py")
    (unit,) = project.units
    assert unit.query_count == 2 + 5


def test_the_same_values_have_the_same_hashes_in_all_processes(project: Project) -> None:
    project.write("child.py", "from lookups import unit\nunit('child', 3)\n")
    project.write(
        "script.py",
        "import subprocess, sys\nfrom lookups import unit\nunit('parent', 3)\n"
        "subprocess.run([sys.executable, 'child.py'], check=True)\n",
    )
    project.ennead("run", "--quiet", "--keep-contexts", "--", "script.py", check=True)
    hashes = {
        unit.name: [query["parameters_hash"] for query in unit.context["queries"]]
        for unit in project.units
        if unit.context and unit.kind == "job"
    }
    assert len(set(hashes["child"])) == 3
    assert hashes["child"] == hashes["parent"]


def test_a_removed_run_folder_does_not_reach_the_host(project: Project) -> None:
    project.write(
        "script.py",
        "import os, shutil\nfrom lookups import unit\nshutil.rmtree(os.environ['ENNEAD_RUN_FOLDER'])\n"
        "unit('lost', 3)\nprint('fine')\n",
    )
    completed = project.run("script.py")
    assert (completed.stdout, completed.returncode) == ("fine\n", 0)
    assert "the records of this run are lost" in completed.stderr
    assert "Traceback" not in completed.stderr


def test_a_flood_is_dropped_and_counted(project: Project) -> None:
    project.write(
        "script.py",
        "from lookups import unit\nfor number in range(300):\n    unit('flood', 1)\n",
    )
    project.run("script.py", environment={"ENNEAD_MAX_WAITING_UNITS": "5", "ENNEAD_FLUSH_SECONDS": "60"})
    (end,) = project.records.ends
    assert "script.py" in _names(project)
    written = sum(unit.name == "flood" for unit in project.units)
    assert written + end.counters["dropped_units"] == 300
    assert any("dropped" in note for note in project.report()["notes"])


def test_a_record_file_that_is_full_is_counted(project: Project) -> None:
    project.write("script.py", "from lookups import unit\nfor number in range(50):\n    unit(f'unit {number}', 1)\n")
    project.run("script.py", environment={"ENNEAD_MAX_RECORD_BYTES": "4096"})
    (file,) = project.last_run.record_files
    assert file.stat().st_size <= 4096
    assert 0 < len(project.units) < 50


def test_a_run_is_not_slowed_down_by_a_reader(project: Project) -> None:
    """Records arrive while the process runs, not at its end."""
    project.write("script.py", _HANGING.format(ending="sys.stdin.readline()"))
    process = subprocess.Popen(
        [*ENNEAD, "run", "--quiet", "--", "script.py"],
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    deadline = time.monotonic() + 20
    while "second" not in _names(project) and time.monotonic() < deadline:
        time.sleep(0.05)
    names = _names(project)
    process.communicate("\n", timeout=120)
    assert names == ["first", "second"]
    assert os.WIFEXITED(process.returncode)


def test_nothing_of_ours_is_rewritten_by_pytest_in_our_thread(project: Project) -> None:
    """It would be a syntax tree beside the one that pytest makes of the next module of the tests."""
    project.write(
        "conftest.py",
        """
import ast
import threading

parse = ast.parse


def noting_parse(*arguments, **options):
    with open("parsing_threads.txt", "a") as file:
        print(threading.current_thread().name, options, file=file)
    return parse(*arguments, **options)


ast.parse = noting_parse
""",
    )
    project.write("test_it.py", "from lookups import look_up\n\ndef test_it():\n    look_up(6)\n")
    project.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", check=True)
    threads = (project.folder / "parsing_threads.txt").read_text()
    assert "test_it.py" in threads
    assert "ennead-analysis" not in threads
    assert [len(unit.findings) for unit in project.units if unit.kind == "test"] == [1]
