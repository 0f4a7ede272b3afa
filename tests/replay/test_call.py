"""``python -m ennead.replay.call`` as a user types it, and inside of a replay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ennead.agent.unit_of_work import UnitOfWork
from ennead.agent.units import AGENT
from ennead.replay.call import call
from tests.replay.project import ReplayedProject, clean_environment

JOBS = """
import asyncio

def good():
    return {"a": (1, 2)}

async def waits():
    await asyncio.sleep(0)
    return [1]

async def yields():
    yield 1
    yield 2

def fails():
    raise ValueError("no")

def leaves():
    raise SystemExit(0)

def leaves_badly():
    raise SystemExit("bad")

def lazy():
    yield 1
    raise RuntimeError("later")

def takes(count):
    return count

class Job:
    @staticmethod
    def run(count=3):
        return count

number = 3
"""


def called(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "jobs.py").write_text(JOBS)
    (folder / "broken.py").write_text("1 / 0\n")
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ennead.replay.call", *arguments],
        cwd=folder,
        env=clean_environment({"DJANGO_SETTINGS_MODULE": ""}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_prints_the_result(tmp_path: Path) -> None:
    done = called(tmp_path, "jobs:good")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "kind": "return value",
        "status": "returned",
        "body": {"a": [1, 2]},
        "media_type": "python",
    }


ERRORS = {
    "nothing": "name a function as package.module:function, not 'nothing'",
    ":good": "name a function as package.module:function, not ':good'",
    ".jobs:good": "name a function as package.module:function, not '.jobs:good'",
    "missing:good": "there is no missing:good: No module named 'missing'",
    "jobs:absent": "there is no jobs:absent: module 'jobs' has no attribute 'absent'",
    "broken:good": "there is no broken:good: ZeroDivisionError: division by zero",
    "jobs:number": "jobs:number cannot be called: it is of type int",
    "jobs:takes": "jobs:takes is called without arguments: missing a required argument: 'count'",
}


def test_errors_are_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "jobs.py").write_text(JOBS)
    (tmp_path / "broken.py").write_text("1 / 0\n")
    program = f"""
import sys
from ennead.replay.call import main
sys.path.insert(0, {str(tmp_path)!r})
print([main([name]) for name in {list(ERRORS)!r}], main([]), main(["a:b", "c:d"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=clean_environment({"DJANGO_SETTINGS_MODULE": ""}),
        capture_output=True,
        text=True,
        check=True,
    )
    usage = "usage: python -m ennead.replay.call package.module:function"
    assert done.stderr.splitlines() == [*(f"ennead: {error}" for error in ERRORS.values()), usage, usage]
    assert done.stdout == f"{[2] * len(ERRORS)} 2 2\n"


def test_settings_that_cannot_be_used_are_told_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ennead.replay.call", "jobs:good"],
        cwd=tmp_path,
        env=clean_environment({"DJANGO_SETTINGS_MODULE": "nowhere.settings"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "ennead: Django cannot be set up with nowhere.settings: No module named 'nowhere'\n"


@pytest.fixture
def units() -> Any:
    heard: list[UnitOfWork] = []
    AGENT.add_listener(heard.append)
    yield heard
    AGENT.remove_listener(heard.append)


OUTCOMES = {
    "good": ("returned", {"a": [1, 2]}),
    "waits": ("returned", [1]),
    "yields": ("returned", [1, 2]),
    "fails": ("raised ValueError: no", None),
    "leaves": ("returned", None),
    "leaves_badly": ("raised SystemExit: bad", None),
    "lazy": ("raised RuntimeError: later", None),
    "Job.run": ("returned", 3),
}


@pytest.mark.parametrize(("name", "outcome"), OUTCOMES.items(), ids=OUTCOMES)
def test_an_outcome_is_noted_on_the_unit_of_work(
    units: list[UnitOfWork], name: str, outcome: tuple[str, object]
) -> None:
    names: dict[str, Any] = {}
    exec(compile(JOBS, "jobs.py", "exec"), names)  # noqa: S102 -- our own text
    first, *rest = name.split(".")
    function = names[first]
    for each in rest:
        function = getattr(function, each)
    told = call(function, name)
    (unit,) = units
    assert (told["status"], told["body"]) == outcome
    assert (unit.name, unit.kind, unit.outcome) == (name, "job", told)


def test_in_a_replay_the_result_is_part_of_the_trace(project: ReplayedProject) -> None:
    project.write(
        "jobs.py",
        """
        import sqlite3
        import ennead
        connection = ennead.wrap_connection(sqlite3.connect(":memory:"))
        def lazy():
            connection.execute("SELECT 1")
            return (connection.execute("SELECT ?", (n,)).fetchone()[0] for n in range(3))
        """,
    )
    trace = project.replay("-m", "ennead.replay.call", "jobs:lazy")
    (unit,) = [unit for unit in trace.units if unit.kind == "job"]
    assert (trace.exit_code, trace.stdout) == (0, "")
    assert unit.outcome is not None
    assert (unit.outcome.status, unit.outcome.body) == ("returned", [0, 1, 2])
    assert unit.query_count == 1  # what reads the result is not the work's
