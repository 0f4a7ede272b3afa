"""A small project in a temporary folder, and Ennead's command line on it: real programs in real processes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ennead.runs.folder import RunFolder, RunsFolder
from ennead.runs.reading import RunRecords, read_run
from ennead.runs.records import UnitRecord

ENNEAD = (sys.executable, "-m", "ennead")

LOOKUPS = """
import sqlite3
import ennead

connection = ennead.wrap_connection(sqlite3.connect(":memory:", check_same_thread=False))
connection.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)")
connection.executemany("INSERT INTO customer VALUES (?, ?)", [(number, f"c{number}") for number in range(100)])


def look_up(count):
    names = []
    for number in range(count):
        row = connection.execute("SELECT name FROM customer WHERE id = ?", (number,)).fetchone()
        names.append(row[0])
    return names


def unit(name, count):
    from ennead.agent.units import Recording

    with Recording(name, "job", route=name):
        return look_up(count)
"""
"""The module ``lookups``: ``look_up(n)`` is an N+1 of n queries, ``unit(name, n)`` the same in a unit of work."""


class Project:
    """A folder with the files of a project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("pyproject.toml", "")
        self.write("lookups.py", LOOKUPS)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def ennead(
        self, *arguments: str, environment: Mapping[str, str] | None = None, check: bool = False
    ) -> subprocess.CompletedProcess[str]:
        completed = subprocess.run(
            [*ENNEAD, *arguments],
            cwd=self.folder,
            env=self.environment(environment),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert not check or completed.returncode == 0, (
            f"{completed.args} ended with {completed.returncode}:\n{completed.stdout}\n{completed.stderr}"
        )
        return completed

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """``ennead run --quiet -- ARGUMENTS``."""
        return self.ennead("run", "--quiet", "--", *arguments, **options)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Ours without what decides how Ennead behaves and how the output looks."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ENNEAD_", "NPLUSONE_"))}
        for name in ("PYTHONPATH", "FORCE_COLOR", "NO_COLOR", "COLUMNS"):
            kept.pop(name, None)
        # To remember takes a second that few tests need; and on a busy machine the first analysis takes longer than the
        # exit of a process is held up for.
        return {**kept, "ENNEAD_STORE": "off", "ENNEAD_FLUSH_SECONDS": "120", **(more or {})}

    @property
    def runs(self) -> list[RunFolder]:
        return RunsFolder(self.folder / ".ennead").runs()

    @property
    def last_run(self) -> RunFolder:
        return self.runs[-1]

    @property
    def records(self) -> RunRecords:
        return read_run(self.last_run)

    @property
    def units(self) -> list[UnitRecord]:
        return sorted(self.records.units, key=lambda unit: unit.started_at)

    def report(self) -> dict[str, Any]:
        """``ennead report --json``."""
        document: dict[str, Any] = json.loads(self.ennead("report", "--json", check=True).stdout)
        return document
