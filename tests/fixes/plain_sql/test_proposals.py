"""Candidates for loops over cursors: the same result with fewer statements, on real rows."""

from __future__ import annotations

import json
import sqlite3
import textwrap
from pathlib import Path
from typing import Any

import pytest

import ennead
from ennead.fixes.candidate import Candidate
from ennead.fixes.plain_sql.proposals import propose
from ennead.fixes.project_sources import ProjectSources
from ennead.kernel.finding import Finding

ONE_CURSOR = """
    def work(connection):
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM orders ORDER BY id")
        found = []
        for (key,) in cursor.fetchall():  # each order
            cursor.execute("SELECT max(price) FROM line WHERE order_id = ?", (key,))
            found.append(cursor.fetchone()[0])
        return found
"""
OTHER_CONDITION = """
    def work(connection):
        found = {}
        wanted = "SELECT price, id FROM line WHERE price > ? AND order_id = ? ORDER BY id"
        for row in connection.execute("SELECT id, day FROM orders"):
            found[row[0]] = connection.execute(wanted, (1, row[0])).fetchall()
        return found
"""
WRITTEN_INTO_THE_TEXT = """
    def work(connection):
        found = []
        for row in connection.execute("SELECT id, day FROM orders").fetchall():
            line = connection.execute(f"SELECT price FROM line WHERE order_id = {row[0]} ORDER BY id").fetchone()
            found.append(line)
        return found
"""
NAMED = """
    def work(connection):
        found = []
        for row in connection.execute("SELECT id FROM orders").fetchall():
            lines = connection.execute("SELECT count(*) FROM line WHERE order_id = ?", [row[0]])
            found.append(lines.fetchone())
        return found
"""
RANGE = """
    def work(connection):
        found = []
        for row in connection.execute("SELECT id, day FROM orders").fetchall():
            found.append(connection.execute("SELECT id FROM line WHERE price > ?", (row[1],)).fetchone())
        return found
"""
LIMITED = """
    def work(connection):
        found = []
        for row in connection.execute("SELECT id FROM orders").fetchall():
            newest = "SELECT id FROM line WHERE order_id = ? ORDER BY id DESC LIMIT 2"
            found.append(connection.execute(newest, (row[0],)).fetchall())
        return found
"""
INSERTED = """
    def work(connection):
        cursor = connection.cursor()
        for number in range(12):
            cursor.execute("INSERT INTO line (order_id, price) VALUES (?, ?)", (number, 2 * number))
        return connection.execute("SELECT order_id, price FROM line ORDER BY id").fetchall()
"""


def _shop() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        """CREATE TABLE orders (id INTEGER PRIMARY KEY, day INTEGER);
        CREATE TABLE line (id INTEGER PRIMARY KEY, order_id INTEGER, price INTEGER);
        INSERT INTO orders VALUES (1, 3), (2, 5), (3, 8), (4, 1), (5, 2), (6, 6);
        INSERT INTO line VALUES (1, 1, 4), (2, 1, 7), (3, 2, 9), (4, 3, 1), (5, 4, 2), (6, 6, 5);"""
    )
    return connection


def _run(text: str, path: Path, connection: Any) -> object:
    path.write_text(text, "utf-8")
    names: dict[str, Any] = {}
    exec(compile(text, str(path), "exec"), names)  # noqa: S102 -- the code under test
    return names["work"](connection)


def _counted(text: str, path: Path) -> tuple[object, int]:
    statements: list[str] = []
    with _closing(_shop()) as connection:
        connection.set_trace_callback(statements.append)
        result = _run(text, path, connection)
    return result, len([each for each in statements if not each.startswith("BEGIN")])


class _closing:  # noqa: N801 -- reads like contextlib's
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __enter__(self) -> sqlite3.Connection:
        return self.connection

    def __exit__(self, *error: object) -> None:
        self.connection.close()


def _candidates(text: str, path: Path) -> list[Candidate]:
    with _closing(_shop()) as connection, ennead.profile("work") as session:
        _run(text, path, ennead.wrap_connection(connection))
    (finding,) = session.findings
    told = json.dumps(finding.to_dict()).replace(f"{path.parent.as_posix()}/", "")
    sources = ProjectSources(Path("/nowhere"), {path.name: text})
    return list(propose(Finding.from_dict(json.loads(told)), sources))


@pytest.mark.parametrize("code", [ONE_CURSOR, OTHER_CONDITION, WRITTEN_INTO_THE_TEXT, NAMED])
def test_one_statement_with_a_list_stands_for_all(code: str, tmp_path: Path) -> None:
    text, path = textwrap.dedent(code), tmp_path / "app.py"
    (candidate,) = _candidates(text, path)
    result, count = _counted(text, path)
    again, count_again = _counted(candidate.files["app.py"], path)
    assert (again, count, count_again) == (result, 7, 2), candidate.files["app.py"]
    assert ("# each order" in candidate.files["app.py"]) == ("# each order" in text)


def test_rows_are_written_with_one_call(tmp_path: Path) -> None:
    text, path = textwrap.dedent(INSERTED), tmp_path / "app.py"
    (candidate,) = _candidates(text, path)
    assert "cursor.executemany(" in candidate.files["app.py"]
    assert _counted(candidate.files["app.py"], path)[0] == _counted(text, path)[0]


@pytest.mark.parametrize("code", [RANGE, LIMITED])
def test_a_range_and_a_limit_for_each_are_left_alone(code: str, tmp_path: Path) -> None:
    assert _candidates(textwrap.dedent(code), tmp_path / "app.py") == []
