from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from ennead.fixes.trace import Outcome, ReplayTrace, UnitTrace
from ennead.kernel.errors import EnneadError
from ennead.replay import verify
from ennead.replay.originals import check_end, notes_on
from ennead.replay.verify import Verifier
from tests.replay.project import ReplayedProject


def _trace(exit_code: int, seconds: float) -> ReplayTrace:
    return ReplayTrace(size=0, exit_code=exit_code, stdout="", duration_ms=seconds * 1000)


@pytest.mark.parametrize(("exit_code", "seconds"), [(0, 9.0), (1, 2.0), (124, 1.0)])
def test_work_that_ends_by_itself_is_a_measure_whatever_its_exit_code(exit_code: int, seconds: float) -> None:
    check_end(_trace(exit_code, seconds), 2.0)


def test_work_that_was_ended_is_none() -> None:
    with pytest.raises(EnneadError, match="did not end within 2 s: name a narrower command"):
        check_end(_trace(124, 2.1), 2.0)


def _answering(*statuses: str, location: str = "", statement_count: int = 1) -> ReplayTrace:
    headers = {"location": location} if location else {}
    outcomes = [Outcome(kind="response", status=status, headers=headers) for status in statuses]
    units = tuple(
        UnitTrace(kind="request", name=f"GET /{number}/", route=None, query_count=1, database_ms=1.0, duration_ms=1.0)
        for number in range(len(outcomes))
    )
    units = tuple(replace(unit, outcome=outcome) for unit, outcome in zip(units, outcomes, strict=True))
    return replace(_trace(0, 1.0), units=units, statement_count=statement_count)


def test_pages_that_are_none_are_noted() -> None:
    assert notes_on(_answering("200", "404")) == ("GET /1/ answered 404",)
    assert notes_on(_answering("302", location="/a/")) == ("GET /0/ answered 302 to /a/",)
    (note,) = notes_on(_answering("302", location="/login/?next=/"))
    assert note == "GET /0/ answered 302 to /login/?next=/: is somebody to be logged in?"
    assert notes_on(_answering(*["500"] * 7))[-2:] == ("GET /4/ answered 500", "2 more like this")


def test_work_without_a_query_is_noted() -> None:
    assert notes_on(_answering("200", statement_count=0)) == ("the work ran no query that could be seen",)
    (note,) = notes_on(_answering(statement_count=3))
    assert note.startswith("queries ran, none of them observed: ennead.wrap_connection()")
    assert notes_on(_answering("200")) == ()


def test_work_that_does_not_end_is_replayed_once(project: ReplayedProject) -> None:
    project.write("program.py", "import time\ntime.sleep(600)\n")
    with Verifier(project.work("program.py", timeout_seconds=1.0)) as verifier:
        with pytest.raises(EnneadError, match="did not end within 1 s"):
            verifier.judge({"program.py": "pass\n"}, None)
        assert verifier.replay_count == 1


_NAMES = """
import pathlib
import sqlite3

import ennead

connection = ennead.wrap_connection(sqlite3.connect("items.sqlite3"))
for (key,) in connection.execute("SELECT id FROM item ORDER BY id").fetchall():
    print(*connection.execute("SELECT name FROM item WHERE id = ?", (key,)).fetchone())
print("seen", pathlib.Path(CLOCK).read_text(), "minutes ago")
"""
_LOOP = _NAMES[_NAMES.index("for (key,)") : _NAMES.index('print("seen"')]
_JOINED = """for (name,) in connection.execute("SELECT name FROM item{where} ORDER BY id"):
    print(name)
"""


@pytest.mark.parametrize(("where", "verdict"), [("", "verified"), (" WHERE id < 8", "changes-results")])
def test_what_the_clock_alone_changes_is_no_difference(
    project: ReplayedProject, monkeypatch: pytest.MonkeyPatch, where: str, verdict: str
) -> None:
    monkeypatch.setattr(verify, "OLD_ORIGINAL_SECONDS", 0.0)
    with closing(sqlite3.connect(project.root / "items.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO item (name) VALUES (?)", [(f"item {number}",) for number in range(8)])
    clock = project.folder / "clock.txt"
    clock.write_text("9")
    project.write("program.py", _NAMES.replace("CLOCK", repr(str(clock))))

    def tell(what: str) -> None:
        if "changed code" in what:
            clock.write_text("10")

    with Verifier(project.work("program.py"), tell=tell) as verifier:
        changed = _NAMES.replace(_LOOP, _JOINED.format(where=where)).replace("CLOCK", repr(str(clock)))
        assert verifier.problem is None
        judged = verifier.judge({"program.py": changed}, None)

    assert judged.judgement.verdict == verdict, judged.judgement.reasons
