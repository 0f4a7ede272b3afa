import os
import sys
import threading
import time
from pathlib import Path

import pytest

from ennead.kernel.errors import EnneadError
from ennead.runs.bounded_child import TIMED_OUT, CancelledWorkError, run_bounded

_FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
print(child.pid, flush=True)
time.sleep(120)
"""


def _run(folder: Path, program: str, *, seconds: float = 60.0, stop: threading.Event | None = None) -> int:
    return run_bounded(
        [sys.executable, "-c", program],
        folder=folder,
        environment=os.environ,
        stdout=folder / "out",
        stderr=folder / "err",
        seconds=seconds,
        stop=stop,
    )


@pytest.mark.parametrize("stop", [None, threading.Event()])
def test_a_command_is_run_to_its_end(stop: threading.Event | None, tmp_path: Path) -> None:
    program = "import os, sys; print(os.getcwd(), repr(sys.stdin.read())); print('oh', file=sys.stderr); sys.exit(3)"
    assert _run(tmp_path, program, stop=stop) == 3
    assert (tmp_path / "out").read_text() == f"{tmp_path} ''\n"
    assert (tmp_path / "err").read_text() == "oh\n"


def test_a_signal_is_told_as_a_shell_tells_it(tmp_path: Path) -> None:
    assert _run(tmp_path, "import os; os.kill(os.getpid(), 9)") == 128 + 9


@pytest.mark.parametrize("stop", [None, threading.Event()])
def test_when_the_time_is_up_what_it_started_ends_too(stop: threading.Event | None, tmp_path: Path) -> None:
    assert _run(tmp_path, _FAMILY, seconds=2.0, stop=stop) == TIMED_OUT
    _assert_grandchild_is_gone(tmp_path)


def test_a_cancelled_command_ends_with_what_it_started(tmp_path: Path) -> None:
    stop = threading.Event()
    timer = threading.Timer(1.5, stop.set)
    timer.start()
    with pytest.raises(CancelledWorkError):
        _run(tmp_path, _FAMILY, stop=stop)
    timer.join()
    _assert_grandchild_is_gone(tmp_path)


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnneadError, match="cannot start"):
        run_bounded(
            [str(tmp_path / "nothing")],
            folder=tmp_path,
            environment={},
            stdout=tmp_path / "out",
            stderr=tmp_path / "err",
            seconds=1.0,
        )


def _assert_grandchild_is_gone(folder: Path) -> None:
    pid = int((folder / "out").read_text())
    deadline = time.monotonic() + 10  # a process that was killed is there until the system has cleared it away
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
