"""Ending what inherited a variable, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ennead.runs.marked_processes import end_marked_processes

PROGRAM = """
import os, signal, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "alone" in sys.argv:
    os.setsid()
print("up", flush=True)
time.sleep(600)
"""
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


def started(mark: str, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "ENNEAD_MARK": mark}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_ends_marked_processes_and_no_others(tmp_path: Path) -> None:
    mark = str(tmp_path)
    ended = [started(mark), started(mark, "deaf"), started(mark, "alone")]
    other = started(mark + "-other")
    try:
        end_marked_processes("ENNEAD_MARK", mark)
        assert [process.wait(5) for process in ended] == [-15, -9, -15]
        assert other.poll() is None
    finally:
        for process in (*ended, other):
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def test_nothing_marked_is_nothing_to_do(tmp_path: Path) -> None:
    end_marked_processes("ENNEAD_MARK", str(tmp_path))
