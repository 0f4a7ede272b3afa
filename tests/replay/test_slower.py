"""Time is measured anew before a change is refused for it: other work of the machine takes its share, too."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from ennead.fixes.trace import ReplayTrace
from ennead.replay.verify import Verifier
from tests.replay.project import ReplayedProject

_PROGRAM = """
import sqlite3
import ennead

connection = ennead.wrap_connection(sqlite3.connect("items.sqlite3"))
for (key,) in connection.execute("SELECT id FROM item ORDER BY id").fetchall():
    print(*connection.execute("SELECT name FROM item WHERE id = ?", (key,)).fetchone())
"""
_LOOP = _PROGRAM[_PROGRAM.index("for (key,)") :]
_JOINED = 'for (name,) in connection.execute("SELECT name FROM item ORDER BY id"):\n    print(name)\n'


@pytest.mark.parametrize(("slow", "verdict"), [(2, "verified"), (3, "worse")])
def test_a_busy_machine_alone_refuses_nothing(
    project: ReplayedProject, monkeypatch: pytest.MonkeyPatch, slow: int, verdict: str
) -> None:
    with closing(sqlite3.connect(project.root / "items.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO item (name) VALUES (?)", [(f"item {number}",) for number in range(8)])
    project.write("program.py", _PROGRAM)
    replay, seen = Verifier._replay, []

    def replayed(verifier: Verifier, what: str, files: Any, **options: Any) -> ReplayTrace:
        trace = replay(verifier, what, files, **options)
        if files is None or not options.get("on_grown"):
            return trace
        seen.append(what)
        return _slowed(trace) if len(seen) <= slow else trace

    monkeypatch.setattr(Verifier, "_replay", replayed)
    with Verifier(project.work("program.py")) as verifier:
        judged = verifier.judge({"program.py": _PROGRAM.replace(_LOOP, _JOINED)}, None)

    assert judged.judgement.verdict == verdict, judged.judgement.reasons
    assert len(seen) == 3


def _slowed(trace: ReplayTrace) -> ReplayTrace:
    units = tuple(replace(unit, duration_ms=unit.duration_ms + 60_000) for unit in trace.units)
    return replace(trace, units=units, duration_ms=trace.duration_ms + 60_000, cpu_ms=trace.cpu_ms + 60_000)
